// A whole actor system on one thread and a clock that moves by hand.
#include <gtest/gtest.h>

#include <jacquard/actor/actor_system.hpp>
#include <jacquard/env/manual_environment.hpp>

#include <chrono>
#include <cstdint>
#include <vector>

namespace jacquard {
namespace {

using namespace std::chrono_literals;

struct visit {
  std::uint32_t left;
};
struct walker;
using log_of_visits = std::vector<std::pair<std::uint32_t, std::int64_t>>;

// Passes a visit on to a neighbour that the environment picks, now or a little later.
struct walker {
  using messages = jacquard::messages<visit>;
  walker(std::uint32_t number, std::vector<actor_ref<walker>>& others, log_of_visits& into)
      : self(number), all(others), log(into) {}

  void on(context<walker>& here, const visit& m) {
    environment& world = here.system().workers().world();
    log.emplace_back(self, world.now());
    if (m.left == 0) return;
    const auto& next = all[world.pick(static_cast<std::uint32_t>(all.size()))];
    if (world.pick(3) == 0) {
      (void)here.system().send_after(next, 1ms * (1 + world.pick(50)), visit{m.left - 1});
    } else {
      (void)next.tell(visit{m.left - 1});
    }
  }

  std::uint32_t self;
  std::vector<actor_ref<walker>>& all;
  log_of_visits& log;
};

log_of_visits walk(std::uint64_t seed, std::uint32_t workers) {
  log_of_visits log;
  std::vector<actor_ref<walker>> all;
  manual_environment world({.seed = seed});
  actor_system system(world, {.scheduling = {.workers = workers}});
  for (std::uint32_t i = 0; i < 20; ++i) all.push_back(system.spawn<walker>({}, i, all, log));
  for (std::uint32_t i = 0; i < 20; ++i) EXPECT_EQ(all[i].tell(visit{50}), send_result::accepted);
  world.advance(1h);
  EXPECT_TRUE(system.shutdown(10s).complete);
  return log;
}

struct manual_world : testing::TestWithParam<std::uint32_t> {};

TEST_P(manual_world, repeats_a_seed_and_takes_another_order_with_another) {
  const log_of_visits first = walk(1, GetParam());
  EXPECT_EQ(first.size(), 20u * 51u);
  EXPECT_EQ(walk(1, GetParam()), first);
  EXPECT_EQ(walk(1, GetParam()), first);
  EXPECT_NE(walk(2, GetParam()), first);
}

struct note {
  int number;
};
struct listener {
  using messages = jacquard::messages<note>;
  explicit listener(std::vector<std::pair<int, std::int64_t>>& into) : heard(into) {}
  void on(context<listener>& here, const note& m) {
    heard.emplace_back(m.number, here.system().now().count());
  }
  std::vector<std::pair<int, std::int64_t>>& heard;
};

TEST_P(manual_world, moves_from_timer_to_timer_and_no_further_than_it_is_told) {
  std::vector<std::pair<int, std::int64_t>> heard;
  manual_environment world;
  actor_system system(world, {.scheduling = {.workers = GetParam()}});
  const auto who = system.spawn<listener>({}, heard);
  (void)system.send_after(who, 2h, note{2});
  const timer_handle every = system.send_every(who, 1h, note{1});
  (void)system.send_after(who, 24h, note{3});
  constexpr std::int64_t hour = std::chrono::nanoseconds(1h).count();
  world.advance(1h - 1ns);
  EXPECT_TRUE(heard.empty());
  world.advance(1ns);
  EXPECT_EQ(heard, (std::vector<std::pair<int, std::int64_t>>{{1, hour}}));
  world.advance(2h);
  EXPECT_EQ(heard.size(), 4u);
  EXPECT_EQ(heard.back(), std::make_pair(1, 3 * hour));
  EXPECT_TRUE(every.cancel());
  world.advance(20h);
  EXPECT_EQ(heard.size(), 4u);
  world.advance(1h);
  EXPECT_EQ(heard.back(), std::make_pair(3, 24 * hour));
  EXPECT_EQ(world.next_due_ns(), no_expiry);
  who.stop();
}

TEST_P(manual_world, runs_nothing_while_nobody_steps) {
  std::vector<std::pair<int, std::int64_t>> heard;
  manual_environment world;
  actor_system system(world, {.scheduling = {.workers = GetParam()}});
  const auto who = system.spawn<listener>({}, heard);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(who.tell(note{i}), send_result::accepted);
  EXPECT_TRUE(heard.empty());
  EXPECT_TRUE(world.step());
  EXPECT_EQ(heard.size(), 3u);
  EXPECT_FALSE(world.step());
  who.stop();
  EXPECT_EQ(world.run_until_idle(), 1u);
  EXPECT_EQ(system.live(), 0u);
}

TEST_P(manual_world, ends_with_timers_pending) {
  std::vector<std::pair<int, std::int64_t>> heard;
  manual_environment world;
  actor_system system(world, {.scheduling = {.workers = GetParam()}});
  for (int i = 0; i < 10; ++i) {
    (void)system.send_every(system.spawn<listener>({}, heard), 1s, note{i});
  }
  EXPECT_TRUE(system.shutdown(10s).complete);
  EXPECT_TRUE(heard.empty());
}

INSTANTIATE_TEST_SUITE_P(one_two_and_many_workers, manual_world, testing::Values(1u, 2u, 8u));

}  // namespace
}  // namespace jacquard
