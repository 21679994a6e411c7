// checks/machine_workers.hpp: the workers of scheduling_state_machine: the deque, the injector and the idle workers
// that ship, with as little between them as scheduler.hpp has.
//
// `scheduler` itself runs on threads and a clock of its own and is no template over the policy; what it does between
// those parts is written down here again, step by step and under the same names. Left out: timers, pinned tasks.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <utility>

#include <jacquard/actor/idle_workers.hpp>
#include <jacquard/actor/injector.hpp>
#include <jacquard/actor/task.hpp>
#include <jacquard/queue/work_stealing_deque.hpp>
#include <jacquard/sync/policy.hpp>

namespace jacquard::checks {

/// What may be wrong with the machine: each is a seeded bug.
enum class machine_flaw : std::uint8_t {
  none,
  schedules_twice,                    // a sender schedules whom another one has scheduled
  schedules_before_it_pushes,         // a sender schedules first, and pushes then
  goes_on_after_its_share,            // an activation that was scheduled again handles one more
  forgets_after_its_share,            // an activation whose share is used up is not scheduled again
  compares_no_generation,             // a letter of another generation is handled
  takes_orders_of_others,             // an order for another generation is obeyed
  drains_before_it_closes,            // what comes between the last look and the closing stays
  leaves_the_slot,                    // a worker whose slot had its share looks at it no more
  sleeps_without_a_look_at_injector,  // nor whoever goes to sleep at the injector
};

/// Where the workers do less than they might, so that a search of every execution ends.
struct machine_habits {
  std::uint32_t asleep = 0;       // the first so many workers begin by going to sleep
  bool goes_at_once = false;      // whoever sees that stop was called goes home, whatever is left
  bool first_stays_away = false;  // worker 0 is busy elsewhere once it finds nothing of its own
};

/// `Workers` of them. A task's `run` is called with the worker that runs it.
template <sync::policy Sync, std::uint32_t Workers, machine_flaw Flaw = machine_flaw::none,
          machine_habits Habits = machine_habits{}>
class machine_workers {
 public:
  struct worker {
    std::uint32_t index = 0;
    task* slot = nullptr;
    std::uint32_t slot_uses = 0;
    bool searching = false;
    basic_work_stealing_deque<task*, 2, Sync> deque;
  };

  machine_workers() {
    for (std::uint32_t i = 0; i < Workers; ++i) workers_[i].index = i;
  }

  /// scheduler::schedule. `here`: the calling worker; null elsewhere.
  void schedule(worker* here, task& work, urgency when) {
    if (here == nullptr || when == urgency::later) {
      injector_.push(work);
      idle_.notify();
      return;
    }
    task* const displaced = std::exchange(here->slot, &work);
    if (displaced == nullptr) return;
    if (!here->deque.push(displaced)) injector_.push(*displaced);
    if (Workers > 1) idle_.notify_nearby();
  }

  /// scheduler's worker::run, until `stop` was called and nothing is left. `run(worker, task)`.
  template <class Run>
  void serve(std::uint32_t who, Run&& run) {
    worker& me = workers_[who];
    if (who < Habits.asleep) sleep(me);
    for (;;) {
      if (Habits.goes_at_once && stops()) return;
      if (task* const work = next(me)) {
        run(me, *work);
      } else if (stays_away(me) || (stops() && !has_work())) {
        return;
      } else {
        sleep(me);
      }
    }
  }

  /// Whoever has seen the last of the work.
  void stop() {
    stopping_.store(1, std::memory_order::relaxed);  // notify_all's mutex orders it
    idle_.notify_all();
  }

  [[nodiscard]] worker& operator[](std::uint32_t at) { return workers_[at]; }

 private:
  static constexpr std::uint32_t slot_uses_max = 1;

  static bool stays_away(const worker& me) { return Habits.first_stays_away && me.index == 0; }
  [[nodiscard]] bool stops() const {
    return stopping_.load(std::memory_order::relaxed) != 0;  // idle_workers' E1 orders it
  }
  void sleep(worker& me) {
    me.searching = idle_.sleep(me.index, me.searching,
                               [this](bool) { return stops() || has_work(); }) != waking::working;
  }

  task* next(worker& me) {
    if (me.slot != nullptr && me.slot_uses < slot_uses_max) {
      ++me.slot_uses;
      return settle(me, std::exchange(me.slot, nullptr));
    }
    if (Flaw != machine_flaw::leaves_the_slot) me.slot_uses = 0;
    if (task* const newest = me.deque.looks_empty() ? nullptr : me.deque.pop()) {
      return settle(me, newest);
    }
    if (me.slot != nullptr && Flaw != machine_flaw::leaves_the_slot) {
      return settle(me, std::exchange(me.slot, nullptr));
    }
    if (task* const outside = injector_.pop()) return settle(me, outside);
    return search(me);
  }
  task* search(worker& me) {
    if (stays_away(me)) return nullptr;
    if (!me.searching && Workers > 1) me.searching = idle_.try_search();
    if (!me.searching) return nullptr;
    for (bool again = true; again;) {
      again = false;
      for (worker& victim : workers_) {
        if (&victim == &me) continue;
        task* stolen = nullptr;
        switch (victim.deque.steal(stolen)) {
          case steal_status::stolen:
            return settle(me, stolen);
          case steal_status::lost:
            again = true;
            break;
          case steal_status::empty:
            break;
        }
      }
      if (task* const outside = injector_.pop()) return settle(me, outside);
    }
    return nullptr;
  }
  task* settle(worker& me, task* work) {
    if (std::exchange(me.searching, false)) {
      idle_.begin(true, [this](bool) { return has_work(); });
    }
    return work;
  }
  [[nodiscard]] bool has_work() {
    if (Flaw != machine_flaw::sleeps_without_a_look_at_injector && !injector_.looks_empty())
      return true;
    for (const worker& each : workers_) {
      if (!each.deque.looks_empty()) return true;
    }
    return false;
  }

  basic_injector<Sync> injector_;
  basic_idle_workers<Sync> idle_{Workers};
  sync::atomic<Sync, std::uint32_t> stopping_{0};
  std::array<worker, Workers> workers_;
};

}  // namespace jacquard::checks
