// checks/time_out.hpp: a time-out, by the wheel that fires it, against whatever else ends a future.
//
// Claims   time_out_race: I1, I3, E1 of time_out.hpp, I1 and I3 of future_slot.hpp   time_out_again: I1, I2, I3, E1
//          wheel_start_vs_close: I5 of shared_wheel.hpp
// Threads  0  the asker   1  takes what is due, and fires it   2  answers, or says that nobody will
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include <jacquard/actor/future.hpp>
#include <jacquard/actor/shared_wheel.hpp>
#include <jacquard/actor/task.hpp>
#include <jacquard/actor/time_out.hpp>

#include "checks/timer.hpp"

namespace jacquard::checks {

/// A wheel with a clock that stands at 0, and the time-outs that it may have: one, at first.
template <sync::policy Sync>
class stopped_clock {
 public:
  using time_out = basic_time_out<Sync>;

  stopped_clock() {
    wheel_.open(0, {.who = this,
                    .now_ns = [](void*) { return std::int64_t{0}; },
                    .earlier = [](void*, std::int64_t) {}});
  }
  basic_shared_wheel<Sync>& wheel() { return wheel_; }
  typename time_out::pool& timers() { return timers_; }
  void fire_first() {
    if (wheel_.next_ns() <= 1) fire_due(wheel_, 1);
  }
  // When all is over: what was taken is back, once.
  void require_all_given_back() {
    Sync::require(timers_.acquire() == 1, "I3: a time-out was not given back");
    Sync::require(timers_.acquire() == 2, "I3: a time-out was given back twice");
  }

 private:
  typename time_out::pool timers_{1};
  basic_shared_wheel<Sync> wheel_;
};

enum class asker { waits, cancels, drops, drops_and_asks_again, awaits };

/// `Down`: thread 2 fails the future, instead of answering.
template <sync::policy Sync, asker Does, bool Down>
class time_out_race {
 public:
  static constexpr unsigned thread_count = 3;

  void before() {
    std::int64_t due_ns = 0;
    Sync::require(
        future_.time_out_after(world_.wheel(), std::chrono::nanoseconds(1), due_ns) && due_ns == 1,
        "the wheel is open");
    promised_ = future_.promise();
  }
  void thread(unsigned index) {
    switch (index) {
      case 0:
        return ask();
      case 1:
        return world_.fire_first();
      default:
        completed_ = Down ? promised_.fail(reply_status::target_down) : promised_.fulfil(42u);
    }
  }
  void after() {
    if (Looks) {
      const reply_status completers = Down ? reply_status::target_down : reply_status::ready;
      Sync::require(completed_ == (how_ == completers), "I1: two ended one future");
      Sync::require((how_ == reply_status::ready) == (value_ == 42),
                    "I1: the value is not the winner's");
      Sync::require(how_ != reply_status::cancelled || Does == asker::cancels,
                    "I1: nobody cancelled it");
      Sync::require(where_.count() == (slept_ ? 1u : 0u), "I3: not woken exactly once");
    }
    if (Does != asker::drops_and_asks_again) world_.require_all_given_back();
  }

 private:
  // Wakes whoever awaits.
  class bell final : public executor {
   public:
    void schedule(task&, urgency) noexcept override {
      ++count_;
      rung_.store(1, std::memory_order::release);
    }
    void await_ring() {
      Sync::await([this] { return rung_.load(std::memory_order::acquire) != 0; });
    }
    [[nodiscard]] unsigned count() const noexcept { return count_; }

   private:
    sync::atomic<Sync, std::uint32_t> rung_{0};
    unsigned count_ = 0;  // the completer's; read when all are done
  };

  void ask() {
    switch (Does) {
      case asker::waits:
        how_ = future_.wait();
        break;
      case asker::cancels:
        how_ = future_.cancel();
        break;
      case asker::awaits:
        slept_ = future_.await(work_, where_);
        if (slept_) where_.await_ring();
        how_ = future_.status();
        break;
      case asker::drops:
      case asker::drops_and_asks_again:
        break;
    }
    if (Looks && how_ == reply_status::ready) value_ = future_.take();
    future_ = {};
    if (Does == asker::drops_and_asks_again) {  // with the same time-out, where it is back
      future_ = pool_.make();
      std::int64_t due_ns = 0;
      Sync::require(future_.time_out_after(world_.wheel(), std::chrono::nanoseconds(5), due_ns),
                    "the wheel is open");
      future_ = {};
    }
  }

