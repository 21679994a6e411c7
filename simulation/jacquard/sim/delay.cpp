// The tables are constant expressions in double, which a compiler evaluates with IEEE arithmetic and
// without contraction; they are rounded to integers once, and only integers exist at run time.
#include <jacquard/sim/delay.hpp>

#include <algorithm>
#include <array>
#include <cstddef>

namespace jacquard::sim {

namespace {

constexpr std::size_t steps = 4096;
constexpr unsigned step_bits = 12;
constexpr double one_q32 = 4294967296.0;
constexpr double ln2 = 0.69314718055994530942;

consteval double natural_log(double x) {
  int doublings = 0;
  while (x < 0.75) x *= 2, --doublings;
  while (x > 1.5) x /= 2, ++doublings;
  const double t = (x - 1) / (x + 1);
  double sum = 0;
  double power = t;
  for (int n = 1; n < 40; n += 2) {
    sum += power / n;
    power *= t * t;
  }
  return doublings * ln2 + 2 * sum;
}

consteval double exponential(double x) {
  int doublings = 0;
  while (x > ln2) x -= ln2, ++doublings;
  while (x < -ln2) x += ln2, --doublings;
  double sum = 1;
  double term = 1;
  for (int n = 1; n < 20; ++n) {
    term *= x / n;
    sum += term;
  }
  for (; doublings > 0; --doublings) sum *= 2;
  for (; doublings < 0; ++doublings) sum /= 2;
  return sum;
}

using table = std::array<std::uint64_t, steps + 1>;

consteval std::uint64_t rounded(double x) { return static_cast<std::uint64_t>(x * one_q32 + 0.5); }

// The last entry of the first two stands for "in the last step": their samplers never read it.
consteval table exponential_table() {
  table made{};
  for (std::size_t i = 0; i < steps; ++i) {
    made[i] = i == 0 ? 0 : rounded(-natural_log(1.0 - static_cast<double>(i) / steps));
  }
  return made;
}

consteval table pareto_table() {
  table made{};
  for (std::size_t i = 0; i < steps; ++i) {
    const double survival = 1.0 - static_cast<double>(i) / steps;
    made[i] = rounded(i == 0 ? 1.0 : exponential(-natural_log(survival) * 2.0 / 3.0));
  }
  return made;
}

// Walks the normal density from left to right and notes where the area passes each step.
consteval table lognormal_table() {
  constexpr double stride = 1.0 / 1024;
  constexpr double density_at_0 = 0.39894228040143267794;
  table made{};
  double z = -6.0;
  double area = 9.8658764503769814e-10;  // below -6
  double density = density_at_0 * exponential(-z * z / 2);
  std::size_t next = 0;
  while (next <= steps) {
    double target = static_cast<double>(next) / steps;
    target = target < 0.5 / steps       ? 0.5 / steps
             : target > 1 - 0.5 / steps ? 1 - 0.5 / steps
                                        : target;
    // density(z + h) = density(z) * exp(-z h - h^2 / 2), by its own series: h is tiny.
    const double exponent = -z * stride - stride * stride / 2;
    const double following =
        density * (1 + exponent * (1 + exponent / 2 * (1 + exponent / 3 * (1 + exponent / 4))));
    const double slice = (density + following) / 2 * stride;
    if (area + slice >= target) {
      const double at = z + stride * (target - area) / slice;
      made[next++] = rounded(exponential(at));
      continue;
    }
    area += slice;
    density = following;
    z += stride;
  }
  return made;
}

constexpr table exponential_steps = exponential_table();
constexpr table pareto_steps = pareto_table();
constexpr table lognormal_steps = lognormal_table();

std::uint64_t times(std::uint64_t value, std::uint64_t factor_q32) noexcept {
  const unsigned __int128 product = static_cast<unsigned __int128>(value) * factor_q32;
  constexpr unsigned __int128 most = ~std::uint64_t{0} >> 1;
  return static_cast<std::uint64_t>(std::min(product >> 32, most));
}

std::uint64_t between(const table& entries, std::uint64_t bits) noexcept {
  const std::size_t step = bits >> (64 - step_bits);
  const std::uint64_t rest =
      (bits << step_bits) >> 32;  // 32 binary places of the way to the next step
  return entries[step] + times(entries[step + 1] - entries[step], rest);
}

constexpr std::size_t step_of(std::uint64_t bits) noexcept { return bits >> (64 - step_bits); }

}  // namespace

std::uint64_t exponential_q32(std::uint64_t bits) noexcept {
  // Beyond the last step the distribution begins again, shifted: it has no memory.
  std::uint64_t shift = 0;
  while (step_of(bits) == steps - 1 && shift < exponential_steps[steps - 1] * 3) {
    shift += exponential_steps[steps - 1];
    bits = mix(bits);
  }
  const std::size_t step = std::min(step_of(bits), steps - 2);
  return shift + between(exponential_steps, (static_cast<std::uint64_t>(step) << (64 - step_bits)) |
                                                (bits << step_bits >> step_bits));
}

std::uint64_t pareto_q32(std::uint64_t bits) noexcept {
  // Beyond the last step the distribution begins again, scaled: it is its own magnification.
  std::uint64_t scale = std::uint64_t{1} << 32;
  constexpr std::uint64_t most = std::uint64_t{65536} << 32;
  while (step_of(bits) == steps - 1 && scale < most) {
    scale = times(scale, pareto_steps[steps - 1]);
    bits = mix(bits);
  }
  const std::size_t step = std::min(step_of(bits), steps - 2);
  const std::uint64_t value =
      between(pareto_steps, (static_cast<std::uint64_t>(step) << (64 - step_bits)) |
                                (bits << step_bits >> step_bits));
  return std::min(times(scale, value), most);
}

std::uint64_t lognormal_q32(std::uint64_t bits) noexcept { return between(lognormal_steps, bits); }

nanoseconds delay::sample(stream& draws) const noexcept {
  const std::uint64_t bits = draws.next();
  std::uint64_t above = 0;
  if (tail != sim::tail::none &&
      static_cast<std::uint64_t>(
          (static_cast<unsigned __int128>(mix(bits ^ 0x7a11u)) * 1'000'000) >> 64) <
          tail_per_million) {
    const auto scale = static_cast<std::uint64_t>(tail_scale);
    above = times(scale, tail == sim::tail::pareto ? pareto_q32(bits) : lognormal_q32(bits));
  } else if (jitter_mean > 0) {
    above = times(static_cast<std::uint64_t>(jitter_mean), exponential_q32(bits));
  }
  const auto room = static_cast<std::uint64_t>(std::max<nanoseconds>(cap - floor, 0));
  return floor + static_cast<nanoseconds>(std::min(above, room));
}

}  // namespace jacquard::sim
