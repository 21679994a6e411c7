#include <jacquard/bench/percentile.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace jacquard::bench {

std::uint64_t samples_needed(double percent) noexcept {
  const double above = std::max(1.0 - percent / 100.0, 1e-9);
  return static_cast<std::uint64_t>(std::llround(samples_above_min / above));
}

percentile_result judged_percentile(const histogram& values, double percent, double scale,
                                    double quantum_ns) {
  percentile_result result;
  if (values.count() < samples_needed(percent)) {
    result.refusal = fmt::format("p{:g} refused: {} samples, it needs {}", percent, values.count(),
                                 samples_needed(percent));
    return result;
  }
  result.value_ns = static_cast<double>(values.percentile(percent)) / scale;
  if (quantum_ns > quantum_share_max * result.value_ns) {
    result.refusal =
        fmt::format("p{:g} refused: the clock's step of {:.2f} ns is more than 1 % of {:.1f} ns",
                    percent, quantum_ns, result.value_ns);
  }
  return result;
}

}  // namespace jacquard::bench
