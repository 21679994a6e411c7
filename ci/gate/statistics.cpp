#include "gate/statistics.hpp"

#include <algorithm>
#include <limits>

namespace jacquard::gate {

namespace {

// The null probabilities of W = 0, 1, 2, ... for n pairs: each rank i in [1, n] is in the sum or not, with
// probability 1/2. Halving at every step keeps the numbers in range.
std::vector<double> signed_rank_probabilities(std::size_t n) {
  std::vector<double> chance(n * (n + 1) / 2 + 1, 0.0);
  chance[0] = 1.0;
  std::size_t reached = 0;
  for (std::size_t rank = 1; rank <= n; ++rank) {
    reached += rank;
    for (std::size_t w = reached + 1; w-- > 0;) {
      chance[w] = 0.5 * (chance[w] + (w >= rank ? chance[w - rank] : 0.0));
    }
  }
  return chance;
}

double middle(const std::vector<double>& sorted) {
  const std::size_t n = sorted.size();
  return n % 2 == 1 ? sorted[n / 2] : 0.5 * (sorted[n / 2 - 1] + sorted[n / 2]);
}

}  // namespace

std::vector<double> walsh_averages(std::span<const double> differences) {
  std::vector<double> averages;
  averages.reserve(differences.size() * (differences.size() + 1) / 2);
  for (std::size_t i = 0; i < differences.size(); ++i) {
    for (std::size_t j = i; j < differences.size(); ++j) {
      averages.push_back(0.5 * differences[i] + 0.5 * differences[j]);
    }
  }
  std::sort(averages.begin(), averages.end());
  return averages;
}

double signed_rank_cdf(std::size_t n, std::size_t w) {
  const std::vector<double> chance = signed_rank_probabilities(n);
  double sum = 0.0;
  for (std::size_t i = 0; i <= w && i < chance.size(); ++i) sum += chance[i];
  return std::min(sum, 1.0);
}

std::size_t signed_rank_index(std::size_t n, double alpha) {
  const std::vector<double> chance = signed_rank_probabilities(n);
  double sum = 0.0;
  std::size_t k = 0;
  while (k < chance.size() && sum + chance[k] <= alpha) sum += chance[k++];
  return k;
}

interval hodges_lehmann(std::span<const double> differences, double alpha) {
  const std::vector<double> averages = walsh_averages(differences);
  const std::size_t k = signed_rank_index(differences.size(), alpha);
  constexpr double infinity = std::numeric_limits<double>::infinity();
  return {.estimate = middle(averages),
          .low = k == 0 ? -infinity : averages[k - 1],
          .high = k == 0 ? infinity : averages[averages.size() - k]};
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return middle(values);
}

}  // namespace jacquard::gate
