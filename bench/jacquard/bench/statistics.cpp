#include <jacquard/bench/statistics.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace jacquard::bench {

double quantile(std::vector<double> values, double share) {
  if (values.empty()) return 0.0;
  std::sort(values.begin(), values.end());
  const double at = std::clamp(share, 0.0, 1.0) * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  if (below + 1 >= values.size()) return values.back();
  const double part = at - static_cast<double>(below);
  return values[below] + part * (values[below + 1] - values[below]);
}

double median(std::vector<double> values) { return quantile(std::move(values), 0.5); }

std::size_t signed_rank_cut(std::size_t n, double alpha) {
  // ways[s]: the share of sign patterns whose positive ranks add up to s.
  const std::size_t sum_max = n * (n + 1) / 2;
  std::vector<double> ways(sum_max + 1, 0.0);
  ways[0] = 1.0;
  std::size_t reached = 0;
  for (std::size_t rank = 1; rank <= n; ++rank) {
    reached += rank;
    for (std::size_t s = reached + 1; s-- > 0;) {
      const double without = ways[s] / 2;
      ways[s] = without + (s >= rank ? ways[s - rank] / 2 : 0.0);
    }
  }
  double below = 0.0;
  std::size_t cut = 0;
  while (cut <= sum_max && below + ways[cut] <= alpha) below += ways[cut++];
  return cut;
}

ratio_estimate paired_ratio(std::span<const double> subject, std::span<const double> reference,
                            double alpha) {
  ratio_estimate estimate;
  estimate.pairs = std::min(subject.size(), reference.size());
  estimate.high = std::numeric_limits<double>::infinity();
  if (estimate.pairs == 0) {
    estimate.ratio = std::numeric_limits<double>::quiet_NaN();
    return estimate;
  }
  std::vector<double> differences(estimate.pairs);
  for (std::size_t i = 0; i < estimate.pairs; ++i) {
    differences[i] = std::log(subject[i] / reference[i]);
  }
  std::vector<double> means;
  means.reserve(estimate.pairs * (estimate.pairs + 1) / 2);
  for (std::size_t i = 0; i < differences.size(); ++i) {
    for (std::size_t k = i; k < differences.size(); ++k) {
      means.push_back((differences[i] + differences[k]) / 2);
    }
  }
  std::sort(means.begin(), means.end());
  const std::size_t cut = signed_rank_cut(estimate.pairs, alpha);
  estimate.ratio = std::exp(median(means));
  if (cut > 0 && 2 * cut <= means.size()) {
    estimate.bounded = true;
    estimate.low = std::exp(means[cut - 1]);
    estimate.high = std::exp(means[means.size() - cut]);
  }
  return estimate;
}

}  // namespace jacquard::bench
