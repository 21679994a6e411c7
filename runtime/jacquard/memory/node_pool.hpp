// jacquard/memory/node_pool.hpp: nodes for linked structures, named by index, taken and returned
// without a lock, never given back to the system while the pool lives.
//
// Shape       free_   tag | index + 1 of the first free node (0: none). Nodes hang together by `next`.
//             chunks_ chunk k holds base << k nodes, so an index names a node for the pool's whole life.
// Invariants  I1  A node has one owner: the free list or one taker.
//             I2  A taker that read `next` of a node that was taken and returned meanwhile fails: the
//                 tag has moved on (the ABA problem).
// Ordering    E1  release -> acquire   the node: what its last owner did with it, its links, and the
//                 chunk that holds it.
// Progress    acquire and release are lock-free while a node is free. Growth takes a mutex.
// Allocation  one chunk, twice the size of the last, when no node is free. None otherwise.
// Bounds      25 chunks; acquire says none when they or memory are used up. 2^32 takes between a
//             taker's read and its compare-and-swap would defeat the tag.
// Source      Treiber's stack with a version tag (IBM System/370 principles of operation, appendix).
// Checked by  model_checks: node_pool (I1, I2, E1).
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstdint>

#include <jacquard/sync/native.hpp>
#include <jacquard/sync/policy.hpp>

namespace jacquard {

/// `Node` has a member `sync::atomic<Sync, std::uint32_t> next`, which is its owner's to use.
template <class Node, sync::policy Sync = sync::native>
class basic_node_pool {
 public:
  /// An index + 1; 0 names no node.
  using link = std::uint32_t;
  static constexpr link none = 0;

  /// The first chunk holds `base` nodes, rounded up to a power of two.
  explicit basic_node_pool(std::uint32_t base) : base_bits_(bits_for(base)) {
    (void)grow();  // where memory is out, acquire says so
  }
  ~basic_node_pool() {
    for (unsigned k = 0; k < chunk_count_; ++k) {
      Sync::destroy_array(chunks_[k].with([](Node* const& nodes) { return nodes; }), chunk_size(k));
    }
  }
  basic_node_pool(const basic_node_pool&) = delete;
  basic_node_pool& operator=(const basic_node_pool&) = delete;

  /// The node that a link names. The link came from acquire, or from who acquired it.
  [[nodiscard, gnu::always_inline]] Node& operator[](link at) const noexcept {
    const std::uint64_t index = std::uint64_t{at} - 1 + (std::uint64_t{1} << base_bits_);
    const unsigned k = static_cast<unsigned>(std::bit_width(index)) - 1 - base_bits_;
    Node* const nodes = chunks_[k].with([](Node* const& first) { return first; });
    return nodes[index - (std::uint64_t{1} << (k + base_bits_))];
  }

  /// Any thread. Shows every node there is, taken or free; for nodes that can be looked at by anybody.
  template <class F>
  void for_each(F&& look) {
    sync::lock_guard<Sync> guard(growth_);
    for (unsigned k = 0; k < chunk_count_; ++k) {
      Node* const nodes = chunks_[k].with([](Node* const& first) { return first; });
      for (std::uint64_t i = 0; i < chunk_size(k); ++i) look(nodes[i]);
    }
  }

  /// Any thread. A node of the caller's own, or `none` where memory is out.
  [[nodiscard]] link acquire() {
    std::uint64_t seen = free_.load(std::memory_order::acquire);  // E1 acquire
    for (;;) {
      const link first = static_cast<link>(seen);
      if (first == none) {
        if (!grow()) return none;
        seen = free_.load(std::memory_order::acquire);  // E1 acquire
        continue;
      }
      const link second =
          (*this)[first].next.load(std::memory_order::relaxed);  // the tag vouches for it
      const std::uint64_t rest = ((seen >> 32) + 1) << 32 | second;
      // Success needs no acquire: a value of free_ is written once, by the store that `seen` acquired.
      if (free_.compare_exchange_weak(seen, rest, std::memory_order::relaxed,
                                      std::memory_order::relaxed)) {
        return first;
      }
      seen = free_.load(std::memory_order::acquire);  // E1 acquire
    }
  }

  /// Any thread. Returns a chain of nodes, linked by `next` from first to last.
  void release(link first, link last) noexcept {
    std::uint64_t seen = free_.load(std::memory_order::relaxed);  // a guess
    do {
      (*this)[last].next.store(static_cast<link>(seen),
                               std::memory_order::relaxed);  // E1 publishes it
    } while (!free_.compare_exchange_weak(seen, (seen >> 32) << 32 | first,
                                          std::memory_order::release,    // E1 release
                                          std::memory_order::relaxed));  // a guess again
  }

 private:
  static constexpr unsigned chunks_max = 25;

  static constexpr unsigned bits_for(std::uint32_t base) noexcept {
    return base <= 1 ? 0u : static_cast<unsigned>(std::bit_width(base - 1));
  }
  [[nodiscard]] std::uint64_t chunk_size(unsigned k) const noexcept {
    return std::uint64_t{1} << (base_bits_ + k);
  }

  // True where a node may be free now.
  bool grow() {
    sync::lock_guard<Sync> guard(growth_);
    if (static_cast<link>(free_.load(std::memory_order::relaxed)) != none) return true;  // a hint
    if (chunk_count_ == chunks_max || base_bits_ + chunk_count_ > 30) return false;
    Node* const nodes = Sync::template create_array<Node>(chunk_size(chunk_count_));
    if (nodes == nullptr) return false;
    chunks_[chunk_count_].with_mut([&](Node*& first) { first = nodes; });
    const link first =
        static_cast<link>(chunk_size(chunk_count_) - (std::uint64_t{1} << base_bits_)) + 1;
    const link last = first + static_cast<link>(chunk_size(chunk_count_)) - 1;
    ++chunk_count_;
    for (link at = first; at < last; ++at) {
      (*this)[at].next.store(at + 1, std::memory_order::relaxed);  // E1 publishes it
    }
    release(first, last);
    return true;
  }

  const unsigned base_bits_;
  sync::atomic<Sync, std::uint64_t> free_{0};
  typename Sync::mutex growth_;
  unsigned chunk_count_ = 0;  // guarded by growth_
  std::array<sync::cell<Sync, Node*>, chunks_max> chunks_;
};

}  // namespace jacquard
