// gate/budgets.hpp: what is allowed: every gate by id, as ci/budgets.toml says it.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

namespace jacquard::gate {

/// How a gate judges. The first four read rows, the last two samples.
enum class gate_rule : std::uint8_t {
  at_most,     // every chosen row's field <= limit
  at_least,    // every chosen row's field >= limit
  sum_least,   // the fields of the chosen rows add up to limit at least
  verdicts,    // every chosen row's verdict is one of `verdicts`
  regression,  // arm against base, paired: see gate/paired.hpp
  budget,      // the same, for a ratio that must stay below `limit`
};

[[nodiscard]] std::string_view to_string(gate_rule rule) noexcept;

/// One gate. Fields that its rule does not use are empty.
struct gate {
  std::string id;
  std::string claim;   // one sentence
  std::string source;  // where the figure comes from
  std::string from;    // whose records: the file's name up to the first dot
  gate_rule rule = gate_rule::at_most;
  double limit = 0.0;
  std::string unit;
  std::string planned;  // why nothing measures it yet; then it is listed, and never passes

  std::string rows;     // a regular expression over whole names
  std::string example;  // a row that must be among them; the self-test shows it
  std::size_t rows_min = 1;
  std::string field = "figure";
  std::vector<std::string> verdicts;

  std::string bench;
  std::string metric;
  std::string arm = "ours";
  std::vector<std::string> bases;
  bool lower_is_worse = false;
  double floor = 1.03;
  /// The arm that is the candidate a second time; empty: no null control. A row rule may name one too, with
  /// bench and metric: a limit that is broken in a run whose control fails is VOID, not FAIL.
  std::string aa;
  std::string canary;  // the arm with injected work, which must FAIL; empty: none

  /// Judges time, which a neighbour of this machine can blur. Everything else is the same in every run.
  [[nodiscard]] bool is_timing() const noexcept {
    return (is_paired() || !aa.empty()) && unit.starts_with("ns");
  }
  [[nodiscard]] bool is_paired() const noexcept {
    return rule == gate_rule::regression || rule == gate_rule::budget;
  }
};

struct gates_file {
  std::chrono::seconds age_max{24 * 3600};
  std::chrono::seconds future_max{300};
  std::vector<gate> gates;
};

/// Reads the file's text. The error is one line: FILE:LINE:COLUMN, the key, the value, what is allowed.
[[nodiscard]] tl::expected<gates_file, std::string> parse_gates(std::string_view text,
                                                                const std::string& file);

}  // namespace jacquard::gate
