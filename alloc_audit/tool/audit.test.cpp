// The audit, audited: each thing it may be asked to notice is put before the very command that users run.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tool/child.hpp"

namespace jacquard::audit {
namespace {

using testing::HasSubstr;
using testing::Not;

child_result audit(std::vector<std::string> arguments) {
  std::vector<std::string> words{JACQUARD_AUDIT};
  words.insert(words.end(), arguments.begin(), arguments.end());
  return run_child(words, std::chrono::seconds(600));
}

std::vector<std::string> costly(const char* budgets, std::vector<std::string> more) {
  std::vector<std::string> words{"--ops",        JACQUARD_BIN "/audit-costly-ops",
                                 "--native-ops", JACQUARD_BIN "/audit-costly-native",
                                 "--budgets",    std::string(JACQUARD_FIXTURES) + "/" + budgets};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

TEST(audit_command, every_mailbox_operation_keeps_its_budget) {
  const child_result run = audit({});
  EXPECT_EQ(run.exit_code, 0) << run.output << run.errors;
  EXPECT_THAT(run.output, HasSubstr("0 broke it, 0 not measured"));
  EXPECT_THAT(run.output, HasSubstr("canaries seen"));
}

TEST(audit_command, a_broken_budget_is_red_and_names_operation_stack_and_repeat_line) {
  const child_result run = audit(costly("broken_budgets.toml", {"--op", "fixture.one_in_64"}));
  EXPECT_EQ(run.exit_code, 1) << run.output << run.errors;
  EXPECT_THAT(run.output, HasSubstr("0.0156 allocs/op > limit 0.0000"));
  EXPECT_THAT(run.output, HasSubstr("alloc_audit/fixtures/costly_ops.cpp:"));
  EXPECT_THAT(run.output, HasSubstr("repeat: jacquard audit --n 4096 --op fixture.one_in_64"));
}

TEST(audit_command, the_same_operation_within_its_budget_is_green) {
  const child_result run = audit(costly("kept_budgets.toml", {"--filter", "one_in_64|free"}));
  EXPECT_EQ(run.exit_code, 0) << run.output << run.errors;
}

TEST(audit_command, a_counter_that_disagrees_with_dhat_is_red) {
  const child_result run = audit(costly("kept_budgets.toml", {"--op", "fixture.differs"}));
  EXPECT_EQ(run.exit_code, 1) << run.output << run.errors;
  EXPECT_THAT(run.output, HasSubstr("DHAT counts 0.0000 allocs/op, the interposer 1.0000"));
}

TEST(audit_command, a_renamed_operation_is_missing_not_passed) {
  const child_result run = audit(costly("renamed_budgets.toml", {"--op", "fixture.one_in_64"}));
  EXPECT_EQ(run.exit_code, 3) << run.output << run.errors;
  EXPECT_THAT(run.output, HasSubstr("a budget for an operation that does not exist"));
  EXPECT_THAT(run.output, HasSubstr("the budgets file does not name it"));
}

TEST(audit_command, canaries_that_do_nothing_are_noticed) {
  const child_result run = audit({"--ops", JACQUARD_BIN "/audit-disarmed-ops", "--native-ops",
                                  JACQUARD_BIN "/audit-disarmed-native", "--budgets",
                                  std::string(JACQUARD_FIXTURES) + "/kept_budgets.toml"});
  EXPECT_EQ(run.exit_code, 3) << run.output << run.errors;
  for (const char* canary : {"canary.one ", "canary.three ", "canary.leak ", "canary.hoard ",
                             "canary.late ", "canary.crash ", "canary.silent "}) {
    EXPECT_THAT(run.output, HasSubstr(canary));
  }
  EXPECT_THAT(run.output, Not(HasSubstr("  SEEN ")));
  EXPECT_THAT(run.errors, HasSubstr("a canary was not seen"));
}

TEST(audit_command, natively_only_needs_no_valgrind_and_still_sees_its_canaries) {
  const child_result run = audit({"--native-only", "--filter", "send$"});
  EXPECT_EQ(run.exit_code, 0) << run.output << run.errors;
  EXPECT_THAT(run.output, HasSubstr("natively only"));
}

TEST(audit_command, bad_input_is_one_line_that_names_the_value_and_the_range) {
  struct wrong {
    std::vector<std::string> arguments;
    const char* says;
  };
  const wrong cases[] = {
      {{"--n", "5000"}, "5000 is not a multiple of 4096 in [4096, 1048576]"},
      {{"--n", "0"}, "0 is not a multiple of 4096"},
      {{"--n", "many"}, "many"},
      {{"--op", "ring.sned"}, "'ring.sned' is unknown"},
      {{"--filter", "["}, "'[' is not a regular expression"},
      {{"--filter", "nothing_at_all"}, "'nothing_at_all' matches none of the"},
      {{"--budgets", "/nowhere/b.toml"}, "cannot read '/nowhere/b.toml'"},
      {{"--ops", "x"}, "--ops and --native-ops go together"},
      {{"--jobs", "65"}, "65 is not in [0, 64]"},
      {{"--frobnicate"}, "--frobnicate"},
  };
  for (const wrong& each : cases) {
    const child_result run = audit(each.arguments);
    EXPECT_EQ(run.exit_code, 2) << run.output << run.errors;
    EXPECT_THAT(run.errors, HasSubstr(each.says));
    EXPECT_EQ(std::count(run.errors.begin(), run.errors.end(), '\n'), 1) << run.errors;
  }
}

}  // namespace
}  // namespace jacquard::audit
