// Weak compare-exchanges that fail although they read what they expect: counts worked out by hand, a program
// that is wrong only then, and the schedule that repeats it.
#include <gtest/gtest.h>

#include <stdexcept>

#include <jacquard/model/explore/engine.hpp>
#include <jacquard/model/explore/policy.hpp>

namespace {

using namespace jacquard::model;
using enum std::memory_order;

template <class Body>
void expect_executions(std::uint32_t spurious, std::uint64_t executions) {
  const certificate c = run_explore<Body>({.spurious_max = spurious});
  EXPECT_EQ(c.verdict, verdict::holds) << c.what << "\n" << c.history;
  EXPECT_EQ(c.executions, executions);
  EXPECT_EQ(c.blocked, 0u);
  EXPECT_EQ(c.bounds == "none", spurious == 0) << c.bounds;
}

struct once {
  static constexpr unsigned thread_count = 1;
  explore::atomic<int> x{0};
  void thread(unsigned) {
    int seen = 0;
    const bool done = x.compare_exchange_weak(seen, 1, relaxed, relaxed);
    explore::require(seen == 0 && x.load(relaxed) == (done ? 1 : 0), "it fails or it stores");
  }
};
TEST(spurious, one_attempt_succeeds_or_fails) {
  expect_executions<once>(0, 1);
  expect_executions<once>(1, 2);
  expect_executions<once>(2, 2);
}

struct until_it_succeeds {
  static constexpr unsigned thread_count = 1;
  explore::atomic<int> x{0};
  void thread(unsigned) {
    int seen = 0;
    while (!x.compare_exchange_weak(seen, 1, relaxed, relaxed)) {
    }
  }
};
TEST(spurious, a_loop_fails_as_often_as_the_option_says) {
  expect_executions<until_it_succeeds>(0, 1);
  expect_executions<until_it_succeeds>(1, 2);
  expect_executions<until_it_succeeds>(4, 5);
}

// Nobody succeeds: both fail on the initial value (1). One succeeds: the other fails, on the new value or
// spuriously on the initial one (2 x 2). Both cannot.
struct one_attempt_each {
  static constexpr unsigned thread_count = 2;
  explore::atomic<int> x{0};
  void thread(unsigned i) {
    int seen = 0;
    (void)x.compare_exchange_weak(seen, static_cast<int>(i) + 1, acq_rel, acquire);
  }
};
TEST(spurious, two_attempts_have_five_executions) {
  expect_executions<one_attempt_each>(0, 2);
  expect_executions<one_attempt_each>(1, 5);
}

// The store comes after the attempt's write, or the attempt reads the store and fails; or it fails spuriously
// on the initial value.
struct against_a_store {
  static constexpr unsigned thread_count = 2;
  explore::atomic<int> x{0};
  void thread(unsigned i) {
    int seen = 0;
    if (i == 0) {
      (void)x.compare_exchange_weak(seen, 5, relaxed, relaxed);
    } else {
      x.store(1, relaxed);
    }
  }
};
// The store stores what the attempt expects: it succeeds on the initial value (the store comes later) or on
// the store's, and may fail spuriously on either.
struct against_a_store_of_what_is_expected {
  static constexpr unsigned thread_count = 2;
  explore::atomic<int> x{0};
  void thread(unsigned i) {
    int seen = 0;
    if (i == 1) {
      (void)x.compare_exchange_weak(seen, 5, relaxed, relaxed);
    } else {
      x.store(0, relaxed);
    }
  }
};
TEST(spurious, an_attempt_against_a_store_has_three_or_four) {
  expect_executions<against_a_store>(0, 2);
  expect_executions<against_a_store>(1, 3);
  expect_executions<against_a_store_of_what_is_expected>(0, 2);
  expect_executions<against_a_store_of_what_is_expected>(1, 4);
}

struct strong {
  static constexpr unsigned thread_count = 2;
  explore::atomic<int> x{0};
  void thread(unsigned) {
    int seen = 0;
    (void)x.compare_exchange_strong(seen, 1, relaxed, relaxed);
  }
};
TEST(spurious, the_strong_one_never_fails_that_way) { expect_executions<strong>(3, 2); }

// Right if failing meant that somebody else was first.
struct exactly_one_is_first {
  static constexpr unsigned thread_count = 2;
  explore::atomic<int> taken{0};
  int firsts[2] = {};
  void thread(unsigned i) {
    int free = 0;
    firsts[i] = taken.compare_exchange_weak(free, 1, acq_rel, relaxed) ? 1 : 0;
  }
  void after() { explore::require(firsts[0] + firsts[1] == 1, "exactly one is first"); }
};
TEST(spurious, what_is_wrong_only_then_is_found_and_repeated) {
  EXPECT_EQ(run_explore<exactly_one_is_first>({}).verdict, verdict::holds);
  const certificate c = run_explore<exactly_one_is_first>({.spurious_max = 1});
  EXPECT_EQ(c.verdict, verdict::broken);
  EXPECT_EQ(c.what, "exactly one is first");
  EXPECT_NE(c.history.find("fails spuriously"), std::string::npos) << c.history;
  EXPECT_NE(c.schedule.find('x', 8), std::string::npos) << c.schedule;
  const certificate again = run_explore<exactly_one_is_first>({.schedule = c.schedule});
  EXPECT_EQ(again.kind, failure_kind::claim) << again.what;
  EXPECT_EQ(again.history, c.history);
  EXPECT_EQ(run_explore<exactly_one_is_first>({.search = "sample", .spurious_max = 1}).verdict,
            verdict::broken);
}

TEST(spurious, a_number_out_of_range_is_refused) {
  EXPECT_THROW((void)run_explore<strong>({.spurious_max = 10}), std::invalid_argument);
}

}  // namespace
