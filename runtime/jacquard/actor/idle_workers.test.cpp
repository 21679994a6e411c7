// Who sleeps, who is woken, and what the next owner of a sleeper's place is told.
#include <gtest/gtest.h>

#include <jacquard/actor/idle_workers.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>

namespace jacquard {
namespace {

using namespace std::chrono_literals;

template <class Condition>
bool comes_true(Condition&& condition) {
  for (const auto end = std::chrono::steady_clock::now() + 10s; !condition();) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(1ms);
  }
  return true;
}

// The first keeper is called while it looks at the timers, and the timer that it saw is cancelled. The next keeper sees
// none. What the first one saw must not keep a later timer from the next one.
TEST(a_keeper, that_was_taken_off_while_it_looked_does_not_speak_for_the_next_one) {
  basic_idle_workers<> idle(2);
  constexpr std::int64_t never = basic_idle_workers<>::never;
  const std::int64_t far = sync::native::after(1h).ns;
  const auto no_work = [](bool) { return false; };
  std::atomic<bool> next_woke{false};
  std::thread next;
  std::thread first([&] {
    const waking why = idle.sleep(0, false, no_work, [&] {
      idle.notify();
      next = std::thread([&] {
        (void)idle.sleep(1, false, no_work, [] { return never; });
        next_woke = true;
      });
      EXPECT_TRUE(comes_true([&] { return idle.sleepers() == 1; }));
      std::this_thread::sleep_for(20ms);
      return far;
    });
    EXPECT_EQ(why, waking::searching);
    (void)idle.sleep(0, true, no_work);
  });
  EXPECT_TRUE(comes_true([&] { return idle.sleepers() == 2; }));
  idle.notify_timer(far);
  EXPECT_TRUE(comes_true([&] { return next_woke.load(); })) << "it sleeps on without a deadline";
  idle.notify_all();
  first.join();
  next.join();
}

}  // namespace
}  // namespace jacquard
