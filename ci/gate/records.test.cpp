// What is read and what is refused, with file, line and column; and which records are of now.
#include "gate/records.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <fstream>

#include "gate/freshness.hpp"

namespace jacquard::gate {
namespace {

using testing::HasSubstr;

const std::string env = R"({"kind":"env","generated_at":"2026-11-21T03:46:00Z","config_hash":"c"})"
                        "\n";
const std::string row = R"({"name":"a","verdict":"PASS","figure":1.5,"unit":"x","detail":""})"
                        "\n";
const std::string sample =
    R"({"kind":"sample","bench":"b","arm":"ours","block":0,"metric":"m","value":2.0})"
    "\n";

record_set read(const std::string& text) {
  record_set records;
  read_records(records, "out/bench.quick.jsonl", text);
  return records;
}

TEST(records, a_file_belongs_to_the_source_that_its_name_begins_with) {
  const record_set records = read(env + row + sample);
  ASSERT_TRUE(records.problems.empty()) << records.problems[0].text();
  EXPECT_EQ(records.sources.at("bench.quick").rows.size(), 1u) << "and to its variant";
  const source_records& bench = records.sources.at("bench");
  EXPECT_EQ(bench.rows.size(), 1u);
  EXPECT_EQ(bench.samples.at({"b", "m", "ours"}).at(0).value, 2.0);
  EXPECT_TRUE(bench.files_without_environment.empty());
}

struct wrong {
  std::string text;
  const char* where;
  const char* what;
};

TEST(records, what_is_malformed_is_named_with_file_line_and_column) {
  const wrong cases[] = {
      {"", "out/bench.quick.jsonl:1:1", "the file is empty"},
      {env + "{\"name\": }\n", "out/bench.quick.jsonl:2:10", "not JSON"},
      {env + row + "[1]\n", "out/bench.quick.jsonl:3:1", "no JSON object"},
      {env + "\n", "out/bench.quick.jsonl:2:1", "not JSON"},
      {env + row.substr(0, 30), "out/bench.quick.jsonl:2:31", "cut short"},
      {env + row.substr(0, row.size() - 1), "out/bench.quick.jsonl:2:66", "cut short"},
      {env + "{\"name\":\"a\"}\n", "out/bench.quick.jsonl:2:1", "lacks 'verdict'"},
      {env + R"({"name":"a","verdict":"PASS","figure":"1","unit":"","detail":""})" + "\n",
       "out/bench.quick.jsonl:2:1", "'figure' is neither a number nor null"},
      {env + R"({"kind":"sample","bench":"b","arm":"o","block":-1,"metric":"m","value":1})" + "\n",
       "out/bench.quick.jsonl:2:1", "'block' is -1"},
      {env + sample + sample, "out/bench.quick.jsonl:3:1", "appears twice"},
      {"{\"kind\":\"env\",\"generated_at\":1,\"config_hash\":\"c\"}\n", "out/bench.quick.jsonl:1:1",
       "'generated_at' is not text"},
  };
  for (const wrong& each : cases) {
    const record_set records = read(each.text);
    ASSERT_EQ(records.problems.size(), 1u) << each.text;
    EXPECT_EQ(records.problems[0].where, each.where) << each.text;
    EXPECT_THAT(records.problems[0].what, HasSubstr(each.what));
    EXPECT_EQ(records.problems[0].text().find('\n'), std::string::npos);
    EXPECT_TRUE(records.sources.empty()) << "a file with a bad line contributes nothing";
  }
}

RC_GTEST_PROP(records_property, no_bytes_make_the_reader_fall, (std::string bytes)) {
  const record_set records = read(bytes);
  RC_ASSERT(records.problems.empty() != records.sources.empty());
}

RC_GTEST_PROP(records_property, a_file_cut_anywhere_is_never_read_as_whole_rows_of_another, ()) {
  const std::string whole = env + row + sample;
  const auto at = *rc::gen::inRange<std::size_t>(0, whole.size());
  const record_set records = read(whole.substr(0, at));
  const bool at_a_line = at == env.size() || at == env.size() + row.size();
  RC_ASSERT(records.problems.empty() == at_a_line);
}

TEST(utc, only_this_one_shape_is_a_time) {
  EXPECT_TRUE(parse_utc("2026-11-21T03:46:00Z"));
  for (const char* text :
       {"", "2026-11-21", "2026-11-21T03:46:00", "2026-11-21T03:46:00+01:00",
        "2026-13-21T03:46:00Z", "2026-02-29T03:46:00Z", "2026-11-21T24:46:00Z",
        "2026-11-21T03:60:00Z", "2026-11-21 03:46:00Z", "2026-11-21T03:46:0 Z"}) {
    EXPECT_FALSE(parse_utc(text)) << text;
  }
  EXPECT_TRUE(parse_utc("2028-02-29T00:00:00Z"));
}

// How old the one record looks to a gate at `now`.
std::string stale_at(const char* now) {
  const record_set records = read(env + row);
  return stale_because(records.sources.at("bench"),
                       {.now = *parse_utc(now), .program_digest = {}, .source_digest = {}});
}

TEST(freshness, a_day_is_the_limit_to_the_second) {
  EXPECT_EQ(stale_at("2026-11-22T03:46:00Z"), "");
  EXPECT_THAT(stale_at("2026-11-22T03:46:01Z"), HasSubstr("24 h 00 min 01 s ago"));
}

TEST(freshness, five_minutes_ahead_are_forgiven_to_the_second) {
  EXPECT_EQ(stale_at("2026-11-21T03:41:00Z"), "");
  EXPECT_THAT(stale_at("2026-11-21T03:40:59Z"), HasSubstr("in the future"));
}

TEST(freshness, a_program_built_anew_makes_its_records_stale) {
  const record_set records = read(
      R"({"kind":"env","generated_at":"2026-11-21T03:46:00Z","config_hash":"c","programs":{"p":"1"}})"
      "\n" +
      row);
  present against{
      .now = *parse_utc("2026-11-21T03:46:00Z"), .program_digest = {}, .source_digest = {}};
  EXPECT_EQ(stale_because(records.sources.at("bench"), against), "");
  against.program_digest = [](const std::string&) { return std::string("1"); };
  EXPECT_EQ(stale_because(records.sources.at("bench"), against), "");
  against.program_digest = [](const std::string&) { return std::string("2"); };
  EXPECT_THAT(stale_because(records.sources.at("bench"), against), HasSubstr("built anew"));
  against.program_digest = [](const std::string&) { return std::string(); };
  EXPECT_THAT(stale_because(records.sources.at("bench"), against), HasSubstr("is not here"));
}

TEST(freshness, one_file_without_an_env_record_makes_the_source_stale) {
  record_set records = read(env + row);
  read_records(records, "out/bench.full.jsonl", row);
  EXPECT_THAT(stale_because(records.sources.at("bench"), {.now = *parse_utc("2026-11-21T03:46:00Z"),
                                                          .program_digest = {},
                                                          .source_digest = {}}),
              HasSubstr("bench.full.jsonl: no env record"));
}

TEST(freshness, sources_of_another_content_make_it_stale_and_a_touch_does_not_help) {
  const record_set records = read(
      R"({"kind":"env","generated_at":"2026-11-21T03:46:00Z","config_hash":"c","source_digest":"old"})"
      "\n" +
      row);
  EXPECT_THAT(stale_because(records.sources.at("bench"), {.now = *parse_utc("2026-11-21T03:46:00Z"),
                                                          .program_digest = {},
                                                          .source_digest = "new"}),
              HasSubstr("measured on the sources old"));
}

TEST(freshness, the_tree_digest_follows_content) {
  namespace fs = std::filesystem;
  const fs::path tree = fs::path(testing::TempDir()) / "jacquard_tree_digest";
  fs::remove_all(tree);
  EXPECT_EQ(tree_digest(tree), "");
  fs::create_directories(tree / "runtime/jacquard/sync");
  std::ofstream(tree / "runtime/jacquard/sync/a.hpp") << "one\n";
  const std::string one = tree_digest(tree);
  // The same by hand: sha256sum runtime/jacquard/sync/a.hpp | sha256sum
  EXPECT_EQ(one, "b54b2a130f7b9d2ccc8815e3cda39e30b17371e60bf5bc2d874cfc9289abae84")
      << "known answer";
  std::ofstream(tree / "runtime/jacquard/sync/a.hpp") << "two\n";
  EXPECT_NE(tree_digest(tree), one);
  fs::remove_all(tree);
}

}  // namespace
}  // namespace jacquard::gate
