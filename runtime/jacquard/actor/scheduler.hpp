// jacquard/actor/scheduler.hpp: workers that run tasks, steal from each other, and sleep when nothing is to do.
//
// Shape       each worker: a slot for the task that should run next (its data is warm), a deque for the
//             rest, a queue of those that have had their share, and a wheel of timers; all: one injector for tasks
//             from outside.
// Invariants  I1  A scheduled task runs exactly once for each schedule, on one worker.
//             I2  A task from outside is not left while a worker sleeps. One that a worker made for itself moves to a
//                 sleeper once it has waited as `patience` says, and a nap; but not from the slot, in mid-task.
//             I3  A task waits for a bounded number of others: the slot is used a bounded number of times in a row, and
//                 the injector and the queue of who had its share come first, in turn, every `injector_period` tasks.
//             I4  A timer that is due fires as soon as a worker has run a few tasks or has nothing to run, whoever's
//                 wheel it is on; who sleeps, sleeps until the earliest. Without timers nobody wakes up.
//             I5  A task that was scheduled on one worker runs on that one; at the end, once its thread has ended, as it.
// Ordering    the deque's E1 and E2, the injectors' mutexes and E1, idle_workers' E1, E2 and E3, the wheels' mutexes.
// Progress    schedule is wait-free on a worker (until its deque is full, or for a used-up share), else blocks briefly.
// Allocation  when constructed. None per task; none per timer once their pool is warm.
// Checked by  model_checks: scheduling_state_machine (I1, I2), work_stealing_deque, idle_workers, timer,
//             idle_workers.renewal (I4), idle_workers.pinned and idle_workers.watch (I2); on real threads stealing.test.cpp
//             (I2), scheduler.test.cpp (I1, I2, I3), scheduler_timers.test.cpp (I4) and pinned.test.cpp (I5).
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <utility>
#include <vector>

#include <jacquard/actor/idle_workers.hpp>
#include <jacquard/actor/injector.hpp>
#include <jacquard/actor/nap_rhythm.hpp>
#include <jacquard/actor/oldest_watch.hpp>
#include <jacquard/actor/scheduler_options.hpp>
#include <jacquard/actor/shared_wheel.hpp>
#include <jacquard/actor/spin_habit.hpp>
#include <jacquard/actor/task.hpp>
#include <jacquard/env/environment.hpp>
#include <jacquard/memory/never_destroyed.hpp>
#include <jacquard/memory/node_pool.hpp>
#include <jacquard/memory/thread_end.hpp>
#include <jacquard/queue/work_stealing_deque.hpp>
#include <jacquard/sync/native.hpp>

namespace jacquard {

class scheduler final : public executor {
 public:
  using Sync = sync::native;

  /// Starts the workers at once. Where one cannot be started, ends those that run and throws what the environment threw.
  scheduler(environment& world, const scheduler_options& options)
      : world_(world), options_(options), idle_(options.workers) {
    check(options);
    try {
      begin();
    } catch (...) {
      end();
      throw;
    }
  }

  /// Runs what is scheduled, and what that schedules, and returns when no task is left. A task that always
  /// schedules itself again keeps it from returning. Timers that are pending then are dropped.
  ~scheduler() override { end(); }
  scheduler(const scheduler&) = delete;
  scheduler& operator=(const scheduler&) = delete;

  void schedule(task& work, urgency when) noexcept override {
    worker* const here = current_;
    if (here == nullptr || &here->home != this) [[unlikely]]
      return schedule_from_outside(work);
    if (when == urgency::next && here->slot == nullptr && !here->firing) [[likely]] {
      here->slot = &work;
      return;
    }
    here->take(work, when);
  }