  static constexpr bool Looks = Does != asker::drops && Does != asker::drops_and_asks_again;

  stopped_clock<Sync> world_;
  task work_{[](task&) noexcept {}};
  bell where_;
  basic_future_pool<std::uint32_t, Sync> pool_{1, &world_.timers()};
  basic_future<std::uint32_t, Sync> future_ = pool_.make();
  basic_promise<std::uint32_t, Sync> promised_;
  reply_status how_ = reply_status::refused;  // each is one thread's
  std::uint32_t value_ = 0;
  bool slept_ = false;
  bool completed_ = false;
};

/// How a time-out ends a slot: as it does, in the generation that it was made for.
struct by_generation {
  template <class Slot>
  static bool end(Slot& slot, std::uint64_t generation) {
    return slot.settle(generation, reply_status::timed_out, [](auto&) {});
  }
};

/// Thread 0 lets go of a slot and its time-out and takes both again; thread 1 fires the first one.
template <sync::policy Sync, class End = by_generation>
class time_out_again {
 public:
  static constexpr unsigned thread_count = 2;

  void before() { first_ = begin(1); }
  void thread(unsigned index) {
    if (index == 1) return world_.fire_first();
    end(first_);
    const life second = begin(5);
    Sync::require(
        slot_.settle(second.generation, reply_status::ready,
                     [](auto& room) {
                       room.with_mut([](raw_slot<std::uint32_t>& there) { there.put(2u); });
                     }),
        "I1: a time-out ended another future than its own");
    end(second);
  }
  void after() {
    const std::uint32_t before = world_.timers().acquire();
    Sync::require(before != 0 && world_.timers().acquire() != before,
                  "I3: a time-out was given back twice");
  }

 private:
  using time_out = basic_time_out<Sync>;
  struct nowhere {
    void let_go_of_timer(std::uint32_t) {}
  };
  using slot = basic_future_slot<std::uint32_t, nowhere, Sync>;
  struct life {
    std::uint64_t generation = 0;
    time_out* timer = nullptr;
  };

  life begin(int due) {
    const life fresh{.generation = slot_.begin(), .timer = time_out::take(world_.timers())};
    Sync::require(fresh.timer != nullptr, "a pool that can grow has a time-out");
    std::int64_t due_ns = 0;
    (void)fresh.timer->start(
        world_.wheel(), std::chrono::nanoseconds(due),
        {.slot = &slot_, .generation = fresh.generation, .end = &time_out_again::due}, due_ns);
    return fresh;
  }
  void end(const life& over) {
    over.timer->let_go();
    slot_.release(over.generation);
  }
  static void due(void* where, std::uint64_t generation) noexcept {
    (void)End::end(*static_cast<slot*>(where), generation);
  }

  stopped_clock<Sync> world_;
  slot slot_;
  life first_;
};

/// Thread 0 starts a timer on a wheel of a scheduler that thread 1 ends: its keeper is called before it is gone, or not
/// at all, and the timer is dropped.
template <sync::policy Sync, bool Looks = true>
class wheel_start_vs_close {
 public:
  static constexpr unsigned thread_count = 2;

  void before() {
    wheel_.open(0, {.who = this,
                    .now_ns = &wheel_start_vs_close::now,
                    .earlier = &wheel_start_vs_close::look});
  }
  void thread(unsigned index) {
    if (index == 0) {
      std::int64_t due_ns = 0;
      refused_ = wheel_.start_after(timer_, 5, due_ns) == start_result::refused;
      if (!Looks && !refused_) look(this, due_ns);
      return;
    }
    wheel_.close();
    keeper_.with_mut([](int& there) { there = 0; });
  }
  void after() { Sync::require(refused_ != (timer_.drops == 1), "I5: a timer outlives its wheel"); }

 private:
  static std::int64_t now(void* who) {
    require_there(who);
    return 0;
  }
  static void look(void* who, std::int64_t) { require_there(who); }
  static void require_there(void* who) {
    static_cast<wheel_start_vs_close*>(who)->keeper_.with([](const int& there) {
      Sync::require(there == 1, "I5: a keeper was called that is gone");
    });
  }

  sync::cell<Sync, int> keeper_{1};
  watched_timer<Sync> timer_;
  basic_shared_wheel<Sync> wheel_;
  bool refused_ = false;  // thread 0's
};

}  // namespace jacquard::checks
