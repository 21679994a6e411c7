// checks/idle_workers_calls.hpp: an earlier timer, a renewed timer and a pinned task reach who must know of them,
// although somebody searches.
//
// Claims   idle_workers_earlier_timer: I3, E1    idle_workers_renewal: I3, E1    idle_workers_pinned: I1, I2, E1
// Threads  0     starts the timer, pushes the task; of a renewal, the worker that fires the timer
//          1, 2  workers that sleep; the last one searches first
//
// What must be known passes at any step; what lies far ahead never does. So whoever sleeps on with the later
// deadline, or with none, is a deadlock.
#pragma once

#include <atomic>
#include <cstdint>
#include <source_location>

#include <jacquard/actor/idle_workers.hpp>
#include <jacquard/actor/injector.hpp>
#include <jacquard/actor/shared_wheel.hpp>
#include <jacquard/actor/task.hpp>

namespace jacquard::checks {

/// A deadline that passes, and one that does not while the check runs.
inline constexpr std::int64_t due_soon = 1, far_ahead = 2;

/// Waits until `due_soon` at the longest, or for ever.
template <sync::policy S>
struct far_ahead_never_comes : S {
  template <class Word>
  static sync::wait_status wait(const Word& word, std::uint32_t expected, sync::deadline until,
                                std::source_location at = std::source_location::current()) {
    return S::wait(word, expected, until.ns > due_soon ? sync::deadline::never() : until, at);
  }
};

/// The worker's deadline is what its last `due` said, where it sleeps as the keeper.
template <sync::policy Sync, class Idle = basic_idle_workers<far_ahead_never_comes<Sync>>>
class idle_workers_earlier_timer {
 public:
  static constexpr unsigned thread_count = 3;

  void thread(unsigned index) {
    if (index > 0) return serve(index - 1);
    due_.store(due_soon, std::memory_order::relaxed);
    idle_.notify_timer(due_soon);
  }

 private:
  void serve(std::uint32_t who) {
    bool searching = who == 1 && idle_.try_search();
    while (fired_.load(std::memory_order::relaxed) == 0) {
      std::int64_t until = far_ahead;
      searching =
          idle_.sleep(
              who, searching, [this](bool) { return fired_.load(std::memory_order::relaxed) != 0; },
              [&] { return until = due_.load(std::memory_order::relaxed); }) != waking::working;
      if (until != due_soon || searching) continue;
      fired_.store(1, std::memory_order::relaxed);
      idle_.notify_all();
    }
  }

  sync::atomic<Sync, std::int64_t> due_{far_ahead};
  sync::atomic<Sync, std::uint32_t> fired_{0};
  Idle idle_{2};
};

/// A worker fires a periodic timer, and renews it; the other goes to sleep meanwhile, perhaps while no timer is on
/// the wheel. Then both sleep. Where Tells is false, the one that renews tells nobody.
template <sync::policy Sync, bool Tells = true>
class idle_workers_renewal {
 public:
  static constexpr unsigned thread_count = 2;

  void before() {
    wheel_.open(0);
    (void)wheel_.start(timer_, nullptr, due_soon, 1, [] { return true; });
  }
  void thread(unsigned index) {
    if (index == 0) {
      auto* const taken = wheel_.take_due(due_soon);
      Sync::require(taken == &timer_, "the timer was due");
      if (wheel_.renew(*taken, due_soon) == start_result::started_first && Tells) {
        idle_.notify_keeper(wheel_.next_ns());  // as whoever got up for it does
      }
    }
    bool searching = index == 0 && idle_.try_search();
    while (fired_.load(std::memory_order::relaxed) == 0) {
      bool keeps = false;
      searching = idle_.sleep(
                      index, searching,
                      [this](bool) { return fired_.load(std::memory_order::relaxed) != 0; },
                      [&] {
                        const std::int64_t until = wheel_.next_ns();
                        keeps = until != no_expiry;
                        return until;
                      }) != waking::working;
      if (!keeps || searching) continue;
      fired_.store(1, std::memory_order::relaxed);
      idle_.notify_all();
    }
  }
  void after() { wheel_.close(); }

 private:
  struct silent_timer : basic_shared_timer<Sync> {
    silent_timer() {
      this->drop = [](basic_shared_timer<Sync>&) noexcept {};
    }
  };
  silent_timer timer_;
  basic_shared_wheel<Sync> wheel_;
  sync::atomic<Sync, std::uint32_t> fired_{0};
  basic_idle_workers<Sync> idle_{2};
};

/// Thread 0 pushes a task that only the first worker may run. Who runs it wakes the others, which then leave.
template <sync::policy Sync, unsigned Workers, class Idle = basic_idle_workers<Sync>>
class idle_workers_pinned {
 public:
  static constexpr unsigned thread_count = 1 + Workers;

  void thread(unsigned index) {
    if (index > 0) return serve(index - 1);
    pinned_.push(work_);
    idle_.notify_one(0);
  }
  void after() { Sync::require(runs_ == 1, "I1: the pinned task was left"); }

 private:
  void serve(std::uint32_t who) {
    bool searching = who == 1 && idle_.try_search();
    while (ran_.load(std::memory_order::relaxed) == 0) {
      if (who == 0 && pinned_.pop() != nullptr) {
        ++runs_;
        ran_.store(1, std::memory_order::relaxed);
        return idle_.notify_all();
      }
      searching = idle_.sleep(who, searching, [&](bool) {
        return ran_.load(std::memory_order::relaxed) != 0 || (who == 0 && !pinned_.looks_empty());
      }) != waking::working;
    }
  }

  task work_{nullptr};
  basic_injector<Sync> pinned_;
  unsigned runs_ = 0;  // the first worker's
  sync::atomic<Sync, std::uint32_t> ran_{0};
  Idle idle_{Workers};
};

}  // namespace jacquard::checks
