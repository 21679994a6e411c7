// jacquard/actor/idle_workers.hpp: who searches, who sleeps, and whom to wake.
//
// A worker without work of its own first searches (looks into the others' queues), then sleeps. Whoever makes
// work visible calls `notify`: it wakes one sleeper, unless somebody is searching already and will find
// the work. A searcher that finds some and was the last one searching passes the call on. So one piece of work
// costs at most one wake-up, and an idle system none.
//
// One of the sleepers is the keeper: it sleeps until the earliest timer of all is due, the others without a
// deadline. So a timer costs one wake-up, not one for each sleeper. The keeper is the last to be woken for work.
//
// Shape       state_    searching | kept | sleeping: two counts in one word, and whether there is a keeper
//             stack_    the sleepers but for the keeper, newest last: the one whose cache is warmest is woken
//             keeper_   the sleeper with the deadline keeps_until_
// Invariants  I1  Work that was made visible before notify is found: by a searcher, by a sleeper that notify
//                 wakes, or by a worker that looks once more before it sleeps.
//             I2  A worker that sleeps is woken by exactly one permit.
//             I3  A timer that was made visible before notify_timer is seen to, if anybody sleeps, by the keeper,
//                 or by a worker that looks at the timers before it sleeps, or hands over before it works.
// Ordering    E1  notify's, notify_timer's and hand_over's fence <-> sleep's fence   store buffering: the
//                 notifier's work (or timer) and the worker's going to sleep cannot both be missed.
//             E2  notify_timer's fence <-> hand_over's fence   likewise: the timer, and the leaving of the worker
//                 that would have seen it.
// Progress    notify is one fence and one load unless it wakes somebody; then it takes a mutex, as sleep does.
// Allocation  when constructed.
// Source      the searching / parked counts of Go's and tokio's schedulers; one sleeper with a deadline: Go's.
// Checked by  model_checks: idle_workers.stays, idle_workers (I1, I2, E1), idle_workers.timer (I3, E1), idle_workers.hand_over (I3, E2),
//             idle_workers.earlier_timer and idle_workers.renewal (I3, E1), idle_workers.pinned (I1, I2, E1).
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include <jacquard/queue/parker.hpp>
#include <jacquard/sync/native.hpp>
#include <jacquard/sync/policy.hpp>

namespace jacquard {

template <sync::policy Sync = sync::native>
class basic_idle_workers {
 public:
  explicit basic_idle_workers(std::uint32_t workers)
      : workers_(workers), parkers_(Sync::template create_array<basic_parker<Sync>>(workers)) {
    Sync::require(parkers_ != nullptr, "memory for the workers' parkers");
    stack_.reserve(workers);
    called_.resize(workers);
  }
  ~basic_idle_workers() { Sync::destroy_array(parkers_, workers_); }
  basic_idle_workers(const basic_idle_workers&) = delete;
  basic_idle_workers& operator=(const basic_idle_workers&) = delete;

  /// Any thread, after it made work visible.
  void notify() {
    Sync::fence(std::memory_order::seq_cst);                             // E1
    const std::uint32_t seen = state_.load(std::memory_order::relaxed);  // E1 orders it
    if (searching(seen) != 0 || sleeping(seen) == 0) return;
    std::uint32_t who;
    {
      sync::lock_guard<Sync> guard(mutex_);
      if (searching(state_.load(std::memory_order::relaxed)) != 0) return;  // under mutex_
      who = stack_.empty() ? take_keeper() : take_newest();
    }
    if (who != nobody) parkers_[who].unpark();
  }

  /// Any thread, after it made work visible that only `who` may do.
  void notify_one(std::uint32_t who) {
    Sync::fence(std::memory_order::seq_cst);                             // E1
    if (sleeping(state_.load(std::memory_order::relaxed)) == 0) return;  // E1 orders it
    {
      sync::lock_guard<Sync> guard(mutex_);
      if (keeper_ == who) {
        forget_keeper(0);
      } else {
        const auto asleep = std::find(stack_.begin(), stack_.end(), who);
        if (asleep == stack_.end()) return;
        stack_.erase(asleep);
        state_.fetch_sub(one_sleeping, std::memory_order::relaxed);  // the mutex orders it
      }
      called_[who] = 1;
    }
    parkers_[who].unpark();
  }

  /// Any thread, after it made a timer visible that is due at `due_ns`, before all others of its wheel.
  void notify_timer(std::int64_t due_ns) {
    Sync::fence(std::memory_order::seq_cst);                             // E1, E2
    const std::uint32_t seen = state_.load(std::memory_order::relaxed);  // E1, E2 order it
    if (sleeping(seen) == 0) return;  // a searcher may sleep beside a keeper that has not seen it
    if (keeps_until_.load(std::memory_order::relaxed) <= due_ns) return;  // E1, E2 order it
    wake_for_timers();
  }

  /// A worker that slept or searched and now begins to work. `due()` is when the earliest timer of all is due, or
  /// `never`. Makes somebody else the keeper where there is none.
  template <class Due>
  void hand_over(Due&& due) {
    Sync::fence(std::memory_order::seq_cst);                             // E1, E2
    const std::uint32_t seen = state_.load(std::memory_order::relaxed);  // E1 orders it
    if ((seen & kept) != 0 || sleeping(seen) == 0 || due() == never) return;
    wake_for_timers();
  }

  /// Wakes everybody; each is then searching.
  void notify_all() {
    for (;;) {
      std::uint32_t who;
      {
        sync::lock_guard<Sync> guard(mutex_);
        who = stack_.empty() ? take_keeper() : take_newest();
      }
      if (who == nobody) return;
      parkers_[who].unpark();
    }
  }

