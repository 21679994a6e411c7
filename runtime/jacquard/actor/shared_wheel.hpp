// jacquard/actor/shared_wheel.hpp: a timer wheel that any thread may start timers on and cancel them, and what
// becomes of a timer that fires while it is cancelled.
//
// Shape       wheel_   the timers, behind mutex_
//             next_    when the earliest is due, for those who only look; may be too early after a cancel
//             A timer: idle (its maker's) -> pending (the wheel's) -> taken (whoever takes what is due) -> pending
//             again where it is periodic, or idle. Its generation says which start a handle is for.
// Invariants  I1  A start is ended by exactly one of fire, cancel and cancel_all; who ends it owns the timer.
//             I2  A cancel for another start than the present one finds nothing. It may come at any time: timers
//                 and wheels are never freed.
//             I3  A cancel of a periodic timer that is being fired succeeds: that fire is its last, and `renew`
//                 gives the timer to whoever took it.
//             I4  A timer is on the list of its group exactly while it is pending, or taken and periodic.
//             I5  A keeper is called while its wheel is open and not afterwards: `close` waits for a call.
// Ordering    E1  start -> cancel   `home`, which names the mutex, and the generation before it.
//             The mutex orders everything else.
// Progress    a mutex for a few dozen instructions; taking what is due, for up to `take_max` timers.
// Allocation  none: the maker brings the timer.
// Checked by  model_checks: timer.cancel_vs_fire (I1, I2), timer.periodic (I3), timer.group (I4), timer.new_wheel (I2, E1);
//             timer.start_vs_close (I5); scheduler_timers.test.cpp, actor_timers.test.cpp on real threads.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <utility>

#include <jacquard/actor/task.hpp>
#include <jacquard/actor/timer_wheel.hpp>
#include <jacquard/sync/native.hpp>
#include <jacquard/sync/policy.hpp>

namespace jacquard {

/// `base` and `by` nanoseconds later; as late as can be said where that is too far.
[[nodiscard]] constexpr std::int64_t later(std::int64_t base, std::int64_t by) noexcept {
  constexpr std::int64_t last = no_expiry - 1;
  return by > 0 && base > last - by ? last : base + by;
}

template <sync::policy Sync>
class basic_shared_wheel;
template <sync::policy Sync>
class basic_shared_timer;

/// Timers that end together: an actor's. What is in it is the wheel's business.
template <sync::policy Sync = sync::native>
class basic_timer_group {
 public:
  /// A hint: whoever must not miss a timer fences first.
  [[nodiscard]] bool looks_empty() const noexcept {
    return first_.load(std::memory_order::relaxed) == nullptr;  // a hint
  }

 private:
  friend class basic_shared_wheel<Sync>;
  sync::atomic<Sync, basic_shared_timer<Sync>*> first_{nullptr};
};

/// A timer that any thread may cancel. Its memory is a timer for ever (a pool's). What it does is its maker's.
template <sync::policy Sync = sync::native>
class basic_shared_timer : public timer {
 public:
  using wheel = basic_shared_wheel<Sync>;

  basic_shared_timer() noexcept : timer(&basic_shared_timer::is_due) {}

  /// The maker's. `fire`: it is due; returns a task to be scheduled, or null. `drop`: it never will be, and is the
  /// maker's again. `fired`: the same, after the last fire. All outside the wheel's mutex, on any thread.
  task* (*fire)(basic_shared_timer& self) noexcept = nullptr;
  void (*drop)(basic_shared_timer& self) noexcept = nullptr;
  void (*fired)(basic_shared_timer& self) noexcept = nullptr;

  /// Which start this is, or will be. Whoever starts it keeps the number beside the timer's address.
  [[nodiscard]] std::uint32_t generation() const noexcept {
    return generation_.load(std::memory_order::relaxed);  // validated under the mutex
  }
  [[nodiscard]] bool is_periodic() const noexcept { return period_ns_ != 0; }
  /// The next of those that take_due handed out.
  [[nodiscard]] basic_shared_timer* after() const noexcept { return after_; }

  /// Any thread, at any time. True where this call ended that start.
  static bool cancel(basic_shared_timer& whom, std::uint32_t generation) {
    if (whom.generation() != generation) return false;
    wheel* const home = whom.home_.load(std::memory_order::acquire);  // E1 acquire
    return home != nullptr && home->cancel(whom, generation);
  }