  /// Runs tasks on that worker only: they are never stolen. `at` < workers().
  [[nodiscard]] executor& on_worker(std::uint32_t at) noexcept {
    Sync::require(at < options_.workers, "a pinned task's worker must be in [0, workers)");
    return *workers_[at];
  }
  /// A wheel for timers that belong together: the calling worker's own, elsewhere each in turn. Any thread.
  [[nodiscard]] shared_wheel& wheel() noexcept {
    if (is_worker()) return current_->wheel;
    const std::uint32_t turn = next_wheel_.fetch_add(1, std::memory_order::relaxed);  // any will do
    return *wheels_[turn % wheels_.size()];
  }
  [[nodiscard]] std::uint32_t workers() const noexcept { return options_.workers; }
  /// True on a thread that is one of this scheduler's workers.
  [[nodiscard]] bool is_worker() const noexcept {
    return current_ != nullptr && &current_->home == this;
  }
  /// The calling worker's number; `workers()` on any other thread.
  [[nodiscard]] std::uint32_t worker_here() const noexcept {
    return is_worker() ? current_->index : options_.workers;
  }
  [[nodiscard]] bool may_wait() const noexcept override { return current_ == nullptr; }
  [[nodiscard]] const task* running() const noexcept override {
    return is_worker() ? current_->at_work_on : nullptr;
  }
  /// False on the last worker that is free to run anything, and where the workers share one thread.
  [[nodiscard]] bool begin_blocking() noexcept override {
    if (!is_worker() || current_->by_hand) return false;
    const std::uint32_t before =
        blocked_.fetch_add(1, std::memory_order::relaxed);  // a number decides
    if (before + 1 >= options_.workers) {
      end_blocking();
      return false;
    }
    return true;
  }
  void hand_on() noexcept override { current_->give_up_slot(); }
  void end_blocking() noexcept override {
    blocked_.fetch_sub(1, std::memory_order::relaxed);  // a number
  }
  [[nodiscard]] environment& world() const noexcept { return world_; }

  /// Which worker the calling thread is, of any scheduler; null: none. For an environment that stops a worker in the
  /// middle of a task and lets others run on the same thread: it takes the identity off and puts it back.
  static void* exchange_identity(void* other) noexcept {
    worker* const before = current_;
    worker::be(static_cast<worker*>(other));
    return before;
  }

  [[nodiscard]] scheduler_counters counters() const noexcept {
    scheduler_counters sum;
    for (const auto& each : workers_) {
      sum.ran += each->ran.load(std::memory_order::relaxed);        // a statistic
      sum.stolen += each->stolen.load(std::memory_order::relaxed);  // a statistic
      sum.woken += each->woken.load(std::memory_order::relaxed);    // a statistic
      sum.fired += each->fired.load(std::memory_order::relaxed);    // a statistic
    }
    return sum;
  }

 private:
  static constexpr std::size_t deque_capacity = 1024;
  static constexpr std::size_t line = 64;
  static constexpr std::uint32_t timers_period = 8;  // tasks between two looks at the timers
  static constexpr std::int64_t steal_max = 16;      // tasks that move at once

  struct alignas(line) worker final : executor {
    worker(scheduler& owner, std::uint32_t number, shared_wheel& timers, std::uint32_t at)
        : home(owner),
          index(number),
          naps(owner.options_.nap_min_ns, owner.options_.nap_max_ns),
          wheel(timers),
          wheel_index(at) {}

    // Any thread: a task for this worker and no other.
    void schedule(task& work, urgency) noexcept override {
      if (current_ == this) return pinned.push(work);
      pinned.bring(work, [this] { home.idle_.notify_one(index); });
    }

    [[nodiscard]] bool may_wait() const noexcept override { return home.may_wait(); }
    [[nodiscard]] const task* running() const noexcept override { return home.running(); }
    [[nodiscard]] bool begin_blocking() noexcept override { return home.begin_blocking(); }
    void hand_on() noexcept override { home.hand_on(); }
    void end_blocking() noexcept override { home.end_blocking(); }

    static void be(worker* who) noexcept {
      current_ = who;
      worker_here::self = who;
      worker_here::home = who == nullptr ? nullptr : &who->home;
      worker_here::wheel = who == nullptr ? nullptr : &who->wheel;
    }

    // This worker's own thread: a task that it made runnable.
    void take(task& work, urgency when) {
      task* displaced = &work;
      if (when == urgency::next) {
        if (firing) {
          work.next = std::exchange(last_ready, &work);
          return;
        }
        displaced = slot;
        slot = &work;
        if (displaced == nullptr) return;
      }
      if (when == urgency::later || !deque.push(displaced)) shared_out.push(*displaced);
      if (home.options_.workers > 1) home.idle_.notify_nearby();
    }

