// seeded_bugs/broken_timers.hpp: timers and sleepers with one thing wrong, caught by the checks of those that ship.
#pragma once

#include <atomic>
#include <source_location>

#include <checks/idle_workers.hpp>
#include <checks/timer.hpp>
#include <jacquard/sync/policy.hpp>
#include <seeded_bugs/broken_policies.hpp>

namespace jacquard::bugs {

/// Has mutexes that let everybody in: a fire and a cancel both win.
template <sync::policy S>
struct open_mutexes : S {
  struct mutex {
    void lock() {}
    void unlock() {}
  };
};

/// Goes to work without leaving the timers to another sleeper.
template <sync::policy Sync>
class no_hand_over : public basic_idle_workers<Sync> {
 public:
  using basic_idle_workers<Sync>::basic_idle_workers;
  template <class Due>
  void hand_over(Due&&) {
    Sync::fence(std::memory_order::seq_cst);
  }
};

}  // namespace jacquard::bugs