  /// As cancel, without a call of `drop`: where it is true, the timer is the caller's. Not periodic.
  static bool take_back(basic_shared_timer& whom, std::uint32_t generation) {
    if (whom.generation() != generation) return false;
    wheel* const home = whom.home_.load(std::memory_order::acquire);  // E1 acquire
    return home != nullptr && home->take_back(whom, generation);
  }

  // The pool's.
  sync::atomic<Sync, std::uint32_t> next{0};
  std::uint32_t index = 0;

 private:
  friend class basic_shared_wheel<Sync>;
  enum class state : std::uint8_t { idle, pending, taken, taken_and_cancelled };

  static void is_due(timer& self, const expiry& /*what*/) noexcept {
    auto& me = static_cast<basic_shared_timer&>(self);
    me.taker_->take(me);
  }

  sync::atomic<Sync, std::uint32_t> generation_{1};
  sync::atomic<Sync, wheel*> home_{nullptr};
  // Guarded by the wheel's mutex while it is started.
  wheel* taker_ = nullptr;
  basic_timer_group<Sync>* group_ = nullptr;
  basic_shared_timer* older_ = nullptr;    // in the group
  basic_shared_timer* younger_ = nullptr;  // likewise
  basic_shared_timer* after_ = nullptr;    // among those that were taken together
  std::int64_t period_ns_ = 0;
  state state_ = state::idle;
};

/// Who sees to a wheel while it is open: its clock, and whoever sleeps until its next timer. `earlier` is called where a
/// timer is due before all others. Neither may use the wheel.
struct wheel_keeper {
  void* who = nullptr;
  std::int64_t (*now_ns)(void* who) = nullptr;
  void (*earlier)(void* who, std::int64_t due_ns) = nullptr;
};

enum class [[nodiscard]] start_result : std::uint8_t{
    started,
    started_first,  // nothing on this wheel is due before it: whoever sleeps is to be told
    refused,        // `alive` said no, or it was cancelled: the timer is the caller's
};

/// One thread at a time where nothing else is said.
template <sync::policy Sync = sync::native>
class basic_shared_wheel {
 public:
  using shared_timer = basic_shared_timer<Sync>;
  using group = basic_timer_group<Sync>;
  /// How many timers one call takes: the mutex is held no longer.
  static constexpr std::uint64_t take_max = 64;

  /// Begins to serve a clock that says `now_ns`. No timer is pending. `keeper` is there until `close` returns.
  void open(std::int64_t now_ns, const wheel_keeper& keeper = {}) {
    sync::lock_guard<Sync> guard(mutex_);
    keeper_ = keeper;
    wheel_.emplace(now_ns);
    clock_ns_ = now_ns;
    next_ns_.store(no_expiry, std::memory_order::relaxed);  // under mutex_
  }

  /// Any thread. Starts an idle timer of the caller's, due at `due_ns` and then every `period_ns` (0: once). It
  /// joins `together`, where there is one. `alive()` is asked last: where it says no, nothing was started. The keeper
  /// is told, where there is one and nothing is due before.
  template <class Alive>
  start_result start(shared_timer& fresh, group* together, std::int64_t due_ns,
                     std::int64_t period_ns, Alive&& alive) {
    sync::lock_guard<Sync> guard(mutex_);
    return begin(fresh, together, due_ns, period_ns, std::forward<Alive>(alive));
  }

  /// Any thread, at any time, also after its scheduler's end. As start, due `delay_ns` after now by the keeper's clock:
  /// the caller may belong to another keeper, or to none. `refused` also where the wheel is closed.
  template <class Alive>
  start_result start_after(shared_timer& fresh, group* together, std::int64_t delay_ns,
                           std::int64_t period_ns, Alive&& alive) {
    sync::lock_guard<Sync> guard(mutex_);
    if (keeper_.who == nullptr) return start_result::refused;
    return begin(fresh, together, later(keeper_.now_ns(keeper_.who), delay_ns), period_ns,
                 std::forward<Alive>(alive));
  }
  /// Likewise; once, and in no group. `due_ns` says when, before it can fire.
  start_result start_after(shared_timer& fresh, std::int64_t delay_ns, std::int64_t& due_ns) {
    sync::lock_guard<Sync> guard(mutex_);
    if (keeper_.who == nullptr) return start_result::refused;
    due_ns = later(keeper_.now_ns(keeper_.who), delay_ns);
    return begin(fresh, nullptr, due_ns, 0, [] { return true; });
  }

