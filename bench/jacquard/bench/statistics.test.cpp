#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <random>

#include <jacquard/bench/statistics.hpp>

namespace jacquard::bench {
namespace {

TEST(Statistics, TheMedianIsTheMiddle) {
  EXPECT_EQ(median({3, 1, 2}), 2.0);
  EXPECT_EQ(median({4, 1, 2, 3}), 2.5);
  EXPECT_EQ(median({}), 0.0);
  EXPECT_EQ(quantile({1, 2, 3, 4, 5}, 0.25), 2.0);
}

// Every sign pattern of small n, counted by hand.
TEST(Statistics, TheSignedRankCutAgreesWithCountingEverySignPattern) {
  for (std::size_t n = 1; n <= 14; ++n) {
    for (const double alpha : {0.1, 0.05, 0.01, 0.001}) {
      std::vector<std::size_t> patterns(n * (n + 1) / 2 + 1, 0);
      for (std::size_t signs = 0; signs < (std::size_t{1} << n); ++signs) {
        std::size_t sum = 0;
        for (std::size_t rank = 1; rank <= n; ++rank) {
          if ((signs >> (rank - 1)) & 1) sum += rank;
        }
        ++patterns[sum];
      }
      std::size_t cut = 0;
      double below = 0;
      while (cut < patterns.size()) {
        below += static_cast<double>(patterns[cut]) / std::pow(2.0, static_cast<double>(n));
        if (below > alpha + 1e-15) break;
        ++cut;
      }
      EXPECT_EQ(signed_rank_cut(n, alpha), cut) << "n " << n << " alpha " << alpha;
    }
  }
}

TEST(Statistics, TooFewPairsHaveNoBounds) {
  const std::vector<double> nine(9, 1.0);
  EXPECT_FALSE(paired_ratio(nine, nine).bounded);
  const std::vector<double> ten(10, 1.0);
  EXPECT_TRUE(paired_ratio(ten, ten).bounded);
  EXPECT_TRUE(std::isnan(paired_ratio({}, {}).ratio));
}

rc::Gen<std::vector<double>> times() {
  return rc::gen::container<std::vector<double>>(
      20, rc::gen::map(rc::gen::inRange(1'000, 5'000), [](int n) { return n / 100.0; }));
}

RC_GTEST_PROP(Statistics, SwappingTheArmsInvertsTheRatio, ()) {
  const auto a = *times();
  const auto b = *times();
  const auto forth = paired_ratio(a, b);
  const auto back = paired_ratio(b, a);
  RC_ASSERT(std::abs(std::log(forth.ratio) + std::log(back.ratio)) < 1e-9);
  RC_ASSERT(std::abs(std::log(forth.low) + std::log(back.high)) < 1e-9);
  RC_ASSERT(forth.low <= forth.ratio && forth.ratio <= forth.high);
}

RC_GTEST_PROP(Statistics, AFactorInEveryRoundIsTheFactorOfTheRatio, ()) {
  const auto a = *times();
  const auto b = *times();
  auto slower = a;
  for (double& value : slower) value *= 1.5;
  const auto before = paired_ratio(a, b);
  const auto after = paired_ratio(slower, b);
  RC_ASSERT(std::abs(after.ratio / before.ratio - 1.5) < 1e-9);
  RC_ASSERT(std::abs(after.high / before.high - 1.5) < 1e-9);
}

TEST(Statistics, TheBoundsHoldTheTruthUnderNoiseWithAHeavyTail) {
  // True ratio 1.2; one block in five is disturbed by up to four times, both arms alike within 5 %.
  std::mt19937_64 random(7);
  std::uniform_real_distribution<double> uniform(0.0, 1.0);
  int outside = 0;
  for (int trial = 0; trial < 300; ++trial) {
    std::vector<double> a;
    std::vector<double> b;
    for (int block = 0; block < 21; ++block) {
      const double disturbed = uniform(random) < 0.2 ? 1.0 + 3.0 * uniform(random) : 1.0;
      a.push_back(12.0 * disturbed * (0.975 + 0.05 * uniform(random)));
      b.push_back(10.0 * disturbed * (0.975 + 0.05 * uniform(random)));
    }
    const auto estimate = paired_ratio(a, b, 0.001);
    if (estimate.low > 1.2 || estimate.high < 1.2) ++outside;
    EXPECT_NEAR(estimate.ratio, 1.2, 0.05);
  }
  EXPECT_LE(outside, 3);
}

}  // namespace
}  // namespace jacquard::bench
