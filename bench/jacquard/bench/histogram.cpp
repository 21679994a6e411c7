#include <jacquard/bench/histogram.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace jacquard::bench {

std::uint64_t histogram::percentile(double percent) const noexcept {
  if (count_ == 0) return 0;
  const double share = std::clamp(percent, 0.0, 100.0) / 100.0 * static_cast<double>(count_);
  const auto rank =
      std::clamp<std::uint64_t>(static_cast<std::uint64_t>(std::ceil(share - 1e-9)), 1, count_);
  std::uint64_t seen = 0;
  for (std::size_t i = index_of(min_); i < bucket_count; ++i) {
    seen += counts_[i];
    if (seen >= rank) return std::min(highest_in(i), max_);
  }
  return max_;
}

std::vector<std::pair<std::uint64_t, std::uint64_t>> histogram::buckets() const {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> filled;
  for (std::size_t i = 0; i < bucket_count; ++i) {
    if (counts_[i] != 0) filled.emplace_back(std::min(highest_in(i), max_), counts_[i]);
  }
  return filled;
}

std::string histogram::hgrm(double scale) const {
  std::string text = fmt::format("{:>12} {:>14} {:>10} {:>14}\n\n", "Value", "Percentile",
                                 "TotalCount", "1/(1-Percentile)");
  std::uint64_t seen = 0;
  for (const auto& [value, count] : buckets()) {
    seen += count;
    const double share = static_cast<double>(seen) / static_cast<double>(count_);
    text +=
        fmt::format("{:>12.3f} {:>14.12f} {:>10}", static_cast<double>(value) / scale, share, seen);
    text += seen == count_ ? "\n" : fmt::format(" {:>14.2f}\n", 1.0 / (1.0 - share));
  }
  text += fmt::format("#[Mean    = {:>12.3f}]\n#[Max     = {:>12.3f}, Total count    = {:>12}]\n",
                      mean() / scale, static_cast<double>(max()) / scale, count_);
  text +=
      fmt::format("#[Buckets = {:>12}, SubBuckets     = {:>12}]\n", 64 - sub_bits, 2 * sub_count);
  return text;
}

}  // namespace jacquard::bench