  /// Any thread. When the earliest timer is due, or a little before; `no_expiry` where none is pending.
  [[nodiscard]] std::int64_t next_ns() const noexcept {
    return next_ns_.load(std::memory_order::relaxed);  // a hint; who must not miss one fences first
  }

  /// Any thread. Takes what is due, at most `take_max`; the earliest first, linked by `after`. Whoever takes calls
  /// `fire` of each, then `fired`, or where it is periodic `renew`.
  [[nodiscard]] shared_timer* take_due(std::int64_t now_ns) {
    sync::lock_guard<Sync> guard(mutex_);
    if (now_ns < clock_ns_)
      return nullptr;  // another thread read the clock later, and was here before
    clock_ns_ = now_ns;
    first_taken_ = nullptr;
    last_taken_ = &first_taken_;
    (void)wheel_->advance(now_ns, take_max);
    look_ahead();
    return first_taken_;
  }

  /// Whoever took it. `refused` where it was cancelled meanwhile, and is the caller's. Its next point on the grid of
  /// its periods lies after `now_ns`; what was missed is not made up for.
  start_result renew(shared_timer& taken, std::int64_t now_ns) {
    sync::lock_guard<Sync> guard(mutex_);
    if (taken.state_ == shared_timer::state::taken_and_cancelled) {
      taken.state_ = shared_timer::state::idle;
      return start_result::refused;
    }
    const std::int64_t late = now_ns > taken.deadline_ns() ? now_ns - taken.deadline_ns() : 0;
    const std::int64_t ahead = taken.period_ns_ - late % taken.period_ns_;
    const std::int64_t from = taken.deadline_ns() + late;
    return pend(taken, ahead >= no_expiry - from ? no_expiry - 1 : from + ahead);
  }

  /// Any thread. See basic_shared_timer::cancel.
  bool cancel(shared_timer& whom, std::uint32_t generation) {
    bool handed_out = false;
    {
      sync::lock_guard<Sync> guard(mutex_);
      if (whom.generation() != generation) return false;  // I2
      handed_out = !withdraw(whom);
      look_ahead_if_empty();
    }
    if (!handed_out) whom.drop(whom);
    return true;
  }

  /// Any thread. See basic_shared_timer::take_back.
  bool take_back(shared_timer& whom, std::uint32_t generation) {
    sync::lock_guard<Sync> guard(mutex_);
    if (whom.generation() != generation) return false;  // I2
    (void)withdraw(whom);                               // it is not periodic: nobody has it
    look_ahead_if_empty();
    return true;
  }

  /// Any thread. Cancels every timer of a group.
  void cancel_all(group& together) {
    shared_timer* mine = nullptr;
    {
      sync::lock_guard<Sync> guard(mutex_);
      while (shared_timer* const each =
                 together.first_.load(std::memory_order::relaxed)) {  // mutex_
        if (!withdraw(*each)) continue;
        each->after_ = std::exchange(mine, each);
      }
      look_ahead_if_empty();
    }
    drop_list(mine);
  }

  /// Drops every timer. Nobody starts one meanwhile but by `start_after`, which finds it closed or is dropped.
  void close() {
    shared_timer* mine = nullptr;
    {
      sync::lock_guard<Sync> guard(mutex_);
      keeper_ = {};
      wheel_->clear([&](timer& each) {
        auto& gone = static_cast<shared_timer&>(each);
        (void)withdraw(gone);
        gone.after_ = std::exchange(mine, &gone);
      });
      look_ahead();
    }
    drop_list(mine);
  }

  // The pool's.
  sync::atomic<Sync, std::uint32_t> next{0};

 private:
  friend class basic_shared_timer<Sync>;

  // All under mutex_.
  template <class Alive>
  start_result begin(shared_timer& fresh, group* together, std::int64_t due_ns,
                     std::int64_t period_ns, Alive&& alive) {
    fresh.home_.store(this, std::memory_order::release);  // E1 release
    fresh.taker_ = this;
    fresh.period_ns_ = period_ns;
    fresh.group_ = together;
    join(fresh);
    if (!alive()) {
      leave(fresh);
      return start_result::refused;
    }
    const start_result started = pend(fresh, due_ns);
    // The mutex is still held: the keeper may be gone after it.
    if (started == start_result::started_first && keeper_.who != nullptr) {
      keeper_.earlier(keeper_.who, due_ns);
    }
    return started;
  }

