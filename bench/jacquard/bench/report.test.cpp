// The whole way from a round to a PERF line, in small.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include <jacquard/bench/report.hpp>
#include <jacquard/bench/suite/catalogue.hpp>

namespace jacquard::bench {
namespace {

TEST(Names, TheCatalogueIsTheListInTheRepository) {
  std::ifstream file(JACQUARD_BENCH_NAMES);
  ASSERT_TRUE(file) << JACQUARD_BENCH_NAMES;
  std::vector<std::string> listed;
  for (std::string line; std::getline(file, line);) listed.push_back(line);
  std::vector<std::string> names;
  for (const benchmark& bench : catalogue()) names.push_back(bench.name);
  for (const suite::benchmark& bench : suite::catalogue()) names.push_back(bench.name);
  EXPECT_EQ(names, listed);
  for (const char* required :
       {"bench_enqueue_64b", "bench_dequeue", "bench_mailbox_batch/1", "bench_mailbox_batch/2",
        "bench_mailbox_batch/4", "bench_mailbox_batch/64"}) {
    EXPECT_NE(std::find(names.begin(), names.end(), required), names.end()) << required;
  }
}

class SmallRun : public ::testing::Test {
 protected:
  static bench_outcome run(const char* name) {
    run_options options;
    options.effort = effort::tiny();
    options.clock = clock();
    options.record = [](const nlohmann::json& sample) { samples().push_back(sample); };
    samples().clear();
    for (const benchmark& bench : catalogue()) {
      if (bench.name == name) return run_benchmark(bench, options);
    }
    ADD_FAILURE() << name;
    return {};
  }
  static const clock_facts& clock() {
    static const clock_facts facts = probe_clock();
    return facts;
  }
  static std::vector<nlohmann::json>& samples() {
    static std::vector<nlohmann::json> all;
    return all;
  }
};

TEST_F(SmallRun, EveryPerfLineReadsBack) {
  for (const char* name : {"bench_pair_64b", "bench_sojourn_64", "bench_enqueue_64b"}) {
    const perf_output output = perf_lines_of(run(name), clock());
    EXPECT_FALSE(output.lines.empty());
    for (const std::string& line : output.lines) {
      const auto read = parse_perf_line(line);
      ASSERT_TRUE(read.has_value()) << line;
      EXPECT_EQ(format(*read), line);
    }
  }
}

TEST_F(SmallRun, APercentileOfTooFewSamplesIsWithheldAndSaysSo) {
  const perf_output output = perf_lines_of(run("bench_enqueue_64b"), clock());  // two bursts an arm
  ASSERT_FALSE(output.withheld.empty());
  EXPECT_NE(output.withheld[0].find("burst512: p50 refused: 2 samples, it needs 20"),
            std::string::npos)
      << output.withheld[0];
}

TEST_F(SmallRun, EveryArmOfABlockHasItsSampleWithTheFieldsThatTheGateReads) {
  const bench_outcome outcome = run("bench_pair_64b");
  ASSERT_EQ(samples().size(), outcome.arms.size());
  std::vector<std::string> arms;
  for (const nlohmann::json& sample : samples()) {
    for (const char* field :
         {"kind", "bench", "arm", "block", "metric", "value", "quantum", "regime"}) {
      EXPECT_TRUE(sample.contains(field)) << field;
    }
    arms.push_back(sample["arm"]);
  }
  for (const char* arm : {"ours", "aa", "canary", "two_rmw_ring", "locked_mailbox"}) {
    EXPECT_NE(std::find(arms.begin(), arms.end(), arm), arms.end()) << arm;
  }
}

TEST_F(SmallRun, HistogramsCarryPercentilesAndTheirText) {
  const auto records = histograms_of(run("bench_sojourn_64"), clock());
  ASSERT_FALSE(records.empty());
  EXPECT_EQ(records[0]["kind"], "histogram");
  EXPECT_EQ(records[0]["count"], 1024);
  EXPECT_EQ(records[0]["percentiles"].back()[0], 100.0);
  EXPECT_NE(records[0]["hgrm"].get<std::string>().find("#[Max"), std::string::npos);
}

TEST(Rows, AWrongAnswerIsABrokenRowWithoutAFigure) {
  bench_outcome outcome;
  outcome.name = "bench_pair_64b";
  arm_outcome arm;
  arm.name = "some_queue";
  arm.fault = "a message was damaged";
  outcome.arms.push_back(arm);
  const auto rows = rows_of(outcome, clock_facts{}, "jacquard bench");
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].verdict, "BROKEN");
  EXPECT_EQ(rows[0].detail, "a message was damaged; repeat: jacquard bench");
  EXPECT_TRUE(perf_lines_of(outcome, clock_facts{}).lines.empty());
}

TEST(Rows, AMachineWithOneProcessorIsNotApplicable) {
  bench_outcome outcome;
  outcome.name = "bench_transfer_1to1";
  outcome.benchmark.work = workload::transfer;
  outcome.possible = false;
  const auto rows = rows_of(outcome, clock_facts{}, "jacquard bench");
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].verdict, "N/A");
}

}  // namespace
}  // namespace jacquard::bench