    // Somebody else has to run what is in the slot.
    void give_up_slot() {
      if (slot != nullptr) take(*std::exchange(slot, nullptr), urgency::soon);
    }

    // On a thread of its own.
    static void run(void* who) {
      worker& me = *static_cast<worker*>(who);
      thread_end::begin();
      be(&me);
      for (worker_turn::outcome what{}; what != worker_turn::outcome::ended;) {
        what = me.turn();
        if (what == worker_turn::outcome::idle) [[unlikely]]
          me.sleep();
      }
      be(nullptr);
    }

    // On a thread that is the environment's.
    static worker_turn turn_by_hand(void* who) {
      worker& me = *static_cast<worker*>(who);
      void* const before = exchange_identity(&me);
      me.by_hand = true;
      const worker_turn::outcome what = me.turn();
      (void)exchange_identity(before);
      if (me.searching) me.home.idle_.give_up();
      me.searching = false;
      return {.what = what, .until_ns = me.home.earliest_timer()};
    }

    worker_turn::outcome turn() {
      if (task* const work = next()) {
        bump(ran);
        at_work_on = work;
        work->run(*work);
        return worker_turn::outcome::ran;
      }
      return at_rest();
    }
    [[gnu::noinline]] worker_turn::outcome at_rest() {
      return home.stops() && pinned.looks_empty() && !home.has_work(false)
                 ? worker_turn::outcome::ended
                 : worker_turn::outcome::idle;
    }

    void sleep() {
      if (may_look_on() && look_on()) return;
      const waking why = home.idle_.sleep(
          index, searching,
          [this](bool watched) {
            return !pinned.looks_empty() || home.stops() || home.has_work(watched);
          },
          [this] { return home.earliest_timer(); },
          naps.is_over() ? no_expiry : later(home.world_.now(), naps.next_ns()),
          [this] { return next_look(); });
      searching = why != waking::working;
      napped = why == waking::napped;
      if (!napped) naps.begin_anew();
      roused = true;
      bump(woken);
    }
    // Before it sleeps, and not after a nap. Among several workers only as a searcher, whom notify counts on.
    [[nodiscard]] bool may_look_on() noexcept {
      return (searching || home.options_.workers == 1) && !napped && home.looks_on_ &&
             spins.takes_chance();
    }
    // True where a task came that it may run. It reads what outsiders write, nothing of a busy worker's.
    [[nodiscard]] bool look_on() {
      const bool came = looks_for(
          home.options_.look_on_ns, [this] { return home.world_.now(); }, &Sync::spin_hint,
          [this] {
            return !home.injector_.looks_empty() || !pinned.looks_empty() || home.stops();
          });
      spins.looked(came);
      return came;
    }
    // The watcher's, at the end of a nap, while it still counts as asleep: when it looks again; no_expiry where it gets
    // up, because there is something to take or nothing to watch.
    [[nodiscard]] std::int64_t next_look() {
      const std::int64_t now = home.world_.now();
      const std::int64_t movable_at = first_movable_at(now);
      naps.looked_in_vain(movable_at != no_expiry);
      if (movable_at <= now || naps.is_over()) return no_expiry;
      bump(woken);
      return later(now, naps.next_ns());
    }

    // The task to run now, or null.
    task* next() {
      if (--until_look == 0) [[unlikely]] {
        if (task* const first = look_around()) return first;
      }
      if (slot != nullptr && slot_uses < home.options_.slot_uses_max) [[likely]] {
        ++slot_uses;
        task* const warm = std::exchange(slot, nullptr);
        return searching || roused ? settle(warm) : warm;
      }
      return next_in_turn();
    }

    [[gnu::noinline]] task* next_in_turn() {
      if (task* const own = next_own()) return own;
      if (fire_all()) {
        if (task* const own = next_own()) return own;
      }
      return search();
    }

    task* next_own() {
      slot_uses = 0;
      if (task* const newest = home.pop(deque)) {
        prefetch(deque.newest());
        return settle(newest);
      }
      if (slot != nullptr) return settle(std::exchange(slot, nullptr));
      if (task* const mine = pinned.pop()) return settle(mine);
      return settle(next_in_line());
    }
    // What is new from outside comes before what has had its share.
    task* next_in_line() {
      if (task* const outside = home.injector_.pop()) return outside;
      return shared_out.pop();
    }

