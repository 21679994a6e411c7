// checks/node_pool.hpp: a node has one owner at a time, also when it was returned and taken again while
// somebody looked at it.
//
// Claims   I1, I2, E1
// Threads  0  takes a node, and another
//          1  takes two nodes, returns the first, keeps the second
#pragma once

#include <jacquard/memory/node_pool.hpp>

namespace jacquard::checks {

template <sync::policy Sync>
class node_pool {
 public:
  static constexpr unsigned thread_count = 2;

  void thread(unsigned index) {
    if (index == 0) {
      use(pool_.acquire());
      use(pool_.acquire());
    } else {
      const link first = pool_.acquire();
      const link second = pool_.acquire();
      use(first);
      pool_.release(first, first);
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
    Sync::require(mine != pool::none, "I1: a pool that can grow has a node");
    pool_[mine].content.with_mut([](std::uint32_t& content) { ++content; });
  }

  pool pool_{2};
};

}  // namespace jacquard::checks
