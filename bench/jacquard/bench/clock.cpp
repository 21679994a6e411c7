#include <jacquard/bench/clock.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <vector>

namespace jacquard::bench {

namespace {

// Ticks a nanosecond against the steady clock over 15 ms. Each end is bracketed, and the tightest
// of several brackets is used, so that an interruption between the two reads does not tilt the
// result.
double rate_once() {
  struct instant {
    std::uint64_t ticks;
    std::int64_t ns;
  };
  const auto now = [] {
    instant best{0, 0};
    std::uint64_t tightest = ~std::uint64_t{0};
    for (int i = 0; i < 16; ++i) {
      const std::uint64_t before = ticks();
      const std::int64_t ns = std::chrono::steady_clock::now().time_since_epoch().count();
      const std::uint64_t after = ticks();
      if (after - before < tightest) {
        tightest = after - before;
        best = {before + (after - before) / 2, ns};
      }
    }
    return best;
  };
  const instant early = now();
  instant late = now();
  while (late.ns - early.ns < 15'000'000) late = now();
  return static_cast<double>(late.ticks - early.ticks) / static_cast<double>(late.ns - early.ns);
}

}  // namespace

double probe_core_ghz(double ticks_per_ns) {
  constexpr std::uint64_t steps = 400'000;
  double best = 0.0;
  for (int round = 0; round < 5; ++round) {
    std::uint64_t value = 1;
    const std::uint64_t start = ticks();
    for (std::uint64_t i = 0; i < steps; i += 8) {
#if defined(__x86_64__)
      // Rotations: newer cores fold a chain of steps while they rename registers.
      asm volatile(
          "rol $1, %0\n\trol $1, %0\n\trol $1, %0\n\trol $1, %0\n\t"
          "rol $1, %0\n\trol $1, %0\n\trol $1, %0\n\trol $1, %0"
          : "+r"(value));
#else
      for (int k = 0; k < 8; ++k) {
        value += 1;
        asm volatile("" : "+r"(value));
      }
#endif
    }
    const double ns = static_cast<double>(ticks() - start) / ticks_per_ns;
    best = std::max(best, static_cast<double>(steps) / ns);
  }
  return best;
}

clock_facts probe_clock() {
  std::array<double, 3> rates{};
  for (double& rate : rates) rate = rate_once();
  std::sort(rates.begin(), rates.end());

  // The step: reads back to back, and the smallest distance between two deltas that differ.
  std::vector<std::uint64_t> deltas(20'000);
  for (std::uint64_t& delta : deltas) {
    const std::uint64_t before = ticks();
    delta = ticks() - before;
  }
  std::sort(deltas.begin(), deltas.end());
  const std::uint64_t median = deltas[deltas.size() / 2];
  std::uint64_t step = std::max<std::uint64_t>(median, 1);
  for (std::size_t i = 1; i < deltas.size(); ++i) {
    if (deltas[i] != deltas[i - 1]) step = std::min(step, deltas[i] - deltas[i - 1]);
  }

  clock_facts facts;
  facts.ticks_per_ns = rates[1];
  facts.tsc_hz = rates[1] * 1e9;
  facts.quantum_ns = static_cast<double>(step) / rates[1];
  facts.read_cost_ns = static_cast<double>(median) / rates[1];
  facts.core_ghz = probe_core_ghz(rates[1]);
  return facts;
}

}  // namespace jacquard::bench
