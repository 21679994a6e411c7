#include <gtest/gtest.h>

#include <jacquard/sim/delay.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

namespace jacquard::sim {
namespace {

std::vector<nanoseconds> samples(const delay& model, std::size_t count) {
  stream draws(11, domain::user, "/x");
  std::vector<nanoseconds> drawn;
  for (std::size_t i = 0; i < count; ++i) drawn.push_back(model.sample(draws));
  std::sort(drawn.begin(), drawn.end());
  return drawn;
}

double mean(const std::vector<nanoseconds>& drawn) {
  double sum = 0;
  for (const nanoseconds each : drawn) sum += static_cast<double>(each);
  return sum / static_cast<double>(drawn.size());
}

TEST(Delay, IsTheFloorWhereThereIsNoJitter) {
  const auto drawn = samples({.floor = 250}, 100);
  EXPECT_EQ(drawn.front(), 250);
  EXPECT_EQ(drawn.back(), 250);
}

TEST(Delay, JitterIsExponentialAboveTheFloor) {
  const auto drawn = samples({.floor = 1000, .jitter_mean = 10'000, .cap = second}, 200'000);
  EXPECT_GE(drawn.front(), 1000);
  EXPECT_NEAR(mean(drawn), 11'000, 150);
  // The median of an exponential is ln 2 of its mean, the 99.9th percentile ln 1000.
  EXPECT_NEAR(static_cast<double>(drawn[100'000] - 1000), 10'000 * std::log(2.0), 150);
  EXPECT_NEAR(static_cast<double>(drawn[199'800] - 1000), 10'000 * std::log(1000.0), 4'000);
}

TEST(Delay, ParetoTailHasItsExponent) {
  const auto drawn = samples(
      {.tail = tail::pareto, .tail_per_million = 1'000'000, .tail_scale = 1000, .cap = longest},
      200'000);
  EXPECT_GE(drawn.front(), 1000);
  // Quantile(q) = scale * (1 - q)^(-2/3)
  EXPECT_NEAR(static_cast<double>(drawn[100'000]), 1000 * std::pow(0.5, -2.0 / 3), 25);
  EXPECT_NEAR(static_cast<double>(drawn[198'000]), 1000 * std::pow(0.01, -2.0 / 3), 900);
}

TEST(Delay, LognormalTailHasItsMedianAndSpread) {
  const auto drawn = samples(
      {.tail = tail::lognormal, .tail_per_million = 1'000'000, .tail_scale = 1000, .cap = longest},
      200'000);
  EXPECT_NEAR(static_cast<double>(drawn[100'000]), 1000, 15);
  EXPECT_NEAR(static_cast<double>(drawn[168'269]), 1000 * std::exp(1.0), 50);  // + 1 sigma
  EXPECT_NEAR(static_cast<double>(drawn[31'731]), 1000 * std::exp(-1.0), 12);  // - 1 sigma
}

TEST(Delay, TheTailIsAsRareAsItSays) {
  const auto drawn = samples({.jitter_mean = 100,
                              .tail = tail::pareto,
                              .tail_per_million = 10'000,
                              .tail_scale = 1'000'000,
                              .cap = longest},
                             200'000);
  const auto rare =
      std::count_if(drawn.begin(), drawn.end(), [](nanoseconds each) { return each >= 1'000'000; });
  EXPECT_NEAR(static_cast<double>(rare), 2000, 200);
}

TEST(Delay, NothingExceedsTheCap) {
  const auto drawn = samples({.floor = 5,
                              .jitter_mean = 1000,
                              .tail = tail::pareto,
                              .tail_per_million = 500'000,
                              .tail_scale = 1'000'000,
                              .cap = 2000},
                             10'000);
  EXPECT_EQ(drawn.back(), 2000);
}

TEST(Delay, CostsOneDrawWhateverItsParameters) {
  for (const delay& model :
       {delay{}, delay{.floor = 3}, delay{.jitter_mean = 9},
        delay{.tail = tail::lognormal, .tail_per_million = 500'000, .tail_scale = 7}}) {
    stream draws(1, domain::user, "/x");
    for (int i = 0; i < 100; ++i) (void)model.sample(draws);
    EXPECT_EQ(draws.drawn(), 100u);
  }
}

TEST(Delay, ExtremeDrawsStayInRange) {
  for (const std::uint64_t bits : {std::uint64_t{0}, ~std::uint64_t{0}, std::uint64_t{1} << 63}) {
    EXPECT_LT(exponential_q32(bits), std::uint64_t{64} << 32);
    EXPECT_LE(pareto_q32(bits), std::uint64_t{65536} << 32);
    EXPECT_GE(pareto_q32(bits), std::uint64_t{1} << 32);
    EXPECT_LT(lognormal_q32(bits), std::uint64_t{64} << 32);
  }
  EXPECT_EQ(exponential_q32(0), 0u);
}

TEST(Delay, TheSameSeedMeansTheSameDelaysOnEveryMachine) {
  // Written down once. A change here means that every stored seed means something else.
  std::uint64_t digest = 0;
  for (const tail shape : {tail::none, tail::pareto, tail::lognormal}) {
    for (const nanoseconds each : samples({.floor = 7,
                                  .jitter_mean = 12'345,
                                  .tail = shape,
                                  .tail_per_million = 300'000,
                                  .tail_scale = 54'321,
                                  .cap = longest},
                                          20'000)) {
      digest = fold(digest, static_cast<std::uint64_t>(each));
    }
  }
  EXPECT_EQ(digest, 0xa725df859fc2fe7fu);
}

}  // namespace
}  // namespace jacquard::sim
