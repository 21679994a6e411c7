#include <gtest/gtest.h>

#include <jacquard/sim/run.hpp>
#include <jacquard/sim/trace.hpp>

#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

namespace jacquard::sim {
namespace {

class AnyStory : public testing::TestWithParam<const char*> {};

nlohmann::json traced(const plan& what, canary broken = canary::none) {
  trace drawing("test");
  const run_result result = run(what, {.broken = broken, .keep_events = false, .trace = &drawing});
  return nlohmann::json::parse(drawing.to_json(what.seed, result.digest));
}

TEST_P(AnyStory, IsATraceEventFileWhoseArrowsStartAndEndInSlices) {
  const nlohmann::json file = traced(generate(*scenario_named(GetParam()), 4));
  ASSERT_TRUE(file["traceEvents"].is_array());
  struct span {
    double begin;
    double end;
  };
  std::map<int, std::vector<span>> slices;
  std::map<std::uint64_t, double> started;
  std::size_t counters = 0;
  std::size_t instants = 0;
  std::size_t arrows = 0;
  std::set<int> named;
  for (const nlohmann::json& event : file["traceEvents"]) {
    if (event["ph"] == "X") {
      const double begin = event["ts"];
      const double length = event["dur"];
      EXPECT_GE(length, 0.0);
      slices[event["tid"].get<int>()].push_back({begin, begin + length});
    }
    if (event["ph"] == "M" && event["name"] == "thread_name") named.insert(event["tid"].get<int>());
  }
  const auto inside = [&](const nlohmann::json& event) {
    for (const span& slice : slices[event["tid"].get<int>()]) {
      if (slice.begin <= event["ts"] && event["ts"] <= slice.end) return true;
    }
    return false;
  };
  for (const nlohmann::json& event : file["traceEvents"]) {
    const std::string kind = event["ph"];
    if (kind == "s") {
      EXPECT_TRUE(
          started.emplace(event["id"].get<std::uint64_t>(), event["ts"].get<double>()).second);
      EXPECT_TRUE(inside(event));
    }
    if (kind == "f") {
      ++arrows;
      EXPECT_TRUE(inside(event));
      EXPECT_EQ(event["bp"], "e");
    }
    counters += kind == "C" ? 1 : 0;
    instants += kind == "i" ? 1 : 0;
    if (kind == "X") {
      EXPECT_TRUE(named.contains(event["tid"].get<int>()));
    }
  }
  for (const nlohmann::json& event : file["traceEvents"]) {
    if (event["ph"] != "f") continue;
    const auto begin = started.find(event["id"].get<std::uint64_t>());
    ASSERT_NE(begin, started.end());
    EXPECT_LE(begin->second, event["ts"].get<double>());
  }
  EXPECT_GT(arrows, 50u);
  const bool has_actors = scenario_named(GetParam())->has_actors();
  if (!has_actors) {
    EXPECT_GT(counters, 50u);
  }
  EXPECT_GT(instants, has_actors ? 0u : 1u);
}
INSTANTIATE_TEST_SUITE_P(Trace, AnyStory, testing::Values("storm.ring", "fan.4", "bank.2"),
                         [](const auto& tested) {
                           std::string name = tested.param;
                           for (char& c : name) c = c == '.' ? '_' : c;
                           return name;
                         });

TEST(Trace, TheSameRunDrawsTheSameFile) {
  const plan what = generate(*scenario_named("head_of_line.ring"), 9);
  EXPECT_EQ(traced(what), traced(what));
}

TEST(Trace, DrawingChangesNothing) {
  for (const char* const name : {"storm.ring", "bank.2"}) {
    const plan what = generate(*scenario_named(name), 9);
    trace drawing("test");
    EXPECT_EQ(run(what).digest, run(what, {.trace = &drawing}).digest);
  }
}

TEST(Trace, ShowsTheViolation) {
  const nlohmann::json file =
      traced(generate(*scenario_named("steady.ring"), 1), canary::duplicate);
  bool shown = false;
  for (const nlohmann::json& event : file["traceEvents"]) {
    shown = shown || (event["ph"] == "i" && event["name"] == "VIOLATION at_most_once");
  }
  EXPECT_TRUE(shown);
}

}  // namespace
}  // namespace jacquard::sim