    // Once in a few tasks: the timers, and now and then the injector before everything else.
    [[gnu::noinline]] task* look_around() {
      until_look = std::min(timers_period, home.options_.injector_period);
      look_at_timers();
      if (task* const mine = pinned.pop()) return settle(mine);
      tasks_since_injector += until_look;
      if (tasks_since_injector < home.options_.injector_period) return nullptr;
      tasks_since_injector = 0;
      outside_first = !outside_first;
      return settle((outside_first ? home.injector_ : shared_out).pop());
    }

    // Between tasks: this worker's timers, and in turn somebody else's, who may be stuck.
    void look_at_timers() {
      other_wheel = other_wheel + 1 < home.options_.workers ? other_wheel + 1 : 0;
      shared_wheel& other = *home.wheels_[other_wheel];
      if (wheel.next_ns() == no_expiry && other.next_ns() == no_expiry) return;
      const std::int64_t now = home.world_.now();
      if (wheel.next_ns() <= now) fire(wheel, now);
      if (other.next_ns() <= now) fire(other, now);
    }

    // Nothing else to do: everybody's. True where something fired.
    bool fire_all() {
      if (home.earliest_timer() == no_expiry) return false;
      const std::int64_t now = home.world_.now();
      bool any = false;
      for (shared_wheel* const each : home.wheels_)
        while (each->next_ns() <= now && fire(*each, now)) any = true;
      return any;
    }

    // What the timers make runnable runs in the order of their deadlines: the last one goes into the deque first.
    bool fire(shared_wheel& of, std::int64_t now) {
      firing = true;
      shared_timer* const first = of.take_due(now);
      for (shared_timer *each = first, *after = nullptr; each != nullptr; each = after) {
        after = each->after();
        bump(fired);
        if (task* const ready = each->fire(*each)) take(*ready, urgency::next);
        const start_result again =
            each->is_periodic() ? of.renew(*each, now) : start_result::refused;
        if (again == start_result::refused) each->fired(*each);
        // A keeper may have gone to sleep meanwhile, and not seen the timer.
        if (again == start_result::started_first) home.idle_.notify_timer(of.next_ns());
      }
      firing = false;
      // One alone runs here and at once: nobody need be woken for it.
      const bool alone = slot == nullptr && last_ready != nullptr && last_ready->next == nullptr;
      if (alone) slot = std::exchange(last_ready, nullptr);
      while (last_ready != nullptr) {
        task& ready = *std::exchange(last_ready, last_ready->next);
        take(ready, urgency::soon);
      }
      return first != nullptr;
    }

    // What others have waiting. Right after work or a call it waits a moment for what may soon be taken; after a
    // nap the next nap is the moment.
    task* search() {
      if (!searching && home.options_.workers > 1) searching = home.idle_.try_search();
      if (!searching) return nullptr;
      // No longer than a nap: who has been given much patience does not spend it spinning.
      const std::int64_t patience = home.options_.stealing.steal_after_ns;
      const std::int64_t moment = std::min(later(patience, patience), home.options_.nap_min_ns);
      for (const std::int64_t until = later(home.world_.now(), moment);;) {
        if (task* const outside = home.injector_.pop()) return settle(outside);
        std::int64_t movable_at = no_expiry;
        if (task* const old = look_at_others(movable_at)) return settle(old);
        if (napped || by_hand || movable_at >= until) return nullptr;
        while (home.world_.now() < movable_at && home.injector_.looks_empty() &&
               pinned.looks_empty()) {
          Sync::spin_hint();
        }
        if (!pinned.looks_empty()) return nullptr;
      }
    }

    // When the first task that others have waiting will have waited long enough; no_expiry where none waits.
    [[nodiscard]] std::int64_t first_movable_at(std::int64_t now) {
      std::int64_t first = no_expiry;
      for (const auto& other : home.workers_) {
        if (other.get() == this) continue;
        first = std::min({first, movable_at(*other, other->deque, other->deque_watch, now),
                          movable_at(*other, other->shared_out, other->shared_out_watch, now)});
      }
      return first;
    }
    template <class Queue>
    [[nodiscard]] std::int64_t movable_at(const worker& other, const Queue& queue,
                                          basic_oldest_watch<Sync>& watch, std::int64_t now) {
      const auto seen = queue.look();
      if (seen.items <= 0) return no_expiry;
      const std::uint64_t tasks = other.ran.load(std::memory_order::relaxed);  // a hint
      return watch.movable_at(seen.oldest, tasks, now, home.options_.stealing);
    }

