// checks/buffer.hpp: the last owner of a shared buffer, and nobody else, gives it back, and only when the others
// have read; a node of a stack has one owner.
//
// Claims   buffer: I1, I2, E1      buffer_thaw: I1, I3, E1      node_stack: I1, I2, E1
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include <jacquard/memory/buffer.hpp>
#include <jacquard/memory/node_pool.hpp>
#include <jacquard/memory/node_stack.hpp>

namespace jacquard::checks {

namespace detail {

// One size, blocks of one line. What the bytes are is read through the block's race-checked cell, so a read that is
// not over when the block is given back is a data race.
template <sync::policy Sync>
class shared_page {
 protected:
  using pool = basic_buffer_pool<Sync, 6, 1>;
  using buffer = typename pool::buffer;
  using shared_buffer = typename pool::shared_buffer;

  static buffer written(pool& from, std::byte what) {
    buffer fresh = from.take(8);
    Sync::require(fresh.valid(), "a pool that can grow has a buffer");
    fresh.bytes()[0] = what;
    return fresh;
  }
  static void read(const shared_buffer& page) {
    Sync::require(page.bytes()[0] == std::byte{7}, "I1: the bytes changed while they were shared");
  }
};

}  // namespace detail

/// Two owners read and let go. Keep: whether the pool may keep the memory, or gives it back to the system. Then,
/// where Again, each takes a buffer of its own and writes it.
template <sync::policy Sync, bool Keep, bool Again>
class buffer : detail::shared_page<Sync> {
  using base = detail::shared_page<Sync>;

 public:
  static constexpr unsigned thread_count = 2;

  void before() {
    owners_[0] = base::written(pool_, std::byte{7}).freeze();
    owners_[1] = owners_[0].share();
  }
  void thread(unsigned index) {
    base::read(owners_[index]);
    owners_[index] = {};
    if (Again) mine_[index] = base::written(pool_, static_cast<std::byte>(index));
  }
  void after() {
    if (!Again) return;
    Sync::require(mine_[0].bytes().data() != mine_[1].bytes().data(),
                  "I2: a block was given back twice");
    for (unsigned i = 0; i < 2; ++i) {
      Sync::require(mine_[i].bytes()[0] == static_cast<std::byte>(i), "I1: two wrote one buffer");
    }
  }

 private:
  typename base::pool pool_{{.keep_bytes_max = Keep ? 1024u : 0u, .at_first = 2}};
  std::array<typename base::shared_buffer, 2> owners_;
  std::array<typename base::buffer, 2> mine_;
};

/// Thread 0 wants to write again; thread 1 reads and lets go.
template <sync::policy Sync>
class buffer_thaw : detail::shared_page<Sync> {
  using base = detail::shared_page<Sync>;

 public:
  static constexpr unsigned thread_count = 2;

  void before() {
    owners_[0] = base::written(pool_, std::byte{7}).freeze();
    owners_[1] = owners_[0].share();
  }
  void thread(unsigned index) {
    base::read(owners_[index]);
    if (index == 1) {
      owners_[1] = {};
      return;
    }
    auto mine = std::move(owners_[0]).thaw();
    Sync::require(mine.valid() != owners_[0].valid(), "I3: neither written again nor still shared");
    if (!mine.valid()) return;
    mine.bytes()[0] = std::byte{9};
    mine.resize(9);  // seen by the race check, as a write of the block
  }

 private:
  typename base::pool pool_{{.at_first = 2}};
  std::array<typename base::shared_buffer, 2> owners_;
};

/// Thread 0 pops two nodes; thread 1 pops two, pushes the first back and keeps the second.
template <sync::policy Sync>
class node_stack {
 public:
  static constexpr unsigned thread_count = 2;

  void before() {
    for (int i = 0; i < 2; ++i) stack_.push(nodes_, nodes_.acquire());
  }
  void thread(unsigned index) {
    if (index == 0) {
      use(stack_.pop(nodes_));
      use(stack_.pop(nodes_));
    } else {
      const link first = stack_.pop(nodes_);
      const link second = stack_.pop(nodes_);
      use(first);
      if (first != pool::none) stack_.push(nodes_, first);
      use(second);
    }
  }

 private:
  struct node {
    sync::atomic<Sync, std::uint32_t> next{0};
    sync::cell<Sync, std::uint32_t> content;
  };
  using pool = basic_node_pool<node, Sync>;
  using link = typename pool::link;

  // Two owners of one node are a data race on its content.
  void use(link mine) {
    if (mine != pool::none)
      nodes_[mine].content.with_mut([](std::uint32_t& content) { ++content; });
  }

  pool nodes_{2};
  basic_node_stack<pool, Sync> stack_;
};

}  // namespace jacquard::checks
