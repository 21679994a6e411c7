#include <gtest/gtest.h>

#include <jacquard/bench/claims.hpp>

namespace jacquard::bench {
namespace {

// Fifteen blocks around `middle`, a little apart, in an order that no other list shares.
std::vector<double> around(double middle, unsigned turn = 0) {
  std::vector<double> values;
  for (unsigned i = 0; i < 15; ++i) {
    values.push_back(middle * (0.99 + 0.02 * static_cast<double>((i * 7 + turn) % 15) / 14.0));
  }
  return values;
}

TEST(Claims, ARatioWithinItsLimitPassesAndOneBeyondIsMissed) {
  const auto control = around(6.0, 5);
  EXPECT_EQ(judge_ratio("c", around(6.0), around(10.0, 3), control, 0.7).verdict, "PASS");
  EXPECT_EQ(judge_ratio("c", around(8.0), around(10.0, 3), around(8.0, 5), 0.7).verdict, "MISSED");
}

TEST(Claims, ARatioWhoseBoundsStraddleTheLimitIsUndecided) {
  const auto verdict = judge_ratio("c", around(7.0), around(10.0, 3), around(7.0, 5), 0.7);
  EXPECT_EQ(verdict.verdict, "UNDECIDED");
  EXPECT_LT(verdict.low, 0.7);
  EXPECT_GT(verdict.high, 0.7);
}

TEST(Claims, ARunWhoseTwoCopiesDifferIsVoid) {
  EXPECT_EQ(judge_ratio("c", around(6.0), around(10.0, 3), around(6.4, 5), 0.7).verdict, "VOID");
}

TEST(Claims, TooFewBlocksAreNeverAPass) {
  const std::vector<double> fast(9, 1.0);
  const std::vector<double> slow(9, 10.0);
  EXPECT_EQ(judge_ratio("c", fast, slow, fast, 0.7).verdict, "UNDECIDED");
  EXPECT_EQ(judge_limit("c", {1.0, 1.0}, 3.0, "ns").verdict, "UNDECIDED");
}

TEST(Claims, AFigurePassesWhereThreeBlocksInFourAreWithin) {
  EXPECT_EQ(judge_limit("c", {1, 2, 2, 2, 9}, 3.0, "ns").verdict, "PASS");
  EXPECT_EQ(judge_limit("c", {1, 2, 4, 4, 9}, 3.0, "ns").verdict, "UNDECIDED");
  EXPECT_EQ(judge_limit("c", {1, 4, 4, 4, 9}, 3.0, "ns").verdict, "MISSED");
}

TEST(Claims, ATieIsMissedOnlyBeyondItsShareOfTheLimit) {
  const std::vector<double> equal = {0.995, 0.999, 1.001, 1.003, 1.009};
  EXPECT_EQ(judge_limit("c", equal, 1.0, "x").verdict, "UNDECIDED");
  EXPECT_EQ(judge_limit("c", equal, 1.0, "x", 0.02).verdict, "PASS");
  EXPECT_EQ(judge_limit("c", {1.01, 1.03, 1.03, 1.03, 1.04}, 1.0, "x", 0.02).verdict, "MISSED");
  EXPECT_NE(judge_limit("c", equal, 1.0, "x", 0.02).detail.find("within 2 %"), std::string::npos);
}

TEST(Claims, WhatThisMachineCannotRunIsNotApplicableAndNeverAPass) {
  bench_outcome outcome;
  outcome.name = "bench_transfer_1to1";
  outcome.possible = false;
  const auto verdicts = judge_claims({outcome});
  ASSERT_EQ(verdicts.size(), 1u);
  EXPECT_EQ(verdicts[0].name, "claim.transfer_1to1_over_best_queue");
  EXPECT_EQ(verdicts[0].verdict, "N/A");
  EXPECT_FALSE(any_missed(verdicts));
}

TEST(Claims, AnOpenLoopWhoseSenderWasLateIsVoid) {
  bench_outcome outcome;
  outcome.name = "bench_open_loop_10k";
  arm_outcome arm;
  arm.name = "ring_mailbox";
  arm.p95_ns = {6000, 6000, 900'000};
  arm.sender_late_ns = {40, 40, 700'000};
  outcome.arms.push_back(arm);
  EXPECT_EQ(judge_claims({outcome})[0].verdict, "UNDECIDED");
  outcome.arms[0].p95_ns = {6000, 6000, 9000};
  EXPECT_EQ(judge_claims({outcome})[0].verdict, "PASS");
  outcome.arms[0].sender_late_ns = {16'000, 16'000, 40};
  EXPECT_EQ(judge_claims({outcome})[0].verdict, "VOID");
}

}  // namespace
}  // namespace jacquard::bench
