// Reports of actors and lists of strands, on one and more workers.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <map>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <jacquard/actor/actor_system.hpp>
#include <jacquard/actor/manual_executor.hpp>
#include <jacquard/diagnostics/actor_report.hpp>
#include <jacquard/diagnostics/describe.hpp>
#include <jacquard/diagnostics/strand_registry.hpp>
#include <jacquard/env/native_environment.hpp>
#include <jacquard/messaging/channel.hpp>
#include <jacquard/messaging/strand.hpp>

namespace jacquard {
namespace {

using namespace std::chrono_literals;

struct note {};
struct how_many {
  using reply = int;
};
struct clerk {
  using messages = jacquard::messages<note, how_many>;
  void on(context<clerk>&, const note&) { ++notes; }
  int on(context<clerk>&, const how_many&) { return notes; }
  int notes = 0;
};
struct hold {};
struct sleeper_actor {
  using messages = jacquard::messages<hold>;
  explicit sleeper_actor(std::atomic<bool>& go) : go_(go) {}
  void on(context<sleeper_actor>&, const hold&) {
    entered.store(true);
    go_.wait(false);
  }
  inline static std::atomic<bool> entered{false};

 private:
  std::atomic<bool>& go_;
};

const actor_facts* find(const actor_report& all, const std::string& name) {
  for (const actor_facts& one : all.actors) {
    if (one.name == name) return &one;
  }
  return nullptr;
}

int settled(const actor_ref<clerk>& who) {
  auto answer = who.ask(how_many{});
  EXPECT_EQ(answer.wait(), reply_status::ready);
  return answer.take();
}

// Reports until one satisfies: what an activation handled is told at its end. The last one, after ten seconds.
template <class Condition>
actor_report report_until(const actor_system& system, Condition&& holds) {
  const sync::deadline until = sync::native::after(10s);
  for (;;) {
    actor_report seen = report_actors(system);
    if (holds(seen) || sync::native::after(0s) >= until) return seen;
    std::this_thread::yield();
  }
}

struct a_report : testing::TestWithParam<std::uint32_t> {
  native_environment world;
  actor_system system{world, {.scheduling = {.workers = GetParam()}, .count_messages = true}};
};
INSTANTIATE_TEST_SUITE_P(workers, a_report, testing::Values(1u, 2u));

TEST_P(a_report, names_every_live_actor_once_with_its_type_and_what_it_handled) {
  const auto first = system.spawn<clerk>({.name = "first"});
  (void)system.spawn<clerk>({.name = "second"});
  (void)system.spawn<clerk>();
  for (int i = 0; i < 100; ++i) ASSERT_EQ(first.tell(note{}), send_result::accepted);
  ASSERT_EQ(settled(first), 100);
  (void)system.spawn<clerk>({.name = "third"});
  const actor_report seen = report_until(system, [](const actor_report& now) {
    const actor_facts* const one = find(now, "first");
    return one != nullptr && one->handled == 101u;
  });
  ASSERT_EQ(seen.actors.size(), 4u);
  ASSERT_NE(find(seen, "first"), nullptr);
  EXPECT_EQ(find(seen, "first")->handled, 101u) << "a hundred notes and a question";
  EXPECT_NE(find(seen, "first")->type.find("clerk"), std::string_view::npos);
  EXPECT_EQ(find(seen, "second")->handled, 0u);
  EXPECT_EQ(seen.actors.back().name, "") << "those with names come first";
  EXPECT_EQ(seen.totals.spawned, 4u);
  EXPECT_TRUE(system.shutdown(10s).complete);
  EXPECT_TRUE(report_actors(system).actors.empty());
}

TEST_P(a_report, counts_a_cell_s_next_actor_from_nothing) {
  const auto old = system.spawn<clerk>();
  ASSERT_EQ(old.tell(note{}), send_result::accepted);
  ASSERT_EQ(settled(old), 1);
  old.stop();
  ASSERT_TRUE(system.wait_until_empty(sync::native::after(10s)));
  (void)system.spawn<clerk>({.name = "fresh"});
  const actor_report seen = report_actors(system);
  ASSERT_NE(find(seen, "fresh"), nullptr);
  EXPECT_EQ(find(seen, "fresh")->handled, 0u);
  EXPECT_TRUE(system.shutdown(10s).complete);
}

TEST_P(a_report, tells_a_busy_actor_from_an_idle_one_and_says_what_waits) {
  std::atomic<bool> go{false};
  sleeper_actor::entered = false;
  const auto busy = system.spawn<sleeper_actor>({.name = "busy", .capacity = 8}, go);
  (void)system.spawn<clerk>({.name = "idle"});
  for (int i = 0; i < 3; ++i) ASSERT_EQ(busy.tell(hold{}), send_result::accepted);
  while (!sleeper_actor::entered) std::this_thread::yield();
  const actor_report seen = report_until(system, [](const actor_report& now) {
    const actor_facts* const one = find(now, "idle");
    return one != nullptr && one->activity == actor_activity::idle;
  });
  ASSERT_NE(find(seen, "busy"), nullptr);
  EXPECT_EQ(find(seen, "busy")->activity, actor_activity::busy);
  ASSERT_TRUE(find(seen, "busy")->inbox.has_value());
  EXPECT_EQ(find(seen, "idle")->activity, actor_activity::idle);
  EXPECT_FALSE(find(seen, "idle")->inbox.has_value());
  EXPECT_NE(describe(seen, {}).find("actor   busy  "), std::string::npos) << describe(seen, {});
  go = true;
  go.notify_all();
  EXPECT_TRUE(system.shutdown(10s).complete);
}

TEST_P(a_report, is_taken_while_actors_come_and_go) {
  std::atomic<bool> over{false};
  (void)system.spawn<clerk>({.name = "keeper"});
  std::thread churn([&] {
    while (!over) {
      const auto brief = system.spawn<clerk>({.name = "brief"});
      (void)brief.tell(note{});
      brief.stop();
      while (brief.is_alive()) std::this_thread::yield();
    }
  });
  while (system.counters().spawned < 1'000) {
    const actor_report seen = report_actors(system);
    std::map<std::string, int> times;
    for (const actor_facts& one : seen.actors) ++times[one.name];
    EXPECT_EQ(times["keeper"], 1);
    EXPECT_LE(times["brief"], 1);
  }
  over = true;
  churn.join();
  EXPECT_TRUE(system.shutdown(10s).complete);
}

TEST(an_uncounted_system, reports_its_actors_without_counts) {
  native_environment world;
  actor_system system(world);
  const auto one = system.spawn<clerk>({.name = "one"});
  ASSERT_EQ(one.tell(note{}), send_result::accepted);
  ASSERT_EQ(settled(one), 1);
  const actor_report seen = report_actors(system);
  ASSERT_EQ(seen.actors.size(), 1u);
  EXPECT_EQ(seen.actors[0].handled, std::nullopt);
  EXPECT_TRUE(system.shutdown(10s).complete);
}

// A clock that counts who asks it.
class counting_clock final : public environment {
 public:
  std::int64_t now() noexcept override {
    ++reads;
    return real_.now();
  }
  std::uint32_t pick(std::uint32_t) noexcept override { return 0; }
  void start_worker(const worker_body&) override {}
  void join_workers() override {}
  std::atomic<std::uint64_t> reads{0};

