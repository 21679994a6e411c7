// Every run here is made twice, and its two histories are compared.
#include <gtest/gtest.h>

#include <jacquard/sim/mailbox_world.hpp>
#include <jacquard/sim/run.hpp>

#include <map>
#include <set>
#include <string>
#include <vector>

namespace jacquard::sim {
namespace {

run_result held(const plan& what) {
  verified result = run_twice(what);
  EXPECT_TRUE(result.first.holds())
      << what.scenario << " seed " << what.seed << ": " << result.first.broken->check << ": "
      << result.first.broken->detail;
  EXPECT_FALSE(result.divergence.has_value()) << *result.divergence;
  return std::move(result.first);
}

class EveryScenario : public testing::TestWithParam<std::string> {};

TEST_P(EveryScenario, HoldsForEverySeedAndSeesWhatItMust) {
  const scenario& story = *scenario_named(GetParam());
  std::bitset<point_count> seen;
  for (std::uint64_t seed = 0; seed < 100; ++seed) seen |= held(generate(story, seed)).seen;
  for (const point wanted : story.sometimes) {
    EXPECT_TRUE(seen.test(static_cast<std::size_t>(wanted))) << to_string(wanted) << " never seen";
  }
}

std::vector<std::string> names() {
  std::vector<std::string> list;
  for (const scenario& story : scenarios()) list.push_back(story.name);
  return list;
}
INSTANTIATE_TEST_SUITE_P(Simulation, EveryScenario, testing::ValuesIn(names()),
                         [](const auto& tested) {
                           std::string name = tested.param;
                           for (char& c : name) c = c == '.' ? '_' : c;
                           return name;
                         });

// Three mailboxes, one contract: where no sender stops inside a call, a world cannot tell them apart.
TEST(Mailboxes, AreIndistinguishableWhereNoCallIsStopped) {
  std::map<std::string, std::vector<const scenario*>> stories;
  for (const scenario& story : scenarios()) {
    if (story.has_actors()) continue;
    stories[story.name.substr(0, story.name.find('.'))].push_back(&story);
  }
  std::uint64_t compared = 0;
  for (const auto& [name, variants] : stories) {
    for (std::uint64_t seed = 1000; seed < 1030; ++seed) {
      std::set<std::uint64_t> digests;
      for (const scenario* const story : variants) {
        plan what = generate(*story, seed);
        std::erase_if(what.faults, [](const fault& f) { return f.kind == fault_kind::stall; });
        if (what.overflow == overflow::drop_oldest) what.overflow = overflow::drop_newest;
        digests.insert(held(what).digest);
        ++compared;
      }
      EXPECT_EQ(digests.size(), 1u) << name << " seed " << seed;
    }
  }
  EXPECT_GT(compared, 1000u);
}

plan with(const char* name, std::uint64_t seed, std::vector<fault> faults) {
  plan made;
  made.scenario = name;
  made.seed = seed;
  made.faults = std::move(faults);
  return made;
}

// The events of one entity, without what other entities' letters are called.
std::vector<std::pair<nanoseconds, std::string>> events_of(const run_result& result,
                                                           std::string_view path) {
  std::vector<std::pair<nanoseconds, std::string>> found;
  for (const happening& event : result.history.events()) {
    if (event.who == digest_of(path)) found.emplace_back(event.at, event.what);
  }
  return found;
}

TEST(KeyedRandomness, AFaultOfOneProducerMovesNoOtherProducersDraws) {
  const fault loss{
      .id = "l", .kind = fault_kind::loss, .at = 0, .lasts = second, .percent = 50, .producer = 0};
  const run_options keep{.keep_events = true};
  const run_result without = run(with("steady.ring", 5, {}), keep);
  const run_result lossy = run(with("steady.ring", 5, {loss}), keep);
  EXPECT_TRUE(lossy.seen.test(static_cast<std::size_t>(point::lost_on_link)));
  EXPECT_NE(events_of(lossy, "/producer/0"), events_of(without, "/producer/0"));
  for (const char* const other : {"/producer/1", "/producer/2", "/producer/3"}) {
    EXPECT_EQ(events_of(lossy, other), events_of(without, other)) << other;
  }
}

TEST(Faults, ABurstOf25PercentIsAnsweredBusyAndNothingAcceptedIsLost) {
  const fault burst{.id = "b",
                    .kind = fault_kind::burst,
                    .at = 100 * microsecond,
                    .lasts = 4 * millisecond,
                    .percent = 25};
  plan what = with("burst_reject.ring", 3, {burst});
  what.messages = 1000;
  const run_result result = held(what);
  EXPECT_GT(result.sums.busy, 0u);
  EXPECT_EQ(result.sums.accepted, result.sums.handled);
  EXPECT_TRUE(result.recovered_in.has_value());
}

TEST(Faults, ASlowConsumerTakesLonger) {
  const fault slow{.id = "s", .kind = fault_kind::slow, .at = 0, .lasts = second, .factor = 10};
  const run_result usual = held(with("growth.linked", 3, {}));
  const run_result slowed = held(with("growth.linked", 3, {slow}));
  EXPECT_GT(slowed.latency_p50, 10 * usual.latency_p50);
  EXPECT_GT(slowed.sums.waiting_peak, 64u);
  EXPECT_EQ(slowed.sums.handled, usual.sums.handled);
}

TEST(Faults, APausedConsumerHandlesNothingMeanwhile) {
  const fault pause{
      .id = "p", .kind = fault_kind::pause, .at = 200 * microsecond, .lasts = 300 * microsecond};
  const run_result result = run(with("growth.linked", 3, {pause}), {.keep_events = true});
  ASSERT_TRUE(result.holds());
  // A message in service when the pause begins is noted once more when its deferred event fires.
  for (const happening& event : result.history.events()) {
    if (event.who != digest_of("/consumer") || std::string_view(event.what) != "took") continue;
    EXPECT_FALSE(event.at > 200 * microsecond && event.at < 500 * microsecond) << event.at;
  }
}

TEST(Faults, ACloseWhileASenderStandsInTheGapLosesNothing) {
  const fault stall{.id = "s",
                    .kind = fault_kind::stall,
                    .at = 100 * microsecond,
                    .lasts = 500 * microsecond,
                    .count = 1,
                    .producer = 2};
  const fault close{.id = "c", .kind = fault_kind::close, .at = 300 * microsecond};
  const run_result result = held(with("close_under_load.ring", 3, {stall, close}));
  EXPECT_TRUE(result.seen.test(static_cast<std::size_t>(point::claim_across_close)));
  EXPECT_TRUE(result.seen.test(static_cast<std::size_t>(point::head_of_line)));
  EXPECT_EQ(result.sums.accepted, result.sums.handled);
  EXPECT_GT(result.sums.closed, 0u);
}

TEST(Faults, ARestartedConsumerLosesOnlyWhatItHadInHand) {
  const fault restart{
      .id = "r", .kind = fault_kind::restart, .at = 300 * microsecond, .lasts = 50 * microsecond};
  plan what = with("pause_restart.ring", 8, {restart});
  const run_result result = held(what);
  EXPECT_LE(result.sums.perished, scenario_named("pause_restart.ring")->batch);
  EXPECT_EQ(result.sums.taken, result.sums.handled + result.sums.perished);
}

TEST(Run, ARunThatTestsTooLittleIsAnError) {
  const fault slow{.id = "s", .kind = fault_kind::slow, .at = 0, .lasts = second, .factor = 1000};
  const verified result = run_twice(with("steady.ring", 3, {slow}));
  ASSERT_FALSE(result.holds());
  EXPECT_EQ(signature(result), "floor");
}

TEST(Run, ADrainThatTakesTooLongIsAnError) {
  scenario story = *scenario_named("steady.ring");
  story.drain_within = 1;
  mailbox_world world(story, with("steady.ring", 3, {}), {});
  const run_result result = world.run();
  ASSERT_FALSE(result.holds());
  EXPECT_EQ(result.broken->check, "drain");
}

TEST(Run, APlanThatCannotRunIsRefused) {
  EXPECT_THROW((void)run(with("nobody", 1, {})), std::invalid_argument);
}

}  // namespace
}  // namespace jacquard::sim
