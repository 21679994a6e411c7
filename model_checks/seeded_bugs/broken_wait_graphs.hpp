// seeded_bugs/broken_wait_graphs.hpp: a wait that looks first and registers later.
#pragma once

#include <span>

#include "checks/wait_graph.hpp"

namespace jacquard::bugs {

/// Looks for a cycle, lets go of the mutex, and registers: two waits that close a cycle together both find none.
template <sync::policy Sync>
class looks_before_it_registers : public basic_wait_graph<Sync> {
 public:
  [[nodiscard]] bool try_begin(std::span<wait_edge> waiters) {
    using graph = basic_wait_graph<Sync>;
    if (!graph::try_begin(waiters)) return false;
    graph::end(waiters);
    wait_edge other{.from = &apart_, .to = waiters[0].to};
    std::swap(other.from, waiters[0].from);  // as nobody whom anybody waits for: never refused
    const bool in = graph::try_begin(waiters);
    std::swap(other.from, waiters[0].from);
    return in;
  }

 private:
  char apart_ = 0;
};

}  // namespace jacquard::bugs
