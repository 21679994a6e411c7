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
