// What faults do to actors, one at a time. EveryScenario in run.test.cpp runs the stories themselves.
#include <gtest/gtest.h>

#include <jacquard/sim/actor_world.hpp>
#include <jacquard/sim/run.hpp>

#include <string>
#include <vector>

namespace jacquard::sim {
namespace {

plan with(const char* name, std::uint64_t seed, std::vector<fault> faults) {
  plan made;
  made.scenario = name;
  made.seed = seed;
  made.faults = std::move(faults);
  return made;
}

run_result held(const plan& what) {
  verified result = run_twice(what);
  EXPECT_TRUE(result.first.holds())
      << what.scenario << " seed " << what.seed << ": " << result.first.broken->check << ": "
      << result.first.broken->detail;
  EXPECT_FALSE(result.divergence.has_value()) << *result.divergence;
  return std::move(result.first);
}

bool saw(const run_result& result, point what) {
  return result.seen.test(static_cast<std::size_t>(what));
}

TEST(ActorFaults, AWorkerThatStallsIsRobbedOfItsWork) {
  const fault stall{.id = "p",
                    .kind = fault_kind::pause,
                    .at = 20 * microsecond,
                    .lasts = 400 * microsecond,
                    .producer = 0};
  const run_result usual = held(with("fan.4", 3, {}));
  const run_result stalled = held(with("fan.4", 3, {stall}));
  EXPECT_TRUE(saw(stalled, point::stolen));
  EXPECT_EQ(stalled.sums.handled, usual.sums.handled);
  EXPECT_GT(stalled.latency_p99, usual.latency_p99);
}

TEST(ActorFaults, AKilledAccountAnswersNobodyAndItsMoneyIsAccountedFor) {
  const fault kill{.id = "k", .kind = fault_kind::kill, .at = 200 * microsecond, .producer = 2};
  const run_result result = held(with("bank.2", 5, {kill}));
  EXPECT_TRUE(saw(result, point::name_reused) || saw(result, point::answer_target_down));
}

TEST(ActorFaults, AHandlerThatThrowsFailsItsQuestion) {
  bool failed = false;
  for (std::uint64_t seed = 1; seed < 20 && !failed; ++seed) {
    const fault crash{.id = "c", .kind = fault_kind::crash, .at = 100 * microsecond, .producer = 1};
    const run_result result = held(with("bank.1", seed, {crash}));
    EXPECT_TRUE(saw(result, point::crashed));
    failed = saw(result, point::answer_failed);
  }
  EXPECT_TRUE(failed);
}

TEST(ActorFaults, ABurstFillsABoundedInboxAndNobodyIsForgotten) {
  const fault burst{.id = "b",
                    .kind = fault_kind::burst,
                    .at = 10 * microsecond,
                    .lasts = 300 * microsecond,
                    .percent = 300};
  const run_result result = held(with("pipeline.drop_oldest.2", 5, {burst}));
  EXPECT_GT(result.sums.evicted, 0u);
  EXPECT_EQ(result.sums.accepted, result.sums.handled + result.sums.evicted);
}

TEST(ActorFaults, AShutdownBehindASlowHandlerNamesWhoIsStuck) {
  const fault slow{.id = "s",
                   .kind = fault_kind::slow,
                   .at = 100 * microsecond,
                   .lasts = 900 * microsecond,
                   .factor = 300};
  const run_result result = held(with("shutdown.2", 5, {slow}));
  EXPECT_TRUE(saw(result, point::stuck_at_deadline));
}

// The check that fan.2 breaks where its story is told differently.
std::string broken_in_fan(void (*change)(scenario&)) {
  scenario story = *scenario_named("fan.2");
  change(story);
  const auto world = story.make(story, with("fan.2", 3, {}), {});
  const run_result result = world->run();
  EXPECT_TRUE(world->ends());
  return result.broken ? result.broken->check : "";
}

// 10,000 messages in 0.6 s are a million a minute; the slowest of four senders takes a little longer.
TEST(TenThousandActors, AreToldAMillionMessagesAMinuteAndAccountForEach) {
  const run_result one = held(with("ten_thousand.4", 1, {}));
  const run_result other = held(with("ten_thousand.4", 2, {}));
  for (const run_result* const each : {&one, &other}) {
    EXPECT_EQ(each->sums.accepted, 10'000u);
    EXPECT_EQ(each->sums.handled, 10'000u);
    EXPECT_GT(each->ended_at, 570 * millisecond);
    EXPECT_LT(each->ended_at, 640 * millisecond);
  }
  EXPECT_NE(one.digest, other.digest);
}

TEST(TenThousandActors, AreMissedWhereAMessageIsLost) {
  const verified result = run_twice(with("ten_thousand.4", 1, {}), {.broken = canary::parcel_lost});
  EXPECT_EQ(signature(result), "accounted");
}

TEST(ActorRun, ARunThatTestsTooLittleIsAnError) {
  EXPECT_EQ(broken_in_fan([](scenario& s) { s.handled_per_mille_min = 1'000'000; }), "floor");
}

TEST(ActorRun, ADrainThatTakesTooLongIsAnError) {
  EXPECT_EQ(broken_in_fan([](scenario& s) { s.drain_within = 1; }), "drain");
}

TEST(ActorRun, IsTheSameAfterOtherRunsOfTheProcess) {
  const std::uint64_t before = run(with("shutdown.2", 9, {})).digest;
  for (const scenario& story : scenarios()) {
    if (story.has_actors()) (void)run(generate(story, 4));
  }
  EXPECT_EQ(run(with("shutdown.2", 9, {})).digest, before);
}

}  // namespace
}  // namespace jacquard::sim
