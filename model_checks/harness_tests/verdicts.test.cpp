// The exit code of `jacquard check`: 0 says that all held, or that a search was cut where the user asked for it.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include <jacquard/model/check.hpp>
#include <jacquard/model/program.hpp>

namespace jacquard::model {
namespace {

[[maybe_unused]] const bool added =
    add_check({.name = "verdicts.holds",
               .engine = "explore",
               .run = [](const run_options&) { return certificate{.verdict = verdict::holds}; }}) &&
    add_check(
        {.name = "verdicts.cut",
         .engine = "explore",
         .run = [](const run_options&) { return certificate{.verdict = verdict::truncated}; }}) &&
    add_check({.name = "verdicts.at_its_limit", .engine = "explore", .run = [](const run_options&) {
                 return certificate{.verdict = verdict::truncated, .kind = failure_kind::limit};
               }});

int exit_code(std::vector<std::string> words) {
  words.insert(words.begin(), "check");
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  return run_program(static_cast<int>(argv.size()), argv.data(), "jacquard check");
}

TEST(exit_code, says_that_a_check_held) { EXPECT_EQ(exit_code({"--filter", "verdicts.holds"}), 0); }

TEST(exit_code, of_a_cut_search_is_1_where_nobody_asked_for_the_cut) {
  EXPECT_EQ(exit_code({"--filter", "verdicts.cut"}), 1);
  EXPECT_EQ(exit_code({"--filter", "verdicts.cut", "--seconds", "1"}), 0);
  EXPECT_EQ(exit_code({"--filter", "verdicts.cut", "--iterations", "1"}), 0);
}

TEST(exit_code, of_a_search_at_its_limit_is_1_whatever_was_asked_for) {
  EXPECT_EQ(exit_code({"--filter", "verdicts.at_its_limit"}), 1);
  EXPECT_EQ(exit_code({"--filter", "verdicts.at_its_limit", "--seconds", "1"}), 1);
}

TEST(a_refusal, begins_with_the_command_that_was_called) {
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"--filter", "verdicts.holds", "--mutate", "--mutate-path", "("},
           {"--filter", "verdicts.holds", "--mutate-path", "ring"},
           {"--depth", "0"}}) {
    testing::internal::CaptureStderr();
    const int code = exit_code(words);
    const std::string said = testing::internal::GetCapturedStderr();
    EXPECT_EQ(code, 2) << said;
    EXPECT_EQ(said.rfind("jacquard check: ", 0), 0u) << said;
    EXPECT_NE(said.find(words[words.size() - 2]), std::string::npos) << said;
    EXPECT_EQ(said.find('\n'), said.size() - 1) << said;
  }
}

}  // namespace
}  // namespace jacquard::model
