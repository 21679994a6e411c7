// Behaviour of the timer wheel, each claim on its own, and any history against a sorted list.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <jacquard/actor/timer_wheel.hpp>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <tuple>
#include <vector>

namespace jacquard {
namespace {

constexpr std::int64_t us = 1'000;
constexpr std::int64_t ms = 1'000 * us;
constexpr std::int64_t second = 1'000 * ms;
constexpr std::int64_t day = 86'400 * second;

// Writes down its fires.
struct noted : timer {
  noted() : timer(&noted::fired) {}
  static void fired(timer& self, const expiry& what) noexcept {
    auto& me = static_cast<noted&>(self);
    me.fires.push_back(what);
    if (me.order != nullptr) me.order->push_back(&me);
  }
  std::vector<expiry> fires;
  std::vector<noted*>* order = nullptr;
};

TEST(timer_wheel, fires_once_at_its_deadline_and_not_before) {
  timer_wheel wheel(5 * second);
  noted timer;
  wheel.start(timer, 5 * second + 3 * ms);
  EXPECT_EQ(wheel.advance(5 * second + 3 * ms - 1), 0u);
  EXPECT_TRUE(timer.is_pending());
  EXPECT_EQ(wheel.advance(5 * second + 3 * ms), 1u);
  EXPECT_FALSE(timer.is_pending());
  EXPECT_EQ(wheel.advance(day), 0u);
  ASSERT_EQ(timer.fires.size(), 1u);
  EXPECT_EQ(timer.fires[0].deadline_ns, 5 * second + 3 * ms);
}

TEST(timer_wheel, says_exactly_when_the_next_timer_is_due) {
  timer_wheel wheel;
  EXPECT_EQ(wheel.next_expiry(), no_expiry);
  noted far, near;
  wheel.start(far, 10 * day + 7);
  EXPECT_EQ(wheel.next_expiry(), 10 * day + 7);
  wheel.start(near, 2 * ms + 1);
  EXPECT_EQ(wheel.next_expiry(), 2 * ms + 1);
  wheel.cancel(near);
  EXPECT_EQ(wheel.next_expiry(), 10 * day + 7);
  wheel.advance(10 * day);
  EXPECT_EQ(wheel.next_expiry(), 10 * day + 7);
  wheel.cancel(far);
  EXPECT_EQ(wheel.next_expiry(), no_expiry);
}

TEST(timer_wheel, a_sleeper_that_parks_until_next_expiry_wakes_once_a_timer) {
  timer_wheel wheel;
  noted timers[20];
  std::int64_t deadline = 3;
  for (noted& each : timers) wheel.start(each, deadline *= 7);
  unsigned wakes = 0;
  while (wheel.next_expiry() != no_expiry) {
    EXPECT_EQ(wheel.advance(wheel.next_expiry()), 1u);
    ++wakes;
  }
  EXPECT_EQ(wakes, 20u);
}

TEST(timer_wheel, a_cancelled_timer_never_fires_and_may_be_destroyed_at_once) {
  timer_wheel wheel;
  const auto target = std::make_shared<int>(0);
  struct holding : noted {
    std::shared_ptr<int> target;
  };
  auto timer = std::make_unique<holding>();
  timer->target = target;
  wheel.start(*timer, day);
  EXPECT_TRUE(wheel.cancel(*timer));
  EXPECT_FALSE(wheel.cancel(*timer)) << "a timer is cancelled once";
  timer.reset();
  EXPECT_EQ(target.use_count(), 1) << "nobody holds the target until the deadline";
  EXPECT_EQ(wheel.size(), 0u);
  EXPECT_EQ(wheel.advance(2 * day), 0u);
}

TEST(timer_wheel, equal_deadlines_fire_in_the_order_of_their_starts_also_across_wheels) {
  timer_wheel wheel;
  std::vector<noted*> order;
  noted first, second_one, third;
  for (noted* each : {&first, &second_one, &third}) each->order = &order;
  wheel.start(first, 70 * ms);
  wheel.advance(69 * ms);
  wheel.start(second_one, 70 * ms);
  wheel.advance(70 * ms - 1);
  wheel.start(third, 70 * ms);
  wheel.advance(71 * ms);
  EXPECT_EQ(order, (std::vector<noted*>{&first, &second_one, &third}));
}

TEST(timer_wheel, a_clock_that_stops_inside_a_far_slot_keeps_the_order) {
  timer_wheel wheel;
  std::vector<noted*> order;
  noted early, late;
  early.order = late.order = &order;
  wheel.start(early, 100);
  wheel.advance(70);
  wheel.start(late, 120);
  EXPECT_EQ(wheel.next_expiry(), 100);
  wheel.advance(200);
  EXPECT_EQ(order, (std::vector<noted*>{&early, &late}));
}

TEST(timer_wheel, a_periodic_timer_keeps_to_its_grid_when_it_is_served_late) {
  timer_wheel wheel;
  noted beat;
  wheel.start_periodic(beat, 1 * ms, 1 * ms);
  std::int64_t now = 0;
  while (beat.fires.size() < 1000) wheel.advance(now += 1 * ms + 137);
  EXPECT_EQ(beat.fires[999].deadline_ns % ms, 0) << "lateness does not add up";
  wheel.cancel(beat);
}

TEST(timer_wheel, missed_periods_are_counted_not_replayed) {
  timer_wheel wheel;
  noted beat;
  wheel.start_periodic(beat, 10, 10);
  EXPECT_EQ(wheel.advance(95), 1u);
  EXPECT_EQ(beat.fires[0].deadline_ns, 10);
  EXPECT_EQ(beat.fires[0].periods, 9u);
  EXPECT_EQ(wheel.next_expiry(), 100);
  EXPECT_EQ(wheel.advance(100), 1u);
  EXPECT_EQ(beat.fires[1].periods, 1u);
  wheel.cancel(beat);
}

TEST(timer_wheel, a_one_millisecond_timer_costs_one_wake_up_a_millisecond) {
  timer_wheel wheel;
  noted beat;
  wheel.start_periodic(beat, ms, ms);
  unsigned wakes = 0;
  for (std::int64_t now = wheel.next_expiry(); now <= second; now = wheel.next_expiry(), ++wakes) {
    wheel.advance(now);
  }
  EXPECT_EQ(wakes, 1000u);
  wheel.cancel(beat);
}

TEST(timer_wheel, a_timer_started_while_others_fire_waits_for_the_next_advance) {
  timer_wheel wheel;
  struct restarting : timer {
    explicit restarting(timer_wheel& its) : timer(&restarting::fired), wheel(its) {}
    static void fired(timer& self, const expiry& what) noexcept {
      auto& me = static_cast<restarting&>(self);
      ++me.fires;
      me.wheel.start(me, what.deadline_ns);
    }
    timer_wheel& wheel;
    unsigned fires = 0;
  } timer(wheel);
  wheel.start(timer, 5);
  EXPECT_EQ(wheel.advance(9), 1u);
  EXPECT_EQ(wheel.next_expiry(), 10);
  EXPECT_EQ(wheel.advance(10), 1u);
  wheel.cancel(timer);
}

TEST(timer_wheel, a_fire_may_cancel_what_is_due_with_it) {
  timer_wheel wheel;
  noted victim;
  struct killer : timer {
    killer(timer_wheel& its, timer& whom) : timer(&killer::fired), wheel(its), target(whom) {}
    static void fired(timer& self, const expiry&) noexcept {
      auto& me = static_cast<killer&>(self);
      me.wheel.cancel(me.target);
    }
    timer_wheel& wheel;
    timer& target;
  } first(wheel, victim);
  wheel.start(first, 50);
  wheel.start(victim, 50);
  EXPECT_EQ(wheel.advance(100), 1u);
  EXPECT_TRUE(victim.fires.empty());
}

TEST(timer_wheel, a_fire_may_end_the_life_of_its_timer) {
  timer_wheel wheel;
  struct fleeting : timer {
    fleeting() : timer(&fleeting::fired) {}
    static void fired(timer& self, const expiry&) noexcept { delete static_cast<fleeting*>(&self); }
  };
  for (std::int64_t i = 0; i < 10; ++i) wheel.start(*new fleeting, i % 3);
  EXPECT_EQ(wheel.advance(3), 10u);
}

TEST(timer_wheel, a_limit_leaves_the_rest_due_at_once) {
  timer_wheel wheel;
  noted timers[10];
  for (noted& each : timers) wheel.start(each, 7);
  EXPECT_EQ(wheel.advance(20, 4), 4u);
  EXPECT_LE(wheel.next_expiry(), 20);
  EXPECT_EQ(wheel.advance(20), 6u);
}

TEST(timer_wheel, a_past_deadline_fires_in_the_next_advance) {
  timer_wheel wheel(second);
  noted timer;
  wheel.start(timer, -5);
  EXPECT_EQ(wheel.next_expiry(), second);
  EXPECT_EQ(wheel.advance(second), 1u);
  EXPECT_EQ(timer.fires[0].deadline_ns, -5);
}

TEST(timer_wheel, spans_every_64_bit_time) {
  timer_wheel wheel(std::numeric_limits<std::int64_t>::min());
  noted first, zero, last;
  wheel.start(last, no_expiry - 1);
  wheel.start(zero, 0);
  wheel.start(first, std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(wheel.advance(-1), 1u);
  EXPECT_EQ(wheel.advance(0), 1u);
  EXPECT_EQ(wheel.advance(no_expiry - 2), 0u);
  EXPECT_EQ(wheel.advance(no_expiry - 1), 1u);
}

TEST(timer_wheel, many_cancelled_timers_in_one_slot_cost_at_most_one_early_wake_up) {
  timer_wheel wheel;
  std::vector<std::unique_ptr<noted>> timers;
  for (std::int64_t i = 0; i < 1000; ++i) {
    timers.push_back(std::make_unique<noted>());
    wheel.start(*timers.back(), day + i * ms);
  }
  wheel.cancel(*timers[0]);
  unsigned empty_wakes = 0;
  for (unsigned fired = 0; fired < 999;) {
    const std::uint64_t fires = wheel.advance(wheel.next_expiry());
    empty_wakes += fires == 0 ? 1 : 0;
    fired += static_cast<unsigned>(fires);
  }
  EXPECT_LE(empty_wakes, 1u);
}

TEST(timer_wheel, hands_back_what_is_pending_when_it_is_cleared) {
  timer_wheel wheel;
  noted timers[5];
  for (noted& each : timers) wheel.start(each, day);
  unsigned dropped = 0;
  wheel.clear([&](timer& each) { dropped += each.is_pending() ? 0 : 1; });
  EXPECT_EQ(dropped, 5u);
}

TEST(timer_wheel_death, destroying_a_pending_timer_names_the_broken_rule) {
  EXPECT_DEATH(
      {
        timer_wheel wheel;
        noted timer;
        wheel.start(timer, 1);
        timer.~noted();
      },
      "a timer is not destroyed while it is pending");
}

// The same promises kept by a list that is searched from end to end.
class sorted_list {
 public:
  struct entry {
    unsigned who;
    std::int64_t place;
    std::int64_t deadline;
    std::int64_t period;
    std::uint64_t started;
    friend bool operator==(const entry&, const entry&) = default;
  };
  void start(unsigned who, std::int64_t deadline, std::int64_t period) {
    entries.push_back({who, std::max(deadline, now), deadline, period, ++starts});
  }
  bool cancel(unsigned who) {
    return std::erase_if(entries, [&](const entry& each) { return each.who == who; }) > 0;
  }
  // Who fired, with deadline and periods.
  std::vector<std::tuple<unsigned, std::int64_t, std::uint64_t>> advance(std::int64_t to) {
    std::vector<std::tuple<unsigned, std::int64_t, std::uint64_t>> fired;
    for (auto due = first(); due != entries.end() && due->place <= to; due = first()) {
      const entry one = *due;
      entries.erase(due);
      std::uint64_t periods = 1;
      if (one.period > 0) {
        std::int64_t next = one.deadline + one.period;
        if (next <= to) {
          const std::int64_t missed = (to - next) / one.period + 1;
          periods += static_cast<std::uint64_t>(missed);
          next += missed * one.period;
        }
        entries.push_back({one.who, next, next, one.period, ++starts});
      }
      fired.emplace_back(one.who, one.deadline, periods);
    }
    now = to;
    return fired;
  }
  std::int64_t next_expiry() {
    const auto due = first();
    return due == entries.end() ? no_expiry : due->place;
  }

 private:
  std::vector<entry>::iterator first() {
    return std::min_element(entries.begin(), entries.end(), [](const entry& a, const entry& b) {
      return std::tie(a.place, a.started) < std::tie(b.place, b.started);
    });
  }
  std::vector<entry> entries;
  std::uint64_t starts = 0;
  std::int64_t now = 0;
};

// A length of time of any magnitude, up to some years.
std::int64_t length_of(std::uint64_t raw) {
  const unsigned bits = static_cast<unsigned>(raw % 57);
  return static_cast<std::int64_t>((raw >> 6) & ((std::uint64_t{1} << bits) - 1));
}

RC_GTEST_PROP(timer_wheel, any_history_is_that_of_a_sorted_list,
              (const std::vector<std::tuple<std::uint8_t, std::uint8_t, std::uint64_t>>& steps)) {
  constexpr unsigned count = 12;
  noted timers[count];
  timer_wheel wheel;  // ends first, and forgets what is pending
  sorted_list list;
  std::vector<noted*> order;
  for (noted& each : timers) each.order = &order;
  std::int64_t now = 0;
  for (const auto& [what, whose, raw] : steps) {
    const unsigned who = whose % count;
    switch (what % 8) {
      case 0:
      case 1:
      case 2:
        if (timers[who].is_pending()) break;
        wheel.start(timers[who], now - 5 + length_of(raw));
        list.start(who, now - 5 + length_of(raw), 0);
        break;
      case 3:
        if (timers[who].is_pending()) break;
        wheel.start_periodic(timers[who], now + length_of(raw >> 7), 1 + length_of(raw));
        list.start(who, now + length_of(raw >> 7), 1 + length_of(raw));
        break;
      case 4:
        RC_ASSERT(wheel.cancel(timers[who]) == list.cancel(who));
        break;
      default: {
        // To the next deadline, just before it, or anywhere.
        const std::int64_t next = list.next_expiry();
        now = what % 8 == 5 && next != no_expiry   ? next
              : what % 8 == 6 && next != no_expiry ? std::max(now, next - 1)
                                                   : now + length_of(raw);
        const auto expected = list.advance(now);
        order.clear();
        RC_ASSERT(wheel.advance(now) == expected.size());
        RC_ASSERT(order.size() == expected.size());
        for (std::size_t i = 0; i < order.size(); ++i) {
          const auto& [index, deadline, periods] = expected[i];
          RC_ASSERT(order[i] == &timers[index]);
          // A timer fires once in an advance, so its last fire is this one.
          RC_ASSERT(order[i]->fires.back().deadline_ns == deadline);
          RC_ASSERT(order[i]->fires.back().periods == periods);
        }
      }
    }
    RC_ASSERT(wheel.next_expiry() == list.next_expiry());
  }
}

}  // namespace
}  // namespace jacquard
