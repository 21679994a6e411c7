// checks/scheduler_world.hpp: what a scheduler stands in under an engine: a clock that stands still, threads that are the
// check's, and nothing of the process. The scheduler and its workers are those that ship.
//
// Its clock says `due_soon` for ever: what is due then is due at once, what is due later never comes. So whoever sleeps
// although a timer is due, or has none to wake it for one, is a deadlock.
//
// Two things that ship are left out, because they only say how soon: a worker that finds nothing sleeps without naps before
// (idle_workers.watch has them), and takes what others have waiting without letting them keep it a while (stealing.test.cpp).
// How often a worker ran is a statistic here, which no engine explores.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>

#include <jacquard/actor/scheduler.hpp>
#include <jacquard/sync/native.hpp>

#include "checks/idle_workers_calls.hpp"

namespace jacquard::checks {

/// No naps.
struct never_naps {
  constexpr never_naps(std::int64_t, std::int64_t) noexcept {}
  constexpr void begin_anew() noexcept {}
  constexpr void took() noexcept {}
  constexpr void looked_in_vain(bool) noexcept {}
  [[nodiscard]] constexpr std::int64_t next_ns() const noexcept { return 0; }
  [[nodiscard]] constexpr bool is_over() const noexcept { return true; }
};

/// What waits may be moved at once.
struct moves_at_once {
  [[nodiscard]] std::int64_t movable_at(std::int64_t, std::uint64_t, std::int64_t now,
                                        const patience&) noexcept {
    return now;
  }
  void moved_to(std::int64_t, std::int64_t) noexcept {}
};

/// For up to `Workers` of them. `Idle` and `Wheel` may be broken ones.
template <sync::policy S, std::uint32_t Workers, template <class> class Idle = basic_idle_workers,
          template <class> class Wheel = basic_shared_wheel>
struct small_surroundings {
  using Sync = far_ahead_never_comes<S>;
  using wheel = Wheel<Sync>;
  using idle = Idle<Sync>;
  using watch = moves_at_once;
  using rhythm = never_naps;
  using statistic = sync::atomic<sync::native, std::uint64_t>;
  using worker = basic_worker<small_surroundings>;
  static constexpr std::size_t deque_capacity = 2;

  /// As many wheels as there are workers, which end with the check.
  class wheel_pool {
   public:
    static constexpr std::uint32_t none = Workers;
    std::uint32_t acquire() noexcept { return taken_++; }
    void release(std::uint32_t, std::uint32_t) noexcept {}
    wheel& operator[](std::uint32_t at) noexcept { return all_[at]; }

   private:
    std::uint32_t taken_ = 0;
    std::array<wheel, Workers> all_;
  };

  /// Which worker a thread is: native, for no engine need explore what only the thread itself reads.
  class seats {
   public:
    [[nodiscard]] worker* find() const noexcept {
      const seat* const mine = at(Sync::this_thread());
      return mine == nullptr ? nullptr : mine->who;
    }
    void take(worker* who) noexcept {
      const std::uintptr_t me = Sync::this_thread();
      seat* mine = const_cast<seat*>(at(me));
      if (mine == nullptr) {
        mine = &all_[taken_.fetch_add(1, std::memory_order::relaxed)];
        mine->thread.store(me, std::memory_order::relaxed);
      }
      mine->who = who;
    }

   private:
    struct seat {
      sync::atomic<sync::native, std::uintptr_t> thread{0};
      worker* who = nullptr;  // that thread's
    };
    const seat* at(std::uintptr_t thread) const noexcept {
      for (const seat& each : all_) {
        if (each.thread.load(std::memory_order::relaxed) == thread) return &each;
      }
      return nullptr;
    }
    sync::atomic<sync::native, std::size_t> taken_{0};
    std::array<seat, Workers + 1> all_;  // and who ends the scheduler
  };

  /// The environment.
  struct world {
    [[nodiscard]] std::int64_t now() const noexcept { return due_soon; }
    [[nodiscard]] std::uint32_t pick(std::uint32_t) const noexcept { return 0; }
    void start_worker(const worker_body& body) noexcept { bodies[begun++] = body; }
    void join_workers() const noexcept {}  // `after` comes when they have ended

    std::array<worker_body, Workers> bodies{};
    std::uint32_t begun = 0;
    wheel_pool wheels;
    seats who;
  };

  [[nodiscard]] static worker* current(const world& in) noexcept { return in.who.find(); }
  static void be(world& in, worker* who) noexcept { in.who.take(who); }
  static void begin_thread() noexcept {}
  [[nodiscard]] static bool has_other_processors() noexcept { return false; }
  [[nodiscard]] static wheel_pool& wheels(world& in) noexcept { return in.wheels; }
};

/// A scheduler in its world. Thread `i` of the check is worker `i`.
template <class Surroundings>
class small_scheduler {
 public:
  using scheduler = basic_scheduler<Surroundings>;
  using worker = basic_worker<Surroundings>;

  explicit small_scheduler(std::uint32_t workers)
      : all_(world_, {.workers = workers, .slot_uses_max = 1, .look_on_ns = 0}) {}

  /// As it ships, until it has ended.
  void serve(std::uint32_t who) { world_.bodies[who].run(world_.bodies[who].who); }
  /// The worker begins by going to sleep; it has just looked at the timers.
  void serve_asleep(std::uint32_t who) {
    (*this)[who].until_look = worker::timers_period;
    (*this)[who].sleep();
    serve(who);
  }
  /// The same loop, but it leaves as soon as `leaves()` says so.
  template <class Leaves>
  void serve_until(std::uint32_t who, bool asleep, Leaves&& leaves) {
    using outcome = worker_turn::outcome;
    worker& me = (*this)[who];
    if (asleep) me.sleep();
    Surroundings::be(world_, &me);
    while (!leaves()) {
      const outcome what = me.turn();
      if (what == outcome::ended) break;
      if (what == outcome::idle) me.sleep();
    }
    Surroundings::be(world_, nullptr);
  }
  /// On a thread that is that worker for now.
  template <class Act>
  void as(std::uint32_t who, Act&& act) {
    Surroundings::be(world_, &(*this)[who]);
    act();
    Surroundings::be(world_, nullptr);
  }
  [[nodiscard]] worker& operator[](std::uint32_t who) {
    return *static_cast<worker*>(world_.bodies[who].who);
  }
  [[nodiscard]] scheduler* operator->() noexcept { return &all_; }
  [[nodiscard]] scheduler& operator*() noexcept { return all_; }

 private:
  typename Surroundings::world world_;
  scheduler all_;
};

}  // namespace jacquard::checks
