// Messages that are sent later: by handlers and by plain threads, to actors that live and to those that have ended.
#include <gtest/gtest.h>

#include <jacquard/actor/actor_system.hpp>
#include <jacquard/env/manual_environment.hpp>
#include <jacquard/env/native_environment.hpp>

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>
#include <vector>

namespace jacquard {
namespace {

using namespace std::chrono_literals;

struct tick {
  int number = 0;
};
// Holds something on to it.
struct token {
  std::shared_ptr<int> held;
};
struct begin_ticking {};
struct ask_order {
  using reply = std::vector<int>;
};

struct clockwork {
  using messages = jacquard::messages<tick, token, begin_ticking, ask_order>;
  explicit clockwork(std::atomic<int>& all) : ticks(all) {}

  void on(context<clockwork>&, const tick& m) {
    order.push_back(m.number);
    ticks.fetch_add(1);
  }
  void on(context<clockwork>&, const token&) {}
  void on(context<clockwork>& here, const begin_ticking&) {
    every = here.send_every(2ms, tick{7});
    (void)here.send_after(1h, tick{8});
  }
  std::vector<int> on(context<clockwork>&, const ask_order&) { return order; }

  std::atomic<int>& ticks;
  timer_handle every;
  std::vector<int> order;
};

template <class F>
void wait_until(F&& holds) {
  for (int i = 0; i < 10'000 && !holds(); ++i) std::this_thread::sleep_for(1ms);
  ASSERT_TRUE(holds());
}

struct actor_timers : testing::TestWithParam<std::uint32_t> {
  std::atomic<int> ticks{0};
  [[nodiscard]] long held() const { return tokens.use_count() - 1; }
  std::shared_ptr<int> tokens = std::make_shared<int>(0);
  native_environment world;
  actor_system system{world, {.scheduling = {.workers = GetParam()}}};
};

TEST_P(actor_timers, send_after_tells_it_once_and_not_before_its_time) {
  const auto who = system.spawn<clockwork>({}, ticks);
  const auto before = std::chrono::steady_clock::now();
  const timer_handle timer = system.send_after(who, 20ms, tick{1});
  EXPECT_TRUE(timer.valid());
  wait_until([&] { return ticks.load() == 1; });
  EXPECT_GE(std::chrono::steady_clock::now() - before, 20ms);
  std::this_thread::sleep_for(30ms);
  EXPECT_EQ(ticks.load(), 1);
  EXPECT_FALSE(timer.cancel());
  who.stop();
}

TEST_P(actor_timers, arrive_in_the_order_of_their_deadlines) {
  const auto who = system.spawn<clockwork>({}, ticks);
  for (int i = 20; i > 0; --i) (void)system.send_after(who, 10ms + i * 1ms, tick{i});
  wait_until([&] { return ticks.load() == 20; });
  auto answer = who.ask(ask_order{});
  ASSERT_EQ(answer.wait(), reply_status::ready);
  const std::vector<int> order = answer.take();
  for (int i = 0; i < 20; ++i) EXPECT_EQ(order[static_cast<std::size_t>(i)], i + 1);
  who.stop();
}

TEST_P(actor_timers, release_their_message_at_once_when_they_are_cancelled) {
  const auto who = system.spawn<clockwork>({}, ticks);
  const timer_handle timer = system.send_after(who, 1h, token{tokens});
  EXPECT_EQ(held(), 1);
  std::thread([&] { EXPECT_TRUE(timer.cancel()); }).join();
  EXPECT_EQ(held(), 0);
  EXPECT_FALSE(timer.cancel());
  who.stop();
}

TEST_P(actor_timers, of_an_actor_that_ends_are_released_and_never_reach_its_successor) {
  std::atomic<int> others{0};
  for (int round = 0; round < 50; ++round) {
    const auto who = system.spawn<clockwork>({}, ticks);
    const timer_handle far = system.send_after(who, 1h, token{tokens});
    (void)system.send_after(who, 3ms, tick{1});
    ASSERT_EQ(who.tell(begin_ticking{}), send_result::accepted);
    who.stop();
    ASSERT_TRUE(system.wait_until_empty(sync::native::after(10s)));
    EXPECT_EQ(held(), 0) << "an hour is a long time to keep it";
    EXPECT_FALSE(far.cancel());
    EXPECT_FALSE(system.send_after(who, 1ms, tick{1}).valid());
    const auto successor = system.spawn<clockwork>({}, others);  // the same cell
    std::this_thread::sleep_for(4ms);
    successor.stop();
    ASSERT_TRUE(system.wait_until_empty(sync::native::after(10s)));
  }
  EXPECT_EQ(others.load(), 0);
}

TEST_P(actor_timers, of_a_handler_repeat_until_their_actor_ends) {
  const auto who = system.spawn<clockwork>({}, ticks);
  ASSERT_EQ(who.tell(begin_ticking{}), send_result::accepted);
  wait_until([&] { return ticks.load() >= 5; });
  who.stop();
  ASSERT_TRUE(system.wait_until_empty(sync::native::after(10s)));
  const int then = ticks.load();
  std::this_thread::sleep_for(20ms);
  EXPECT_EQ(ticks.load(), then);
}

TEST_P(actor_timers, do_not_keep_a_system_from_shutting_down) {
  for (int i = 0; i < 100; ++i) {
    const auto who = system.spawn<clockwork>({}, ticks);
    (void)system.send_after(who, 1h, token{tokens});
    (void)system.send_every(who, 1h, tick{1});
  }
  EXPECT_EQ(held(), 100);
  const shutdown_report report = system.shutdown(10s);
  EXPECT_TRUE(report.complete);
  EXPECT_EQ(held(), 0);
}

TEST_P(actor_timers, reach_an_actor_whose_end_they_race_with_or_are_released) {
  for (int round = 0; round < 300; ++round) {
    const auto who = system.spawn<clockwork>({}, ticks);
    std::thread other([&] {
      for (int i = 0; i < 3; ++i) (void)system.send_after(who, 1h, token{tokens});
    });
    who.stop();
    other.join();
    ASSERT_TRUE(system.wait_until_empty(sync::native::after(10s)));
    ASSERT_EQ(held(), 0) << "a timer outlives its actor";
  }
}

// Keeps its worker until it is open.
struct gate {
  using messages = jacquard::messages<int, tick>;
  explicit gate(std::atomic<bool>& until, std::atomic<bool>& here) : open(until), inside(here) {}
  void on(context<gate>&, const int&) {
    inside.store(true);
    while (!open.load()) std::this_thread::sleep_for(1ms);
  }
  void on(context<gate>&, const tick&) {}
  std::atomic<bool>& open;
  std::atomic<bool>& inside;
};

TEST(actor_timers_on_two_workers, whose_message_finds_no_room_are_counted) {
  native_environment world;
  actor_system system(world, {.scheduling = {.workers = 2}});
  std::atomic<bool> open{false}, inside{false};
  const auto who = system.spawn<gate>({.capacity = 1}, open, inside);
  ASSERT_EQ(who.tell(1), send_result::accepted);
  wait_until([&] { return inside.load(); });
  ASSERT_EQ(who.tell(tick{}), send_result::accepted);
  (void)system.send_after(who, 1ms, tick{});
  wait_until([&] { return system.counters().timers_refused == 1; });
  open.store(true);
  who.stop();
}

TEST(actor_timers_of_another_system, fire_while_the_actor_s_own_system_sleeps) {
  std::atomic<int> ticks{0};
  native_environment far_world, near_world;
  actor_system far(far_world, {.scheduling = {.workers = 1}});
  actor_system near(near_world, {.scheduling = {.workers = 1}});
  const auto who = near.spawn<clockwork>({}, ticks);
  std::this_thread::sleep_for(20ms);  // for its worker to be asleep; it sleeps until it is told
  (void)far.send_after(who, 10ms, tick{1});
  wait_until([&] { return ticks.load() == 1; });
  std::this_thread::sleep_for(20ms);
  (void)far.send_every(who, 10ms, tick{2});
  wait_until([&] { return ticks.load() == 3; });
  who.stop();
}

TEST(actor_timers_of_another_system, are_due_by_the_clock_of_the_actor_s_own) {
  std::atomic<int> ticks{0};
  manual_environment far_world({.start = 5h}), near_world;
  actor_system far(far_world, {.scheduling = {.workers = 1}});
  actor_system near(near_world, {.scheduling = {.workers = 1}});
  const auto who = near.spawn<clockwork>({}, ticks);
  (void)far.send_after(who, 1h, tick{1});
  (void)near_world.advance(1h - 1ns);
  EXPECT_EQ(ticks.load(), 0);
  (void)near_world.advance(1ns);
  EXPECT_EQ(ticks.load(), 1);
  who.stop();
}

INSTANTIATE_TEST_SUITE_P(one_two_and_more_than_cores, actor_timers, testing::Values(1u, 2u, 4u));

static_assert(sizeof(timer_handle) <= 16);

}  // namespace
}  // namespace jacquard
