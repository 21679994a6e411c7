// jacquard/memory/node_stack.hpp: a stack of nodes of a pool, besides the pool's own free list: for nodes that
// are free and still have something that makes them better than a bare one.
//
// Shape       top_   tag | the link of the newest node (0: none). Nodes hang together by `next`, which a node
//             in no stack leaves to its owner and a free node to the pool.
// Invariants  I1  A node that was pushed is popped once.
//             I2  Who read `next` of a node that was popped meanwhile fails: the tag has moved on.
// Ordering    E1  push -> pop   the node: what its last owner did with it.
// Progress    lock-free.
// Allocation  none.
// Bounds      2^32 pops between a popper's read and its compare-and-swap would defeat the tag.
// Source      as node_pool: Treiber's stack with a version tag.
// Checked by  model_checks: buffer (I1, E1), node_stack (I1, I2, E1).
#pragma once

#include <atomic>
#include <cstdint>

#include <jacquard/sync/native.hpp>
#include <jacquard/sync/policy.hpp>

namespace jacquard {

/// `Pool` is a basic_node_pool. All calls are made with the same pool. Any thread.
template <class Pool, sync::policy Sync = sync::native>
class basic_node_stack {
 public:
  using link = typename Pool::link;

  /// The newest node, which is the caller's now; `none` where there is none.
  [[nodiscard]] link pop(const Pool& nodes) noexcept {
    std::uint64_t seen = top_.load(std::memory_order::acquire);  // E1 acquire
    while (static_cast<link>(seen) != Pool::none) {
      const link newest = static_cast<link>(seen);
      const link below =
          nodes[newest].next.load(std::memory_order::relaxed);  // the tag vouches for it
      // Success needs no acquire: a value of top_ is written once, by the store that `seen` acquired.
      if (top_.compare_exchange_weak(seen, ((seen >> 32) + 1) << 32 | below,
                                     std::memory_order::relaxed, std::memory_order::relaxed)) {
        return newest;
      }
      seen = top_.load(std::memory_order::acquire);  // E1 acquire
    }
    return Pool::none;
  }

  /// The caller's node is the stack's now.
  void push(const Pool& nodes, link mine) noexcept {
    std::uint64_t seen = top_.load(std::memory_order::relaxed);  // a guess
    do {
      nodes[mine].next.store(static_cast<link>(seen), std::memory_order::relaxed);  // E1 shows it
    } while (!top_.compare_exchange_weak(seen, (seen >> 32) << 32 | mine,
                                         std::memory_order::release,    // E1 release
                                         std::memory_order::relaxed));  // a guess again
  }

 private:
  sync::atomic<Sync, std::uint64_t> top_{0};
};

}  // namespace jacquard
