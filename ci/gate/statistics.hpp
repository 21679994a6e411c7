// gate/statistics.hpp: how much two arms differ, from paired blocks, without assuming a distribution.
//
// The estimate is Hodges and Lehmann's (1963): the median of all Walsh averages (d_i + d_j) / 2. The bounds
// are Wilcoxon's signed-rank order statistics of the same averages, exact for every n used here: the null
// distribution is counted, not approximated.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace jacquard::gate {

/// The averages (d_i + d_j) / 2 for i <= j, ascending. n (n + 1) / 2 of them.
[[nodiscard]] std::vector<double> walsh_averages(std::span<const double> differences);

/// P(W <= w) for the signed-rank statistic of n pairs under the null hypothesis. 1 <= n <= 1000.
[[nodiscard]] double signed_rank_cdf(std::size_t n, std::size_t w);

/// The largest k with P(W <= k - 1) <= alpha: the k-th smallest Walsh average is a lower bound with error
/// at most alpha. 0 where n is too small for any bound (below 10 for alpha = 0.001).
[[nodiscard]] std::size_t signed_rank_index(std::size_t n, double alpha);

/// An estimate with one-sided bounds, each wrong with probability at most alpha.
struct interval {
  double estimate = 0.0;
  double low = 0.0;   // -infinity where n is too small
  double high = 0.0;  // +infinity where n is too small
};

/// Of the centre of the differences. Requires at least one; every one finite.
[[nodiscard]] interval hodges_lehmann(std::span<const double> differences, double alpha);

/// The middle value, or the mean of the two middle ones. Requires at least one.
[[nodiscard]] double median(std::vector<double> values);

}  // namespace jacquard::gate
