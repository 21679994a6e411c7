// The judge against its self-test, the self-test against broken judges, and the budgets file in words.
#include "gate/self_test.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace jacquard::gate {
namespace {

using testing::HasSubstr;

gates_file real_budgets() {
  std::ifstream in(JACQUARD_GATE_BUDGETS);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  auto read = parse_gates(text, "ci/budgets.toml");
  EXPECT_TRUE(read.has_value()) << read.error();
  return read.value_or(gates_file{});
}

TEST(self_test, every_gate_of_the_budgets_says_the_right_thing_to_everything_it_is_shown) {
  const gates_file file = real_budgets();
  ASSERT_FALSE(file.gates.empty());
  for (const gate& each : file.gates) {
    const std::vector<trial> trials = try_gate(each, file);
    EXPECT_GE(trials.size(), 11u);
    for (const trial& t : trials) {
      EXPECT_TRUE(t.right()) << t.gate << " shown " << t.shown << " must say "
                             << to_string(t.demanded) << ", said " << to_string(t.said) << ": "
                             << t.detail;
    }
  }
}

// How many trials a judge gets wrong over all gates.
std::size_t wrong_with(const judge_function& broken) {
  const gates_file file = real_budgets();
  std::size_t wrong = 0;
  for (const gate& each : file.gates) {
    for (const trial& t : try_gate(each, file, broken)) wrong += t.right() ? 0 : 1;
  }
  return wrong;
}

TEST(self_test, notices_a_judge_that_lets_everything_pass) {
  EXPECT_GT(wrong_with([](const gate& limits, const record_set&, const present&) {
              return gate_result{.id = limits.id,
                                 .what = verdict::pass,
                                 .figure = {},
                                 .unit = {},
                                 .detail = {},
                                 .repeat = {},
                                 .comparisons = {}};
            }),
            real_budgets().gates.size() * 9);
}

TEST(self_test, notices_a_judge_that_ignores_age) {
  EXPECT_GE(wrong_with([](const gate& limits, const record_set& records, const present& against) {
              present forgiving = against;
              forgiving.age_max = std::chrono::hours(1'000'000);
              return judge(limits, records, forgiving);
            }),
            real_budgets().gates.size());
}

TEST(self_test, notices_a_judge_with_a_limit_of_its_own) {
  EXPECT_GE(wrong_with([](const gate& limits, const record_set& records, const present& against) {
              gate lax = limits;
              lax.limit *=
                  lax.rule == gate_rule::at_least || lax.rule == gate_rule::sum_least ? 0.5 : 2.0;
              return judge(lax, records, against);
            }),
            5u);
}

TEST(self_test, notices_a_judge_that_excuses_whatever_is_open) {
  EXPECT_GE(wrong_with([](const gate& limits, const record_set& records, const present& against) {
              gate_result result = judge(limits, records, against);
              result.noise_alone =
                  result.what == verdict::undecided || result.what == verdict::voided;
              return result;
            }),
            10u);
}

TEST(self_test, notices_a_judge_that_takes_no_verdict_back) {
  EXPECT_GE(wrong_with([](const gate& limits, const record_set& records, const present& against) {
              gate deaf = limits;
              if (deaf.is_paired()) deaf.aa.clear();
              return judge(deaf, records, against);
            }),
            8u);
}

TEST(exit_code, told_noise_does_not_count_and_nothing_else_is_excused) {
  const auto code = [](verdict what, bool noise, undecided_policy open) {
    gate_result one;
    one.what = what;
    one.noise_alone = noise;
    gate_result kept;
    kept.what = verdict::pass;
    return exit_code({kept, one}, false, open);
  };
  using enum verdict;
  for (const verdict open : {undecided, voided}) {
    EXPECT_EQ(code(open, true, undecided_policy::tell), 0);
    EXPECT_EQ(code(open, true, undecided_policy::fail), 2);
    EXPECT_EQ(code(open, false, undecided_policy::tell), 2) << "too few blocks is not noise";
  }
  EXPECT_EQ(code(fail, true, undecided_policy::tell), 1);
  EXPECT_EQ(code(missing, true, undecided_policy::tell), 3);
  EXPECT_EQ(code(stale, true, undecided_policy::tell), 3);
}

TEST(exit_code, the_gravest_verdict_decides) {
  const auto code = [](std::initializer_list<verdict> all, bool malformed = false) {
    std::vector<gate_result> results;
    for (const verdict each : all) {
      results.push_back({.id = "x",
                         .what = each,
                         .figure = {},
                         .unit = {},
                         .detail = {},
                         .repeat = {},
                         .comparisons = {}});
    }
    return exit_code(results, malformed);
  };
  using enum verdict;
  EXPECT_EQ(code({pass, planned}), 0);
  EXPECT_EQ(code({pass, undecided}), 2);
  EXPECT_EQ(code({pass, voided}), 2);
  EXPECT_EQ(code({undecided, fail}), 1);
  EXPECT_EQ(code({fail, missing, undecided}), 3);
  EXPECT_EQ(code({fail, stale}), 3);
  EXPECT_EQ(code({pass}, true), 3);
  EXPECT_EQ(code({}), 3) << "nothing judged is not everything passed";
}

constexpr const char* head = "[freshness]\nage_hours_max = 24\nfuture_minutes_max = 5\n";

struct wrong {
  const char* text;
  const char* says;
};

TEST(budgets, refuse_with_file_line_key_and_range) {
  const wrong cases[] = {
      {"", "b: has no table [freshness]"},
      {"[freshness]\nage_hours_max = -1\nfuture_minutes_max = 5\n",
       "b:2:17: age_hours_max must be a number in [0.001, 10000]"},
      {"[freshness]\nage_hours_max = 24\nfuture_minutes_max = 5\n", "b: has no [[gate]]"},
      {"[[gate]]\nid = \"a\"\n", "the gate lacks 'claim'"},
      {"[[gate]]\nid=\"a\"\nclaim=\"c\"\nsource=\"s\"\nfrom=\"f\"\nrule=\"at_mots\"\n",
       "rule 'at_mots' is unknown; known: at_most at_least"},
      {"[[gate]]\nid=\"a\"\nclaim=\"c\"\nsource=\"s\"\nfrom=\"f\"\nrule=\"at_most\"\nrows=\"("
       "\"\nexample="
       "\"a\"\nlimit=1\nunit=\"x\"\n",
       "'(' is not a regular expression"},
      {"[[gate]]\nid=\"a\"\nclaim=\"c\"\nsource=\"s\"\nfrom=\"f\"\nrule=\"at_most\"\nrows="
       "\"b\"\nexample="
       "\"a\"\nlimit=1\nunit=\"x\"\n",
       "example 'a' is not matched by rows 'b'"},
      {"[[gate]]\nid=\"a\"\nclaim=\"c\"\nsource=\"s\"\nfrom=\"f\"\nrule=\"at_most\"\nrows="
       "\"a\"\nexample="
       "\"a\"\nlimit=nan\nunit=\"x\"\n",
       "limit must be a number"},
      {"[[gate]]\nid=\"a\"\nclaim=\"c\"\nsource=\"s\"\nfrom=\"f\"\nrule=\"at_most\"\nrows="
       "\"a\"\nexample="
       "\"a\"\nlimit=1\nunit=\"x\"\nbench=\"y\"\n",
       "'bench' is not used by this rule"},
      {"[[gate]]\nid=\"a\"\nclaim=\"c\"\nsource=\"s\"\nfrom=\"f\"\nrule=\"regression\"\nbench="
       "\"b\"\n"
       "metric=\"m\"\nbases=[\"o\"]\nunit=\"x\"\nworse=\"up\"\nlimit=1.1\n",
       "worse 'up' is neither 'higher' nor 'lower'"},
      {"[[gate]]\nid=\"a\"\nclaim=\"c\"\nsource=\"s\"\nfrom=\"f\"\nrule=\"regression\"\nbench="
       "\"b\"\n"
       "metric=\"m\"\nbases=[]\nunit=\"x\"\nworse=\"higher\"\nlimit=1.1\n",
       "bases must be an array of texts, not empty"},
      {"[[gate\n", "b:4:"},
  };
  for (const wrong& each : cases) {
    const bool whole = std::string(each.text).starts_with("[fresh") || *each.text == '\0';
    const auto read = parse_gates(whole ? each.text : head + std::string(each.text), "b");
    ASSERT_FALSE(read.has_value()) << each.text;
    EXPECT_THAT(read.error(), HasSubstr(each.says));
  }
}

}  // namespace
}  // namespace jacquard::gate
