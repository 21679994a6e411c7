// jacquard/actor/scheduler.hpp: workers that run tasks, steal from each other, and sleep when nothing is to do.
//
// Shape       each worker (worker.hpp): a slot for the task that should run next (its data is warm), a deque for the
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
// Checked by  model_checks: scheduling_state_machine (I1, I2), scheduler_timers (I1, I4), work_stealing_deque, idle_workers,
//             timer, idle_workers.renewal (I4), idle_workers.pinned and idle_workers.watch (I2); on real threads stealing.test.cpp
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
#include <jacquard/actor/task.hpp>
#include <jacquard/actor/worker.hpp>
#include <jacquard/env/environment.hpp>
#include <jacquard/memory/never_destroyed.hpp>
#include <jacquard/memory/node_pool.hpp>
#include <jacquard/memory/thread_end.hpp>
#include <jacquard/sync/native.hpp>

namespace jacquard {

/// `Surroundings` says what it stands in: native_surroundings below is the process, and scheduler the class that ships.
/// Whoever derives from it calls `end` before its own end.
template <class Surroundings>
class basic_scheduler : public executor {
 public:
  using Sync = typename Surroundings::Sync;
  using world_type = typename Surroundings::world;
  using worker = basic_worker<Surroundings>;
  using shared_wheel = typename Surroundings::wheel;

  /// Starts the workers at once. Where one cannot be started, ends those that run and throws what the environment threw.
  basic_scheduler(world_type& world, const scheduler_options& options)
      : world_(world), options_(options), idle_(options.workers) {
    check(options);
    try {
      begin();
    } catch (...) {
      end();
      throw;
    }
  }

  basic_scheduler(const basic_scheduler&) = delete;
  basic_scheduler& operator=(const basic_scheduler&) = delete;

  void schedule(task& work, urgency when) noexcept final {
    worker* const here = current();
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
    if (is_worker()) return current()->wheel;
    const std::uint32_t turn = next_wheel_.fetch_add(1, std::memory_order::relaxed);  // any will do
    return *wheels_[turn % wheels_.size()];
  }
  [[nodiscard]] std::uint32_t workers() const noexcept { return options_.workers; }
  /// True on a thread that is one of this scheduler's workers.
  [[nodiscard]] bool is_worker() const noexcept {
    const worker* const here = current();
    return here != nullptr && &here->home == this;
  }
  /// The calling worker's number; `workers()` on any other thread.
  [[nodiscard]] std::uint32_t worker_here() const noexcept {
    return is_worker() ? current()->index : options_.workers;
  }
  [[nodiscard]] bool may_wait() const noexcept final { return current() == nullptr; }
  [[nodiscard]] const task* running() const noexcept final {
    return is_worker() ? current()->at_work_on : nullptr;
  }
  /// False on the last worker that is free to run anything, and where the workers share one thread.
  [[nodiscard]] bool begin_blocking() noexcept final {
    if (!is_worker() || current()->by_hand) return false;
    const std::uint32_t before =
        blocked_.fetch_add(1, std::memory_order::relaxed);  // a number decides
    if (before + 1 >= options_.workers) {
      end_blocking();
      return false;
    }
    return true;
  }
  void hand_on() noexcept final { current()->give_up_slot(); }
  void end_blocking() noexcept final {
    blocked_.fetch_sub(1, std::memory_order::relaxed);  // a number
  }
  [[nodiscard]] world_type& world() const noexcept { return world_; }

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

