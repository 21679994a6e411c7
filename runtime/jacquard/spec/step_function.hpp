// jacquard/spec/step_function.hpp: a count that goes up and down at moments, and its bounds over intervals.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace jacquard::spec {

/// Counts how many of some intervals hold a moment, and answers for the least or the greatest such count
/// within a closed interval. O(n log n) to build, O(log n) an answer. Not thread-safe.
class step_function {
 public:
  enum class ends : std::uint8_t {
    included,  // an interval holds its ends: the count is an upper bound
    excluded,  // it does not: a lower bound
  };

  explicit step_function(ends which) : ends_(which) {}

  /// Adds an interval. One that is empty by `ends` counts nowhere.
  void add(std::int64_t from, std::int64_t to) {
    if (ends_ == ends::excluded ? from >= to : from > to) return;
    changes_.push_back({from, 1});
    changes_.push_back({to, -1});
  }

  /// After the last `add`, before the first question.
  void build() {
    std::ranges::sort(changes_);
    for (std::size_t i = 0; i < changes_.size();) {
      const std::int64_t at = changes_[i].first;
      std::int32_t up = 0;
      std::int32_t down = 0;
      for (; i < changes_.size() && changes_[i].first == at; ++i) {
        (changes_[i].second > 0 ? up : down) += 1;
      }
      const std::int32_t before = after_.empty() ? 0 : after_.back();
      moments_.push_back(at);
      at_.push_back(ends_ == ends::included ? before + up : before - down);
      after_.push_back(before + up - down);
    }
    leaves_ = 2 * moments_.size();
    least_.assign(2 * leaves_, 0);
    greatest_.assign(2 * leaves_, 0);
    for (std::size_t k = 0; k < moments_.size(); ++k) {
      least_[leaves_ + 2 * k] = greatest_[leaves_ + 2 * k] = at_[k];
      least_[leaves_ + 2 * k + 1] = greatest_[leaves_ + 2 * k + 1] = after_[k];
    }
    for (std::size_t i = leaves_; i-- > 1;) {
      least_[i] = std::min(least_[2 * i], least_[2 * i + 1]);
      greatest_[i] = std::max(greatest_[2 * i], greatest_[2 * i + 1]);
    }
    changes_ = {};
  }

  struct bounds {
    std::int32_t least = 0;
    std::int32_t greatest = 0;
  };

  /// The bounds of the count over [from, to].
  [[nodiscard]] bounds over(std::int64_t from, std::int64_t to) const {
    const auto first =
        static_cast<std::size_t>(std::ranges::lower_bound(moments_, from) - moments_.begin());
    const auto last = static_cast<std::size_t>(std::ranges::upper_bound(moments_, to) -
                                               moments_.begin());  // one past
    const bool starts_before = first == moments_.size() || moments_[first] > from;
    bounds found{.least = INT32_MAX, .greatest = INT32_MIN};
    if (starts_before && first == 0) found = {};
    std::size_t low = leaves_ + 2 * first - (starts_before && first > 0 ? 1 : 0);
    std::size_t high = leaves_ + 2 * last;  // one past the segment after the last moment
    if (last > first && moments_[last - 1] == to) --high;
    for (; low < high; low /= 2, high /= 2) {
      if (low % 2 == 1) widen(found, low++);
      if (high % 2 == 1) widen(found, --high);
    }
    return found;
  }

  /// The moment at which the count is first greater than `limit`; the last moment where it never is.
  [[nodiscard]] std::pair<std::int64_t, std::int32_t> first_above(std::int32_t limit) const {
    for (std::size_t k = 0; k < moments_.size(); ++k) {
      if (std::max(at_[k], after_[k]) > limit) return {moments_[k], std::max(at_[k], after_[k])};
    }
    return {moments_.empty() ? 0 : moments_.back(), 0};
  }
  [[nodiscard]] std::int32_t greatest() const {
    std::int32_t most = 0;
    for (std::size_t k = 0; k < moments_.size(); ++k) most = std::max({most, at_[k], after_[k]});
    return most;
  }

 private:
  void widen(bounds& found, std::size_t node) const {
    found.least = std::min(found.least, least_[node]);
    found.greatest = std::max(found.greatest, greatest_[node]);
  }

  ends ends_;
  std::vector<std::pair<std::int64_t, int>> changes_;
  std::vector<std::int64_t> moments_;
  std::vector<std::int32_t> at_;     // at the moment itself
  std::vector<std::int32_t> after_;  // until the next
  std::vector<std::int32_t> least_;
  std::vector<std::int32_t> greatest_;
  std::size_t leaves_ = 0;
};

}  // namespace jacquard::spec
