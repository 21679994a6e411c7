// jacquard/bench/suite/meter.hpp: what a stretch of work cost besides time: processor time in and out of the
// kernel, system calls, switches, page faults. Of all threads of the process.
#pragma once

#include <cstdint>

namespace jacquard::bench::suite {

struct usage {
  double user_ns = 0.0;
  double system_ns = 0.0;
  std::uint64_t voluntary_switches = 0;
  std::uint64_t involuntary_switches = 0;
  std::uint64_t page_faults = 0;
  /// System calls; only where `counts_syscalls()`.
  std::uint64_t syscalls = 0;
};

/// True where the kernel lets this process count its own system calls: a perf event on the tracepoint
/// raw_syscalls:sys_enter, inherited by every thread that starts later. Call it once before threads start.
[[nodiscard]] bool counts_syscalls();

/// What this process has used since it began.
[[nodiscard]] usage usage_now();

[[nodiscard]] usage operator-(const usage& late, const usage& early);

/// Resident memory now, and at its peak, in bytes.
[[nodiscard]] std::uint64_t resident_bytes();
[[nodiscard]] std::uint64_t peak_resident_bytes();
/// Bytes that malloc has handed out and not got back, large blocks included.
[[nodiscard]] std::uint64_t heap_bytes();

}  // namespace jacquard::bench::suite
