// jacquard/actor/idle_workers.hpp: which workers search and which sleep, and whom to wake.
//
// A worker that makes work wakes a sleeper only if nobody searches: one searcher finds the work, and when it has,
// it passes the call on. So a burst of work wakes workers one after the other, as they are needed, and never all
// of them for one task.
//
// What a worker makes for itself is to be taken by others only if it waits for long. So it wakes nobody where
// somebody keeps watch: a sleeper that naps, and looks at the workers' queues at the end of each nap.
//
// Shape       state_    searching | kept | watched | sleeping: two counts in one word, whether there is a keeper and
//                       whether there is a watcher
//             stack_    the sleepers but for the keeper, newest last: the one whose cache is warmest is woken
//             keeper_   the sleeper with the deadline keeps_until_: never, until it has looked
//             watcher_  the sleeper that naps; it may be the keeper
// Invariants  I1  Work that was made visible before notify is found: by a searcher, by a sleeper that notify
//                 wakes, or by a worker that looks once more before it sleeps or begins to work.
//             I2  A worker that sleeps is woken by exactly one permit.
//             I3  A timer that was made visible before notify_timer is seen to, if anybody sleeps, by the keeper,
//                 or by a worker that looks at the timers before it sleeps, or hands over before it works; so the last
//                 may make one visible itself, and call notify_keeper.
//             I4  Work that was made visible before notify_nearby is found likewise, or lies before a watcher, who
//                 looks when a nap ends, naps again or gets up, and hands the watch over before it works.
// Ordering    E1  notify's, notify_timer's, notify_keeper's and begin's fence <-> sleep's fence   store buffering: the
//                 notifier's work (or timer) and the worker's going to sleep cannot both be missed.
//             E2  notify_timer's fence <-> begin's fence   likewise: the timer, and the leaving of the worker
//                 that would have seen it.
//             E3  notify's and notify_nearby's fence <-> begin's fence   likewise: the work, and the leaving of the
//                 searcher or watcher that would have found it.
//             Who notifies, and does it for every task, has the light fence; who sleeps or begins the heavy one.
//             Two who notify need no order: each acts for itself.
// Progress    notify is one light fence and one load unless it wakes somebody; then it takes a mutex, as sleep does.
// Allocation  when constructed.
// Source      the searching / parked counts of Go's and tokio's schedulers; one sleeper with a deadline: Go's.
// Checked by  model_checks: idle_workers.stays, idle_workers (I1, I2, E1, E3), idle_workers.timer (I3, E1),
//             idle_workers.hand_over (I3, E2), idle_workers.earlier_timer and idle_workers.renewal (I3, E1),
//             idle_workers.test.cpp (I3) on real threads,
//             idle_workers.pinned (I1, I2, E1), idle_workers.watch, idle_workers.watch_ends and
//             idle_workers.watch_again (I4, E1, E3);
//             idle_workers.asymmetric (E1, E2, E3) with light fences that order nothing among themselves.
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

/// Why a worker sleeps no longer, and whether it counts as searching.
enum class [[nodiscard]] waking : std::uint8_t{
    searching,  // it was called, or it found work before it slept and was searching
    napped,     // its nap is over; it is searching
    working,    // a timer is due, it was called by name, or it found work and was not searching
};

template <sync::policy Sync = sync::native>
class basic_idle_workers {
 public:
  static constexpr std::int64_t never = sync::deadline::never().ns;

  explicit basic_idle_workers(std::uint32_t workers)
      : workers_(workers),
        called_(workers),
        parkers_(Sync::template create_array<basic_parker<Sync>>(workers)) {
    Sync::require(parkers_ != nullptr, "memory for the workers' parkers");
  }
  ~basic_idle_workers() { Sync::destroy_array(parkers_, workers_); }
  basic_idle_workers(const basic_idle_workers&) = delete;
  basic_idle_workers& operator=(const basic_idle_workers&) = delete;

  /// Any thread, after it made work visible that is to be taken at once.
  void notify() {
    Sync::fence_light();                                                 // E1, E3
    const std::uint32_t seen = state_.load(std::memory_order::relaxed);  // E1, E3 order it
    if (searching(seen) != 0 || sleeping(seen) == 0) return;
    wake_one(0);
  }

  /// A worker, after it made work visible that it may do itself.
  void notify_nearby() {
    Sync::fence_light();                                                 // E1, E3
    const std::uint32_t seen = state_.load(std::memory_order::relaxed);  // E1, E3 order it
    if ((seen & watched) != 0 || searching(seen) != 0 || sleeping(seen) == 0) [[likely]]
      return;
    wake_one(watched);
  }

  /// Any thread, after it made work visible that only `who` may do.
  void notify_one(std::uint32_t who) {
    Sync::fence_light();                                                 // E1
    if (sleeping(state_.load(std::memory_order::relaxed)) == 0) return;  // E1 orders it
    {
      sync::lock_guard<Sync> guard(mutex_);
      if (!take(who, 0)) return;
      called_[who] = 1;
    }
    parkers_[who].unpark();
  }

