#include <gtest/gtest.h>

#include <jacquard/sim/fault_plan.hpp>
#include <jacquard/sim/scenario.hpp>

#include <algorithm>
#include <string>

namespace jacquard::sim {
namespace {

constexpr std::string_view head = "schema = 1\nscenario = \"storm.ring\"\nseed = \"0x9f3a\"\n";

std::string error_of(const std::string& text) {
  const auto read = parse_plan(text);
  return read ? "accepted" : read.error();
}

std::string with_fault(const std::string& keys) { return std::string(head) + "[[fault]]\n" + keys; }

TEST(FaultPlan, WhatIsWrittenIsReadBack) {
  for (const scenario& story : scenarios()) {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      const plan made = generate(story, seed);
      const auto read = parse_plan(to_toml(made));
      ASSERT_TRUE(read.has_value()) << read.error() << "\n" << to_toml(made);
      EXPECT_EQ(*read, made);
    }
  }
}

TEST(FaultPlan, TheSameSeedMeansTheSamePlan) {
  const scenario& story = *scenario_named("storm.ring");
  EXPECT_EQ(generate(story, 12), generate(story, 12));
  EXPECT_NE(generate(story, 12).faults, generate(story, 13).faults);
}

TEST(FaultPlan, OneKindMoreMovesNoOtherKindsFaults) {
  scenario story = *scenario_named("slow_consumer.ring");
  const plan without = generate(story, 77);
  story.faults.insert(story.faults.begin(), {fault_kind::pause, 2, 2});
  plan with = generate(story, 77);
  std::erase_if(with.faults, [](const fault& f) { return f.kind == fault_kind::pause; });
  EXPECT_EQ(with.faults, without.faults);
}

TEST(FaultPlan, RefusesAnUnknownKeyByName) {
  EXPECT_EQ(error_of(std::string(head) + "colour = \"red\"\n"),
            "colour = \"red\": unknown key; allowed here: schema scenario seed messages producers "
            "capacity batch overflow fault");
  EXPECT_EQ(error_of(with_fault("kind = \"pause\"\nat = \"1us\"\nfor = \"1us\"\nfactor = 3\n")),
            "fault[0].factor = 3: unknown key; allowed here: id kind at for worker");
}

TEST(FaultPlan, RefusesAValueWithItsRange) {
  EXPECT_EQ(error_of(with_fault("kind = \"slow\"\nat = \"1us\"\nfor = \"1us\"\nfactor = 1\n")),
            "fault[0].factor = 1: must be a whole number in [2, 1000]");
  EXPECT_EQ(error_of(with_fault("kind = \"loss\"\nat = \"1us\"\nfor = \"1us\"\npercent = 101\n")),
            "fault[0].percent = 101: must be a whole number in [1, 100]");
  EXPECT_EQ(error_of(with_fault("kind = \"pause\"\nat = \"-1us\"\nfor = \"1us\"\n")),
            "fault[0].at = \"-1us\": must be a time in [0s, 1440m], written like \"250us\"");
  EXPECT_EQ(error_of(with_fault("kind = \"pause\"\nat = \"1us\"\nfor = 5\n")),
            "fault[0].for = 5: must be a time in [1ns, 1440m], written like \"250us\"");
  EXPECT_EQ(error_of(with_fault("kind = \"tickle\"\nat = \"1us\"\n")),
            "fault[0].kind = \"tickle\": must be one of: slow pause restart stall burst delay loss "
            "duplicate close crash kill stop late");
  EXPECT_EQ(error_of("schema = 2\nscenario = \"storm.ring\"\nseed = 1\n"),
            "schema = 2: must be a whole number in [1, 1]");
  EXPECT_EQ(error_of("schema = 1\nscenario = \"storm.ring\"\nseed = -1\n").substr(0, 28),
            "seed = -1: must be a whole n");
}

TEST(FaultPlan, RefusesAShapeThatNoMailboxHas) {
  EXPECT_EQ(error_of(std::string(head) + "capacity = 0\n"),
            "capacity = 0: must be a whole number in [1, 1048576]");
  EXPECT_EQ(error_of(std::string(head) + "batch = 65\n"),
            "batch = 65: must be a whole number in [1, 64]");
  EXPECT_EQ(error_of(std::string(head) + "overflow = \"spill\"\n"),
            "overflow = \"spill\": must be one of: reject drop_newest drop_oldest block");
  EXPECT_EQ(error_of("schema = 1\nscenario = \"steady.linked\"\nseed = 1\n"
                     "overflow = \"drop_oldest\"\n")
                .substr(0, 44),
            "overflow = \"drop_oldest\": not for steady.lin");
}

TEST(FaultPlan, RefusesWhatIsMissing) {
  EXPECT_EQ(error_of("schema = 1\nseed = 1\n"),
            "scenario: missing; must be a scenario's name; `jacquard sim --list` has them");
  EXPECT_EQ(error_of(with_fault("kind = \"slow\"\nat = \"1us\"\nfor = \"1us\"\n")),
            "fault[0].factor: missing; must be a whole number in [2, 1000]");
  EXPECT_EQ(error_of(with_fault("kind = \"stall\"\nat = \"1us\"\nfor = \"1us\"\ncount = 1\n")),
            "fault[0].producer: missing; must be a producer's number: a stall has one");
}

TEST(FaultPlan, RefusesWhatTheScenarioCannotDo) {
  EXPECT_EQ(error_of("schema = 1\nscenario = \"nobody.ring\"\nseed = 1\n").substr(0, 34),
            "scenario = \"nobody.ring\": unknown;");
  EXPECT_EQ(error_of(with_fault(
                "kind = \"stall\"\nat = \"1us\"\nfor = \"1us\"\ncount = 1\nproducer = 4\n")),
            "fault[0].producer = 4: must be a whole number in [0, 3]");
  const std::string locked =
      "schema = 1\nscenario = \"storm.locked\"\nseed = 1\n[[fault]]\nkind = \"stall\"\nat = "
      "\"1us\"\n"
      "for = \"1us\"\ncount = 1\nproducer = 0\n";
  EXPECT_NE(error_of(locked).find("would hold the mutex"), std::string::npos);
  const std::string pause = "kind = \"pause\"\nat = \"1us\"\nfor = \"1us\"\nid = \"p\"\n";
  EXPECT_EQ(error_of(with_fault(pause + "[[fault]]\n" + pause)),
            "fault[1].id = \"p\": must be unique; fault[0] has it too");
}

TEST(FaultPlan, RefusesFaultsOfAnotherKindOfStory) {
  EXPECT_EQ(error_of(with_fault("kind = \"kill\"\nat = \"1us\"\nactor = 3\n")),
            "fault[0].kind = \"kill\": not for storm.ring: it is a story about one mailbox");
  EXPECT_EQ(error_of(with_fault("kind = \"pause\"\nat = \"1us\"\nfor = \"1us\"\nworker = 0\n")),
            "fault[0].worker = 0: not for storm.ring: it has one consumer and no workers");
  const std::string actors = "schema = 1\nscenario = \"fan.2\"\nseed = 1\n[[fault]]\n";
  EXPECT_EQ(error_of(actors + "kind = \"restart\"\nat = \"1us\"\nfor = \"1us\"\n"),
            "fault[0].kind = \"restart\": not for fan.2: it is a story about actors");
  EXPECT_EQ(error_of(actors + "kind = \"pause\"\nat = \"1us\"\nfor = \"1us\"\nworker = 2\n"),
            "fault[0].worker = 2: must be a whole number in [0, 1]");
  EXPECT_EQ(error_of(actors + "kind = \"crash\"\nat = \"1us\"\n"),
            "fault[0].actor: missing; must be an actor's number");
}

TEST(FaultPlan, SaysWhereATextIsNoToml) {
  EXPECT_EQ(error_of("schema = 1\nscenario =\n").substr(0, 7), "line 2,");
  EXPECT_EQ(error_of("").substr(0, 15), "schema: missing");
}

}  // namespace
}  // namespace jacquard::sim
