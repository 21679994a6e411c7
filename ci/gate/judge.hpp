// gate/judge.hpp: records and budgets in, one verdict per gate out. Measures nothing, reads no clock.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gate/budgets.hpp"
#include "gate/freshness.hpp"
#include "gate/paired.hpp"
#include "gate/records.hpp"

namespace jacquard::gate {

enum class verdict : std::uint8_t {
  pass,       //
  fail,       // the limit is broken
  undecided,  // more blocks, or a finer timer, could decide
  voided,     // a control of this run says that its timings mean nothing
  missing,    // rows, arms, blocks, figures or units are not there
  stale,      // there, but not of now or not of this tree
  planned,    // nothing measures it yet, and the budget says why; never counted as passed
};

[[nodiscard]] std::string_view to_string(verdict what) noexcept;

/// One arm against another, for the forest plot.
struct comparison {
  std::string arm;
  std::string base;
  std::string role;  // "gate", "A/A", "canary"
  paired_verdict result;
};

struct gate_result {
  std::string id;
  verdict what = verdict::missing;
  std::optional<double> figure;
  std::string unit;
  std::string detail;
  std::string repeat;  // of the worst row; empty: none
  std::vector<comparison> comparisons;
  /// Undecided or void for no other reason than noise: a gate of time with blocks enough for a look, a fine timer
  /// and controls that are there. Another run may decide it.
  bool noise_alone = false;
};

/// What a gate that noise alone left open does to the exit code.
enum class undecided_policy : std::uint8_t {
  fail,  // 2
  tell,  // nothing: it is listed aloud, and counted as not judged
};

/// Judges one gate.
[[nodiscard]] gate_result judge(const gate& limits, const record_set& records,
                                const present& against);

/// 0 all passed, 1 a FAIL, 2 an UNDECIDED or VOID, 3 a MISSING or STALE; the gravest by 3 > 1 > 2 > 0.
/// `malformed`: some file could not be read. With `tell`, what noise alone left open does not count; everything else
/// that could not be judged does.
[[nodiscard]] int exit_code(const std::vector<gate_result>& results, bool malformed,
                            undecided_policy open = undecided_policy::fail);

}  // namespace jacquard::gate
