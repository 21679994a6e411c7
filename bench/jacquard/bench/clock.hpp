// jacquard/bench/clock.hpp: the processor's time stamp counter, and how coarse it is here.
//
// A figure is only as fine as its clock. `clock_facts` holds what was measured on this machine: the
// counter's rate, the smallest step that two reads can show, and what a read costs. A percentile is
// refused where one step is more than 1 % of it (jacquard/bench/percentile.hpp).
#pragma once

#include <cstdint>

#if defined(__x86_64__)
#include <x86intrin.h>
#else
#include <chrono>
#endif

namespace jacquard::bench {

/// Ticks of the counter. On x86-64 a `rdtscp` that no later load overtakes; elsewhere nanoseconds
/// of the steady clock. Any thread; no allocation.
[[nodiscard]] inline std::uint64_t ticks() noexcept {
#if defined(__x86_64__)
  unsigned processor = 0;
  const std::uint64_t now = __rdtscp(&processor);
  _mm_lfence();
  return now;
#else
  return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
#endif
}

/// What the probe found.
struct clock_facts {
  double ticks_per_ns = 1.0;
  double tsc_hz = 1e9;
  double quantum_ns = 1.0;    // smallest step between two reads that differ
  double read_cost_ns = 1.0;  // median distance of two reads back to back
  double core_ghz = 1.0;      // dependent one-cycle steps a nanosecond: the core's clock now

  [[nodiscard]] double ns(std::uint64_t from, std::uint64_t to) const noexcept {
    return to >= from ? static_cast<double>(to - from) / ticks_per_ns
                      : -static_cast<double>(from - to) / ticks_per_ns;
  }
  [[nodiscard]] std::uint64_t ticks_of(double ns) const noexcept {
    return static_cast<std::uint64_t>(ns * ticks_per_ns);
  }
};

/// Measures the clock on the calling thread: about 60 ms.
[[nodiscard]] clock_facts probe_clock();

/// The core's clock now, in GHz, by a chain of dependent rotations: about a millisecond.
[[nodiscard]] double probe_core_ghz(double ticks_per_ns);

}  // namespace jacquard::bench
