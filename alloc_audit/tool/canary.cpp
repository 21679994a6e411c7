#include "tool/canary.hpp"

#include <fmt/core.h>

#include <cmath>

#include "tool/budgets.hpp"

namespace jacquard::audit {

namespace {

std::string exactly(const measurement& seen, double allocations, double tolerance) {
  if (!seen.error.empty()) return seen.error;
  if (std::abs(seen.dhat->allocations.early - allocations) > tolerance ||
      std::abs(seen.dhat->allocations.late - allocations) > tolerance) {
    return fmt::format("DHAT counted {:.4f} allocs/op", seen.dhat->allocations.worst());
  }
  if (std::abs(seen.native->allocations.worst() - allocations) > tolerance) {
    return fmt::format("the interposer counted {:.4f} allocs/op", seen.native->allocations.worst());
  }
  const bool gate_is_red =
      !broken_by(*seen.dhat, {.allocs_per_op_max = allocations - 1.0}, tolerance).empty();
  const bool gate_is_green =
      broken_by(*seen.dhat, {.allocs_per_op_max = allocations}, tolerance).empty();
  if (!gate_is_red)
    return fmt::format("the gate let {:.0f} pass as {:.0f}", allocations, allocations - 1);
  if (!gate_is_green)
    return fmt::format("the gate refused {:.0f} as {:.0f}", allocations, allocations);
  return {};
}

std::string missed_one(const measurement& seen, double tolerance) {
  return exactly(seen, 1.0, tolerance);
}

std::string missed_three(const measurement& seen, double tolerance) {
  return exactly(seen, 3.0, tolerance);
}

std::string missed_leak(const measurement& seen, double tolerance) {
  if (!seen.error.empty()) return seen.error;
  if (std::abs(seen.dhat->live_bytes.worst() - 24.0) > tolerance) {
    return fmt::format("DHAT saw {:.4f} B/op left", seen.dhat->live_bytes.worst());
  }
  const bool only_the_leak_is_judged =
      broken_by(*seen.dhat, {.allocs_per_op_max = 1.0, .peak_bytes_per_op_max = 1e9}, tolerance)
          .starts_with("leaks");
  return only_the_leak_is_judged ? "" : "the gate let the leak pass";
}

std::string missed_hoard(const measurement& seen, double tolerance) {
  if (!seen.error.empty()) return seen.error;
  if (seen.dhat->live_bytes.worst() > tolerance) return "the hoard was not freed";
  return broken_by(*seen.dhat, {.allocs_per_op_max = 1.0}, tolerance).starts_with("peak memory")
             ? ""
             : fmt::format("the peak grew {:.4f} B/op", seen.dhat->peak_bytes.worst());
}

std::string missed_late(const measurement& seen, double tolerance) {
  if (!seen.error.empty()) return seen.error;
  return broken_by(*seen.dhat, {.allocs_per_op_max = 1.0}, tolerance).starts_with("not linear")
             ? ""
             : fmt::format("{:.4f} allocs/op passed as linear", seen.dhat->allocations.worst());
}

std::string missed_crash(const measurement& seen, double /*tolerance*/) {
  if (seen.error.empty()) return "a program that died passed as measured";
  if (seen.error.find("signal 4") == std::string::npos) return seen.error;
  return seen.profile_well_formed ? "" : "DHAT left no well-formed profile: this trap is gone";
}

std::string missed_silent(const measurement& seen, double /*tolerance*/) {
  if (seen.error.empty()) return "a program that never said ops_done passed as measured";
  return seen.error.find("instead of 'ops_done") != std::string::npos ? "" : seen.error;
}

}  // namespace

const std::vector<canary>& canaries() {
  static const std::vector<canary> all{
      {"canary.one", "exactly 1 allocation per operation", true, missed_one},
      {"canary.three", "exactly 3 allocations per operation", true, missed_three},
      {"canary.leak", "24 bytes left per operation", true, missed_leak},
      {"canary.hoard", "memory that grows and is freed at the end", true, missed_hoard},
      {"canary.late", "a cost that begins after 10,000 operations", false, missed_late},
      {"canary.crash", "a program that dies with a well-formed profile", false, missed_crash},
      {"canary.silent", "a program that does not say ops_done", false, missed_silent},
  };
  return all;
}

}  // namespace jacquard::audit
