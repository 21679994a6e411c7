// From a trial to rows, PERF lines and verdicts, with trials that are made up.
#include <gtest/gtest.h>

#include <algorithm>
#include <variant>

#include <jacquard/bench/perf_line.hpp>
#include <jacquard/bench/suite/run.hpp>
#include <jacquard/bench/suite/stage.hpp>

namespace jacquard::bench::suite {
namespace {

trial_result taking(const trial_plan& plan, double ns_per_operation, double cpu_ns = 0.0) {
  trial_result made;
  made.operations = plan.operations;
  made.ns = ns_per_operation * static_cast<double>(plan.operations);
  made.spent.user_ns =
      (cpu_ns > 0.0 ? cpu_ns : ns_per_operation) * static_cast<double>(plan.operations);
  return made;
}

arm steady(const std::string& name, double ns) {
  return {.name = name, .run = [ns](const trial_plan& plan) { return taking(plan, ns); }};
}

benchmark made_up(std::vector<arm> arms) {
  return {.name = "made_up",
          .about = "nothing",
          .operations = 1'000,
          .tiny = 10,
          .blocks = 5,
          .arms = std::move(arms)};
}

const command::row* row_named(const std::vector<command::row>& rows, const std::string& name) {
  for (const command::row& one : rows) {
    if (one.name == name) return &one;
  }
  return nullptr;
}

TEST(a_suite_run, says_broken_for_a_wrong_answer_and_prints_no_figure_for_it) {
  arm wrong = steady("wrong", 7.0);
  wrong.run = [](const trial_plan& plan) {
    trial_result made = taking(plan, 7.0);
    made.fault = expect("the sum", 41, 42);
    return made;
  };
  const benchmark bench = made_up({steady("ours", 5.0), wrong});
  const outcome result = run_benchmark(bench, {});
  const auto rows = rows_of(result, {}, "again");
  ASSERT_NE(row_named(rows, "made_up.wrong"), nullptr);
  EXPECT_EQ(row_named(rows, "made_up.wrong")->verdict, "BROKEN");
  EXPECT_EQ(row_named(rows, "made_up.wrong")->detail, "the sum: 41 instead of 42; repeat: again");
  EXPECT_EQ(row_named(rows, "made_up.ours")->verdict, "measured");
  for (const std::string& line : perf_lines_of(result, {}).lines) {
    EXPECT_EQ(line.find("wrong"), std::string::npos) << line;
  }
}

TEST(a_suite_run, says_aloud_that_an_arm_is_missing) {
  benchmark bench = made_up({steady("ours", 5.0), steady("peer", 9.0)});
  bench.arms[1].missing = "built without it";
  bench.goals = {{.name = "claim.over_peer", .arm = "ours", .over = "peer", .limit = 1.0}};
  const outcome result = run_benchmark(bench, {});
  EXPECT_EQ(row_named(rows_of(result, {}, ""), "made_up.peer")->verdict, "N/A");
  EXPECT_EQ(perf_lines_of(result, {}).withheld.at(0), "made_up.peer: built without it");
  EXPECT_EQ(judge_claims(result).at(0).verdict, "N/A");
}

TEST(a_suite_run, judges_one_core_by_processor_time) {
  benchmark bench = made_up(
      {{.name = "ours", .run = [](const trial_plan& plan) { return taking(plan, 90.0, 5.0); }}});
  bench.goals = {{.name = "claim.cpu", .arm = "ours", .limit = 10.0},
                 {.name = "claim.wall", .arm = "ours", .limit = 10.0, .by = basis::wall}};
  const auto verdicts = judge_claims(run_benchmark(bench, {}));
  EXPECT_EQ(verdicts.at(0).verdict, "PASS");
  EXPECT_EQ(verdicts.at(1).verdict, "MISSED");
}

TEST(a_suite_run, judges_no_ratio_where_the_same_code_differs_from_itself) {
  int trial = 0;
  arm uneasy{.name = "ours", .run = [&trial](const trial_plan& plan) {
               return taking(plan, ++trial % 2 == 0 ? 10.0 : 20.0);
             }};
  benchmark bench = made_up({uneasy});
  bench.arms.push_back(steady("peer", 100.0));
  bench.goals = {{.name = "claim.over_peer", .arm = "ours", .over = "peer", .limit = 1.0}};
  outcome result = run_benchmark(bench, {});
  for (arm_outcome& one : result.arms) {
    if (one.name == "ours") one.cpu_ns.assign(5, 10.0);
    if (one.name == "ours.aa") one.cpu_ns.assign(5, 11.0);
  }
  EXPECT_EQ(judge_claims(result).at(0).verdict, "VOID");
}

TEST(a_suite_run, prints_the_ratio_under_the_benchmarks_own_name) {
  benchmark bench = made_up({steady("ours", 30.0), steady("ask", 20.0)});
  bench.name = "some_ratio";
  bench.headed = headline::ratio;
  const outcome result = run_benchmark(bench, {});
  const auto lines = perf_lines_of(result, {}).lines;
  EXPECT_NE(std::find(lines.begin(), lines.end(), "PERF: some_ratio 1.5x"), lines.end());
  EXPECT_DOUBLE_EQ(row_named(rows_of(result, {}, ""), "some_ratio")->figure, 1.5);
}

// Small runs of all that is there: what a reader of PERF lines looks for is printed, and nothing that is no line.
TEST(the_suite, prints_lines_of_each_benchmark_under_its_own_name) {
  run_options options;
  options.effort = effort::tiny();
  options.clock = probe_clock();
  for (const benchmark& bench : catalogue()) {
    const bool a_ratio = bench.name.find("_ratio") != std::string::npos;
    options.takes_part = [&](std::string_view arm) {
      return a_ratio || arm == bench.arms.front().name;
    };
    const outcome result = run_benchmark(bench, options);
    if (!result.arms.front().missing.empty()) continue;  // too few processors here: the row says so
    ASSERT_EQ(result.arms.front().fault, "") << bench.name;
    bool found = false;
    for (const std::string& line : perf_lines_of(result, options.clock).lines) {
      const auto read = parse_perf_line(line);
      ASSERT_TRUE(read.has_value()) << bench.name << " printed '" << line << "'";
      if (a_ratio) {
        found |= std::holds_alternative<ratio_line>(*read) &&
                 std::get<ratio_line>(*read).name == bench.name;
      } else if (const auto* const rate = std::get_if<throughput_line>(&*read)) {
        found |= rate->name == bench.name || rate->name == "throughput_" + bench.name;
      }
    }
    EXPECT_TRUE(found) << "no PERF line of " << bench.name;
  }
}

TEST(a_suite_run, says_what_it_kept_back_because_of_its_name) {
  benchmark bench = made_up({steady("ours", 30.0), steady("peer", 20.0)});
  bench.name = "throughput_made_up";
  const perf_output output = perf_lines_of(run_benchmark(bench, {}), {});
  for (const std::string& line : output.lines) EXPECT_NE(line, "");
  EXPECT_NE(std::find(output.withheld.begin(), output.withheld.end(),
                      "throughput_made_up.peer: the grammar keeps that name for another form"),
            output.withheld.end());
}

TEST(a_suite_run, says_how_far_it_is_from_a_peer) {
  arm peer = steady("peer", 10.0);
  peer.who = role::peer;
  const auto band = [&](double ours) {
    const benchmark bench = made_up({steady("ours", ours), peer});
    return row_named(rows_of(run_benchmark(bench, {}), {}, ""), "made_up.peer")->more.at("band");
  };
  EXPECT_EQ(band(3.0), "excellent");
  EXPECT_EQ(band(20.0), "excellent");
  EXPECT_EQ(band(21.0), "good");
  EXPECT_EQ(band(50.0), "good");
  EXPECT_EQ(band(51.0), "investigate");
}

TEST(a_suite_run, judges_scaling_only_where_there_are_processors_for_it) {
  benchmark bench = made_up({steady("ours", 10.0), steady("many", 10.0)});
  bench.arms.push_back(steady("two", 12.5));
  bench.arms[1].processors = 4096;
  bench.headed = headline::efficiency;
  outcome result = run_benchmark(bench, {});
  for (arm_outcome& one : result.arms) {
    if (one.name == "two") one.processors = 2;
  }
  const auto rows = rows_of(result, {}, "");
  EXPECT_EQ(row_named(rows, "made_up.many")->verdict, "N/A");
  EXPECT_EQ(row_named(rows, "made_up.efficiency_4096"), nullptr);
  ASSERT_NE(row_named(rows, "made_up.efficiency_2"), nullptr);
  EXPECT_DOUBLE_EQ(row_named(rows, "made_up.efficiency_2")->figure, 0.8);
}

TEST(a_suite_run, gives_a_peer_the_share_of_the_work_that_it_was_given) {
  benchmark bench = made_up({steady("ours", 5.0), steady("peer", 9.0)});
  bench.arms[1].one_in = 10;
  const outcome result = run_benchmark(bench, {});
  EXPECT_EQ(result.find("ours")->operations, 5'000u);
  EXPECT_EQ(result.find("peer")->operations, 500u);
}

}  // namespace
}  // namespace jacquard::bench::suite
