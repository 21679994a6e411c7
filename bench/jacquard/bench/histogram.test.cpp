#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>

#include <jacquard/bench/histogram.hpp>
#include <jacquard/bench/percentile.hpp>

namespace jacquard::bench {
namespace {

// Values of every size: uniform in the number of bits, so that small and huge ones both occur.
rc::Gen<std::uint64_t> any_value() {
  return rc::gen::apply([](std::uint64_t bits, int shift) { return bits >> shift; },
                        rc::gen::arbitrary<std::uint64_t>(), rc::gen::inRange(0, 64));
}
rc::Gen<std::vector<std::uint64_t>> some_values() {
  return rc::gen::nonEmpty(rc::gen::container<std::vector<std::uint64_t>>(any_value()));
}

histogram of(const std::vector<std::uint64_t>& values) {
  histogram counts;
  for (const std::uint64_t value : values) counts.record(value);
  return counts;
}

TEST(Histogram, NothingRecordedIsZeroEverywhere) {
  const histogram empty;
  EXPECT_EQ(empty.count(), 0u);
  EXPECT_EQ(empty.percentile(99), 0u);
  EXPECT_EQ(empty.max(), 0u);
  EXPECT_EQ(empty.mean(), 0.0);
}

TEST(Histogram, TheLargestValueHasABucket) {
  histogram counts;
  counts.record(~std::uint64_t{0});
  EXPECT_EQ(counts.percentile(100), ~std::uint64_t{0});
  EXPECT_LT(histogram::index_of(~std::uint64_t{0}), histogram::bucket_count);
}

TEST(Histogram, SmallValuesAreExact) {
  for (std::uint64_t value = 0; value < 256; ++value) {
    EXPECT_EQ(histogram::highest_in(histogram::index_of(value)), value);
  }
}

TEST(Histogram, HgrmEndsAtTheMaximumAndTheCount) {
  histogram counts;
  for (std::uint64_t i = 1; i <= 1000; ++i) counts.record(i * 10);
  const std::string text = counts.hgrm(1.0);
  EXPECT_NE(text.find("Value     Percentile TotalCount"), std::string::npos) << text.substr(0, 80);
  EXPECT_NE(text.find("#[Max     =    10000.000, Total count    =         1000]"),
            std::string::npos);
  EXPECT_NE(text.find("1.000000000000"), std::string::npos);
}

RC_GTEST_PROP(Histogram, ABucketIsNeverMoreThanOneIn128AboveAValueAndNeverBelow, ()) {
  const std::uint64_t value = *any_value();
  const std::uint64_t shown = histogram::highest_in(histogram::index_of(value));
  RC_ASSERT(shown >= value);
  RC_ASSERT(shown - value <= value / 128);
}

RC_GTEST_PROP(Histogram, BucketsAreInTheOrderOfTheirValues, ()) {
  const std::uint64_t a = *any_value();
  const std::uint64_t b = *any_value();
  RC_ASSERT((a <= b) == (a == b || histogram::index_of(a) <= histogram::index_of(b)) || a > b);
  if (a <= b) RC_ASSERT(histogram::index_of(a) <= histogram::index_of(b));
}

RC_GTEST_PROP(Histogram, MergeIsAssociativeAndCommutative, ()) {
  const histogram a = of(*some_values());
  const histogram b = of(*some_values());
  const histogram c = of(*some_values());
  histogram left = a;
  left.merge(b);
  left.merge(c);
  histogram right = c;
  right.merge(b);
  histogram bc_then_a = right;
  bc_then_a.merge(a);
  RC_ASSERT(left == bc_then_a);
}

RC_GTEST_PROP(Histogram, MergeIsRecordingBoth, ()) {
  const auto first = *some_values();
  const auto second = *some_values();
  std::vector<std::uint64_t> both = first;
  both.insert(both.end(), second.begin(), second.end());
  histogram merged = of(first);
  merged.merge(of(second));
  RC_ASSERT(merged == of(both));
}

RC_GTEST_PROP(Histogram, PercentilesRise, ()) {
  const histogram counts = of(*some_values());
  std::uint64_t last = 0;
  for (double percent = 0; percent <= 100; percent += 2.5) {
    const std::uint64_t now = counts.percentile(percent);
    RC_ASSERT(now >= last);
    last = now;
  }
  RC_ASSERT(counts.percentile(100) == counts.max());
}

RC_GTEST_PROP(Histogram, APercentileAgreesWithTheSortedSamples, ()) {
  auto values = *some_values();
  const histogram counts = of(values);
  std::sort(values.begin(), values.end());
  for (const double percent : {0.0, 25.0, 50.0, 90.0, 95.0, 99.0, 99.9, 100.0}) {
    const auto rank = static_cast<std::size_t>(
        std::max(1.0, std::ceil(percent / 100.0 * static_cast<double>(values.size()) - 1e-9)));
    const std::uint64_t exact = values[rank - 1];
    const std::uint64_t shown = counts.percentile(percent);
    RC_ASSERT(shown >= exact);
    RC_ASSERT(shown - exact <= exact / 128);
  }
}

TEST(Percentile, P99NeedsAThousandSamplesAndP95TwoHundred) {
  EXPECT_EQ(samples_needed(99), 1000u);
  EXPECT_EQ(samples_needed(95), 200u);
  EXPECT_EQ(samples_needed(50), 20u);
  histogram counts;
  counts.record(100'000, 999);
  const auto few = judged_percentile(counts, 99, 1.0, 1.0);
  EXPECT_FALSE(few.stands());
  EXPECT_EQ(few.refusal, "p99 refused: 999 samples, it needs 1000");
  counts.record(100'000);
  EXPECT_TRUE(judged_percentile(counts, 99, 1.0, 1.0).stands());
}

TEST(Percentile, IsRefusedWhereTheClockIsTooCoarseForIt) {
  histogram counts;
  counts.record(900, 5000);
  const auto coarse = judged_percentile(counts, 95, 1.0, 10.0);
  EXPECT_FALSE(coarse.stands());
  EXPECT_NE(coarse.refusal.find("step of 10.00 ns"), std::string::npos) << coarse.refusal;
  EXPECT_TRUE(judged_percentile(counts, 95, 1.0, 9.0).stands());
}

}  // namespace
}  // namespace jacquard::bench
