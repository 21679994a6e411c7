// invariant(): between two steps where there is such a thing, and said aloud where there is not.
#include <gtest/gtest.h>

#include <string>

#include <jacquard/model/explore/engine.hpp>
#include <jacquard/model/explore/policy.hpp>

namespace {

using namespace jacquard::model;
using enum std::memory_order;

const std::string outside = "invariant() only before the threads start and after they end";

template <class Body>
certificate pct() {
  return run_explore<Body>({.search = "pct", .depth = 2, .iterations_max = 500});
}

// Two words that always add up to 10, except between the two updates of a transfer.
template <bool AtOnce>
struct transfer {
  static constexpr unsigned thread_count = 2;
  explore::atomic<std::uint32_t> both{10};  // low half: one account; high half: the other
  explore::atomic<int> left{10}, right{0};
  explore::cell<int> transfers{0};
  void thread(unsigned i) {
    if (i == 1) {
      transfers.with_mut([](int& t) { ++t; });
      return;
    }
    if (AtOnce) {
      both.fetch_add((std::uint32_t{1} << 16) - 1, relaxed);
    } else {
      left.fetch_sub(1, relaxed);
      right.fetch_add(1, relaxed);
    }
  }
  void invariant() {
    const std::uint32_t b = both.load(relaxed);
    explore::require((b & 0xffff) + (b >> 16) == 10, "nothing is lost on the way");
    explore::require(left.load(relaxed) + right.load(relaxed) == 10, "nothing is lost on the way");
    explore::require(transfers.with([](const int& t) { return t <= 1; }), "one at most");
  }
};
TEST(invariant, between_two_steps_is_seen_in_an_interleaving) {
  const certificate c = pct<transfer<false>>();
  EXPECT_EQ(c.verdict, verdict::broken);
  EXPECT_EQ(c.kind, failure_kind::claim);
  EXPECT_EQ(c.what, "nothing is lost on the way");
  const certificate again = run_explore<transfer<false>>({.schedule = c.schedule});
  EXPECT_EQ(again.kind, failure_kind::claim) << c.schedule;
  EXPECT_EQ(again.what, c.what);
  EXPECT_EQ(again.where, c.where);
}
TEST(invariant, that_holds_between_all_steps_breaks_nothing) {
  const certificate c = pct<transfer<true>>();
  EXPECT_EQ(c.kind, failure_kind::none) << c.what;
  EXPECT_EQ(c.executions, 500u);
}
TEST(invariant, between_two_steps_is_beyond_a_search_of_graphs_which_says_so) {
  const certificate c = run_explore<transfer<false>>({});
  EXPECT_EQ(c.verdict, verdict::holds) << c.what;
  EXPECT_EQ(c.bounds, outside);
  EXPECT_EQ(c.executions, 1u);  // the invariant's reads are no events
  const certificate sampled =
      run_explore<transfer<false>>({.search = "sample", .iterations_max = 10});
  EXPECT_NE(sampled.bounds.find(outside), std::string::npos) << sampled.bounds;
}

struct broken_at_the_end {
  static constexpr unsigned thread_count = 2;
  explore::atomic<int> x{0};
  void thread(unsigned i) { x.store(static_cast<int>(i), relaxed); }
  void invariant() { explore::require(x.load(relaxed) != 1, "never one"); }
};
TEST(invariant, after_the_threads_is_seen_by_a_search_of_graphs) {
  const certificate c = run_explore<broken_at_the_end>({});
  EXPECT_EQ(c.kind, failure_kind::claim);
  EXPECT_EQ(c.what, "never one");
  EXPECT_EQ(run_explore<broken_at_the_end>({.schedule = c.schedule}).what, c.what);
}

struct broken_from_the_start {
  static constexpr unsigned thread_count = 1;
  explore::atomic<int> x{1};
  void thread(unsigned) { x.store(0, relaxed); }
  void invariant() { explore::require(x.load(relaxed) == 0, "always nought"); }
};
TEST(invariant, before_the_threads_is_seen) {
  EXPECT_EQ(run_explore<broken_from_the_start>({}).what, "always nought");
}

template <int What>
struct meddling {
  static constexpr unsigned thread_count = 1;
  explore::atomic<int> x{0};
  explore::cell<int> c{0};
  void thread(unsigned) { x.store(1, relaxed); }
  void invariant() {
    if (What == 0) x.store(2, relaxed);
    if (What == 1) x.fetch_add(1, relaxed);
    if (What == 2) c.with_mut([](int& value) { ++value; });
    if (What == 3) explore::await([&] { return x.load(relaxed) == 1; });
    if (What == 4) explore::destroy(explore::create<int>(1));
    if (What == 5) explore::fence(seq_cst);
  }
};
TEST(invariant, may_only_read) {
  const auto refusal = [](const certificate& c) {
    EXPECT_EQ(c.kind, failure_kind::claim);
    return c.what;
  };
  const std::string changes = "invariant() changes a word or fences; it may only read";
  EXPECT_EQ(refusal(run_explore<meddling<0>>({})), changes);
  EXPECT_EQ(refusal(run_explore<meddling<1>>({})), changes);
  EXPECT_EQ(refusal(run_explore<meddling<2>>({})), "invariant() writes a cell; it may only read");
  EXPECT_EQ(refusal(run_explore<meddling<3>>({})), "invariant() waits; it may only read");
  EXPECT_EQ(refusal(run_explore<meddling<4>>({})),
            "invariant() creates an object; it may only read");
  EXPECT_EQ(refusal(run_explore<meddling<5>>({})), changes);
}

}  // namespace
