#include <gtest/gtest.h>

#include <jacquard/sim/kernel.hpp>

#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

namespace jacquard::sim {
namespace {

constexpr event_kind tick{"tick"};
constexpr event_kind tock{"tock"};

class recorder final : public entity {
 public:
  std::function<void(kernel&, const event&)> then;
  std::vector<std::pair<nanoseconds, std::uint32_t>> heard;

  void on(kernel& world, const event& what) override {
    heard.emplace_back(world.now(), what.a);
    if (then) then(world, what);
  }
};

TEST(Kernel, EventsRunInTheOrderOfTimePhaseAndScheduling) {
  kernel world(1);
  recorder who;
  const entity_id id = world.add("/x", who);
  world.after(50, id, tick, 3);
  world.after(20, id, tick, 2);
  world.after(20, id, tick, 1, 0, phase::fault);
  world.after(50, id, tick, 4);
  world.after(0, id, tick, 0);
  EXPECT_EQ(world.run(), stop_reason::quiet);
  EXPECT_EQ(who.heard, (decltype(who.heard){{0, 0}, {20, 1}, {20, 2}, {50, 3}, {50, 4}}));
}

TEST(Kernel, TheClockJumpsAndNeverGoesBack) {
  kernel world(1);
  recorder who;
  const entity_id id = world.add("/x", who);
  stream draws(9, domain::user, "/order");
  for (std::uint32_t i = 0; i < 5000; ++i) {
    world.after(draws.between(0, 1'000'000'000), id, tick, i);
  }
  EXPECT_EQ(world.run(), stop_reason::quiet);
  ASSERT_EQ(who.heard.size(), 5000u);
  for (std::size_t i = 1; i < who.heard.size(); ++i) {
    EXPECT_LE(who.heard[i - 1].first, who.heard[i].first);
  }
}

TEST(Kernel, NothingScheduledWhileWorkIsPendingIsADeadlock) {
  kernel world(1);
  recorder who;
  const entity_id id = world.add("/x", who);
  world.work_begins();
  world.after(5, id, tick);
  EXPECT_EQ(world.run(), stop_reason::deadlock);
  who.then = [](kernel& w, const event&) { w.work_ends(); };
  world.after(5, id, tick);
  EXPECT_EQ(world.run(), stop_reason::quiet);
}

TEST(Kernel, ARunStopsAtItsBudgetOfEventsOrTime) {
  kernel world(1);
  recorder who;
  const entity_id id = world.add("/x", who);
  who.then = [&](kernel& w, const event&) { w.after(10, id, tick); };
  world.after(0, id, tick);
  EXPECT_EQ(world.run({.events = 100, .time = second}), stop_reason::out_of_events);
  EXPECT_EQ(world.handled(), 100u);
  EXPECT_EQ(world.run({.events = 1'000'000, .time = 5000}), stop_reason::out_of_time);
  EXPECT_EQ(world.now(), 5000);
}

TEST(Kernel, AnEntityStopsTheRun) {
  kernel world(1);
  recorder who;
  const entity_id id = world.add("/x", who);
  who.then = [](kernel& w, const event& what) {
    if (what.a == 1) w.stop();
  };
  for (std::uint32_t i = 0; i < 3; ++i) world.after(i, id, tick, i);
  EXPECT_EQ(world.run(), stop_reason::stopped);
  EXPECT_EQ(who.heard.size(), 2u);
}

TEST(Kernel, APathIsGivenOnce) {
  kernel world(1);
  recorder who;
  (void)world.add("/x", who);
  EXPECT_THROW((void)world.add("/x", who), std::invalid_argument);
}

// A world of two entities that pass a token; `planted` may change one delay from run to run.
sim::history chatter(std::uint64_t seed, bool keep,
                     const std::function<nanoseconds(std::uint64_t)>& planted) {
  kernel world(seed);
  if (keep) world.history().keep_events();
  recorder one;
  recorder two;
  const entity_id a = world.add("/one", one);
  const entity_id b = world.add("/two", two);
  stream draws = world.draws(domain::user, a);
  one.then = [&](kernel& w, const event&) {
    if (w.handled() < 5000) w.after(draws.between(1, 100) + planted(w.handled()), b, tock);
  };
  two.then = [&](kernel& w, const event&) { w.after(3, a, tick); };
  world.after(0, a, tick);
  EXPECT_EQ(world.run(), stop_reason::quiet);
  return world.history();
}

nanoseconds nothing(std::uint64_t) { return 0; }

TEST(History, TheSameSeedGivesTheSameDigestAndAnotherSeedAnother) {
  EXPECT_EQ(chatter(5, false, nothing).digest(), chatter(5, false, nothing).digest());
  EXPECT_NE(chatter(5, false, nothing).digest(), chatter(6, false, nothing).digest());
  EXPECT_FALSE(first_difference(chatter(5, true, nothing), chatter(5, true, nothing)));
}

TEST(History, APlantedNondeterminismIsNamedToTheEvent) {
  int run = 0;
  // The delay decided while event 777 is handled depends on how often the program ran: event 777 + 1 of
  // the history (counted from 0) is the first that can show it.
  const auto leak = [&run](std::uint64_t handled) -> nanoseconds {
    return handled == 777 ? run : 0;
  };
  const sim::history first = chatter(5, true, leak);
  run = 1;
  const sim::history again = chatter(5, true, leak);
  const std::optional<difference> found = first_difference(first, again);
  ASSERT_TRUE(found.has_value());
  EXPECT_TRUE(found->exact);
  EXPECT_EQ(found->index, 777u);
  EXPECT_STREQ(found->left->what, "tock");
  EXPECT_EQ(found->left->at + 1, found->right->at);
  EXPECT_EQ(found->left->who, digest_of("/two"));
}

TEST(History, WithoutEventsTheCheckpointWindowIsNamed) {
  int run = 0;
  const auto leak = [&run](std::uint64_t handled) -> nanoseconds {
    return handled == 3001 ? run : 0;
  };
  const sim::history first = chatter(5, false, leak);
  run = 1;
  const sim::history again = chatter(5, false, leak);
  const std::optional<difference> found = first_difference(first, again);
  ASSERT_TRUE(found.has_value());
  EXPECT_FALSE(found->exact);
  EXPECT_EQ(found->index, 2 * history::checkpoint_every);
}

TEST(History, ARunThatEndedEarlierDiffersAtItsEnd) {
  history shorter;
  history longer;
  shorter.keep_events();
  longer.keep_events();
  for (nanoseconds t = 0; t < 3; ++t) {
    shorter.add(t, tick.digest, tick.name, 1, 2);
    longer.add(t, tick.digest, tick.name, 1, 2);
  }
  longer.add(3, tick.digest, tick.name, 1, 2);
  const std::optional<difference> found = first_difference(shorter, longer);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->index, 3u);
  EXPECT_FALSE(found->left.has_value());
  EXPECT_TRUE(found->right.has_value());
}

}  // namespace
}  // namespace jacquard::sim
