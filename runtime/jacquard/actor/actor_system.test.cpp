#include <gtest/gtest.h>

#include <jacquard/actor/actor_system.hpp>
#include <jacquard/env/native_environment.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace jacquard {
namespace {

using namespace std::chrono_literals;

struct deposit {
  int cents;
};
struct balance {
  using reply = int;
};
struct explode {};

struct account {
  using messages = jacquard::messages<deposit, balance, explode>;

  explicit account(int opening = 0) : cents(opening) {
    if (opening < 0) throw std::invalid_argument("an account is not opened with a debt");
  }
  void on(context<account>&, const deposit& m) { cents += m.cents; }
  int on(context<account>&, const balance&) { return cents; }
  void on(context<account>&, const explode&) { throw std::runtime_error("bang"); }

  int cents;
};

struct an_actor_system : testing::TestWithParam<std::uint32_t> {
  native_environment world;
  actor_system system{world, {.scheduling = {.workers = GetParam()}}};
};

TEST_P(an_actor_system, handles_what_is_told_and_answers_what_is_asked) {
  const auto mine = system.spawn<account>({}, 100);
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(mine.tell(deposit{1}), send_result::accepted);
  auto answer = mine.ask(balance{});
  ASSERT_EQ(answer.wait(), reply_status::ready);
  EXPECT_EQ(answer.take(), 1100);
  EXPECT_TRUE(mine.stop());
}

TEST_P(an_actor_system, stops_an_actor_after_what_it_accepted_and_refuses_the_rest) {
  const auto mine = system.spawn<account>();
  for (int i = 0; i < 100; ++i) ASSERT_EQ(mine.tell(deposit{1}), send_result::accepted);
  auto answer = mine.ask(balance{});
  mine.stop();
  EXPECT_EQ(answer.wait(), reply_status::ready);
  EXPECT_EQ(answer.take(), 100);
  ASSERT_TRUE(system.wait_until_empty(sync::native::after(10s)));
  EXPECT_FALSE(mine.is_alive());
  EXPECT_EQ(mine.tell(deposit{1}), send_result::closed);
  EXPECT_EQ(mine.ask(balance{}).wait(), reply_status::target_down);
  EXPECT_FALSE(mine.stop());
  EXPECT_EQ(system.counters().dead_letters, 0u);
}

TEST_P(an_actor_system, does_not_start_an_actor_whose_constructor_throws) {
  EXPECT_THROW((void)system.spawn<account>({.name = "debtor"}, -1), std::invalid_argument);
  EXPECT_EQ(system.live(), 0u);
  const auto after = system.spawn<account>({.name = "debtor"}, 1);
  EXPECT_TRUE(after.is_alive()) << "the name was not left behind";
  after.stop();
}

TEST_P(an_actor_system, ends_an_actor_whose_handler_throws_and_tells_who_asked) {
  const auto mine = system.spawn<account>();
  EXPECT_EQ(mine.tell(explode{}), send_result::accepted);
  const reply_status late = mine.ask(balance{}).wait();
  EXPECT_EQ(late, reply_status::target_down);
  ASSERT_TRUE(system.wait_until_empty(sync::native::after(10s)));
  EXPECT_EQ(system.counters().failed, 1u);
}

TEST_P(an_actor_system, finds_live_actors_by_name_and_type) {
  const auto mine = system.spawn<account>({.name = "savings"}, 5);
  EXPECT_EQ(system.find<account>("savings"), mine);
  EXPECT_EQ(system.find<account>("current"), actor_ref<account>{});
  EXPECT_THROW((void)system.spawn<account>({.name = "savings"}), name_taken);
  mine.kill();
  ASSERT_TRUE(system.wait_until_empty(sync::native::after(10s)));
  EXPECT_EQ(system.find<account>("savings"), actor_ref<account>{});
}

// Two actors that send one ball to and fro.
struct ball {
  int left;
};
struct player {
  using messages = jacquard::messages<ball, actor_ref<player>>;
  void on(context<player>&, const actor_ref<player>& other) { partner = other; }
  void on(context<player>& here, const ball& m) {
    if (m.left > 0) {
      EXPECT_EQ(partner.tell(ball{m.left - 1}), send_result::accepted);
      return;
    }
    (void)partner.stop();
    here.stop();
  }
  actor_ref<player> partner;
};

TEST_P(an_actor_system, plays_ping_pong) {
  const auto one = system.spawn<player>();
  const auto two = system.spawn<player>();
  EXPECT_EQ(one.tell(two), send_result::accepted);
  EXPECT_EQ(two.tell(one), send_result::accepted);
  EXPECT_EQ(one.tell(ball{100'000}), send_result::accepted);
  EXPECT_TRUE(system.wait_until_empty(sync::native::after(60s)));
}

// Old references meet new actors in old cells: nobody gets another's message.
struct owner_only {
  using messages = jacquard::messages<int>;
  explicit owner_only(int mine) : key(mine) {}
  void on(context<owner_only>&, const int& said) {
    EXPECT_EQ(said, key) << "a message for an earlier actor";
  }
  int key;
};

TEST_P(an_actor_system, never_delivers_to_a_later_actor_in_the_same_cell) {
  for (int round = 0; round < 300; ++round) {
    const auto now = system.spawn<owner_only>({}, round);
    std::thread sender([now, round] {
      for (int i = 0; i < 20; ++i) (void)now.tell(int{round});
    });
    if (round % 2 == 0) std::this_thread::yield();
    round % 3 == 0 ? now.kill() : now.stop();
    sender.join();
  }
  ASSERT_TRUE(system.wait_until_empty(sync::native::after(10s)));
  EXPECT_EQ(system.counters().ended, 300u);
}

// Sleeps in its handler until it is let go.
struct sleeper {
  using messages = jacquard::messages<int>;
  explicit sleeper(std::atomic<bool>& signal) : let_go(signal) {}
  void on(context<sleeper>&, const int&) {
    while (!let_go.load()) std::this_thread::sleep_for(1ms);
  }
  std::atomic<bool>& let_go;
};

TEST_P(an_actor_system, shuts_down_within_its_patience_and_names_who_is_stuck) {
  std::atomic<bool> let_go{false};
  const auto idle = system.spawn<account>({.name = "idle"});
  const auto stuck = system.spawn<sleeper>({.name = "stuck"}, let_go);
  for (int i = 0; i < 10; ++i) ASSERT_EQ(idle.tell(deposit{1}), send_result::accepted);
  auto last = idle.ask(balance{});
  ASSERT_EQ(last.wait(), reply_status::ready);
  ASSERT_EQ(stuck.tell(1), send_result::accepted);
  const shutdown_report early = system.shutdown(100ms);
  EXPECT_FALSE(early.complete);
  EXPECT_GE(early.stuck, 1u);
  EXPECT_NE(std::find(early.names.begin(), early.names.end(), "stuck"), early.names.end());
  let_go.store(true);
  const shutdown_report late = system.shutdown(10s);
  EXPECT_TRUE(late.complete);
  EXPECT_TRUE(late.names.empty());
  EXPECT_EQ(late.dead_letters, 0u);
}

INSTANTIATE_TEST_SUITE_P(one_two_and_more_than_cores, an_actor_system, testing::Values(1u, 2u, 4u));

static_assert(sizeof(actor_ref<account>) <= 16);
static_assert(sizeof(actor_cell<account>) == 2 * memory_line, "a small actor's cell is two lines");
static_assert(alignof(actor_cell<account>) == 2 * memory_line);

}  // namespace
}  // namespace jacquard
