// jacquard/bench/percentile.hpp: a percentile, or the reason why there is none.
//
// A number below the clock's step, or from too few samples, looks like any other number. So it is
// not given out: p99 needs 1,000 samples, p95 needs 200, and one step of the clock must not be more
// than 1 % of the percentile.
#pragma once

#include <string>

#include <jacquard/bench/histogram.hpp>

namespace jacquard::bench {

/// Samples that must lie above a percentile before it is given out.
inline constexpr double samples_above_min = 10.0;
/// The largest share of a percentile that one step of the clock may be.
inline constexpr double quantum_share_max = 0.01;

struct percentile_result {
  double value_ns = 0.0;
  std::string refusal;  // empty: the value stands

  [[nodiscard]] bool stands() const noexcept { return refusal.empty(); }
};

/// The percentile of a histogram that counts `scale` units a nanosecond, on a clock of
/// `quantum_ns`.
[[nodiscard]] percentile_result judged_percentile(const histogram& values, double percent,
                                                  double scale, double quantum_ns);

/// Samples that a percentile needs: 10 / (1 - percent / 100), so 1,000 for p99.
[[nodiscard]] std::uint64_t samples_needed(double percent) noexcept;

}  // namespace jacquard::bench
