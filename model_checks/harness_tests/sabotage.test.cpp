// A check that holds whatever is broken below it is found out; one that notices is believed.
#include <gtest/gtest.h>

#include <vector>

#include <jacquard/model/mutation.hpp>

namespace jacquard::model {
namespace {

certificate holds(const run_options&) {
  certificate made;
  made.verdict = verdict::holds;
  return made;
}
certificate broken_without_wakes(const run_options&) {
  certificate made;
  const bool broken = weakening::instance().breaks(sabotage::wakes);
  made.verdict = broken ? verdict::broken : verdict::holds;
  made.kind = broken ? failure_kind::lost_wakeup : failure_kind::none;
  return made;
}
certificate cut(const run_options&) {
  certificate made;
  made.verdict = verdict::truncated;
  return made;
}

TEST(sabotage, is_not_noticed_by_a_check_that_always_holds) {
  EXPECT_TRUE(notices({.name = "blind", .run = holds}, {}, 1.0).empty());
}

TEST(sabotage, that_was_cut_was_not_noticed) {
  EXPECT_TRUE(notices({.name = "cut", .run = cut}, {}, 1.0).empty());
}

TEST(sabotage, is_told_by_what_was_broken_and_ends_with_the_run) {
  const std::vector<noticed> found =
      notices({.name = "sleeps", .run = broken_without_wakes}, {}, 1.0);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].how, sabotage::wakes);
  EXPECT_EQ(found[0].kind, failure_kind::lost_wakeup);
  EXPECT_TRUE(weakening::instance().breaks(sabotage::none));
}

TEST(sabotage, splits_an_update_into_orders_that_a_load_and_a_store_may_have) {
  EXPECT_EQ(load_part(std::memory_order::acq_rel), std::memory_order::acquire);
  EXPECT_EQ(store_part(std::memory_order::acq_rel), std::memory_order::release);
  EXPECT_EQ(load_part(std::memory_order::release), std::memory_order::relaxed);
  EXPECT_EQ(store_part(std::memory_order::acquire), std::memory_order::relaxed);
  EXPECT_EQ(load_part(std::memory_order::seq_cst), std::memory_order::seq_cst);
}

}  // namespace
}  // namespace jacquard::model
