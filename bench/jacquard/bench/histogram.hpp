// jacquard/bench/histogram.hpp: counts of values in log-linear buckets, so that percentiles of any
// number of operations fit in a fixed space.
//
// Shape       A value below 256 has its own bucket. Above, each power of two is cut into 128
// buckets of
//             equal width, so a bucket is never wider than 1/128 of the values in it: a reported
//             value is at most 0.79 % above the recorded one, and never below it.
// Progress    wait-free; one thread at a time.
// Allocation  once, when constructed (58 KiB for the full range of 64 bits). None in `record`.
// Source      the layout of HdrHistogram (Tene), with 7 sub-bucket bits; the code is our own.
// Checked by  histogram.test.cpp: bucket error bound, merge associativity, monotone percentiles,
//             agreement with sorted samples.
#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace jacquard::bench {

class histogram {
 public:
  static constexpr unsigned sub_bits = 7;
  static constexpr std::uint64_t sub_count = std::uint64_t{1} << sub_bits;  // 128
  static constexpr std::size_t bucket_count = (64 - sub_bits) * sub_count + sub_count;

  histogram() : counts_(bucket_count, 0) {}

  /// The bucket of a value: monotone in the value.
  [[nodiscard]] static constexpr std::size_t index_of(std::uint64_t value) noexcept {
    if (value < 2 * sub_count) return static_cast<std::size_t>(value);
    const unsigned shift = static_cast<unsigned>(std::bit_width(value)) - (sub_bits + 1);
    return static_cast<std::size_t>(shift * sub_count + (value >> shift));
  }

  /// The largest value that falls into a bucket.
  [[nodiscard]] static constexpr std::uint64_t highest_in(std::size_t index) noexcept {
    if (index < 2 * sub_count) return index;
    const std::size_t shift = index / sub_count - 1;
    const std::uint64_t sub = index - shift * sub_count;  // [128, 256)
    return ((sub + 1) << shift) - 1;  // wraps to the maximum for the last bucket, as it should
  }

  void record(std::uint64_t value, std::uint64_t times = 1) noexcept {
    if (times == 0) return;
    counts_[index_of(value)] += times;
    count_ += times;
    sum_ += static_cast<double>(value) * static_cast<double>(times);
    if (value < min_) min_ = value;
    if (value > max_) max_ = value;
  }

  /// Adds what another histogram counted.
  void merge(const histogram& other) noexcept {
    for (std::size_t i = 0; i < bucket_count; ++i) counts_[i] += other.counts_[i];
    count_ += other.count_;
    sum_ += other.sum_;
    if (other.min_ < min_) min_ = other.min_;
    if (other.max_ > max_) max_ = other.max_;
  }

  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
  [[nodiscard]] std::uint64_t min() const noexcept { return count_ == 0 ? 0 : min_; }
  [[nodiscard]] std::uint64_t max() const noexcept { return max_; }
  [[nodiscard]] double mean() const noexcept {
    return count_ == 0 ? 0.0 : sum_ / static_cast<double>(count_);
  }

  /// The smallest bucket bound that at least `percent` of the values do not exceed; never above
  /// max(). percent in [0, 100]; 0 where nothing was recorded.
  [[nodiscard]] std::uint64_t percentile(double percent) const noexcept;

  /// Buckets that are not empty: (highest value, count), rising.
  [[nodiscard]] std::vector<std::pair<std::uint64_t, std::uint64_t>> buckets() const;

  /// The text that HdrHistogram's plotter reads (.hgrm); values are divided by `scale`.
  [[nodiscard]] std::string hgrm(double scale) const;

  friend bool operator==(const histogram& a, const histogram& b) noexcept {
    return a.count_ == b.count_ && a.min() == b.min() && a.max_ == b.max_ && a.counts_ == b.counts_;
  }

 private:
  std::vector<std::uint64_t> counts_;
  std::uint64_t count_ = 0;
  std::uint64_t min_ = ~std::uint64_t{0};
  std::uint64_t max_ = 0;
  double sum_ = 0.0;
};

}  // namespace jacquard::bench
