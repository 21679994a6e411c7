// jacquard/sim/delay.hpp: how long something takes: a floor, a jitter above it, and a rare tail.
//
// Shape       One draw of 64 bits becomes one delay. Exponential, Pareto and lognormal quantiles come
//             from tables of 4096 fixed-point steps that the compiler computes; between two steps the
//             value is interpolated. A draw is multiplication and shifting.
// Invariants  I1  floor <= sample <= max(floor, cap).
//             I2  One delay costs exactly one draw, whatever its parameters, so changing a parameter
//                 moves no later draw.
// Allocation  none.
// Checked by  delay.test.cpp
#pragma once

#include <cstdint>

#include <jacquard/sim/random.hpp>
#include <jacquard/sim/time.hpp>

namespace jacquard::sim {

/// The shape of the rare, long delays.
enum class tail : std::uint8_t {
  none,
  pareto,     // exponent 3/2: no variance, one outlier outweighs all others
  lognormal,  // sigma 1 around its median
};

/// A distribution of delays. Times in nanoseconds of virtual time.
struct delay {
  nanoseconds floor = 0;
  /// The mean of the exponential jitter above the floor. >= 0
  nanoseconds jitter_mean = 0;
  sim::tail tail = sim::tail::none;
  /// How many delays in a million get the tail instead of the jitter. [0, 1000000]
  std::uint32_t tail_per_million = 0;
  /// pareto: the least tail delay above the floor. lognormal: its median.
  nanoseconds tail_scale = 0;
  /// Nothing takes longer than this. >= floor
  nanoseconds cap = second;

  /// Draws one delay.
  [[nodiscard]] nanoseconds sample(stream& draws) const noexcept;
};

/// -ln(1 - u) for u = bits / 2^64, as a fixed-point number with 32 binary places.
[[nodiscard]] std::uint64_t exponential_q32(std::uint64_t bits) noexcept;
/// (1 - u)^(-2/3), 32 binary places, at most 65536.
[[nodiscard]] std::uint64_t pareto_q32(std::uint64_t bits) noexcept;
/// exp(the normal quantile of u), 32 binary places; u is kept inside [1/8192, 8191/8192].
[[nodiscard]] std::uint64_t lognormal_q32(std::uint64_t bits) noexcept;

}  // namespace jacquard::sim
