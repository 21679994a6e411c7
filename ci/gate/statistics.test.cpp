// The estimator: known answers, and what must hold for any data.
#include "gate/statistics.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace jacquard::gate {
namespace {

TEST(signed_rank, small_null_distributions_are_exact) {
  // n = 3: the eight sign patterns give W = 0 1 2 3 3 4 5 6.
  EXPECT_DOUBLE_EQ(signed_rank_cdf(3, 0), 1.0 / 8);
  EXPECT_DOUBLE_EQ(signed_rank_cdf(3, 2), 3.0 / 8);
  EXPECT_DOUBLE_EQ(signed_rank_cdf(3, 3), 5.0 / 8);
  EXPECT_DOUBLE_EQ(signed_rank_cdf(3, 6), 1.0);
}

TEST(signed_rank, tabled_critical_values_are_met) {
  // Wilcoxon's table, one-sided: n = 10, W <= 10 at 0.05 and W <= 5 at 0.01; n = 20, W <= 60 at 0.05.
  EXPECT_EQ(signed_rank_index(10, 0.05), 11u);
  EXPECT_EQ(signed_rank_index(10, 0.01), 6u);
  EXPECT_EQ(signed_rank_index(20, 0.05), 61u);
}

TEST(signed_rank, ten_pairs_are_the_fewest_that_bound_at_a_thousandth) {
  EXPECT_EQ(signed_rank_index(9, 0.001), 0u);
  EXPECT_EQ(signed_rank_index(10, 0.001), 1u);
}

TEST(signed_rank, brute_force_agrees) {
  for (std::size_t n = 1; n <= 12; ++n) {
    std::vector<double> count(n * (n + 1) / 2 + 1, 0.0);
    for (std::size_t signs = 0; signs < (std::size_t{1} << n); ++signs) {
      std::size_t w = 0;
      for (std::size_t rank = 1; rank <= n; ++rank) w += (signs >> (rank - 1) & 1) * rank;
      ++count[w];
    }
    double sum = 0.0;
    for (std::size_t w = 0; w < count.size(); ++w) {
      sum += count[w] / std::pow(2.0, static_cast<double>(n));
      ASSERT_NEAR(signed_rank_cdf(n, w), sum, 1e-12) << n << ' ' << w;
    }
  }
}

TEST(hodges_lehmann, a_textbook_sample_has_the_textbook_answer) {
  // Walsh averages of 1, 2, 6: 1, 1.5, 2, 3.5, 4, 6.
  const std::vector<double> d{6.0, 1.0, 2.0};
  EXPECT_EQ(walsh_averages(d), (std::vector<double>{1.0, 1.5, 2.0, 3.5, 4.0, 6.0}));
  EXPECT_DOUBLE_EQ(hodges_lehmann(d, 0.2).estimate, 2.75);
  EXPECT_DOUBLE_EQ(hodges_lehmann(d, 0.2).low, 1.0);
  EXPECT_DOUBLE_EQ(hodges_lehmann(d, 0.2).high, 6.0);
}

TEST(hodges_lehmann, too_few_pairs_bound_nothing) {
  const interval d = hodges_lehmann(std::vector<double>{0.1, 0.1, 0.1}, 0.001);
  EXPECT_EQ(d.low, -std::numeric_limits<double>::infinity());
  EXPECT_EQ(d.high, std::numeric_limits<double>::infinity());
}

TEST(hodges_lehmann, one_wild_block_hardly_moves_it) {
  std::vector<double> d(15, 0.01);
  d[7] = 5.0;
  EXPECT_DOUBLE_EQ(hodges_lehmann(d, 0.001).estimate, 0.01);
}

// 10 to 61 differences of up to about 30 %.
rc::Gen<std::vector<double>> some_differences() {
  return rc::gen::mapcat(rc::gen::inRange<std::size_t>(10, 62), [](std::size_t n) {
    return rc::gen::container<std::vector<double>>(
        n, rc::gen::map(rc::gen::inRange(-3000, 3001), [](int i) { return i / 10000.0; }));
  });
}

RC_GTEST_PROP(hodges_lehmann_property, swapping_the_arms_flips_the_sign, ()) {
  const auto d = *some_differences();
  std::vector<double> swapped(d);
  for (double& each : swapped) each = -each;
  const interval a = hodges_lehmann(d, 0.001);
  const interval b = hodges_lehmann(swapped, 0.001);
  RC_ASSERT(std::abs(a.estimate + b.estimate) < 1e-12);
  RC_ASSERT(std::abs(a.low + b.high) < 1e-12);
}

RC_GTEST_PROP(hodges_lehmann_property, a_shift_shifts_estimate_and_bounds, ()) {
  const auto d = *some_differences();
  const double by = *rc::gen::inRange(-100, 100) / 1000.0;
  std::vector<double> shifted(d);
  for (double& each : shifted) each += by;
  const interval a = hodges_lehmann(d, 0.001);
  const interval b = hodges_lehmann(shifted, 0.001);
  RC_ASSERT(std::abs(a.estimate + by - b.estimate) < 1e-12);
  RC_ASSERT(std::abs(a.low + by - b.low) < 1e-12);
  RC_ASSERT(std::abs(a.high + by - b.high) < 1e-12);
}

RC_GTEST_PROP(hodges_lehmann_property, the_order_of_blocks_does_not_matter, ()) {
  auto d = *some_differences();
  const interval a = hodges_lehmann(d, 0.001);
  std::sort(d.begin(), d.end());
  const interval b = hodges_lehmann(d, 0.001);
  RC_ASSERT(a.estimate == b.estimate);
  RC_ASSERT(a.low == b.low && a.high == b.high);
}

RC_GTEST_PROP(hodges_lehmann_property, the_estimate_lies_between_its_bounds, ()) {
  const auto d = *some_differences();
  const interval a = hodges_lehmann(d, 0.001);
  RC_ASSERT(a.low <= a.estimate && a.estimate <= a.high);
  const interval wider = hodges_lehmann(d, 0.0009765625);  // 2^-10: the least that 10 pairs can say
  RC_ASSERT(wider.low <= a.low && a.high <= wider.high);
}

}  // namespace
}  // namespace jacquard::gate
