// jacquard/actor/oldest_watch.hpp: since when the oldest task of a worker's queue has been waiting, as the other workers
// see it, and whether moving it is worth while.
//
// A task that another worker runs costs what it costs and the way there: its actor, its letters and whatever it sends
// to are in the first worker's cache. That way is some microseconds; many a task takes a tenth of one. So a task is
// moved only once it has waited longer than moving it costs, and where the tasks that its worker ran meanwhile were
// small, only once it has waited much longer. Linux's scheduler has such a figure too (sched_migration_cost_ns, 0.5 ms).
//
// Shape       the place in the queue of the task that was the oldest at the last look, when that was first seen,
//             and how many tasks the worker had run by then.
// Invariants  none: what is read is a hint, and a look that mixes two others' is a wrong hint.
// Ordering    none.
// Progress    wait-free.
// Allocation  none.
// Checked by  stealing.test.cpp, by itself and on real threads.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>

#include <jacquard/actor/shared_wheel.hpp>
#include <jacquard/sync/native.hpp>
#include <jacquard/sync/policy.hpp>

namespace jacquard {

/// The largest figure means never.
struct patience {
  /// A task that has waited less stays with its worker. [ns]
  std::int64_t steal_after_ns = 20'000;
  /// One that has waited longer may go, however small the others were. [ns]
  std::int64_t steal_small_after_ns = 500'000;
  /// What moving a task costs; tasks that take less are small. [ns]
  std::int64_t moving_ns = 4'000;
};

template <sync::policy Sync = sync::native>
class basic_oldest_watch {
 public:
  /// Any thread. The oldest is at `place`, its worker has run `ran` tasks. When it may be moved, if it is still there
  /// and goes on as it did: `now` or earlier means now.
  [[nodiscard]] std::int64_t movable_at(std::int64_t place, std::uint64_t ran, std::int64_t now,
                                        const patience& by) noexcept {
    if (place_.load(std::memory_order::relaxed) != place) {  // a hint
      place_.store(place, std::memory_order::relaxed);       // a hint
      since_.store(now, std::memory_order::relaxed);         // a hint
      ran_.store(ran, std::memory_order::relaxed);           // a hint
      return later(now, by.steal_after_ns);
    }
    const std::int64_t since = since_.load(std::memory_order::relaxed);  // a hint
    const auto tasks =
        static_cast<std::int64_t>(ran - ran_.load(std::memory_order::relaxed));  // a hint
    if (now - since < by.steal_after_ns) return later(since, by.steal_after_ns);
    const bool small = tasks > (now - since) / by.moving_ns;
    return small ? later(since, by.steal_small_after_ns) : since;
  }

  /// Any thread, which has taken the oldest ones up to `place`. What lay behind them before has waited as long, or nearly;
  /// the queue ended at `end` then. What comes behind that has not waited yet.
  void moved_to(std::int64_t place, std::int64_t end) noexcept {
    place_.store(place < end ? place : none, std::memory_order::relaxed);  // a hint
  }

 private:
  static constexpr std::int64_t none = -1;
  sync::atomic<Sync, std::int64_t> place_{none};
  sync::atomic<Sync, std::int64_t> since_{0};
  sync::atomic<Sync, std::uint64_t> ran_{0};
};

}  // namespace jacquard