  start_result pend(shared_timer& fresh, std::int64_t due_ns) {
    wheel_->start(fresh, due_ns);
    fresh.state_ = shared_timer::state::pending;
    if (due_ns >= next_ns()) return start_result::started;
    next_ns_.store(due_ns, std::memory_order::relaxed);  // the starter's fence follows
    return start_result::started_first;
  }

  void take(shared_timer& due) {
    due.after_ = nullptr;
    *last_taken_ = &due;
    last_taken_ = &due.after_;
    if (due.is_periodic()) {
      due.state_ = shared_timer::state::taken;
    } else {
      due.state_ = shared_timer::state::idle;
      ended(due);
    }
  }

  // False where whoever took it still has it.
  bool withdraw(shared_timer& whom) {
    ended(whom);
    if (whom.state_ == shared_timer::state::taken) {
      whom.state_ = shared_timer::state::taken_and_cancelled;
      return false;
    }
    (void)wheel_->cancel(whom);
    whom.state_ = shared_timer::state::idle;
    return true;
  }

  void ended(shared_timer& whom) {
    whom.generation_.store(whom.generation() + 1, std::memory_order::relaxed);  // I2, under mutex_
    leave(whom);
  }

  void join(shared_timer& fresh) {
    if (fresh.group_ == nullptr) return;
    fresh.older_ = fresh.group_->first_.load(std::memory_order::relaxed);  // under mutex_
    fresh.younger_ = nullptr;
    if (fresh.older_ != nullptr) fresh.older_->younger_ = &fresh;
    fresh.group_->first_.store(&fresh,
                               std::memory_order::relaxed);  // whoever ends the group fences
  }
  void leave(shared_timer& whom) {
    if (whom.group_ == nullptr) return;
    if (whom.older_ != nullptr) whom.older_->younger_ = whom.younger_;
    if (whom.younger_ != nullptr) {
      whom.younger_->older_ = whom.older_;
    } else {
      whom.group_->first_.store(whom.older_, std::memory_order::relaxed);  // under mutex_
    }
    whom.group_ = nullptr;
  }

  void look_ahead() {
    next_ns_.store(wheel_->next_expiry(), std::memory_order::relaxed);  // under mutex_
  }
  void look_ahead_if_empty() {
    if (wheel_->size() == 0) look_ahead();
  }

  static void drop_list(shared_timer* mine) {
    while (mine != nullptr) {
      shared_timer* const after = mine->after_;
      mine->drop(*mine);
      mine = after;
    }
  }

  typename Sync::mutex mutex_;
  wheel_keeper keeper_;  // guarded by mutex_
  sync::atomic<Sync, std::int64_t> next_ns_{no_expiry};
  std::optional<timer_wheel> wheel_;  // guarded by mutex_, as is the rest
  std::int64_t clock_ns_ = 0;
  shared_timer* first_taken_ = nullptr;
  shared_timer** last_taken_ = nullptr;
};

using timer_group = basic_timer_group<>;
using shared_timer = basic_shared_timer<>;
using shared_wheel = basic_shared_wheel<>;

/// What a thread that is a scheduler's worker has at hand; nulls on every other thread. The scheduler's to set.
struct worker_here {
  /// Its own wheel.
  // tidy allows threads: which worker this thread is; no other thread looks at it.
  inline static thread_local shared_wheel* wheel = nullptr;
  /// Itself: where the tasks go that are pinned to it.
  // tidy allows threads: likewise.
  inline static thread_local const executor* self = nullptr;
  /// Its scheduler: where the tasks go that any of its workers may run.
  // tidy allows threads: likewise.
  inline static thread_local const executor* home = nullptr;

  /// True where the calling thread runs what is scheduled there. Addresses alone are compared: whoever asks may hold
  /// that of a scheduler that is gone, and then this says nothing about another one that has come to its place.
  [[nodiscard]] static bool runs(const executor* where) noexcept {
    return where != nullptr && (where == home || where == self);
  }
};

}  // namespace jacquard
