// tool/measure.hpp: one operation, measured twice: by DHAT, and by the interposed program natively.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "tool/dhat_server.hpp"
#include "tool/slope.hpp"

namespace jacquard::audit {

/// Where the programs are and how they are run.
struct laboratory {
  std::filesystem::path dhat_program;    // speaks --list and --serve; nothing interposed
  std::filesystem::path native_program;  // the same operations, counted by jacquard::alloc_audit
  std::filesystem::path scratch;         // profiles are written here: <op>.<1|2|3>N.json
  std::string valgrind = "valgrind";
  std::uint64_t n = 4096;
  std::chrono::seconds time_max{120};  // for one run
};

/// What the interposed program counted, per operation.
struct native_cost {
  slope allocations;
  slope live_blocks;
};

/// Empty `error`: everything below it holds. Otherwise why there is no measurement.
struct measurement {
  std::string operation;
  std::string error;
  /// The profile that was written although the run was not clean; says that the canary saw the trap.
  bool profile_well_formed = false;
  std::optional<cost> dhat;
  std::optional<native_cost> native;
};

/// Three runs under DHAT, of n, 2n and 3n operations. A run counts only if it ended with status 0 and
/// said `ops_done` for exactly as many operations as it was asked for.
/// `server` runs lab.dhat_program.
void measure_dhat(const laboratory& lab, dhat_server& server, measurement& into);

/// The same three runs of the interposed program, each started anew.
void measure_native(const laboratory& lab, measurement& into);

/// The operations that a program lists. The error is one line.
[[nodiscard]] tl::expected<std::vector<std::string>, std::string> list_operations(
    const std::filesystem::path& program);

/// Empty where the two counts agree to `tolerance` per operation; otherwise both, in one line.
[[nodiscard]] std::string disagreement(const cost& dhat, const native_cost& native,
                                       double tolerance);

}  // namespace jacquard::audit