  /// Any thread. Has the workers end where no task is left. What is scheduled meanwhile runs.
  void stop() noexcept {
    stopping_.store(true, std::memory_order::seq_cst);  // E1 of idle_workers, as any work
    idle_.notify_all();
  }
  /// Runs what is scheduled, and what that schedules, and returns when no task is left. A task that always schedules itself
  /// again keeps it from returning. Timers that are pending then are dropped. Once, and nothing is called afterwards; also
  /// where not all workers have begun.
  void end() noexcept {
    stop();
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

 private:
  friend worker;

  [[gnu::noinline]] void schedule_from_outside(task& work) noexcept {
    injector_.bring(work, [this] { idle_.notify(); });
  }

  void begin() {
    for (std::uint32_t i = 0; i < options_.workers; ++i) {
      const auto at = wheels().acquire();
      if (at == wheels().none) throw std::bad_alloc();
      workers_.push_back(std::make_unique<worker>(*this, i, wheels()[at], at));
      wheels_.push_back(&wheels()[at]);
      wheels_.back()->open(world_.now(), {.who = this, .now_ns = &clock, .earlier = &notify_timer});
    }
    for (const auto& each : workers_)
      world_.start_worker({.run = &worker::run, .turn = &worker::turn_by_hand, .who = each.get()});
  }

  [[nodiscard]] auto& wheels() noexcept { return Surroundings::wheels(world_); }
  [[nodiscard]] worker* current() const noexcept { return Surroundings::current(world_); }

  static std::int64_t clock(void* who) { return static_cast<basic_scheduler*>(who)->world_.now(); }
  static void notify_timer(void* who, std::int64_t due_ns) {
    basic_scheduler& mine = *static_cast<basic_scheduler*>(who);
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
  static task* pop(typename worker::deque_type& deque) noexcept {
    return deque.looks_empty() ? nullptr : deque.pop();
  }

  world_type& world_;
  const scheduler_options options_;
  const bool looks_on_ = options_.look_on_ns > 0 && Surroundings::has_other_processors();
  basic_injector<Sync> injector_;
  typename Surroundings::idle idle_;
  sync::atomic<Sync, std::uint32_t> blocked_{0};  // workers that wait in a handler
  sync::atomic<Sync, bool> stopping_{false};
  sync::atomic<Sync, std::uint32_t> next_wheel_{0};
  std::vector<std::unique_ptr<worker>> workers_;
  std::vector<shared_wheel*> wheels_;  // theirs, here because they write to their own lines
};

/// The process: its threads' identities, its clock, and wheels that are kept for ever.
struct native_surroundings {
  using Sync = sync::native;
  using world = environment;
  using wheel = jacquard::shared_wheel;
  using idle = basic_idle_workers<Sync>;
  using watch = basic_oldest_watch<Sync>;
  using rhythm = nap_rhythm;
  using statistic = sync::atomic<Sync, std::uint64_t>;
  using worker = basic_worker<native_surroundings>;
  static constexpr std::size_t deque_capacity = 1024;

  /// Which worker the calling thread is, of any scheduler; null: none.
  [[nodiscard]] static worker* current(const environment&) noexcept { return current_; }
  static void be(environment&, worker* who) noexcept { be(who); }
  static void be(worker* who) noexcept {
    current_ = who;
    worker_here::self = who;
    worker_here::home = who == nullptr ? nullptr : &who->home;
    worker_here::wheel = who == nullptr ? nullptr : &who->wheel;
  }
  static void begin_thread() { thread_end::begin(); }
  [[nodiscard]] static bool has_other_processors() noexcept { return Sync::has_other_processors(); }

  // Wheels are kept for ever: a handle may look at its timer's at any time.
  using wheel_pool = basic_node_pool<wheel>;
  [[nodiscard]] static wheel_pool& wheels(environment&) {
    static never_destroyed<wheel_pool> all([] { return wheel_pool(1); });
    return *all;
  }

  // tidy allows threads: which worker this thread is; no other thread looks at it.
  inline static thread_local worker* current_ = nullptr;
};

class scheduler final : public basic_scheduler<native_surroundings> {
 public:
  using basic_scheduler::basic_scheduler;
  /// As `end`.
  ~scheduler() override { end(); }

  /// Which worker the calling thread is, of any scheduler; null: none. For an environment that stops a worker in the
  /// middle of a task and lets others run on the same thread: it takes the identity off and puts it back.
  static void* exchange_identity(void* other) noexcept {
    native_surroundings::worker* const before = native_surroundings::current_;
    native_surroundings::be(static_cast<native_surroundings::worker*>(other));
    return before;
  }
};

}  // namespace jacquard
