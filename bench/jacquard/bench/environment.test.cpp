#include <gtest/gtest.h>

#include <jacquard/bench/environment.hpp>
#include <jacquard/bench/placement.hpp>

namespace jacquard::bench {
namespace {

TEST(Environment, Sha256AgreesWithThePublishedExamples) {
  // FIPS 180-4 examples: "abc" and the empty message.
  EXPECT_EQ(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Environment, TheRecordNamesWhereAndFromWhat) {
  const auto record = environment_record(clock_facts{});
  for (const char* field :
       {"generated_at", "cpu", "cores", "kernel", "hypervisor", "tsc_hz", "timer_quantum_ns",
        "compiler", "flags", "commit", "source_digest", "harness_digest", "config_hash"}) {
    EXPECT_TRUE(record.contains(field)) << field;
  }
  EXPECT_EQ(record["kind"], "env");
  EXPECT_EQ(record["source_digest"].get<std::string>().size(), 64u);
  EXPECT_EQ(record["config_hash"].get<std::string>().size(), 64u);
}

TEST(Environment, TheConfigHashFollowsTheMachineAndTheSourcesButNotTheTime) {
  auto record = environment_record(clock_facts{});
  const std::string before = config_hash(record);
  record["generated_at"] = "2001-01-01T00:00:00Z";
  record["load_1min"] = "99";
  record["tsc_hz"] = 1.0;
  EXPECT_EQ(config_hash(record), before);
  record["source_digest"] = "0";
  EXPECT_NE(config_hash(record), before);
}

TEST(Clock, GoesForwardAndKnowsItsStep) {
  const clock_facts facts = probe_clock();
  EXPECT_GT(facts.ticks_per_ns, 0.0);
  EXPECT_GT(facts.quantum_ns, 0.0);
  EXPECT_LT(facts.quantum_ns, 1000.0);
  EXPECT_GT(facts.core_ghz, 0.05);
  const std::uint64_t early = ticks();
  EXPECT_GE(ticks(), early);
  EXPECT_LT(facts.ns(1000, 0), 0.0);
}

TEST(Placement, CrossCoreNeedsTwoProcessorsAndPutsTheConsumerOnItsOwn) {
  EXPECT_FALSE(seats_for(placement::cross_core, {3}).has_value());
  const auto two = seats_for(placement::cross_core, {0, 1});
  ASSERT_TRUE(two.has_value());
  EXPECT_EQ(two->consumer, 0);
  EXPECT_EQ(two->sender(0), 1);
  EXPECT_EQ(two->sender(3), 1);
  const auto same = seats_for(placement::same_core, {0, 1});
  ASSERT_TRUE(same.has_value());
  EXPECT_EQ(same->sender(0), same->consumer);
}

TEST(Placement, ARoundTripHasARegimeAndOneCoreHasNone) {
  EXPECT_EQ(regime_of(probe_round_trip_ns(0, 0, 1.0)), "one-core");
  EXPECT_EQ(regime_of(80.0), "near");
  EXPECT_EQ(regime_of(400.0), "far");
  const auto processors = allowed_processors();
  if (processors.size() >= 2) {
    EXPECT_GT(probe_round_trip_ns(processors[0], processors[1], 1.0), 0.0);
  }
}

}  // namespace
}  // namespace jacquard::bench
