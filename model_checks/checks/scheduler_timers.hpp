// checks/scheduler_timers.hpp: a timer of the scheduler that ships is fired once or cancelled, never both and never lost,
// whichever worker fires it; and whoever would sleep through it is woken.
//
// Claims   of scheduler.hpp: I1, I4; of shared_wheel.hpp: I1, I3; of idle_workers.hpp: I3
// Threads  0 to workers - 1  workers, as they ship: they look, fire, sleep, and end when all timers have ended
//          then              a thread that is no worker: starts the timers, schedules a task
//          then              a thread that cancels
//
// A timer that nobody fires is a deadlock: the workers are told to end only once every timer has ended.
#pragma once

#include <array>
#include <cstdint>

#include <jacquard/actor/scheduler.hpp>
#include <jacquard/actor/task.hpp>
#include <jacquard/queue/parker.hpp>

#include "checks/scheduler_world.hpp"

namespace jacquard::checks {

/// One small world of timers.
struct timing {
  std::uint32_t workers = 1;
  std::uint32_t timers = 1;  // that are due, each on the next wheel
  bool cancelled = false;    // by another thread, at any time
  bool periodic = false;     // once more, far ahead; until it is cancelled
  bool far_before = false;   // a timer far ahead is pending from the start
  bool before = false;       // they are started before anybody runs
  bool by_a_worker = false;  // a task starts them, on the worker that runs it
  bool makes_tasks = false;  // each has a task run
  // A task holds its worker until they have ended: it is there from the start, or comes then where the timers are.
  bool beside_a_stuck = false;
  std::uint32_t asleep = 0;  // the first so many workers begin by going to sleep
};

template <sync::policy S, timing World, template <class> class Idle = basic_idle_workers,
          template <class> class Wheel = basic_shared_wheel>
class scheduler_timers {
  using surroundings = small_surroundings<S, World.workers, Idle, Wheel>;
  using Sync = typename surroundings::Sync;
  using base = basic_shared_timer<Sync>;

 public:
  static constexpr bool from_outside = !World.before || World.beside_a_stuck;
  static constexpr unsigned thread_count = World.workers + from_outside + World.cancelled;

  scheduler_timers() {
    for (alarm& each : alarms_) each.all = this;
    far_.all = this;
    starter_.all = this;
  }
  void before() {
    if (World.far_before) start(far_, far_ahead, 0);
    World.before ? begin() : bring_stuck();
  }
  void thread(unsigned index) {
    if (index < World.asleep) return workers_.serve_asleep(index);
    if (index < World.workers) return workers_.serve(index);
    if (from_outside && index == World.workers) return World.before ? bring_stuck() : begin();
    cancelled_ = base::cancel(alarms_[0], 1);
    Sync::require(!cancelled_ || World.periodic || alarms_[0].is_released(),
                  "wheel I1: a cancelled timer's reference is released at once");
    if (cancelled_ && base::cancel(alarms_[0], 1))
      Sync::require(false, "wheel I2: one start was cancelled twice");
  }
  void after() {
    for (alarm& each : alarms_) {
      Sync::require(each.is_released(), "wheel I1: nobody ended a timer");
      Sync::require(World.periodic || each.fires + each.drops == 1,
                    "wheel I1: not exactly one of fire and cancel");
      Sync::require(each.runs == (World.makes_tasks ? each.fires : 0),
                    "I1: a task did not run once");
    }
    Sync::require(World.periodic || alarms_[0].drops == (cancelled_ ? 1u : 0u),
                  "wheel I1: a cancel that did not win dropped it");
    workers_->end();
    if (World.far_before)
      Sync::require(far_.drops == 1 && far_.fires == 0, "I4: not before it is due");
  }

 private:
  using number = sync::cell<Sync, int>;

  // Says when it is fired, dropped, ended. What it refers to is released once, by who ended it.
  struct alarm : base, task {
    alarm() : task([](task& self) noexcept { static_cast<alarm&>(self).run_task(); }) {
      this->base::fire = [](base& self) noexcept -> task* {
        auto& me = static_cast<alarm&>(self);
        me.reference.with(
            [](const int& n) { Sync::require(n == 1, "wheel I1: fired after its end"); });
        ++me.fires;
        return World.makes_tasks ? &me : nullptr;
      };
      this->drop = [](base& self) noexcept {
        ++static_cast<alarm&>(self).drops;
        static_cast<alarm&>(self).release(false);
      };
      this->fired = [](base& self) noexcept { static_cast<alarm&>(self).release(true); };
    }
    void release(bool has_fired) {
      reference.with_mut([](int& n) {
        Sync::require(n == 1, "wheel I1: two ended one timer");
        n = 0;
      });
      if (!(World.makes_tasks && has_fired)) all->one_less(*this);
    }
    void run_task() {
      at_work.with_mut([](int& n) { ++n; });  // two at once are a data race
      ++runs;
      all->one_less(*this);
    }
    [[nodiscard]] bool is_released() {
      return reference.with([](const int& n) { return n == 0; });
    }
    scheduler_timers* all = nullptr;
    number reference{1};
    number at_work{0};
    unsigned fires = 0;  // the firer's
    unsigned drops = 0;  // the canceller's
    unsigned runs = 0;   // the worker's
  };
  // Starts the timers on its worker.
  struct starter : task {
    starter() : task([](task& self) noexcept { static_cast<starter&>(self).all->start_all(); }) {}
    scheduler_timers* all = nullptr;
  };
  // Holds its worker until the last timer has ended.
  struct stuck : task {
    stuck() : task([](task& self) noexcept { (void)static_cast<stuck&>(self).ended.park(); }) {}
    basic_parker<Sync> ended;
  };

  void begin() {
    if (World.by_a_worker) {
      workers_->schedule(starter_, urgency::next);
    } else {
      start_all();
    }
  }
  void bring_stuck() {
    if (World.beside_a_stuck) workers_->schedule(stuck_, urgency::next);
  }
  void start_all() {
    for (alarm& each : alarms_) start(each, due_soon, World.periodic ? 1 : 0);
  }
  void start(alarm& fresh, std::int64_t due, std::int64_t period) {
    (void)workers_->wheel().start(fresh, nullptr, due, period, [] { return true; });
  }
  // Whoever ended the last of those that are due has the workers end.
  void one_less(alarm& ended) {
    if (&ended == &far_) return;
    if (left_.fetch_sub(1, std::memory_order::acq_rel) != 1) return;
    if (World.beside_a_stuck) stuck_.ended.unpark();
    workers_->stop();
  }

  std::array<alarm, World.timers> alarms_;
  alarm far_;
  starter starter_;
  stuck stuck_;
  sync::atomic<Sync, std::uint32_t> left_{World.timers};
  bool cancelled_ = false;  // the canceller's
  small_scheduler<surroundings> workers_{
      World.workers};  // the last: it forgets the timers before they go
};

}  // namespace jacquard::checks
