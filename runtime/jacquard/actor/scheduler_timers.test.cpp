// Timers on the scheduler's workers: when they fire, who wakes up for them, and what a cancel leaves.
#include <gtest/gtest.h>

#include <jacquard/actor/scheduler.hpp>
#include <jacquard/env/native_environment.hpp>

#include <atomic>
#include <chrono>
#include <thread>
#include <utility>
#include <vector>

namespace jacquard {
namespace {

using namespace std::chrono_literals;
constexpr std::int64_t ms = 1'000'000;

// Counts its fires, its drops and its ends.
struct alarm_clock : shared_timer {
  alarm_clock() {
    fire = [](shared_timer& self) noexcept -> task* {
      auto& me = static_cast<alarm_clock&>(self);
      me.at.store(std::chrono::steady_clock::now().time_since_epoch().count());
      me.fires.fetch_add(1);
      return nullptr;
    };
    drop = [](shared_timer& self) noexcept { static_cast<alarm_clock&>(self).drops.fetch_add(1); };
    fired = [](shared_timer& self) noexcept { static_cast<alarm_clock&>(self).ends.fetch_add(1); };
  }
  std::atomic<unsigned> fires{0}, drops{0}, ends{0};
  std::atomic<std::int64_t> at{0};
};

void start(scheduler& workers, alarm_clock& timer, std::int64_t due, std::int64_t period = 0) {
  ASSERT_NE(workers.wheel().start(timer, nullptr, due, period, [] { return true; }),
            start_result::refused);
}
template <class F>
void wait_until(F&& holds) {
  for (int i = 0; i < 10'000 && !holds(); ++i) std::this_thread::sleep_for(1ms);
  ASSERT_TRUE(holds());
}

// Nobody has got up for a while.
void wait_until_all_sleep(const scheduler& workers) {
  std::uint64_t seen = workers.counters().woken;
  for (int quiet = 0; quiet < 30; ++quiet) {
    std::this_thread::sleep_for(1ms);
    const std::uint64_t now = workers.counters().woken;
    if (std::exchange(seen, now) != now) quiet = 0;
  }
}

struct timers_on : testing::TestWithParam<std::uint32_t> {
  alarm_clock one, two, far;
  native_environment world;
  scheduler workers{world, {.workers = GetParam()}};
};

TEST_P(timers_on, fire_once_and_not_before_they_are_due_on_a_system_that_sleeps) {
  std::this_thread::sleep_for(20ms);
  const std::int64_t due = world.now() + 30 * ms;
  start(workers, one, due);
  wait_until([&] { return one.ends.load() == 1; });
  EXPECT_GE(one.at.load(), due);
  std::this_thread::sleep_for(50ms);
  EXPECT_EQ(one.fires.load(), 1u);
  EXPECT_EQ(one.drops.load(), 0u);
  EXPECT_EQ(workers.counters().fired, 1u);
}

TEST_P(timers_on, wake_the_keeper_where_a_new_timer_is_due_before_the_one_it_sleeps_for) {
  start(workers, far, world.now() + 3'600'000 * ms);
  std::this_thread::sleep_for(20ms);
  start(workers, one, world.now() + 20 * ms);
  wait_until([&] { return one.ends.load() == 1; });
  EXPECT_EQ(far.fires.load(), 0u);
}

TEST_P(timers_on, leave_a_system_asleep_while_they_are_an_hour_away) {
  for (int i = 0; i < 2; ++i) start(workers, i == 0 ? far : two, world.now() + 3'600'000 * ms);
  std::this_thread::sleep_for(100ms);
  const std::uint64_t before = workers.counters().woken;
  std::this_thread::sleep_for(400ms);
  EXPECT_EQ(workers.counters().woken, before);
}

TEST_P(timers_on, are_dropped_at_once_where_they_are_cancelled_and_when_the_scheduler_ends) {
  const std::uint32_t generation = one.generation();
  start(workers, one, world.now() + 3'600'000 * ms);
  EXPECT_TRUE(shared_timer::cancel(one, generation));
  EXPECT_EQ(one.drops.load(), 1u);
  EXPECT_FALSE(shared_timer::cancel(one, generation));
  {
    native_environment other_world;
    scheduler other(other_world, {.workers = GetParam()});
    start(other, two, other_world.now() + 3'600'000 * ms);
  }
  EXPECT_EQ(two.drops.load(), 1u);
}

TEST_P(timers_on, repeat_on_their_grid_with_one_wake_up_a_period) {
  wait_until_all_sleep(workers);
  const std::int64_t first = world.now() + 20 * ms;
  const std::uint32_t generation = one.generation();
  const std::uint64_t before = workers.counters().woken;
  start(workers, one, first, 10 * ms);
  wait_until([&] { return one.fires.load() >= 20; });
  EXPECT_TRUE(shared_timer::cancel(one, generation));
  const unsigned fires = one.fires.load();
  EXPECT_GE(one.at.load(), first + std::int64_t{fires - 1} * 10 * ms) << "before its deadline";
  wait_until([&] { return one.drops.load() + one.ends.load() == 1; });
  std::this_thread::sleep_for(30ms);
  EXPECT_EQ(one.fires.load(), fires);
  EXPECT_EQ((one.deadline_ns() - first) % (10 * ms), 0) << "lateness adds up";
  // Whoever gets up for a fire sees to the next one, and nobody else gets up. Beside that: whoever is woken for the start,
  // and naps until it is seen to sleep.
  EXPECT_LE(workers.counters().woken - before, fires + nap_rhythm::quiet_looks_max + 4)
      << "a period wakes who need not";
}

// Keeps its worker.
struct stuck : task {
  stuck()
      : task([](task& self) noexcept {
          auto& me = static_cast<stuck&>(self);
          me.inside.store(true);
          while (!me.let_go.load()) std::this_thread::sleep_for(1ms);
          me.inside.store(false);
        }) {}
  std::atomic<bool> inside{false}, let_go{false};
};

TEST(two_workers, fire_the_timers_of_a_worker_that_is_stuck) {
  struct starter : task {
    starter(scheduler& where, alarm_clock& what, stuck& then)
        : task([](task& self) noexcept {
            auto& me = static_cast<starter&>(self);
            start(me.home, me.timer, me.home.world().now() + 20 * ms);  // on this worker's wheel
            me.after.run(me.after);
          }),
          home(where),
          timer(what),
          after(then) {}
    scheduler& home;
    alarm_clock& timer;
    stuck& after;
  };
  alarm_clock timer, far;
  stuck work;
  native_environment world;
  scheduler workers(world, {.workers = 2});
  start(workers, far, world.now() + 3'600'000 * ms);
  std::this_thread::sleep_for(20ms);
  starter first(workers, timer, work);
  workers.schedule(first, urgency::soon);
  wait_until([&] { return timer.ends.load() == 1; });
  EXPECT_TRUE(work.inside.load());
  work.let_go.store(true);
}

TEST_P(timers_on, fire_in_time_while_every_worker_is_busy) {
  struct busy : task {
    explicit busy(executor& where)
        : task([](task& self) noexcept {
            auto& me = static_cast<busy&>(self);
            me.stop.load() ? void(me.ended.store(true)) : me.home.schedule(me, urgency::next);
          }),
          home(where) {}
    executor& home;
    std::atomic<bool> stop{false}, ended{false};
  };
  std::vector<std::unique_ptr<busy>> all;
  for (unsigned i = 0; i < GetParam(); ++i) {
    all.push_back(std::make_unique<busy>(workers));
    workers.schedule(*all.back(), urgency::soon);
  }
  start(workers, one, world.now() + 10 * ms);
  wait_until([&] { return one.ends.load() == 1; });
  for (const auto& each : all) each->stop.store(true);
  wait_until([&] {
    for (const auto& each : all) {
      if (!each->ended.load()) return false;
    }
    return true;
  });
}

TEST_P(timers_on, end_once_whether_another_thread_cancels_them_or_they_fire) {
  constexpr unsigned rounds = 2'000;
  std::vector<alarm_clock> timers(rounds);
  unsigned cancelled = 0;
  for (alarm_clock& each : timers) {
    const std::uint32_t generation = each.generation();
    start(workers, each, world.now() + 20'000);
    if ((&each - timers.data()) % 2 != 0) std::this_thread::sleep_for(30us);
    if (shared_timer::cancel(each, generation)) ++cancelled;
  }
  wait_until([&] { return workers.counters().fired + cancelled == rounds; });
  wait_until([&] {
    for (alarm_clock& each : timers) {
      if (each.drops.load() + each.ends.load() != 1) return false;
    }
    return true;
  });
  for (alarm_clock& each : timers) EXPECT_EQ(each.drops.load() + each.fires.load(), 1u);
}

INSTANTIATE_TEST_SUITE_P(one_two_and_more_than_cores, timers_on, testing::Values(1u, 2u, 5u));

}  // namespace
}  // namespace jacquard