    // Takes what has waited long enough. Else when the first task will have.
    task* look_at_others(std::int64_t& first) {
      const auto count = static_cast<std::uint32_t>(home.workers_.size());
      const std::uint32_t start = home.world_.pick(count);
      const bool at_once = by_hand || home.stops();
      const std::int64_t now = home.world_.now();
      for (std::uint32_t i = 0; i < count; ++i) {
        worker& other = *home.workers_[(start + i) % count];
        if (&other == this) continue;
        if (task* const old = look_at(other, other.deque, other.deque_watch, at_once, now, first)) {
          return old;
        }
        if (task* const old =
                look_at(other, other.shared_out, other.shared_out_watch, at_once, now, first)) {
          return old;
        }
      }
      return nullptr;
    }
    template <class Queue>
    task* look_at(worker& other, Queue& queue, basic_oldest_watch<Sync>& watch, bool at_once,
                  std::int64_t now, std::int64_t& first) {
      if (!at_once) {
        const std::int64_t when = movable_at(other, queue, watch, now);
        first = std::min(first, when);
        if (when > now) return nullptr;
      }
      // Half of them, so that the next one is far; the first is to run now.
      const auto seen = queue.look();
      const std::int64_t most = by_hand ? 1 : std::min(steal_max, (seen.items + 1) / 2);
      task* const oldest = steal_from(queue);
      if (oldest == nullptr) return nullptr;
      for (std::int64_t i = 1; i < most; ++i) {
        task* const more = steal_from(queue);
        if (more == nullptr) break;
        shared_out.push(*more);
      }
      watch.moved_to(queue.look().oldest, seen.oldest + seen.items);
      naps.took();
      return oldest;
    }
    task* steal_from(basic_work_stealing_deque<task*, deque_capacity, Sync>& queue) {
      task* oldest = nullptr;
      if (queue.looks_empty() || queue.steal(oldest) != steal_status::stolen) return nullptr;
      bump(stolen);
      return oldest;
    }
    task* steal_from(basic_injector<Sync>& queue) {
      task* const oldest = queue.pop();
      if (oldest != nullptr) bump(stolen);
      return oldest;
    }

    // A searcher that has work says so, and whoever leaves its sleep leaves the timers to another sleeper.
    task* settle(task* work) {
      if (work != nullptr && (searching || roused)) [[unlikely]]
        begin();
      return work;
    }
    [[gnu::noinline]] void begin() {
      roused = napped = false;
      const bool searched = std::exchange(searching, false);
      if (home.options_.workers > 1) {
        home.idle_.begin(
            searched, [this](bool watched) { return home.has_work(watched); },
            [this] { return home.earliest_timer(); });
      } else if (searched) {
        home.idle_.give_up();
      }
    }

    static void bump(sync::atomic<Sync, std::uint64_t>& statistic) {
      // One writer: no read-modify-write.
      statistic.store(statistic.load(std::memory_order::relaxed) + 1, std::memory_order::relaxed);
    }

    scheduler& home;
    const std::uint32_t index;
    task* slot = nullptr;
    const task* at_work_on = nullptr;  // or ran last
    bool by_hand = false;              // its thread is the environment's
    std::uint32_t slot_uses = 0;
    std::uint32_t until_look = 1;
    std::uint32_t tasks_since_injector = 0;
    std::uint32_t other_wheel = 0;
    task* last_ready = nullptr;  // made runnable by timers that fire just now, in a row by `next`
    bool outside_first = false;
    basic_injector<Sync> pinned;      // what only this worker may run
    basic_injector<Sync> shared_out;  // what has had its share, and what the deque has no room for
    bool firing = false;
    bool searching = false;
    bool roused = false;  // it slept, and has not found a task since
    bool napped = false;  // likewise, as the watcher
    nap_rhythm naps;
    spin_habit spins;
    shared_wheel& wheel;
    const std::uint32_t wheel_index;
    sync::atomic<Sync, std::uint64_t> ran{0};
    sync::atomic<Sync, std::uint64_t> stolen{0};
    sync::atomic<Sync, std::uint64_t> woken{0};
    sync::atomic<Sync, std::uint64_t> fired{0};
    basic_work_stealing_deque<task*, deque_capacity, Sync> deque;
    // The others'.
    alignas(line) basic_oldest_watch<Sync> deque_watch;
    basic_oldest_watch<Sync> shared_out_watch;
  };

