// The sequential rule: what it says on data of known truth, and how often.
#include "gate/paired.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <random>
#include <vector>

namespace jacquard::gate {
namespace {

// Blocks as they were measured on a shared two-core machine: a core of 2 % noise, and in every eighth block
// a neighbour that slows one side by up to a third. Drawn from mt19937_64, the same on every machine.
class noisy_blocks {
 public:
  noisy_blocks(std::uint64_t seed, double change, double noise)
      : random_(seed), shift_(std::log(change)), noise_(noise) {}

  std::vector<double> draw(std::size_t count) {
    std::vector<double> d(count);
    for (double& each : d) {
      each = shift_ + noise_ * normal();
      if (random_() % 8 == 0) each += (random_() % 2 == 0 ? 1.0 : -1.0) * uniform() / 3.0;
    }
    return d;
  }

 private:
  double uniform() { return static_cast<double>(random_() >> 11) / 9007199254740992.0; }
  double normal() {  // Box and Muller
    return std::sqrt(-2.0 * std::log(1.0 - uniform())) * std::cos(6.283185307179586 * uniform());
  }

  std::mt19937_64 random_;
  double shift_;
  double noise_;
};

struct rates {
  double fail = 0.0;
  double pass = 0.0;
  double blocks = 0.0;
};

rates rates_at(double change, double noise, int trials) {
  rates sum;
  for (int trial = 0; trial < trials; ++trial) {
    noisy_blocks source(static_cast<std::uint64_t>(trial) * 7919 + 13, change, noise);
    const paired_verdict v = judge_paired(source.draw(looks.back()), {});
    sum.fail += v.what == decision::fail;
    sum.pass += v.what == decision::pass;
    sum.blocks += static_cast<double>(v.blocks);
  }
  return {.fail = sum.fail / trials, .pass = sum.pass / trials, .blocks = sum.blocks / trials};
}

// The operating characteristic, printed, and held to what the README promises.
TEST(operating_characteristic, no_change_fails_at_most_once_in_a_hundred) {
  for (const double noise : {0.02, 0.05}) {
    const rates r = rates_at(1.00, noise, 400);
    std::printf("+0 %%, noise %.0f %%: FAIL %.2f %%, PASS %.2f %%, %.1f blocks\n", 100 * noise,
                100 * r.fail, 100 * r.pass, r.blocks);
    EXPECT_LE(r.fail, 0.01);
    EXPECT_GE(r.pass, 0.97);
  }
}

TEST(operating_characteristic, five_percent_is_not_called_ten) {
  const rates r = rates_at(1.05, 0.02, 400);
  std::printf("+5 %%: FAIL %.2f %%, PASS %.2f %%, %.1f blocks\n", 100 * r.fail, 100 * r.pass,
              r.blocks);
  EXPECT_LE(r.fail, 0.01);
  EXPECT_GE(r.pass, 0.97);
}

TEST(operating_characteristic, fifteen_percent_is_caught) {
  for (const double noise : {0.02, 0.05}) {
    const rates r = rates_at(1.15, noise, 400);
    std::printf("+15 %%, noise %.0f %%: FAIL %.2f %%, PASS %.2f %%, %.1f blocks\n", 100 * noise,
                100 * r.fail, 100 * r.pass, r.blocks);
    EXPECT_GE(r.fail, 0.95);
    EXPECT_LE(r.pass, 0.01);
  }
}

TEST(operating_characteristic, a_copy_of_itself_voids_hardly_any_run) {
  int voided = 0;
  for (int trial = 0; trial < 400; ++trial) {
    noisy_blocks source(static_cast<std::uint64_t>(trial) + 99, 1.0, 0.02);
    voided += void_because(source.draw(25)).empty() ? 0 : 1;
  }
  std::printf("A/A: %.2f %% void\n", voided / 4.0);
  EXPECT_LE(voided, 8);
}

TEST(paired, a_clear_loss_fails_at_the_first_look) {
  const paired_verdict v = judge_paired(std::vector<double>(61, std::log(1.2)), {});
  EXPECT_EQ(v.what, decision::fail);
  EXPECT_EQ(v.blocks, 15u);
  EXPECT_NEAR(v.ratio.estimate, 1.2, 1e-12);
}

TEST(paired, no_change_passes_at_the_first_look) {
  const paired_verdict v = judge_paired(std::vector<double>(15, 0.0), {});
  EXPECT_EQ(v.what, decision::pass);
  EXPECT_EQ(v.blocks_wanted, 0u);
}

TEST(paired, too_few_blocks_decide_nothing_and_say_how_many_are_wanted) {
  const paired_verdict v = judge_paired(std::vector<double>(14, std::log(1.5)), {});
  EXPECT_EQ(v.what, decision::undecided);
  EXPECT_EQ(v.blocks_wanted, 15u);
  EXPECT_EQ(judge_paired({}, {}).what, decision::undecided);
}

TEST(paired, the_threshold_itself_is_undecided_at_the_last_look) {
  std::vector<double> d;
  for (int i = 0; i < 61; ++i) d.push_back(std::log(1.10) + (i % 2 == 0 ? 0.05 : -0.05));
  d[0] = std::log(1.05);
  const paired_verdict v = judge_paired(d, {.rule = paired_rule::budget});
  EXPECT_EQ(v.what, decision::undecided);
  EXPECT_EQ(v.blocks, 61u);
  EXPECT_EQ(v.blocks_wanted, 0u);
}

TEST(paired, a_budget_below_one_is_a_promise_of_speed) {
  const std::vector<double> fast(15, std::log(0.55));
  const std::vector<double> slow(15, std::log(0.80));
  EXPECT_EQ(judge_paired(fast, {.rule = paired_rule::budget, .limit = 0.7}).what, decision::pass);
  EXPECT_EQ(judge_paired(slow, {.rule = paired_rule::budget, .limit = 0.7}).what, decision::fail);
}

TEST(void_rule, a_copy_that_differs_by_three_percent_voids_the_run) {
  EXPECT_EQ(void_because(std::vector<double>(15, 0.0)), "");
  EXPECT_NE(void_because(std::vector<double>(15, std::log(1.03))), "");
  EXPECT_NE(void_because(std::vector<double>(15, std::log(0.97))), "");
  EXPECT_NE(void_because({}), "");
}

// A run whose arms differ for no reason of their own (where they lie in memory, whose turn falls on the neighbour's):
// each arm is off by a share drawn once a run.
struct run_of_arms {
  std::vector<double> subject;  // against its base
  std::vector<double> null;     // the subject's second copy against the subject
};

run_of_arms draw_run(std::uint64_t seed, double change, double bias) {
  std::mt19937_64 random(seed);
  const auto normal = [&random] {
    double sum = -6.0;  // twelve uniform draws: mean 6, variance 1
    for (int i = 0; i < 12; ++i) sum += static_cast<double>(random() >> 11) / 9007199254740992.0;
    return sum;
  };
  const double own = bias * normal();
  noisy_blocks subject(random(), change * std::exp(own - bias * normal()), 0.02);
  noisy_blocks null(random(), std::exp(bias * normal() - own), 0.02);
  return {.subject = subject.draw(looks.back()), .null = null.draw(looks.back())};
}

enum class word : std::uint8_t { pass, fail, open };

word word_of(const run_of_arms& run, const paired_limits& limits) {
  const paired_verdict said = judge_paired(run.subject, limits);
  if (said.what == decision::undecided) return word::open;
  if (!stands_beside(run.subject, run.null, limits, said)) return word::open;
  return said.what == decision::pass ? word::pass : word::fail;
}

struct word_rates {
  double pass = 0.0;
  double fail = 0.0;
};

// Of the runs whose A/A arm differs, in percent of all runs.
word_rates rates_beside_a_loud_null(double change, double bias, const paired_limits& limits) {
  word_rates rates;
  for (std::uint64_t trial = 0; trial < 200; ++trial) {
    const run_of_arms run = draw_run(trial * 104729 + 7, change, bias);
    const paired_verdict said = judge_paired(run.subject, limits);
    if (void_because(std::span(run.null).first(said.blocks)).empty()) continue;
    const word seen = word_of(run, limits);
    rates.pass += seen == word::pass ? 0.5 : 0.0;
    rates.fail += seen == word::fail ? 0.5 : 0.0;
  }
  std::printf(
      "true %.2f of limit %.2f, arms off by %.0f %%: beside an A/A arm that differs %.1f %% "
      "FAIL, %.1f %% PASS\n",
      change, limits.limit, 100 * bias, rates.fail, rates.pass);
  return rates;
}

TEST(beside_a_loud_null, a_change_within_the_limit_fails_at_most_once_in_a_hundred) {
  for (const double bias : {0.03, 0.10}) {
    EXPECT_LE(rates_beside_a_loud_null(1.00, bias, {}).fail, 1.0);
    EXPECT_LE(rates_beside_a_loud_null(1.00, bias, {.rule = paired_rule::budget}).fail, 1.0);
  }
}

TEST(beside_a_loud_null, a_loss_passes_at_most_once_in_a_hundred) {
  for (const double bias : {0.03, 0.10}) {
    EXPECT_LE(rates_beside_a_loud_null(1.15, bias, {}).pass, 1.0);
    EXPECT_LE(rates_beside_a_loud_null(1.20, bias, {.rule = paired_rule::budget}).pass, 1.0);
  }
}

TEST(beside_a_loud_null, what_is_far_from_its_limit_is_said) {
  EXPECT_GE(rates_beside_a_loud_null(0.45, 0.03, {.rule = paired_rule::budget}).pass, 20.0);
  EXPECT_GE(rates_beside_a_loud_null(2.00, 0.03, {}).fail, 20.0);
}

TEST(beside_a_loud_null, a_verdict_near_its_limit_is_taken_back) {
  const std::vector<double> loud(61, std::log(1.03));
  const auto stands = [&loud](double ratio) {
    const std::vector<double> d(61, std::log(ratio));
    return stands_beside(d, loud, {}, judge_paired(d, {}));
  };
  EXPECT_TRUE(stands(0.45));
  EXPECT_TRUE(stands(0.94)) << "1.03 five times is 1.16, and the limit is 1.10";
  EXPECT_FALSE(stands(1.00));
  EXPECT_FALSE(stands(1.15));
  EXPECT_TRUE(stands(1.30));
  EXPECT_FALSE(stands_beside({}, loud, {}, judge_paired({}, {}))) << "undecided stays so";
}

TEST(beside_a_loud_null, a_null_without_blocks_takes_everything_back) {
  const std::vector<double> d(61, std::log(0.45));
  EXPECT_FALSE(stands_beside(d, {}, {}, judge_paired(d, {})));
}

RC_GTEST_PROP(paired_property, a_control_takes_back_and_never_turns_round, ()) {
  const run_of_arms run =
      draw_run(*rc::gen::arbitrary<std::uint64_t>(), *rc::gen::inRange(40, 250) / 100.0,
               *rc::gen::inRange(0, 20) / 100.0);
  const paired_limits limits{.rule =
                                 *rc::gen::element(paired_rule::regression, paired_rule::budget)};
  const decision alone = judge_paired(run.subject, limits).what;
  const word beside = word_of(run, limits);
  if (alone == decision::fail) RC_ASSERT(beside != word::pass);
  if (alone == decision::pass) RC_ASSERT(beside != word::fail);
  if (alone == decision::undecided) RC_ASSERT(beside == word::open);
}

RC_GTEST_PROP(paired_property, what_passes_still_passes_when_every_block_is_faster, ()) {
  noisy_blocks source(*rc::gen::arbitrary<std::uint64_t>(), *rc::gen::inRange(90, 120) / 100.0,
                      0.03);
  std::vector<double> d = source.draw(61);
  const decision before = judge_paired(d, {}).what;
  const double gain = *rc::gen::inRange(0, 200) / 1000.0;
  for (double& each : d) each -= gain;
  const decision after = judge_paired(d, {}).what;
  if (before == decision::pass) RC_ASSERT(after == decision::pass);
  if (after == decision::fail) RC_ASSERT(before == decision::fail);
}

RC_GTEST_PROP(paired_property, a_verdict_never_comes_from_blocks_after_its_look, ()) {
  noisy_blocks source(*rc::gen::arbitrary<std::uint64_t>(), 1.08, 0.03);
  const std::vector<double> d = source.draw(61);
  const paired_verdict whole = judge_paired(d, {});
  const paired_verdict prefix = judge_paired(std::span(d).first(whole.blocks), {});
  RC_ASSERT(whole.what == prefix.what);
}

}  // namespace
}  // namespace jacquard::gate
