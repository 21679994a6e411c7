// The budgets file: what it may say, what is refused in words, and what breaks a budget.
#include "tool/budgets.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace jacquard::audit {
namespace {

using testing::HasSubstr;

constexpr const char* gate = "[gate]\nallocs_per_op_max = 1.0\n[operations]\n";

TEST(budgets, are_read_with_their_defaults) {
  const auto read =
      parse_budgets(std::string(gate) + "\"a.b\" = { allocs_per_op_max = 0.5 }\n", "f");
  ASSERT_TRUE(read.has_value()) << read.error();
  EXPECT_DOUBLE_EQ(read->operations.at("a.b").allocs_per_op_max, 0.5);
  EXPECT_DOUBLE_EQ(read->operations.at("a.b").live_bytes_per_op_max, 0.0);
}

struct wrong {
  const char* text;
  const char* says;
};

TEST(budgets, refuse_with_file_line_key_and_range) {
  const wrong cases[] = {
      {"", "f: has no table [gate]"},
      {"[gate]\n", "f: has no table [operations]"},
      {"[gate\n", "f:1:"},
      {"[gate]\nallocs_per_op_max = 2.0\n[operations]\n",
       "f:2:21: allocs_per_op_max must be a number in [0, 1]"},
      {"[gate]\nallocs_per_op_max = nan\n[operations]\n", "must be a number"},
      {"[gate]\nallocs_per_op = 1\n[operations]\n", "f:2:1: 'allocs_per_op' is unknown"},
      {"[gate]\n[operations]\na = { allocs_per_op_max = 1.5 }\n",
       "f:3:27: allocs_per_op_max must be a number in [0, 1]"},
      {"[gate]\n[operations]\na = { live_bytes_per_op_max = 0 }\n",
       "'a' must be a table with allocs_per_op_max"},
      {"[gate]\n[operations]\na = { allocs_per_op_max = 0, baseline = \"b\" }\n",
       "'a' has the baseline 'b', which has no budget"},
      {"[gate]\n[operations]\na = { allocs_per_op_max = 0 }\n[construction]\na = { "
       "allocs_per_op_max = 0 }\n",
       "f:5:5: 'a' has two budgets"},
  };
  for (const wrong& each : cases) {
    const auto read = parse_budgets(each.text, "f");
    ASSERT_FALSE(read.has_value()) << each.text;
    EXPECT_THAT(read.error(), HasSubstr(each.says));
  }
}

cost costing(double allocations) {
  cost spent;
  spent.allocations = {.early = allocations, .late = allocations};
  return spent;
}

TEST(budgets, a_thousandth_above_the_limit_breaks_it) {
  const budget one{.allocs_per_op_max = 1.0};
  EXPECT_EQ(broken_by(costing(1.0), one, 0.001), "");
  EXPECT_THAT(broken_by(costing(1.0156), one, 0.001), HasSubstr("1.0156 allocs/op > limit 1.0000"));
  EXPECT_THAT(broken_by(costing(1.0 / 64), {}, 0.001),
              HasSubstr("0.0156 allocs/op > limit 0.0000"));
}

TEST(budgets, a_leak_breaks_it_without_an_allocation_too_many) {
  cost spent = costing(1.0);
  spent.live_bytes = {.early = 24.0, .late = 24.0};
  EXPECT_THAT(broken_by(spent, {.allocs_per_op_max = 1.0}, 0.001), HasSubstr("leaks 24.0000 B/op"));
}

TEST(budgets, what_a_baseline_costs_is_not_counted_again) {
  EXPECT_EQ(broken_by(beyond(costing(2.0), costing(2.0)), {}, 0.001), "");
  EXPECT_NE(broken_by(beyond(costing(3.0), costing(2.0)), {}, 0.001), "");
}

}  // namespace
}  // namespace jacquard::audit
