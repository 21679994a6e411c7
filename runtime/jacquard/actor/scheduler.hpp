// jacquard/actor/scheduler.hpp: workers that run tasks, steal from each other, and sleep when there is
// nothing to do.
//
// Shape       each worker: a slot for the task that should run next (its data is warm), a deque for the
//             rest; all: one injector for tasks from outside and for those that have had their share.
// Invariants  I1  A scheduled task runs exactly once for each schedule, on one worker.
//             I2  A scheduled task is not left while a worker sleeps, but for the one in the slot of a worker
//                 that is in the middle of another task.
//             I3  A task waits for a bounded number of others: the slot is used a bounded number of times in a
//                 row, and the injector is looked at first every `injector_period` tasks.
// Ordering    the deque's E1 and E2, the injector's mutex, idle_workers' E1.
// Progress    schedule is wait-free on a worker (until its deque is full), blocking for a few instructions elsewhere.
// Allocation  when constructed. None per task.
// Checked by  model_checks: work_stealing_deque, idle_workers; scheduler.test.cpp on real threads (I1, I2, I3).
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include <jacquard/actor/idle_workers.hpp>
#include <jacquard/actor/injector.hpp>
#include <jacquard/actor/task.hpp>
#include <jacquard/env/environment.hpp>
#include <jacquard/queue/work_stealing_deque.hpp>
#include <jacquard/sync/native.hpp>

namespace jacquard {

struct scheduler_options {
  /// Threads that run tasks. [1, 1024]
  std::uint32_t workers = 1;
  /// How often in a row a worker runs the task in its slot before it takes one in turn. >= 1
  std::uint32_t slot_uses_max = 16;
  /// After how many tasks a worker looks at the injector first. >= 1
  std::uint32_t injector_period = 61;
};

/// What the workers did, summed. Exact when they are at rest.
struct scheduler_counters {
  std::uint64_t ran = 0;
  std::uint64_t stolen = 0;
  std::uint64_t woken = 0;  // returns from sleep
};

class scheduler final : public executor {
 public:
  using Sync = sync::native;

  /// Starts the workers at once.
  scheduler(environment& world, const scheduler_options& options)
      : world_(world), options_(options), idle_(options.workers) {
    Sync::require(options.workers >= 1 && options.workers <= 1024, "workers must be in [1, 1024]");
    Sync::require(options.slot_uses_max >= 1, "slot_uses_max must be at least 1");
    Sync::require(options.injector_period >= 1, "injector_period must be at least 1");
    for (std::uint32_t i = 0; i < options.workers; ++i) {
      workers_.push_back(std::make_unique<worker>(*this, i));
    }
    for (const auto& each : workers_) {
      world_.start_worker([](void* who) { static_cast<worker*>(who)->run(); }, each.get());
    }
  }

  /// Runs what is scheduled, and what that schedules, and returns when no task is left. A task that always
  /// schedules itself again keeps it from returning.
  ~scheduler() override {
    stopping_.store(true,
                    std::memory_order::seq_cst);  // E1 of idle_workers, as any work made visible
    idle_.notify_all();
    world_.join_workers();
  }
  scheduler(const scheduler&) = delete;
  scheduler& operator=(const scheduler&) = delete;

  void schedule(task& work, urgency when) noexcept override {
    worker* const here = current_;
    if (here == nullptr || &here->home != this || when == urgency::later) {
      injector_.push(work);
      idle_.notify();
      return;
    }
    here->take(work, when);
  }

  [[nodiscard]] std::uint32_t workers() const noexcept { return options_.workers; }
  /// True on a thread that is one of this scheduler's workers.
  [[nodiscard]] bool is_worker() const noexcept {
    return current_ != nullptr && &current_->home == this;
  }
  [[nodiscard]] bool may_wait() const noexcept override { return current_ == nullptr; }
  [[nodiscard]] environment& world() const noexcept { return world_; }

  [[nodiscard]] scheduler_counters counters() const noexcept {
    scheduler_counters sum;
    for (const auto& each : workers_) {
      sum.ran += each->ran.load(std::memory_order::relaxed);        // a statistic
      sum.stolen += each->stolen.load(std::memory_order::relaxed);  // a statistic
      sum.woken += each->woken.load(std::memory_order::relaxed);    // a statistic
    }
    return sum;
  }

 private:
  static constexpr std::size_t deque_capacity = 1024;
  static constexpr std::size_t line = 64;

