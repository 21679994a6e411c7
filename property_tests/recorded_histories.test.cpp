// The linearizability search against histories that real systems produced, with verdicts that others
// established. The histories are not part of the project: without them these tests say so and are skipped.
#include <gtest/gtest.h>

#include <cstdio>
#include <ctime>
#include <jacquard/property/recorded_history.hpp>

namespace jacquard::property {
namespace {

// Processor time: what others do on the machine does not count.
double ms_since(std::clock_t start) {
  return 1000.0 * static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

// The figures that are promised are processor time, and hold for an optimised build without sanitizers.
#if defined(NDEBUG) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
constexpr bool is_timed = true;
#else
constexpr bool is_timed = false;
#endif
constexpr double register_ms_max = 10;
constexpr double all_ms_max = 50;
constexpr double unpartitioned_ms_max = 200;

struct judged {
  spec::linearizability_report report = {};
  std::size_t operations = 0;
  double ms = 0;
  std::string problem = {};
};

judged judge_register(const std::string& text) {
  const auto history = parse_register_history(text);
  if (!history.ok()) return {.problem = history.problem};
  spec::register_model model;
  const std::clock_t start = std::clock();
  judged result{.report = spec::check_linearizable(model, std::span(history.operations)),
                .operations = history.operations.size()};
  result.ms = ms_since(start);
  return result;
}

judged judge_kv(const std::string& text, bool by_key) {
  spec::kv_model model;
  const auto history = parse_kv_history(text, model);
  if (!history.ok()) return {.problem = history.problem};
  const std::span operations(history.operations);
  const auto key_of = [](const spec::kv_model::operation_type& op) { return op.key; };
  const std::clock_t start = std::clock();
  judged result{.report = by_key ? spec::check_linearizable_by_key(model, operations, key_of)
                                 : spec::check_linearizable(model, operations),
                .operations = history.operations.size()};
  result.ms = ms_since(start);
  return result;
}

std::string expected(const known_verdict& row) { return row.linearizable ? "legal" : "illegal"; }

struct recorded_histories : testing::Test {
  void SetUp() override {
    const auto found = histories_folder();
    if (!found) {
      GTEST_SKIP() << "no recorded histories: set JACQUARD_HISTORIES to a folder with verdicts.tsv";
    }
    folder = *found;
    rows = known_verdicts(folder);
    ASSERT_FALSE(rows.empty()) << folder / "verdicts.tsv";
  }
  std::filesystem::path folder;
  std::vector<known_verdict> rows;
};

TEST_F(recorded_histories, every_verdict_is_the_known_one) {
  double total_ms = 0;
  double slowest_ms = 0;
  std::string slowest;
  std::size_t legal = 0;
  std::uint64_t configurations = 0;
  for (const known_verdict& row : rows) {
    const std::string text = text_of(folder / row.file);
    ASSERT_FALSE(text.empty()) << row.file << " is listed and cannot be read";
    const bool is_kv = row.file.starts_with("kv/");
    const judged found = is_kv ? judge_kv(text, true) : judge_register(text);
    ASSERT_EQ(found.problem, "") << row.file;
    EXPECT_EQ(to_string(found.report.verdict), expected(row)) << row.file;
    total_ms += found.ms;
    configurations += found.report.configurations;
    legal += row.linearizable ? 1 : 0;
    if (found.ms > slowest_ms) {
      slowest_ms = found.ms;
      slowest = row.file;
    }
  }
  std::printf(
      "    %zu histories (%zu legal, %zu illegal): %.2f ms of processor time, slowest %s %.2f ms, "
      "%llu configurations\n",
      rows.size(), legal, rows.size() - legal, total_ms, slowest.c_str(), slowest_ms,
      static_cast<unsigned long long>(configurations));
  if (is_timed) {
    EXPECT_LE(slowest_ms, register_ms_max) << slowest;
    EXPECT_LE(total_ms, all_ms_max);
  }
  RecordProperty("total_ms", std::to_string(total_ms));
  RecordProperty("slowest_ms", std::to_string(slowest_ms));
}

TEST_F(recorded_histories, key_value_stores_need_no_partition) {
  std::size_t judged_count = 0;
  for (const known_verdict& row : rows) {
    if (!row.file.starts_with("kv/")) continue;
    const judged found = judge_kv(text_of(folder / row.file), false);
    ASSERT_EQ(found.problem, "") << row.file;
    EXPECT_EQ(to_string(found.report.verdict), expected(row)) << row.file;
    std::printf("    %-14s %4zu operations, all keys at once: %s, %.2f ms, %llu configurations\n",
                row.file.c_str(), found.operations, to_string(found.report.verdict), found.ms,
                static_cast<unsigned long long>(found.report.configurations));
    if (is_timed) {
      EXPECT_LE(found.ms, unpartitioned_ms_max) << row.file;
    }
    ++judged_count;
  }
  EXPECT_GT(judged_count, 0u);
}

// The parsers' own behaviour needs no files.

TEST(recorded_history, a_line_that_is_not_understood_is_named) {
  EXPECT_EQ(parse_register_history("INFO  jepsen.util - 0\t:invoke\t:jump\t3").problem,
            "line 1: an operation that is not :read, :write or :cas");
  EXPECT_EQ(parse_register_history("INFO  jepsen.util - 0\t:ok\t:read\t3").problem,
            "line 1: a return without a call");
  EXPECT_EQ(parse_register_history("[{:process 0, :type :invoke}]").problem,
            "no line is an operation in this format");
  spec::kv_model model;
  EXPECT_EQ(parse_kv_history("", model).problem, "no line is an operation in this format");
  EXPECT_EQ(parse_kv_history("\n{:type :invoke}", model).problem, "line 2: no :process");
}

TEST(recorded_history, unknown_outcomes_stay_open_and_failed_swaps_are_mismatches) {
  using model = spec::register_model;
  const auto history = parse_register_history(
      "INFO  jepsen.util - 0\t:invoke\t:write\t4\n"
      "INFO  jepsen.util - :nemesis\t:info\t:start\tnil\n"
      "INFO  jepsen.util - 0\t:info\t:write\t:timed-out\n"
      "INFO  jepsen.util - 1\t:invoke\t:cas\t[2 3]\n"
      "INFO  jepsen.util - 1\t:fail\t:cas\t[2 3]\n"
      "INFO  jepsen.util - 2\t:invoke\t:read\tnil\n"
      "INFO  jepsen.util - 2\t:fail\t:read\t:timed-out\n");
  ASSERT_EQ(history.problem, "");
  ASSERT_EQ(history.operations.size(), 3u);
  EXPECT_EQ(history.operations[0].returned, spec::pending);
  EXPECT_EQ(history.operations[0].operation.got, model::answer::unknown);
  EXPECT_EQ(history.operations[1].operation.got, model::answer::mismatch);
  EXPECT_EQ(history.operations[2].operation.got, model::answer::unknown);
  EXPECT_EQ(history.operations[2].returned, 7);
}

}  // namespace
}  // namespace jacquard::property
