// jacquard/spec/configuration_set.hpp: which points of a linearizability search have been visited.
//
// A point (a configuration) is: the completed operations that have been placed, the state they lead to,
// and the pending operations that were used up on the way. Using fewer is never worse: whoever has failed
// from here with a subset of them has also failed for this one. So a configuration is remembered by what
// was placed and the state, with the sets of pending operations as an antichain beside it.
//
// The set is exact. Hashes choose a bucket; the keys themselves are compared.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace jacquard::spec {

/// Not thread-safe. Amortised O(words) an insertion; memory is freed with the set.
class configuration_set {
 public:
  /// `pending_words`: how many 64-bit words every set of pending operations has.
  explicit configuration_set(std::size_t pending_words)
      : pending_words_(pending_words), buckets_(initial_buckets, none) {}

  /// False where this configuration, or one that used a subset of its pending operations, was here
  /// before. `hash` is any function of `state` and `placed`.
  [[nodiscard]] bool insert(std::uint64_t hash, std::uint32_t state,
                            std::span<const std::uint64_t> placed,
                            std::span<const std::uint64_t> pending) {
    // Operations are numbered by their calls, so what is placed is nearly a prefix: leave out the full
    // words in front and the empty ones behind.
    std::size_t first = 0;
    while (first < placed.size() && placed[first] == ~std::uint64_t{0}) ++first;
    std::size_t last = placed.size();
    while (last > first && placed[last - 1] == 0) --last;
    const auto window = placed.subspan(first, last - first);

    if (4 * (keys_.size() + 1) > 3 * buckets_.size()) grow();
    const std::size_t mask = buckets_.size() - 1;
    std::size_t at = mixed(hash) & mask;
    for (; buckets_[at] != none; at = (at + 1) & mask) {
      key& seen = keys_[buckets_[at]];
      if (seen.hash == hash && seen.state == state && seen.first == first &&
          std::ranges::equal(words_of(seen), window)) {
        return add_pending(seen, pending);
      }
    }
    buckets_[at] = static_cast<std::uint32_t>(keys_.size());
    keys_.push_back({.hash = hash,
                     .words = words_.size(),
                     .state = state,
                     .first = static_cast<std::uint32_t>(first),
                     .count = static_cast<std::uint32_t>(window.size()),
                     .pending = none});
    words_.insert(words_.end(), window.begin(), window.end());
    return add_pending(keys_.back(), pending);
  }

  /// Configurations kept.
  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

 private:
  static constexpr std::uint32_t none = 0xffff'ffffu;
  static constexpr std::size_t initial_buckets = 256;

  struct key {
    std::uint64_t hash;
    std::size_t words;
    std::uint32_t state;
    std::uint32_t first;
    std::uint32_t count;
    std::uint32_t pending;  // head of a list in pending_next_
  };

  static std::uint64_t mixed(std::uint64_t z) noexcept {
    z ^= z >> 32;
    z *= 0x9e37'79b9'7f4a'7c15u;
    return z ^ (z >> 29);
  }

  [[nodiscard]] std::span<const std::uint64_t> words_of(const key& k) const noexcept {
    return {words_.data() + k.words, k.count};
  }

  bool add_pending(key& k, std::span<const std::uint64_t> pending) {
    for (std::uint32_t at = k.pending; at != none; at = pending_next_[at]) {
      const std::uint64_t* const seen = pending_.data() + at * pending_words_;
      bool subset = true;
      for (std::size_t i = 0; subset && i < pending_words_; ++i) {
        subset = (seen[i] & ~pending[i]) == 0;
      }
      if (subset) return false;
    }
    pending_next_.push_back(k.pending);
    k.pending = static_cast<std::uint32_t>(pending_next_.size() - 1);
    pending_.insert(pending_.end(), pending.begin(), pending.end());
    ++size_;
    return true;
  }

  void grow() {
    buckets_.assign(buckets_.size() * 2, none);
    const std::size_t mask = buckets_.size() - 1;
    for (std::uint32_t i = 0; i < keys_.size(); ++i) {
      std::size_t at = mixed(keys_[i].hash) & mask;
      while (buckets_[at] != none) at = (at + 1) & mask;
      buckets_[at] = i;
    }
  }

  std::size_t pending_words_;
  std::uint64_t size_ = 0;
  std::vector<std::uint32_t> buckets_;
  std::vector<key> keys_;
  std::vector<std::uint64_t> words_;
  std::vector<std::uint64_t> pending_;
  std::vector<std::uint32_t> pending_next_;
};

}  // namespace jacquard::spec
