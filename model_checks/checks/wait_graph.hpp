// checks/wait_graph.hpp: of several waits at once that would close a cycle together, not all are let in; and none of
// them is refused where another was.
//
// Claims   I1, I2
// Threads  each wants to wait for the next one, in a ring; one more, where Outside, waits for the first
#pragma once

#include <array>
#include <cstddef>
#include <span>

#include <jacquard/actor/wait_graph.hpp>

namespace jacquard::checks {

template <sync::policy Sync, unsigned Ring, bool Outside, class Graph = basic_wait_graph<Sync>>
class wait_graph_ring {
 public:
  static constexpr unsigned thread_count = Ring + (Outside ? 1 : 0);

  void thread(unsigned index) {
    edges_[index].from = &names_[index];
    edges_[index].to = &names_[index < Ring ? (index + 1) % Ring : 0];
    let_in_[index] = graph_.try_begin(std::span<wait_edge>(&edges_[index], 1));
  }
  void after() {
    unsigned waiting = 0;
    for (unsigned i = 0; i < Ring; ++i) waiting += let_in_[i] ? 1u : 0u;
    Sync::require(waiting < Ring, "I1: everybody waits for everybody");
    Sync::require(waiting == Ring - 1, "I1: a wait that closes no cycle was refused");
    Sync::require(!Outside || let_in_[Ring], "I1: a waiter outside of the cycle was refused");
    for (unsigned i = 0; i < thread_count; ++i) {
      if (let_in_[i]) graph_.end(std::span<wait_edge>(&edges_[i], 1));
    }
    Sync::require(graph_.size() == 0, "I2: a wait left something behind");
  }

 private:
  std::array<char, thread_count> names_{};
  std::array<wait_edge, thread_count> edges_{};
  std::array<bool, thread_count> let_in_{};  // each is one thread's
  Graph graph_;
};

}  // namespace jacquard::checks