  /// Any thread, after it made a timer visible that is due at `due_ns`, before all others of its wheel.
  void notify_timer(std::int64_t due_ns) {
    Sync::fence_light();                                                 // E1, E2
    const std::uint32_t seen = state_.load(std::memory_order::relaxed);  // E1, E2 order it
    if (sleeping(seen) == 0) return;  // a searcher may sleep beside a keeper that has not seen it
    if (keeps_until_.load(std::memory_order::relaxed) <= due_ns) return;  // E1, E2 order it
    wake_for_timers();
  }

  /// Likewise, by a worker that looks at the timers before it sleeps, and calls begin before it works: where nobody keeps
  /// it sees to the timer itself, and nobody need be woken.
  void notify_keeper(std::int64_t due_ns) {
    Sync::fence_light();                                                  // E1
    if ((state_.load(std::memory_order::relaxed) & kept) == 0) return;    // E1 orders it
    if (keeps_until_.load(std::memory_order::relaxed) <= due_ns) return;  // E1 orders it
    wake_for_timers();
  }

  /// Wakes everybody; each is then searching.
  void notify_all() {
    for (;;) {
      std::uint32_t who;
      {
        sync::lock_guard<Sync> guard(mutex_);
        who = take_any();
      }
      if (who == nobody) return;
      parkers_[who].unpark();
    }
  }

  /// False where half of the workers search already.
  [[nodiscard]] bool may_search() const noexcept {
    return 2 * searching(state_.load(std::memory_order::relaxed)) < workers_;  // a hint
  }
  /// A worker begins to search. False where it may not: then it may sleep at once.
  [[nodiscard]] bool try_search() noexcept {
    if (!may_search()) return false;
    state_.fetch_add(one_searching,
                     std::memory_order::relaxed);  // notify trusts it only before its sleep
    return true;
  }

  /// A searching worker found nothing and does not sleep: nobody may be asleep.
  void give_up() noexcept {
    state_.fetch_sub(one_searching, std::memory_order::relaxed);  // one thread
  }

  /// A worker that slept or `searched` has work and begins. Passes the call on where it was the last to search
  /// and `has_work(watched)` finds more: see sleep. `due()` is when the earliest timer of all is due, or `never`:
  /// makes somebody else the keeper where there is none.
  template <class Look, class Due>
  void begin(bool searched, Look&& has_work, Due&& due) {
    if (searched) state_.fetch_sub(one_searching, std::memory_order::relaxed);  // E3
    Sync::fence_heavy();                                                        // E1, E2, E3
    const std::uint32_t seen = state_.load(std::memory_order::relaxed);         // E1 orders it
    if (sleeping(seen) == 0) return;
    if ((seen & kept) == 0 && due() != never) return wake_for_timers();
    if (searching(seen) == 0 && has_work((seen & watched) != 0)) wake_one(0);
  }
  template <class Look>
  void begin(bool searched, Look&& has_work) {
    begin(searched, has_work, [] { return never; });
  }

