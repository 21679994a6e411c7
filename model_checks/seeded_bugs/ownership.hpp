// seeded_bugs/ownership.hpp: nodes that are destroyed twice, too early, or never; and a pool whose nodes
// come back unrecognised.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include <jacquard/sync/policy.hpp>

namespace jacquard::bugs {

/// Two owners each drop their reference and then look at the count: both see none left.
template <sync::policy Sync>
class double_reclaim {
 public:
  static constexpr unsigned thread_count = 2;

  void thread(unsigned) {
    references_.fetch_sub(1, std::memory_order::acq_rel);
    if (references_.load(std::memory_order::acquire) == 0) Sync::destroy(node_);
  }

 private:
  sync::atomic<Sync, std::uint32_t> references_{2};
  int* node_ = Sync::template create<int>(7);
};

/// The reader holds a pointer while the writer retires the node.
template <sync::policy Sync>
class reclaimed_too_early {
 public:
  static constexpr unsigned thread_count = 2;

  void thread(unsigned index) {
    if (index == 0) {
      if (node* const seen = current_.load(std::memory_order::acquire); seen != nullptr) {
        (void)seen->content.load(std::memory_order::relaxed);
      }
    } else {
      Sync::destroy(current_.exchange(nullptr, std::memory_order::acq_rel));
    }
  }

 private:
  struct node {
    sync::atomic<Sync, std::uint32_t> content{1};
  };
  sync::atomic<Sync, node*> current_{Sync::template create<node>()};
};

/// A sender that is refused forgets the node it made.
template <sync::policy Sync>
class leaked_on_refusal {
 public:
  static constexpr unsigned thread_count = 2;

  void thread(unsigned index) {
    if (index == 0) {
      closed_.store(1, std::memory_order::release);
    } else {
      int* const node = Sync::template create<int>(7);
      if (closed_.load(std::memory_order::acquire) == 1) return;  // the node is nobody's now
      Sync::destroy(node);
    }
  }

 private:
  sync::atomic<Sync, std::uint32_t> closed_{0};
};

/// A Treiber stack of nodes without a version: a taker cannot tell that a node left and came back.
template <sync::policy Sync>
class aba_without_tag {
 public:
  static constexpr unsigned thread_count = 2;

  void before() {
    release(2);
    release(1);
  }

  void thread(unsigned index) {
    if (index == 0) {
      use(acquire());
      use(acquire());
    } else {
      const std::uint32_t first = acquire();
      const std::uint32_t second = acquire();
      if (first != none) release(first);
      use(second);
    }
  }

 private:
  static constexpr std::uint32_t none = 0;
  struct node {
    sync::atomic<Sync, std::uint32_t> next{none};
    sync::cell<Sync, std::uint32_t> content;
  };

  std::uint32_t acquire() {
    std::uint32_t seen = free_.load(std::memory_order::acquire);
    while (seen != none) {
      const std::uint32_t rest = nodes_[seen].next.load(std::memory_order::relaxed);
      if (free_.compare_exchange_strong(seen, rest, std::memory_order::acquire,
                                        std::memory_order::acquire)) {
        break;
      }
    }
    return seen;
  }
  void release(std::uint32_t mine) {
    std::uint32_t seen = free_.load(std::memory_order::relaxed);
    do {
      nodes_[mine].next.store(seen, std::memory_order::relaxed);
    } while (!free_.compare_exchange_strong(seen, mine, std::memory_order::release,
                                            std::memory_order::relaxed));
  }
  // Two owners of one node are a data race on its content.
  void use(std::uint32_t mine) {
    if (mine != none) nodes_[mine].content.with_mut([](std::uint32_t& content) { ++content; });
  }

  std::array<node, 3> nodes_;
  sync::atomic<Sync, std::uint32_t> free_{none};
};

}  // namespace jacquard::bugs
