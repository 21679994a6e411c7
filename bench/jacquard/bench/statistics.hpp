// jacquard/bench/statistics.hpp: what pairs of rounds say about a ratio.
//
// Two arms run in the same block, back to back, so what disturbs the machine disturbs both; the
// unit of inference is the block. Each block gives d = ln(subject / reference). The estimate is the
// Hodges-Lehmann median of the pairwise means of d, the bounds are order statistics of those means
// chosen by the exact Wilcoxon signed-rank distribution.
//
// Source      Hodges and Lehmann 1963; Wilcoxon 1945. Checked by statistics.test.cpp against a
// sorted
//             enumeration of sign patterns.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace jacquard::bench {

/// The middle of a sample (the mean of the two middle values). Zero where it is empty.
[[nodiscard]] double median(std::vector<double> values);

/// The value that a share in [0, 1] of the sample does not exceed, interpolated. Zero where it is
/// empty.
[[nodiscard]] double quantile(std::vector<double> values, double share);

struct ratio_estimate {
  double ratio = 1.0;  // exp of the Hodges-Lehmann estimate
  double low = 0.0;    // one-sided bound each, at `alpha`
  double high = 0.0;
  std::size_t pairs = 0;
  /// False: too few pairs for bounds at this alpha; low is 0 and high infinite.
  bool bounded = false;
};

/// Estimates subject / reference from values measured in the same blocks. The spans have equal
/// length; values are positive. alpha: one-sided error of each bound, in (0, 0.5).
[[nodiscard]] ratio_estimate paired_ratio(std::span<const double> subject,
                                          std::span<const double> reference, double alpha = 0.001);

/// Pairwise means that lie outside each bound: the largest k with P(W < k) <= alpha for n pairs,
/// where W is the signed-rank statistic under the null. 0: no bound at this alpha.
[[nodiscard]] std::size_t signed_rank_cut(std::size_t n, double alpha);

}  // namespace jacquard::bench