  /// Worker `who` sleeps, unless `has_work(watched)` says otherwise, and as the keeper no longer than until `due()`.
  /// `has_work` looks into every queue, where `watched` only into those that notify, not notify_nearby, speaks for.
  /// `searched`: it was searching. `nap_until` is not `never`: it would keep watch, and does where nobody else does
  /// and somebody is awake. Then it sleeps no longer than that, and calls `look_again()`, which says until when the next
  /// nap is, or `never`: it gets up, as it does when nobody is awake any more. In between it stays what it is, a sleeper and the watcher, so that a nap after
  /// which nothing is to be done costs no fence and no store that others see.
  template <class Look, class Due, class Again>
  waking sleep(std::uint32_t who, bool searched, Look&& has_work, Due&& due, std::int64_t nap_until,
               Again&& look_again) {
    bool keeps, watches, is_watched;
    {
      sync::lock_guard<Sync> guard(mutex_);
      keeps = keeper_ == nobody;
      keeps ? void(keeper_ = who) : stack_.push_back(who);
      watches = watcher_ == nobody && nap_until != never &&
                sleeping(state_.load(std::memory_order::relaxed)) + 1 < workers_;  // under mutex_
      if (watches) watcher_ = who;
      is_watched = watcher_ != nobody;
      state_.fetch_add(one_sleeping + (keeps ? kept : 0u) + (watches ? watched : 0u) -
                           (searched ? one_searching : 0u),
                       std::memory_order::relaxed);  // E1
    }
    Sync::fence_heavy();  // E1
    const bool work = has_work(is_watched);
    bool naps = false;
    if (!work) {
      std::int64_t due_ns = never;
      if (keeps) {
        due_ns = due();
        if (due_ns != never) keep_until(who, due_ns);
      }
      do {
        naps = watches && nap_until < due_ns;
        if (parkers_[who].park({.ns = naps ? nap_until : due_ns})) return answer(who);
        if (naps) nap_until = everybody_sleeps() ? never : look_again();
      } while (naps && nap_until != never);
    }
    // As long as it was seen to search or to watch nobody else was called, perhaps for more than one task. So it
    // goes on searching, and passes the call on when it has found the first.
    const bool searches = naps || (work && (searched || watches));
    {
      sync::lock_guard<Sync> guard(mutex_);
      if (take(who, searches ? one_searching : 0)) {
        return naps ? waking::napped : searches ? waking::searching : waking::working;
      }
    }
    (void)parkers_[who].park();  // somebody took it off: the permit is coming
    return answer(who);
  }
  /// Gets up after one nap.
  template <class Look, class Due>
  waking sleep(std::uint32_t who, bool searched, Look&& has_work, Due&& due,
               std::int64_t nap_until = never) {
    return sleep(who, searched, std::forward<Look>(has_work), std::forward<Due>(due), nap_until,
                 [] { return never; });
  }
  template <class Look>
  waking sleep(std::uint32_t who, bool searched, Look&& has_work) {
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
  static constexpr std::uint32_t watched = 1u << 14;
  static constexpr std::uint32_t kept = 1u << 15;
  static constexpr std::uint32_t one_searching = 1u << 16;
  static constexpr std::uint32_t nobody = std::numeric_limits<std::uint32_t>::max();

  static constexpr std::uint32_t sleeping(std::uint32_t state) noexcept {
    return state & (watched - 1);
  }
  static constexpr std::uint32_t searching(std::uint32_t state) noexcept { return state >> 16; }

  static std::vector<std::uint32_t> room_for(std::uint32_t workers) {
    std::vector<std::uint32_t> empty;
    empty.reserve(workers);
    return empty;
  }

  // Then nothing is left to watch; a sleeper that is not sure gets up and looks.
  [[nodiscard]] bool everybody_sleeps() const noexcept {
    return sleeping(state_.load(std::memory_order::relaxed)) == workers_;  // a hint
  }

  // Who is not the keeper any more was taken off since it looked, and says nothing: it would say it for the next one.
  void keep_until(std::uint32_t who, std::int64_t due_ns) {
    sync::lock_guard<Sync> guard(mutex_);
    if (keeper_ == who) {
      keeps_until_.store(due_ns, std::memory_order::relaxed);  // too late to see: one wake-up more
    }
  }

  // Who was called by name has work of its own; who was woken otherwise searches. The permit orders it.
  waking answer(std::uint32_t who) {
    return std::exchange(called_[who], 0) == 0 ? waking::searching : waking::working;
  }

  // Somebody, unless somebody searches by now, or one of the bits of `unless` is set.
  [[gnu::noinline]] void wake_one(std::uint32_t unless) {
    std::uint32_t who;
    {
      sync::lock_guard<Sync> guard(mutex_);
      const std::uint32_t seen = state_.load(std::memory_order::relaxed);  // under mutex_
      if (searching(seen) != 0 || (seen & unless) != 0) return;
      who = take_any();
    }
    if (who != nobody) parkers_[who].unpark();
  }

  // The keeper, so that it looks again, or somebody who becomes the keeper.
  [[gnu::noinline]] void wake_for_timers() {
    std::uint32_t who;
    {
      sync::lock_guard<Sync> guard(mutex_);
      who = keeper_;
      who == nobody ? void(who = take_any()) : void(take(who, one_searching));
    }
    if (who != nobody) parkers_[who].unpark();
  }

  // Under mutex_. Takes a sleeper off, with all that it is, and counts it as `then`; or else false.
  bool take(std::uint32_t who, std::uint32_t then) {
    std::uint32_t was = one_sleeping;
    if (keeper_ == who) {
      keeper_ = nobody;
      keeps_until_.store(never, std::memory_order::relaxed);  // the fence that follows orders it
      was += kept;
    } else {
      const auto asleep = std::find(stack_.rbegin(), stack_.rend(), who);
      if (asleep == stack_.rend()) return false;
      stack_.erase(std::next(asleep).base());
    }
    if (watcher_ == who) {
      watcher_ = nobody;
      was += watched;
    }
    state_.fetch_add(then - was, std::memory_order::relaxed);  // E1, E3, or the mutex
    return true;
  }
  // Under mutex_. Who is taken gets a permit, and is then searching.
  std::uint32_t take_any() {
    const std::uint32_t who = stack_.empty() ? keeper_ : stack_.back();
    if (who != nobody) (void)take(who, one_searching);
    return who;
  }

  const std::uint32_t workers_;
  sync::atomic<Sync, std::uint32_t> state_{0};
  sync::atomic<Sync, std::int64_t> keeps_until_{never};
  typename Sync::mutex mutex_;
  std::vector<std::uint32_t> stack_ = room_for(workers_);  // guarded by mutex_
  std::uint32_t keeper_ = nobody;                          // guarded by mutex_
  std::uint32_t watcher_ = nobody;                         // guarded by mutex_
  std::vector<unsigned char> called_;  // one waker's at a time, then its sleeper's
  basic_parker<Sync>* const
      parkers_;  // the last: nothing throws any more that would leave them behind
};

}  // namespace jacquard
