// What Relacy's full search sees of the C++20 memory model, and what it does not: exact outcome sets. A
// hole that closes in a later Relacy turns a test red, and then a line of README.md is out of date.
#include <gtest/gtest.h>

#include <jacquard/model/relacy/engine.hpp>
#include <jacquard/model/relacy/policy.hpp>
#include <relacy_litmus/programs.hpp>
#include <seeded_bugs/beyond_relacy.hpp>

namespace jacquard::litmus {
namespace {

using model::relacy;
using model::run_options;
using model::verdict;

template <class Program>
outcomes outcomes_of(const run_options& options = {}) {
  found.clear();
  const model::certificate made = model::run_relacy<Program>(options);
  EXPECT_EQ(made.verdict, verdict::holds) << made.what;
  return found;
}

/// Every vector of `size` values in [0, values).
outcomes every(unsigned size, int values) {
  outcomes all{{}};
  for (unsigned i = 0; i < size; ++i) {
    outcomes longer;
    for (const outcome& start : all) {
      for (int value = 0; value < values; ++value) {
        outcome one = start;
        one.push_back(value);
        longer.insert(one);
      }
    }
    all = longer;
  }
  return all;
}

outcomes without(outcomes all, const outcomes& some) {
  for (const outcome& one : some) all.erase(one);
  return all;
}

constexpr auto rlx = order::relaxed;
constexpr auto acq = order::acquire;
constexpr auto rel = order::release;
constexpr auto sc = order::seq_cst;

TEST(relacy_sees, every_outcome_of_store_buffering) {
  EXPECT_EQ((outcomes_of<SB<relacy, rlx, rlx, false>>()), every(2, 2));
  EXPECT_EQ((outcomes_of<SB<relacy, rel, acq, false>>()), every(2, 2));
  EXPECT_EQ((outcomes_of<SB<relacy, sc, sc, false>>()), without(every(2, 2), {{0, 0}}));
  EXPECT_EQ((outcomes_of<SB<relacy, rlx, rlx, true>>()), without(every(2, 2), {{0, 0}}));
}

TEST(relacy_sees, every_outcome_of_message_passing) {
  EXPECT_EQ((outcomes_of<MP<relacy, rlx, rlx>>()), every(2, 2));
  EXPECT_EQ((outcomes_of<MP<relacy, rel, acq>>()), without(every(2, 2), {{1, 0}}));
  EXPECT_EQ((outcomes_of<MP<relacy, rel, rlx>>()), every(2, 2));
  EXPECT_EQ((outcomes_of<MP<relacy, rlx, acq>>()), every(2, 2));
}

TEST(relacy_sees, coherence) {
  // (first look, second look, last value): 0 0, 0 1, 1 1, ... and never one store and then an older one.
  const outcomes allowed = {{0, 0, 1}, {0, 0, 2}, {0, 1, 1}, {0, 1, 2}, {0, 2, 1}, {0, 2, 2},
                            {1, 1, 1}, {1, 1, 2}, {2, 2, 1}, {2, 2, 2}, {1, 2, 2}, {2, 1, 1}};
  EXPECT_EQ(outcomes_of<CoRR<relacy>>(), allowed);
}

TEST(relacy_sees, atomic_and_torn_increments) {
  EXPECT_EQ(outcomes_of<fetch_adds<relacy>>(),
            (outcomes{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}}));
  EXPECT_EQ(outcomes_of<load_store_increments<relacy>>(),
            (outcomes{{0, 0, 1}, {0, 1, 2}, {1, 0, 2}}));
}

TEST(relacy_sees, independent_reads_of_independent_writes) {
  EXPECT_EQ((outcomes_of<IRIW<relacy, rel, acq, acq>>()), every(4, 2));
  EXPECT_EQ((outcomes_of<IRIW<relacy, sc, sc, sc>>()), without(every(4, 2), {{1, 0, 1, 0}}));
}

// The holes.

TEST(relacy_does_not_see, load_buffering) {
  // Nor does the explorer: po and rf together have no cycle in the model both implement.
  EXPECT_EQ(outcomes_of<LB<relacy>>(), without(every(2, 2), {{1, 1}}));
}

TEST(relacy_does_not_see, a_modification_order_that_is_not_the_execution_order) {
  EXPECT_EQ(outcomes_of<two_plus_two_writes<relacy>>(),
            without({{1, 1}, {1, 2}, {2, 1}, {2, 2}}, {{1, 1}}));
}

TEST(relacy_does_not_see, a_store_that_is_two_back) {
  const outcomes flag_down = {{0, 0}, {0, 1}, {0, 2}, {0, 3}, {0, 4}};
  outcomes full = flag_down;
  full.insert({{1, 3}, {1, 4}});  // of five
  EXPECT_EQ(outcomes_of<STALE5<relacy>>(), full);

  outcomes random = full;
  random.insert({{1, 2}});  // the random scheduler: three of five
  EXPECT_EQ(outcomes_of<STALE5<relacy>>({.search = "random", .iterations_max = 100'000}), random);
}

TEST(relacy_does_not_see, a_failing_compare_exchange_that_reads_an_old_value) {
  // (flag, succeeded, value read): {1, 0, 0} is allowed and unseen; so is nothing else.
  EXPECT_EQ(outcomes_of<CASSTALE<relacy>>(), (outcomes{{0, 0, 0}, {0, 1, 1}, {1, 1, 1}}));
}

TEST(relacy_does_not_see, that_a_plain_store_ends_a_release_sequence) {
  // {2, 0} is allowed since C++20.
  EXPECT_EQ(outcomes_of<RELSEQ20<relacy>>(), (outcomes{{0, 0}, {0, 1}, {1, 1}, {2, 1}}));
}

TEST(relacy_does_not_see, the_weak_outcome_of_mixed_acquire_and_seq_cst_reads) {
  EXPECT_EQ((outcomes_of<IRIW<relacy, sc, acq, sc>>()), without(every(4, 2), {{1, 0, 1, 0}}));
}

// The other way round: what C++ forbids and Relacy shows.

TEST(relacy_sees_too_much, of_store_buffering_with_a_fence_on_one_side_only) {
  EXPECT_EQ(outcomes_of<SB_one_fence<relacy>>(), every(2, 2));  // {0, 0} is forbidden
}

// The seeded bugs that are registered for the explorer only: Relacy passes every one of them.

template <template <class> class Bug>
void expect_relacy_passes() {
  EXPECT_EQ(model::run_relacy<Bug<relacy>>({}).verdict, verdict::holds);
  EXPECT_EQ(model::run_relacy<Bug<relacy>>({.search = "random", .iterations_max = 50'000}).verdict,
            verdict::holds);
}
template <class S>
using stale_compare_exchange = bugs::stale_compare_exchange<S>;
template <class S>
using release_sequence_of_cpp11 = bugs::release_sequence_of_cpp11<S>;
template <class S>
using crossed_writes = bugs::crossed_writes<S>;
template <class S>
using two_stores_back = bugs::two_stores_back<S>;

TEST(relacy_passes_the_bug_of, stale_compare_exchange) {
  expect_relacy_passes<stale_compare_exchange>();
}
TEST(relacy_passes_the_bug_of, release_sequence_of_cpp11) {
  expect_relacy_passes<release_sequence_of_cpp11>();
}
TEST(relacy_passes_the_bug_of, crossed_writes) { expect_relacy_passes<crossed_writes>(); }
TEST(relacy_passes_the_bug_of, two_stores_back_in_full_search) {
  EXPECT_EQ(model::run_relacy<two_stores_back<relacy>>({}).verdict, verdict::holds);
}

}  // namespace
}  // namespace jacquard::litmus
