// checks/idle_workers_watch.hpp: a task that a worker pushed beside a watcher is found, whatever the watcher does next.
//
// Claims   I4, E1, E3
// Threads  idle_workers_watch       0  a worker pushes, and is busy with something else for ever
//                                   1  naps as the watcher, then has work of its own for ever
//                                   2  sleeps without a deadline, and is the only one that can take the task
//          idle_workers_watch_ends  0  likewise    1  naps once, then sleeps without a deadline
//          idle_workers_watch_again 0  likewise    1  looks after a nap without getting up, naps once more where it sees
//                                                     nothing, then sleeps without a deadline
//
// A nap ends at any step. Who sleeps through the task is a deadlock.
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

#include <jacquard/actor/idle_workers.hpp>

namespace jacquard::checks {

/// The task that the first worker pushes.
template <sync::policy Sync, class Idle>
class nearby_task {
 public:
  explicit nearby_task(std::uint32_t workers) : idle(workers) {}

  void push() {
    there_.store(1, std::memory_order::relaxed);
    idle.notify_nearby();
  }
  bool take() {
    return there_.load(std::memory_order::relaxed) != 0 &&
           there_.exchange(0, std::memory_order::relaxed) != 0;
  }
  // What lies in a worker's own queue is the watcher's business, where there is one.
  bool is_mine(bool watched) { return !watched && there_.load(std::memory_order::relaxed) != 0; }
  waking sleep(std::uint32_t who, bool searched, bool naps) {
    return idle.sleep(
        who, searched, [this](bool watched) { return is_mine(watched); },
        [] { return Idle::never; }, naps ? 1 : Idle::never);
  }

  // Looks while it is asleep, and naps a second time where it sees nothing.
  waking sleep_on(std::uint32_t who, bool searched, bool naps) {
    bool again = true;
    return idle.sleep(
        who, searched, [this](bool watched) { return is_mine(watched); },
        [] { return Idle::never; }, naps ? 1 : Idle::never,
        [&] { return !is_mine(false) && std::exchange(again, false) ? 1 : Idle::never; });
  }

  Idle idle;

 private:
  sync::atomic<Sync, std::uint32_t> there_{0};
};

template <sync::policy Sync, class Idle = basic_idle_workers<Sync>>
class idle_workers_watch {
 public:
  static constexpr unsigned thread_count = 3;

  void thread(unsigned index) {
    if (index == 0) return task_.push();
    if (index == 1) {
      const waking why = task_.sleep(1, false, true);
      return begin(why != waking::working);
    }
    for (bool searching = false; !task_.take();) {
      searching = task_.sleep(2, searching, false) != waking::working;
    }
  }

 private:
  void begin(bool searched) {
    task_.idle.begin(searched, [this](bool watched) { return task_.is_mine(watched); });
  }
  nearby_task<Sync, Idle> task_{3};
};

template <sync::policy Sync, class Idle = basic_idle_workers<Sync>>
class idle_workers_watch_ends {
 public:
  static constexpr unsigned thread_count = 2;

  void thread(unsigned index) {
    if (index == 0) return task_.push();
    bool naps = true;
    for (bool searching = false; !task_.take(); naps = false) {
      searching = task_.sleep(1, searching, naps) != waking::working;
    }
  }

 private:
  nearby_task<Sync, Idle> task_{2};
};

template <sync::policy Sync, class Idle = basic_idle_workers<Sync>>
class idle_workers_watch_again {
 public:
  static constexpr unsigned thread_count = 2;

  void thread(unsigned index) {
    if (index == 0) return task_.push();
    bool naps = true;
    for (bool searching = false; !task_.take(); naps = false) {
      searching = task_.sleep_on(1, searching, naps) != waking::working;
    }
  }

 private:
  nearby_task<Sync, Idle> task_{2};
};

}  // namespace jacquard::checks