 private:
  native_environment real_;
};

strand<int> wait_for(channel<int>& source) {
  auto got = co_await source.receive();
  co_return got ? *got : -1;
}
strand<int> at_once() { co_return 1; }
strand<int> throws() {
  throw std::runtime_error("bang");
  co_return 1;
}

struct a_strand_registry : testing::TestWithParam<std::uint32_t> {};
INSTANTIATE_TEST_SUITE_P(workers, a_strand_registry, testing::Values(1u, 2u));

TEST_P(a_strand_registry, lists_a_strand_from_its_spawn_to_its_end) {
  native_environment world;
  scheduler workers(world, {.workers = GetParam()});
  basic_strand_registry<diagnostics_on> strands(world);
  channel<int> source({.capacity = 1});
  auto waiting = strands.spawn(workers, "waiting", wait_for(source));
  EXPECT_EQ(strands.list().size(), 1u);
  EXPECT_EQ(strands.spawn(workers, "brief", at_once()).wait(), 1);
  const auto seen = strands.list();
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_STREQ(seen[0].name, "waiting");
  EXPECT_EQ(seen[0].number, 1u);
  EXPECT_GE(seen[0].age.count(), 0);
  EXPECT_NE(describe(seen[0]).find("waiting  number 1"), std::string::npos);
  ASSERT_EQ(source.try_send(7), send_result::accepted);
  EXPECT_EQ(waiting.wait(), 7);
  EXPECT_TRUE(strands.list().empty());
}

TEST(a_strand_whose_worker_has_not_come_to_it,
     is_listed_from_its_spawn_and_until_its_body_has_returned) {
  native_environment world;
  manual_executor stuck;
  basic_strand_registry<diagnostics_on> strands(world);
  auto waits = strands.spawn(stuck, "feed", at_once());
  const auto seen = strands.list();
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_STREQ(seen[0].name, "feed");
  EXPECT_EQ(stuck.ready(), 1u);
  EXPECT_FALSE(waits.is_done());
  (void)stuck.run_until_idle();
  EXPECT_TRUE(strands.list().empty());
  EXPECT_EQ(waits.take(), 1);
}

TEST_P(a_strand_registry, forgets_a_strand_that_threw) {
  native_environment world;
  scheduler workers(world, {.workers = GetParam()});
  basic_strand_registry<diagnostics_on> strands(world);
  EXPECT_THROW((void)strands.spawn(workers, "throws", throws()).wait(), std::runtime_error);
  EXPECT_TRUE(strands.list().empty());
}

TEST_P(a_strand_registry, reads_the_clock_once_in_sixty_four_spawns_and_off_never) {
  native_environment world;
  scheduler workers(world, {.workers = GetParam()});
  counting_clock clock;
  basic_strand_registry<diagnostics_on> on(clock);
  basic_strand_registry<diagnostics_off> off(clock);
  const auto reads_of = [&](auto& strands) {
    const std::uint64_t before = clock.reads;
    for (int i = 0; i < 640; ++i) EXPECT_EQ(strands.spawn(workers, "brief", at_once()).wait(), 1);
    return clock.reads - before;
  };
  EXPECT_EQ(reads_of(on), 10u);
  EXPECT_EQ(reads_of(off), 0u);
  EXPECT_TRUE(off.list().empty());
}

TEST(the_default, is_what_the_build_chose) {
  EXPECT_EQ(default_diagnostics::lists_strands, JACQUARD_DIAGNOSTICS != 0);
}

}  // namespace
}  // namespace jacquard
