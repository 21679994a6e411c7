// seeded_bugs/broken_schedulers.hpp: sleepers and wheels with one thing wrong, below the scheduler that ships; caught by
// the checks of its timers, and of the whole way of a letter.
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

#include <checks/scheduler_timers.hpp>
#include <checks/scheduling_state_machine.hpp>
#include <jacquard/sync/policy.hpp>
#include <seeded_bugs/broken_policies.hpp>
#include <seeded_bugs/broken_timers.hpp>

namespace jacquard::bugs {

/// Starts a timer, and tells nobody who sleeps.
template <class Sync>
class lost_arm : public basic_idle_workers<Sync> {
 public:
  using basic_idle_workers<Sync>::basic_idle_workers;
  void notify_timer(std::int64_t) {}
};

/// Tells a keeper only of timers that are later than the one it sleeps for.
template <class Sync>
class forgotten_earlier_deadline : public basic_idle_workers<Sync> {
  using base = basic_idle_workers<Sync>;

 public:
  using base::base;
  void notify_timer(std::int64_t) { base::notify_timer(checks::far_ahead); }
};

/// Looks at the timers before it counts as asleep, and not once more.
template <class Sync>
class no_second_look_at_timers : public basic_idle_workers<Sync> {
  using base = basic_idle_workers<Sync>;

 public:
  using base::base;
  template <class Look, class Due, class Again>
  waking sleep(std::uint32_t who, bool searched, Look&& has_work, Due&& due, std::int64_t nap_until,
               Again&& look_again) {
    const std::int64_t seen = due();
    return base::sleep(
        who, searched, has_work, [seen] { return seen; }, nap_until, look_again);
  }
};

/// Goes to sleep without a look at what came meanwhile.
template <class Sync>
class no_second_look_at_work : public basic_idle_workers<Sync> {
  using base = basic_idle_workers<Sync>;

 public:
  using base::base;
  template <class Look, class Due, class Again>
  waking sleep(std::uint32_t who, bool searched, Look&&, Due&& due, std::int64_t nap_until,
               Again&& look_again) {
    return base::sleep(
        who, searched, [](bool) { return false; }, due, nap_until, look_again);
  }
};

/// Brings a task from outside, and calls nobody who sleeps.
template <class Sync>
class lost_call : public basic_idle_workers<Sync> {
 public:
  using basic_idle_workers<Sync>::basic_idle_workers;
  void notify() {}
};

/// Does not see that a periodic timer was cancelled while it was fired.
template <class Sync>
class forgets_a_cancel_in_a_fire : public basic_shared_wheel<Sync> {
  using base = basic_shared_wheel<Sync>;

 public:
  using typename base::shared_timer;
  start_result renew(shared_timer& taken, std::int64_t now_ns) {
    const start_result again = base::renew(taken, now_ns);
    return again == start_result::refused ? start_result::started : again;
  }
};

/// Looks for a due timer first, and takes it then: what was cancelled in between fires all the same.
template <class Sync>
class fires_what_was_cancelled : public basic_shared_wheel<Sync> {
  using base = basic_shared_wheel<Sync>;

 public:
  using typename base::shared_timer;
  template <class Alive>
  start_result start(shared_timer& fresh, typename base::group* together, std::int64_t due_ns,
                     std::int64_t period_ns, Alive&& alive) {
    started_.store(&fresh, std::memory_order::relaxed);
    return base::start(fresh, together, due_ns, period_ns, alive);
  }
  shared_timer* take_due(std::int64_t now_ns) {
    shared_timer* const taken = base::take_due(now_ns);
    if (taken == nullptr) return started_.exchange(nullptr, std::memory_order::relaxed);
    started_.store(nullptr, std::memory_order::relaxed);
    return taken;
  }

 private:
  sync::atomic<Sync, shared_timer*> started_{nullptr};
};

}  // namespace jacquard::bugs