  struct alignas(line) worker {
    worker(scheduler& owner, std::uint32_t number) : home(owner), index(number) {}

    // This worker's own thread: a task that it made runnable.
    void take(task& work, urgency when) {
      task* displaced = &work;
      if (when == urgency::next) {
        displaced = slot;
        slot = &work;
        if (displaced == nullptr) return;
      }
      if (!deque.push(displaced)) home.injector_.push(*displaced);
      if (home.options_.workers > 1) home.idle_.notify();
    }

    void run() {
      current_ = this;
      while (task* const work = next()) {
        bump(ran);
        work->run(*work);
      }
      current_ = nullptr;
    }

    // The task to run now; null when the scheduler stops and nothing is left.
    task* next() {
      for (;;) {
        if (task* const own = next_own()) return own;
        if (task* const other = search()) return other;
        const bool ends = home.stopping_.load(std::memory_order::seq_cst);  // E1 of idle_workers
        if (ends && !home.has_work()) return nullptr;
        searching = home.idle_.sleep(index, searching, [this] { return home.stops_or_has_work(); });
        bump(woken);
      }
    }

    task* next_own() {
      if (++tick % home.options_.injector_period == 0) {
        if (task* const first = home.injector_.pop()) return settle(first);
      }
      if (slot != nullptr && slot_uses < home.options_.slot_uses_max) {
        ++slot_uses;
        return settle(std::exchange(slot, nullptr));
      }
      slot_uses = 0;
      if (task* const newest = home.pop(deque)) return settle(newest);
      if (slot != nullptr) return settle(std::exchange(slot, nullptr));
      return settle(home.injector_.pop());
    }

    task* search() {
      if (!searching && home.options_.workers > 1) searching = home.idle_.try_search();
      if (!searching) return nullptr;
      const auto count = static_cast<std::uint32_t>(home.workers_.size());
      for (bool again = true; again;) {
        again = false;
        const std::uint32_t first = home.world_.pick(count);
        for (std::uint32_t i = 0; i < count; ++i) {
          worker& victim = *home.workers_[(first + i) % count];
          if (&victim == this) continue;
          task* stolen_task = nullptr;
          switch (victim.deque.steal(stolen_task)) {
            case steal_status::stolen:
              bump(stolen);
              return settle(stolen_task);
            case steal_status::lost:
              again = true;
              break;
            case steal_status::empty:
              break;
          }
        }
        if (task* const outside = home.injector_.pop()) return settle(outside);
      }
      return nullptr;
    }

    // A searcher that has work says so.
    task* settle(task* work) {
      if (work != nullptr && searching) {
        searching = false;
        home.idle_.found();
      }
      return work;
    }

    static void bump(sync::atomic<Sync, std::uint64_t>& statistic) {
      // One writer: no read-modify-write.
      statistic.store(statistic.load(std::memory_order::relaxed) + 1, std::memory_order::relaxed);
    }

    scheduler& home;
    const std::uint32_t index;
    task* slot = nullptr;
    std::uint32_t slot_uses = 0;
    std::uint32_t tick = 0;
    bool searching = false;
    sync::atomic<Sync, std::uint64_t> ran{0};
    sync::atomic<Sync, std::uint64_t> stolen{0};
    sync::atomic<Sync, std::uint64_t> woken{0};
    basic_work_stealing_deque<task*, deque_capacity, Sync> deque;
  };

  [[nodiscard]] bool has_work() const noexcept {
    if (!injector_.looks_empty()) return true;
    for (const auto& each : workers_) {
      if (!each->deque.looks_empty()) return true;
    }
    return false;
  }
  [[nodiscard]] bool stops_or_has_work() const noexcept {
    return stopping_.load(std::memory_order::seq_cst) || has_work();  // E1 of idle_workers
  }
  static task* pop(basic_work_stealing_deque<task*, deque_capacity, Sync>& deque) noexcept {
    return deque.looks_empty() ? nullptr : deque.pop();
  }

  // tidy allows threads: which worker this thread is; no other thread looks at it.
  inline static thread_local worker* current_ = nullptr;

  environment& world_;
  const scheduler_options options_;
  basic_injector<Sync> injector_;
  basic_idle_workers<Sync> idle_;
  sync::atomic<Sync, bool> stopping_{false};
  std::vector<std::unique_ptr<worker>> workers_;
};

}  // namespace jacquard