  /// A worker begins to search. False where half of the workers do already: then it may sleep at once.
  [[nodiscard]] bool try_search() noexcept {
    if (2 * searching(state_.load(std::memory_order::relaxed)) >= workers_) return false;  // a hint
    state_.fetch_add(one_searching,
                     std::memory_order::relaxed);  // notify trusts it only before its sleep
    return true;
  }

  /// A searching worker found nothing and does not sleep: nobody may be asleep.
  void give_up() noexcept {
    state_.fetch_sub(one_searching, std::memory_order::relaxed);  // one thread
  }

  /// A searching worker found work. Passes the call on where it was the last to search.
  void found() {
    const std::uint32_t before =
        state_.fetch_sub(one_searching, std::memory_order::relaxed);  // notify's fence follows
    if (searching(before) == 1) notify();
  }

  /// Worker `who` sleeps, unless `has_work()`, which looks into every queue, says otherwise, and as the keeper
  /// no longer than until `due()`. `searched`: it was searching. True where it is searching when this
  /// returns; false where a timer is due, where it was called by name, or for `has_work` where it was not
  /// searching before.
  template <class Look, class Due>
  [[nodiscard]] bool sleep(std::uint32_t who, bool searched, Look&& has_work, Due&& due) {
    bool keeps;
    {
      sync::lock_guard<Sync> guard(mutex_);
      keeps = keeper_ == nobody;
      keeps ? void(keeper_ = who) : stack_.push_back(who);
      state_.fetch_add(
          (keeps ? one_sleeping + kept : one_sleeping) - (searched ? one_searching : 0u),
          std::memory_order::relaxed);  // E1
    }
    Sync::fence(std::memory_order::seq_cst);  // E1
    const bool work = has_work();
    if (!work) {
      sync::deadline until = sync::deadline::never();
      if (keeps) {
        until.ns = due();
        keeps_until_.store(until.ns,
                           std::memory_order::relaxed);  // too late to see: one wake-up more
      }
      if (parkers_[who].park(until)) return searches(who);
    }
    // As long as it was seen to search nobody else was called, perhaps for more than one task. So it goes on
    // searching, and passes the call on when it has found the first.
    const std::uint32_t then = work && searched ? one_searching : 0;
    {
      sync::lock_guard<Sync> guard(mutex_);
      if (keeper_ == who) {
        forget_keeper(then);
        return then != 0;
      }
      const auto mine = std::find(stack_.begin(), stack_.end(), who);
      if (mine != stack_.end()) {
        stack_.erase(mine);
        state_.fetch_add(then - one_sleeping, std::memory_order::relaxed);  // the mutex orders it
        return then != 0;
      }
    }
    (void)parkers_[who].park();  // somebody took it off: the permit is coming
    return searches(who);
  }
  template <class Look>
  [[nodiscard]] bool sleep(std::uint32_t who, bool searched, Look&& has_work) {
    return sleep(who, searched, has_work, [] { return never; });
  }

  /// How many sleep and search now: for statistics and tests.
  [[nodiscard]] std::uint32_t sleepers() const noexcept {
    return sleeping(state_.load(std::memory_order::relaxed));  // a statistic
  }
  [[nodiscard]] std::uint32_t searchers() const noexcept {
    return searching(state_.load(std::memory_order::relaxed));  // a statistic
  }

 private:
  static constexpr std::uint32_t one_sleeping = 1;
  static constexpr std::uint32_t kept = 1u << 15;
  static constexpr std::uint32_t one_searching = 1u << 16;
  static constexpr std::uint32_t nobody = std::numeric_limits<std::uint32_t>::max();
  static constexpr std::int64_t never = sync::deadline::never().ns;

  static constexpr std::uint32_t sleeping(std::uint32_t state) noexcept {
    return state & (kept - 1);
  }
  static constexpr std::uint32_t searching(std::uint32_t state) noexcept { return state >> 16; }

  // Who was called by name has work of its own; who was woken otherwise searches. The permit orders it.
  bool searches(std::uint32_t who) { return std::exchange(called_[who], 0) == 0; }

  // The keeper, so that it looks again, or somebody who becomes the keeper.
  void wake_for_timers() {
    std::uint32_t who;
    {
      sync::lock_guard<Sync> guard(mutex_);
      who = keeper_ == nobody && !stack_.empty() ? take_newest() : take_keeper();
    }
    if (who != nobody) parkers_[who].unpark();
  }

  // Under mutex_. Who is taken gets a permit, and is then searching.
  std::uint32_t take_newest() {
    const std::uint32_t who = stack_.back();
    stack_.pop_back();
    state_.fetch_add(one_searching - one_sleeping, std::memory_order::relaxed);  // E1, or the mutex
    return who;
  }
  std::uint32_t take_keeper() {
    const std::uint32_t who = keeper_;
    if (who != nobody) forget_keeper(one_searching);
    return who;
  }
  void forget_keeper(std::uint32_t then) {
    keeper_ = nobody;
    keeps_until_.store(never, std::memory_order::relaxed);  // the fence that follows orders it
    state_.fetch_add(then - one_sleeping - kept, std::memory_order::relaxed);  // likewise
  }

  const std::uint32_t workers_;
  basic_parker<Sync>* const parkers_;
  sync::atomic<Sync, std::uint32_t> state_{0};
  sync::atomic<Sync, std::int64_t> keeps_until_{never};
  typename Sync::mutex mutex_;
  std::vector<std::uint32_t> stack_;   // guarded by mutex_
  std::uint32_t keeper_ = nobody;      // guarded by mutex_
  std::vector<unsigned char> called_;  // one waker's at a time, then its sleeper's
};

}  // namespace jacquard
