// Actors that run on one worker only.
#include <gtest/gtest.h>

#include <jacquard/actor/actor_system.hpp>
#include <jacquard/env/manual_environment.hpp>
#include <jacquard/env/native_environment.hpp>

#include <atomic>
#include <chrono>
#include <set>
#include <thread>
#include <vector>

namespace jacquard {
namespace {

using namespace std::chrono_literals;

struct hit {
  int left;
};
struct places_seen {
  using reply = std::size_t;
};
struct resident {
  using messages = jacquard::messages<actor_ref<resident>, hit, places_seen>;
  void on(context<resident>&, const actor_ref<resident>& m) { other = m; }
  void on(context<resident>&, const hit& m) {
    threads.insert(std::this_thread::get_id());
    if (m.left < 0) std::this_thread::sleep_for(200us);
    if (m.left > 0) (void)other.tell(hit{m.left - 1});
  }
  std::size_t on(context<resident>&, const places_seen&) { return threads.size(); }
  actor_ref<resident> other;
  std::set<std::thread::id> threads;
};

struct pinned_actors : testing::TestWithParam<std::uint32_t> {};

TEST_P(pinned_actors, run_on_one_thread_whoever_sends_to_them) {
  native_environment world;
  actor_system system(world, {.scheduling = {.workers = GetParam()}});
  std::vector<actor_ref<resident>> all;
  for (std::uint32_t i = 0; i < 8; ++i) {
    all.push_back(system.spawn<resident>({.pinned = i % GetParam()}));
  }
  for (std::size_t i = 0; i < 8; ++i) {
    ASSERT_EQ(all[i].tell(all[(i + 1) % 8]), send_result::accepted);
    ASSERT_EQ(all[i].tell(hit{2'000}), send_result::accepted);
  }
  for (const auto& each : all) {
    for (int i = 0; i < 50; ++i) ASSERT_EQ(each.tell(hit{0}), send_result::accepted);
  }
  for (int round = 0; round < 20; ++round) {  // slow enough that an idle worker would take some
    for (const auto& each : all) ASSERT_EQ(each.tell(hit{-1}), send_result::accepted);
    for (const auto& each : all) (void)each.ask(places_seen{}).wait();
  }
  for (const auto& each : all) {
    auto answer = each.ask(places_seen{});
    ASSERT_EQ(answer.wait(), reply_status::ready);
    EXPECT_EQ(answer.take(), 1u);
  }
  EXPECT_TRUE(system.shutdown(20s).complete);
  EXPECT_EQ(system.workers().counters().stolen, 0u);
}

TEST_P(pinned_actors, are_woken_up_by_name_and_leave_the_others_asleep) {
  native_environment world;
  actor_system system(world, {.scheduling = {.workers = GetParam()}});
  const auto who = system.spawn<resident>({.pinned = GetParam() - 1});
  std::this_thread::sleep_for(20ms);
  for (int i = 0; i < 50; ++i) {
    const std::uint64_t before = system.workers().counters().woken;
    ASSERT_EQ(who.tell(hit{0}), send_result::accepted);
    auto answer = who.ask(places_seen{});
    ASSERT_EQ(answer.wait(), reply_status::ready);
    ASSERT_EQ(answer.take(), 1u);
    std::this_thread::sleep_for(1ms);
    EXPECT_LE(system.workers().counters().woken - before, 2u);
  }
  std::this_thread::sleep_for(20ms);
  const std::uint64_t before = system.workers().counters().woken;
  (void)system.send_after(who, 1h, hit{0});  // one wake-up, of the keeper, to look at the new timer
  std::this_thread::sleep_for(200ms);
  EXPECT_LE(system.workers().counters().woken - before, 1u);
  who.stop();
}

TEST_P(pinned_actors, run_by_hand_too) {
  manual_environment world;
  actor_system system(world, {.scheduling = {.workers = GetParam()}});
  const auto who = system.spawn<resident>({.pinned = GetParam() - 1});
  ASSERT_EQ(who.tell(hit{0}), send_result::accepted);
  EXPECT_EQ(world.run_until_idle(), 1u);
  EXPECT_TRUE(system.shutdown(10s).complete);
}

TEST(a_pinned_actor, of_a_worker_that_is_not_there_is_a_broken_claim_in_words) {
  native_environment world;
  actor_system system(world, {.scheduling = {.workers = 2}});
  EXPECT_DEATH((void)system.spawn<resident>({.pinned = 2}), "must be in \\[0, workers\\)");
}

INSTANTIATE_TEST_SUITE_P(one_two_and_more_than_cores, pinned_actors, testing::Values(1u, 2u, 4u));

}  // namespace
}  // namespace jacquard
