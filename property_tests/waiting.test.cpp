// Sleeping and waking on real threads: the parker and the event count. Whether a wake-up can be lost in some
// interleaving is model_checks' question; here it is whether the kernel is asked correctly, and quickly.
// Every wait has a deadline, so that a lost wake-up fails instead of hanging.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <jacquard/queue/event_count.hpp>
#include <jacquard/queue/parker.hpp>
#include <thread>
#include <vector>

namespace jacquard {
namespace {

using namespace std::chrono_literals;

sync::deadline soon() { return sync::native::after(2ms); }
sync::deadline late() { return sync::native::after(30s); }

TEST(parker, a_permit_handed_out_before_is_taken_without_sleeping) {
  parker p;
  p.unpark();
  EXPECT_TRUE(p.park(sync::deadline{.ns = 0}));
}

TEST(parker, a_park_without_a_permit_ends_at_its_deadline_and_takes_none) {
  parker p;
  const auto start = std::chrono::steady_clock::now();
  EXPECT_FALSE(p.park(soon()));
  EXPECT_GE(std::chrono::steady_clock::now() - start, 1900us);
  p.unpark();
  EXPECT_TRUE(p.park(late())) << "the permit that came later is still there";
}

TEST(parker, a_permit_ends_exactly_one_park) {
  parker p;
  p.unpark();
  EXPECT_TRUE(p.park(late()));
  EXPECT_FALSE(p.park(soon()));
}

TEST(parker, hands_the_wakers_writes_over_in_both_directions) {
  constexpr int rounds = 5000;
  parker to_there;
  parker to_here;
  int ball = 0;  // plain: a race detector checks that the permits order it
  std::thread there([&] {
    for (int i = 0; i < rounds; ++i) {
      if (!to_there.park(late())) return;
      ++ball;
      to_here.unpark();
    }
  });
  bool in_time = true;
  for (int i = 0; i < rounds && in_time; ++i) {
    ++ball;
    to_there.unpark();
    in_time = to_here.park(late());
  }
  EXPECT_TRUE(in_time) << "a permit was slept through";
  there.join();
  EXPECT_EQ(ball, 2 * rounds);
}

TEST(event_count, a_notify_without_waiters_changes_nothing) {
  event_count events;
  const auto before = events.prepare();
  events.cancel();
  events.notify_one();
  events.notify_all();
  const auto after = events.prepare();
  events.cancel();
  EXPECT_EQ(before.epoch, after.epoch);
}

TEST(event_count, a_notify_between_prepare_and_wait_is_not_slept_through) {
  event_count events;
  const auto key = events.prepare();
  events.notify_one();
  EXPECT_TRUE(events.wait(key, late()));
}

TEST(event_count, a_wait_that_nobody_notifies_ends_at_its_deadline) {
  event_count events;
  EXPECT_FALSE(events.wait(events.prepare(), soon()));
  const auto key = events.prepare();  // the waiter is gone: a notify finds this one only
  events.notify_one();
  EXPECT_TRUE(events.wait(key, late()));
}

TEST(event_count, notify_all_wakes_every_waiter) {
  event_count events;
  std::atomic<int> woken{0};
  std::atomic<int> prepared{0};
  std::vector<std::thread> waiters;
  for (int i = 0; i < 4; ++i) {
    waiters.emplace_back([&] {
      const auto key = events.prepare();
      prepared.fetch_add(1);
      if (events.wait(key, late())) woken.fetch_add(1);
    });
  }
  while (prepared.load() < 4) std::this_thread::yield();
  events.notify_all();
  for (std::thread& waiter : waiters) waiter.join();
  EXPECT_EQ(woken.load(), 4);
}

TEST(event_count, no_token_sleeps_while_somebody_waits_for_it) {
  constexpr int tokens_each = 4000;
  event_count events;
  std::atomic<int> tokens{0};
  std::atomic<int> taken{0};
  std::atomic<int> late_waits{0};
  const auto try_take = [&] {
    int seen = tokens.load(std::memory_order::relaxed);
    while (seen > 0) {
      if (tokens.compare_exchange_weak(seen, seen - 1, std::memory_order::acquire,
                                       std::memory_order::relaxed)) {
        return true;
      }
    }
    return false;
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&] {
      while (taken.fetch_add(1) < 2 * tokens_each) {
        while (!try_take()) {
          const auto key = events.prepare();
          if (tokens.load(std::memory_order::relaxed) > 0) {
            events.cancel();
          } else if (!events.wait(key, late())) {
            late_waits.fetch_add(1);
            return;
          }
        }
      }
    });
    threads.emplace_back([&] {
      for (int n = 0; n < tokens_each; ++n) {
        tokens.fetch_add(1, std::memory_order::release);
        events.notify_one();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(late_waits.load(), 0) << "a wake-up was lost";
  EXPECT_EQ(tokens.load(), 0);
}

}  // namespace
}  // namespace jacquard
