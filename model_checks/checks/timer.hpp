// checks/timer.hpp: a timer is ended by exactly one of fire, cancel and the end of its group.
//
// Claims   timer_cancel_vs_fire: I1, I2, E1      timer_periodic: I1, I3      timer_group: I1, I4
//          timer_on_a_new_wheel: I2, E1
// Threads  0  starts a timer    1  takes what is due    2  cancels, or ends the group
#pragma once

#include <cstdint>
#include <limits>

#include <jacquard/actor/shared_wheel.hpp>

namespace jacquard::checks {

/// A timer that says when it is fired, dropped, ended. What it refers to is released once, by who ended it.
template <sync::policy Sync>
struct watched_timer : basic_shared_timer<Sync> {
  using base = basic_shared_timer<Sync>;
  watched_timer() {
    this->fire = [](base& self) noexcept -> task* {
      auto& me = static_cast<watched_timer&>(self);
      me.reference.with(
          [](const int& alive) { Sync::require(alive == 1, "I1: fired after its end"); });
      ++me.fires;
      return nullptr;
    };
    this->drop = [](base& self) noexcept {
      static_cast<watched_timer&>(self).release();
      ++static_cast<watched_timer&>(self).drops;
    };
    this->fired = [](base& self) noexcept { static_cast<watched_timer&>(self).release(); };
  }
  void release() {
    reference.with_mut([](int& alive) {
      Sync::require(alive == 1, "I1: two ended one timer");
      alive = 0;
    });
  }
  sync::cell<Sync, int> reference{1};
  unsigned fires = 0;  // the firer's
  unsigned drops = 0;  // the canceller's
};

template <class Wheel>
void fire_due(Wheel& wheel, std::int64_t now) {
  for (auto *each = wheel.take_due(now), *after = each; each != nullptr; each = after) {
    after = each->after();
    (void)each->fire(*each);
    if (!each->is_periodic() || wheel.renew(*each, now) == start_result::refused) {
      each->fired(*each);
    }
  }
}

/// Where Period is 0, the timer fires once.
template <sync::policy Sync, int Period = 0>
class timer_cancel_vs_fire {
 public:
  static constexpr unsigned thread_count = 3;

  void before() { wheel_.open(0); }
  void thread(unsigned index) {
    switch (index) {
      case 0:
        (void)wheel_.start(timer_, nullptr, 1, Period, [] { return true; });
        break;
      case 1:
        if (wheel_.next_ns() <= 1) fire_due(wheel_, 1);
        break;
      default:
        cancelled_ = basic_shared_timer<Sync>::cancel(timer_, 1);
        again_ = basic_shared_timer<Sync>::cancel(timer_, 1);
        break;
    }
  }
  void after() {
    const bool cancelled = cancelled_ || again_;
    Sync::require(!cancelled_ || !again_, "I2: one start was cancelled twice");
    if (!cancelled && timer_.fires == 0) fire_due(wheel_, 1);
    if (Period == 0) {
      Sync::require(timer_.fires + timer_.drops == 1, "I1: not exactly one ended the timer");
      Sync::require(timer_.drops == (cancelled ? 1u : 0u),
                    "I1: a cancel that did not win dropped it");
    } else if (!cancelled) {
      Sync::require(basic_shared_timer<Sync>::cancel(timer_, 1), "I3: a periodic timer goes on");
    }
    timer_.reference.with(
        [](const int& alive) { Sync::require(alive == 0, "I1: nobody ended the timer"); });
    fire_due(wheel_, 1'000);
    Sync::require(timer_.fires <= 1, "I3: fired after its cancel");
  }

 private:
  watched_timer<Sync> timer_;
  basic_shared_wheel<Sync> wheel_;
  bool cancelled_ = false;  // thread 2's
  bool again_ = false;      // likewise
};

/// A timer that ends on one wheel and is started on another one, which is new; and somebody who still has the handle of the
/// first start, and knows nothing of the second. It may find the new wheel: then it must find what is on it, too.
template <sync::policy Sync>
class timer_on_a_new_wheel {
 public:
  static constexpr unsigned thread_count = 2;

  ~timer_on_a_new_wheel() { Sync::destroy(fresh_); }
  void before() {
    wheel_.open(0);
    (void)wheel_.start(timer_, nullptr, 5, 0, [] { return true; });
  }
  void thread(unsigned index) {
    if (index == 1) {
      stale_ = basic_shared_timer<Sync>::cancel(timer_, 1);
      return;
    }
    cancelled_ = basic_shared_timer<Sync>::cancel(timer_, 1);
    if (!cancelled_) return;
    fresh_ = Sync::template create<basic_shared_wheel<Sync>>();
    fresh_->open(0);
    timer_.reference.with_mut([](int& alive) { alive = 1; });
    (void)fresh_->start(timer_, nullptr, 5, 0, [] { return true; });
  }
  void after() {
    Sync::require(cancelled_ != stale_, "I2: not exactly one ended the first start");
    if (!cancelled_) return;
    Sync::require(fresh_->next_ns() == 5, "I2: a cancel of another start ended this one");
    fresh_->close();
  }

 private:
  watched_timer<Sync> timer_;
  basic_shared_wheel<Sync> wheel_;
  basic_shared_wheel<Sync>* fresh_ = nullptr;  // thread 0's
  bool cancelled_ = false;                     // thread 0's
  bool stale_ = false;                         // thread 1's
};

/// The end of a group against the start of a timer in it: the starter looks whether the group lives, the group's
/// owner says that it ended and then looks for timers. As an actor's end against send_after from outside.
template <sync::policy Sync>
class timer_group_end {
 public:
  static constexpr unsigned thread_count = 2;

  void before() { wheel_.open(0); }
  void thread(unsigned index) {
    if (index == 0) {
      const auto alive = [this] {
        Sync::fence(std::memory_order::seq_cst);
        return ended_.load(std::memory_order::relaxed) == 0;
      };
      refused_ = wheel_.start(timer_, &group_, 5, 0, alive) == start_result::refused;
    } else {
      ended_.store(1, std::memory_order::relaxed);
      Sync::fence(std::memory_order::seq_cst);
      if (!group_.looks_empty()) wheel_.cancel_all(group_);
    }
  }
  void after() {
    Sync::require(refused_ != (timer_.drops == 1), "I4: a timer outlives its group");
    Sync::require(group_.looks_empty(), "I4: a timer that ended is in its group");
  }

 private:
  basic_timer_group<Sync> group_;
  watched_timer<Sync> timer_;
  basic_shared_wheel<Sync> wheel_;
  sync::atomic<Sync, std::uint32_t> ended_{0};
  bool refused_ = false;  // thread 0's
};

}  // namespace jacquard::checks
