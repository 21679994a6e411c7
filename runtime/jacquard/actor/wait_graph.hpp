// jacquard/actor/wait_graph.hpp: who waits for whom, so that a wait that would never end is refused.
//
// Shape       edges_  one for each waiter that blocks: from it to whom it waits for. The edges stand on the waiters'
//             stacks, behind one mutex: a wait is rare and slow, and then this costs little.
// Invariants  I1  The edges that stand never close a cycle: who can reach itself is not let in. A waiter that only
//                 hangs on a cycle's would-be members closes none, and is let in.
//                 Nor is it waited for by who waited for the one that lived at its address before.
//             I2  A wait that was refused leaves nothing behind; one that has ended, neither.
// Ordering    the mutex orders everything.
// Progress    blocking; a search visits each edge at most once, and looks at every edge for each that it visits.
// Allocation  none: the waiter brings its edges.
// Checked by  model_checks: wait_graph (I1, I2); property.wait_graph against a search of a plain graph (I1, I2);
//             actor_call.test.cpp, with waiters outside of the cycle.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <jacquard/memory/never_destroyed.hpp>
#include <jacquard/sync/native.hpp>
#include <jacquard/sync/policy.hpp>

namespace jacquard {

/// One waiter and whom it waits for: any addresses that tell them apart. What lives at an address one after the other
/// is told apart by a number; 0 is any of them. Its links are the graph's.
struct wait_edge {
  const void* from = nullptr;
  const void* to = nullptr;
  std::uint32_t from_life = 0;
  std::uint32_t to_life = 0;
  wait_edge* next = nullptr;
  wait_edge* before = nullptr;
  wait_edge* to_visit = nullptr;  // a search's
  bool visited = false;           // a search's
};

template <sync::policy Sync = sync::native>
class basic_wait_graph {
 public:
  basic_wait_graph() = default;
  basic_wait_graph(const basic_wait_graph&) = delete;
  basic_wait_graph& operator=(const basic_wait_graph&) = delete;

  /// Any thread. All of `waiters` are about to wait for the same one. False where it waits for one of them, over
  /// however many others, or is one of them: then they must not wait. The edges stay where they are until `end`.
  [[nodiscard]] bool try_begin(std::span<wait_edge> waiters) {
    sync::lock_guard<Sync> guard(mutex_);
    for (const wait_edge& each : waiters) {
      if (same(each.to, each.to_life, each.from, each.from_life) ||
          reaches(each.to, each.to_life, waiters)) {
        return false;
      }
    }
    for (wait_edge& each : waiters) insert(each);
    return true;
  }
  /// Any thread, for what try_begin let in.
  void end(std::span<wait_edge> waiters) {
    sync::lock_guard<Sync> guard(mutex_);
    for (wait_edge& each : waiters) {
      if (each.next != nullptr) each.next->before = each.before;
      if (each.before != nullptr) {
        each.before->next = each.next;
      } else {
        edges_.with_mut([&](wait_edge*& first) { first = each.next; });
      }
    }
  }
  /// A moment's figure.
  [[nodiscard]] std::size_t size() {
    sync::lock_guard<Sync> guard(mutex_);
    std::size_t count = 0;
    for (const wait_edge* each = first_edge(); each != nullptr; each = each->next) ++count;
    return count;
  }

 private:
  [[nodiscard]] wait_edge* first_edge() const {
    return edges_.with([](wait_edge* const& first) { return first; });
  }
  void insert(wait_edge& fresh) {
    edges_.with_mut([&](wait_edge*& first) {
      fresh.before = nullptr;
      fresh.next = first;
      if (first != nullptr) first->before = &fresh;
      first = &fresh;
    });
  }

  [[nodiscard]] static bool same(const void* one, std::uint32_t its_life, const void* other,
                                 std::uint32_t other_life) noexcept {
    return one == other && (its_life == other_life || its_life == 0 || other_life == 0);
  }

  // True where a way leads from `at` to whoever waits in `goals`.
  bool reaches(const void* at, std::uint32_t life, std::span<const wait_edge> goals) {
    for (wait_edge* each = first_edge(); each != nullptr; each = each->next) each->visited = false;
    wait_edge* frontier = nullptr;
    for (;;) {
      for (wait_edge* each = first_edge(); each != nullptr; each = each->next) {
        if (each->visited || !same(each->from, each->from_life, at, life)) continue;
        for (const wait_edge& goal : goals) {
          if (same(each->to, each->to_life, goal.from, goal.from_life)) return true;
        }
        each->visited = true;
        each->to_visit = frontier;
        frontier = each;
      }
      if (frontier == nullptr) return false;
      at = frontier->to;
      life = frontier->to_life;
      frontier = frontier->to_visit;
    }
  }

  typename Sync::mutex mutex_;
  sync::cell<Sync, wait_edge*> edges_{nullptr};  // guarded by mutex_, and so are the edges
};

/// The process's. Never destroyed.
class wait_graph : public basic_wait_graph<> {
 public:
  [[nodiscard]] static wait_graph& of_process() {
    static never_destroyed<wait_graph> all([] { return wait_graph(); });
    return *all;
  }

 private:
  wait_graph() = default;
};

}  // namespace jacquard
