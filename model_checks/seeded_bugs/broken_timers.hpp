// seeded_bugs/broken_timers.hpp: timers and sleepers with one thing wrong, caught by the checks of those that ship.
#pragma once

#include <atomic>
#include <cstdint>
#include <source_location>

#include <checks/idle_workers.hpp>
#include <checks/idle_workers_calls.hpp>
#include <checks/idle_workers_watch.hpp>
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
  using base = basic_idle_workers<Sync>;

 public:
  using base::base;
  template <class Look, class Due>
  void begin(bool searched, Look&& has_work, Due&&) {
    base::begin(searched, has_work);
  }
};

/// Goes to work without looking whether somebody else must keep watch.
template <sync::policy Sync>
class watch_not_handed_over : public basic_idle_workers<Sync> {
  using base = basic_idle_workers<Sync>;

 public:
  using base::base;
  template <class Look>
  void begin(bool searched, Look&&) {
    base::begin(searched, [](bool) { return false; });
  }
};

/// Sleeps as if somebody kept watch.
template <sync::policy Sync>
class trusts_a_watcher : public basic_idle_workers<Sync> {
  using base = basic_idle_workers<Sync>;

 public:
  using base::base;
  template <class Look, class Due, class... Again>
  waking sleep(std::uint32_t who, bool searched, Look&& has_work, Due&& due, std::int64_t nap_until,
               Again&&... look_again) {
    return base::sleep(
        who, searched, [&](bool) { return has_work(true); }, due, nap_until, look_again...);
  }
};

/// Leaves an earlier timer to whoever searches, who then sleeps beside a keeper that has not seen it.
template <sync::policy Sync>
class keeper_skipped_while_searching
    : public basic_idle_workers<checks::far_ahead_never_comes<Sync>> {
  using base = basic_idle_workers<checks::far_ahead_never_comes<Sync>>;

 public:
  using base::base;
  void notify_timer(std::int64_t due_ns) {
    Sync::fence_light();
    if (this->searchers() == 0) base::notify_timer(due_ns);
  }
};

/// Leaves a pinned task to whoever searches, who may not run it.
template <sync::policy Sync>
class pinned_call_skipped_while_searching : public basic_idle_workers<Sync> {
  using base = basic_idle_workers<Sync>;

 public:
  using base::base;
  void notify_one(std::uint32_t who) {
    Sync::fence_light();
    if (this->searchers() == 0) base::notify_one(who);
  }
};

/// Sleeps without looking once more into the queue that is its own.
template <sync::policy Sync>
class sleeps_without_a_second_look : public basic_idle_workers<Sync> {
  using base = basic_idle_workers<Sync>;

 public:
  using base::base;
  template <class Look>
  waking sleep(std::uint32_t who, bool searched, Look&&) {
    return base::sleep(who, searched, [](bool) { return false; });
  }
};

}  // namespace jacquard::bugs