  [[gnu::noinline]] void schedule_from_outside(task& work) noexcept {
    injector_.bring(work, [this] { idle_.notify(); });
  }

  void begin() {
    for (std::uint32_t i = 0; i < options_.workers; ++i) {
      const auto at = wheels().acquire();
      if (at == wheel_pool::none) throw std::bad_alloc();
      workers_.push_back(std::make_unique<worker>(*this, i, wheels()[at], at));
      wheels_.push_back(&wheels()[at]);
      wheels_.back()->open(world_.now(), {.who = this, .now_ns = &clock, .earlier = &notify_timer});
    }
    for (const auto& each : workers_)
      world_.start_worker({.run = &worker::run, .turn = &worker::turn_by_hand, .who = each.get()});
  }
  void end() noexcept {                                 // also where not all workers have begun
    stopping_.store(true, std::memory_order::seq_cst);  // E1 of idle_workers, as any work
    idle_.notify_all();
    world_.join_workers();
    injector_.wait_for_bringers();
    for (const auto& each : workers_) each->pinned.wait_for_bringers();
    // One may have ended before another's last task had something for it: now this thread is each in turn.
    for (bool again = true; std::exchange(again, false);) {
      for (const auto& each : workers_)
        again |= worker::turn_by_hand(each.get()).what == worker_turn::outcome::ran;
    }
    for (const auto& each : workers_) {
      each->wheel.close();
      wheels().release(each->wheel_index, each->wheel_index);
    }
  }

  // Wheels are kept for ever: a handle may look at its timer's at any time.
  using wheel_pool = basic_node_pool<shared_wheel>;
  static wheel_pool& wheels() {
    static never_destroyed<wheel_pool> all([] { return wheel_pool(1); });
    return *all;
  }

  static std::int64_t clock(void* who) { return static_cast<scheduler*>(who)->world_.now(); }
  static void notify_timer(void* who, std::int64_t due_ns) {
    scheduler& mine = *static_cast<scheduler*>(who);
    if (mine.options_.workers == 1 && mine.is_worker()) return;  // nobody sleeps
    mine.idle_.notify_timer(due_ns);
  }

  [[nodiscard]] std::int64_t earliest_timer() const noexcept {
    std::int64_t first = no_expiry;
    for (const shared_wheel* const each : wheels_) first = std::min(first, each->next_ns());
    return first;
  }
  // What the workers made for themselves is a watcher's business, where there is one.
  [[nodiscard]] bool has_work(bool watched) const noexcept {
    if (!injector_.looks_empty()) return true;
    if (watched) return false;
    for (const auto& each : workers_) {
      if (!each->deque.looks_empty() || !each->shared_out.looks_empty()) return true;
    }
    return false;
  }
  [[nodiscard]] bool stops() const noexcept {
    return stopping_.load(std::memory_order::seq_cst);  // E1 of idle_workers
  }
  static task* pop(basic_work_stealing_deque<task*, deque_capacity, Sync>& deque) noexcept {
    return deque.looks_empty() ? nullptr : deque.pop();
  }

  // tidy allows threads: which worker this thread is; no other thread looks at it.
  inline static thread_local worker* current_ = nullptr;

  environment& world_;
  const scheduler_options options_;
  const bool looks_on_ = options_.look_on_ns > 0 && Sync::has_other_processors();
  basic_injector<Sync> injector_;
  basic_idle_workers<Sync> idle_;
  sync::atomic<Sync, std::uint32_t> blocked_{0};  // workers that wait in a handler
  sync::atomic<Sync, bool> stopping_{false};
  sync::atomic<Sync, std::uint32_t> next_wheel_{0};
  std::vector<std::unique_ptr<worker>> workers_;
  std::vector<shared_wheel*> wheels_;  // theirs, here because they write to their own lines
};

}  // namespace jacquard
