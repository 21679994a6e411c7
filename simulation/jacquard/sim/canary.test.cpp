// Each broken mailbox is caught, by the check that it breaks; and a failure shrinks without changing its
// name.
#include <gtest/gtest.h>

#include <jacquard/sim/canary.hpp>
#include <jacquard/sim/hunt.hpp>
#include <jacquard/sim/run.hpp>
#include <jacquard/sim/shrink.hpp>

#include <stdexcept>
#include <string>

namespace jacquard::sim {
namespace {

class EveryCanary : public testing::TestWithParam<canary_entry> {};

TEST_P(EveryCanary, IsCaughtByTheCheckThatItBreaks) {
  const canary_entry& entry = GetParam();
  EXPECT_EQ(hunt(entry, 200).caught_by, entry.caught_by) << entry.what;
}

INSTANTIATE_TEST_SUITE_P(Simulation, EveryCanary,
                         testing::ValuesIn(canaries().begin(), canaries().end()),
                         [](const auto& tested) { return std::string(tested.param.name); });

// A plan of storm.ring that fails under the canary, and is large.
plan large_failure(canary which, std::string_view check) {
  for (std::uint64_t seed = 1; seed < 500; ++seed) {
    const plan what = generate(*scenario_named("storm.ring"), seed);
    if (what.faults.size() < 6) continue;
    if (signature(run_twice(what, {.broken = which})) == check) return what;
  }
  ADD_FAILURE() << "no seed fails under " << to_string(which);
  return {};
}

TEST(Shrink, FindsASmallPlanThatFailsTheSameWay) {
  for (const auto& [which, check] :
       {std::pair{canary::lose, "nothing_lost"}, std::pair{canary::overfill, "capacity_bound"},
        std::pair{canary::open_door, "closed_means_closed"},
        std::pair{canary::late_control, "control_first"}}) {
    const plan what = large_failure(which, check);
    ASSERT_FALSE(what.scenario.empty());
    const shrunk result = shrink(what, {.broken = which});
    EXPECT_EQ(result.signature, check);
    EXPECT_FALSE(result.out_of_runs);
    EXPECT_LE(result.smallest.faults.size(), 2u) << to_string(which) << "\n"
                                                 << to_toml(result.smallest);
    const verified again = run_twice(result.smallest, {.broken = which});
    EXPECT_EQ(signature(again), check);
    EXPECT_FALSE(again.divergence.has_value());
    const scenario small = adjusted(*scenario_named(what.scenario), result.smallest);
    const std::uint32_t messages = small.messages * small.producers;
    EXPECT_LE(messages, 40u) << to_string(which) << "\n" << to_toml(result.smallest);
  }
}

TEST(Shrink, RefusesAPlanThatHolds) {
  EXPECT_THROW((void)shrink(generate(*scenario_named("steady.ring"), 1), {}),
               std::invalid_argument);
}

TEST(Verify, NamesTheFirstEventThatALeakChanges) {
  const verified result =
      run_twice(generate(*scenario_named("steady.ring"), 1), {.broken = canary::leak});
  ASSERT_TRUE(result.divergence.has_value());
  EXPECT_EQ(result.divergence->substr(0, 6), "event ");
  EXPECT_NE(result.divergence->find("took /consumer at "), std::string::npos) << *result.divergence;
}

}  // namespace
}  // namespace jacquard::sim
