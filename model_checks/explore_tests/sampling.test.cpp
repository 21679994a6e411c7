// Probabilistic concurrency testing: bugs of a known depth, the same from the same seed, and what a sample says.
#include <gtest/gtest.h>

#include <stdexcept>

#include <jacquard/model/explore/engine.hpp>
#include <jacquard/model/explore/standard.hpp>

namespace {

using namespace jacquard::model;
using enum std::memory_order;

template <class Body>
certificate pct(std::uint32_t depth, std::uint64_t runs, std::uint64_t seed = 1) {
  return run_explore<Body>({.search = "pct", .depth = depth, .iterations_max = runs, .seed = seed});
}

template <class Body>
void expect_found(failure_kind kind, std::uint32_t depth, std::uint64_t runs) {
  const certificate c = pct<Body>(depth, runs);
  ASSERT_STREQ(to_string(c.kind), to_string(kind)) << c.what << c.bounds;
  EXPECT_EQ(c.verdict, verdict::broken);
  const certificate again = pct<Body>(depth, runs);
  EXPECT_EQ(again.schedule, c.schedule);
  EXPECT_EQ(again.executions, c.executions);
  const certificate replayed = run_explore<Body>({.schedule = c.schedule});
  EXPECT_STREQ(to_string(replayed.kind), to_string(kind)) << replayed.what;
  EXPECT_EQ(replayed.what, c.what);
  EXPECT_EQ(replayed.where, c.where);
}

// Depth 2: the second thread must come after the first one's load and before its store. Steps around that
// make it rare.
struct update_lost_among_steps {
  static constexpr unsigned thread_count = 2;
  explore::atomic<int> x{0}, elsewhere{0};
  void thread(unsigned) {
    for (int i = 0; i < 20; ++i) elsewhere.store(i, relaxed);
    x.store(x.load(relaxed) + 1, relaxed);
    for (int i = 0; i < 20; ++i) elsewhere.store(i, relaxed);
  }
  void after() { explore::require(x.load(relaxed) == 2, "no update is lost"); }
};
TEST(pct, finds_a_bug_of_depth_two) {
  expect_found<update_lost_among_steps>(failure_kind::claim, 2, 2'000);
}
TEST(pct, of_depth_one_is_too_shallow_for_a_bug_of_depth_two) {
  const certificate c = pct<update_lost_among_steps>(1, 2'000);
  EXPECT_EQ(c.kind, failure_kind::none) << c.what;
}

// Depth 3: the reader looks between the two stores, and again after the second.
struct seen_twice {
  static constexpr unsigned thread_count = 2;
  explore::atomic<int> stage{0}, elsewhere{0};
  void thread(unsigned i) {
    if (i == 0) {
      stage.store(1, relaxed);
      for (int k = 0; k < 8; ++k) elsewhere.store(k, relaxed);
      stage.store(2, relaxed);
    } else {
      const int first = stage.load(relaxed);
      for (int k = 0; k < 4; ++k) (void)elsewhere.load(relaxed);
      const int second = stage.load(relaxed);
      explore::require(!(first == 1 && second == 2), "the reader never sees it change");
    }
  }
};
TEST(pct, finds_a_bug_of_depth_three) { expect_found<seen_twice>(failure_kind::claim, 3, 5'000); }
TEST(pct, of_depth_two_is_too_shallow_for_a_bug_of_depth_three) {
  const certificate c = pct<seen_twice>(2, 5'000);
  EXPECT_EQ(c.kind, failure_kind::none) << c.what;
  EXPECT_EQ(c.executions, 5'000u);
}

struct opposite_locks {
  static constexpr unsigned thread_count = 2;
  explore::mutex a, b;
  void thread(unsigned i) {
    explore::mutex& first = i == 0 ? a : b;
    explore::mutex& second = i == 0 ? b : a;
    first.lock();
    second.lock();
    second.unlock();
    first.unlock();
  }
};
TEST(pct, finds_a_deadlock) { expect_found<opposite_locks>(failure_kind::deadlock, 2, 500); }

struct unordered_handover {
  static constexpr unsigned thread_count = 2;
  explore::cell<int> data{0};
  explore::atomic<bool> ready{false};
  void thread(unsigned i) {
    if (i == 0) {
      data.with_mut([](int& d) { d = 7; });
      ready.store(true, relaxed);
    } else if (ready.load(acquire)) {
      (void)data.with([](const int& d) { return d; });
    }
  }
};
TEST(pct, finds_a_data_race) { expect_found<unordered_handover>(failure_kind::data_race, 2, 500); }

// The sleeper may sleep before or after the change; whoever changes the word forgets to wake.
template <bool Wakes>
struct sleeping {
  static constexpr unsigned thread_count = 2;
  explore::atomic<std::uint32_t> word{0};
  void thread(unsigned i) {
    if (i == 0) {
      explore_standard::atomic_wait(word, 0, acquire);
    } else {
      word.store(1, release);
      if (Wakes) explore::wake_one(word);
    }
  }
};
TEST(pct, finds_a_sleeper_that_nobody_wakes) {
  expect_found<sleeping<false>>(failure_kind::lost_wakeup, 2, 500);
}

// Waiting threads go on when what they wait for has come: every interleaving is complete.
template <class Body>
void expect_complete() {
  const certificate c = pct<Body>(3, 2'000);
  EXPECT_EQ(c.kind, failure_kind::none) << c.what << "\n" << c.history;
  EXPECT_EQ(c.executions, 2'000u);
  EXPECT_EQ(c.blocked, 0u);
}
struct under_a_mutex {
  static constexpr unsigned thread_count = 3;
  explore::mutex m;
  explore::cell<int> count{0};
  void thread(unsigned) {
    m.lock();
    count.with_mut([](int& c) { ++c; });
    m.unlock();
  }
  void after() {
    explore::require(count.with([](const int& c) { return c; }) == 3, "mutual exclusion");
  }
};
struct under_a_spin_lock {
  static constexpr unsigned thread_count = 3;
  explore::atomic<bool> taken{false};
  explore::cell<int> count{0};
  void thread(unsigned) {
    while (taken.exchange(true, acquire)) explore::spin_hint();
    count.with_mut([](int& c) { ++c; });
    taken.store(false, release);
  }
};
struct spinning_without_a_hint {
  static constexpr unsigned thread_count = 2;
  explore::atomic<int> flag{0};
  void thread(unsigned i) {
    if (i == 0) flag.store(1, release);
    while (flag.load(acquire) == 0) {
    }
  }
};
struct at_a_barrier {
  static constexpr unsigned thread_count = 3;
  explore_standard::barrier all{3};
  void thread(unsigned) {
    all.arrive_and_wait();
    all.arrive_and_wait();
  }
};
TEST(pct, lets_waiting_threads_go_on) {
  expect_complete<under_a_mutex>();
  expect_complete<under_a_spin_lock>();
  expect_complete<spinning_without_a_hint>();
  expect_complete<at_a_barrier>();
  expect_complete<sleeping<true>>();
}

TEST(pct, says_what_it_sampled_and_never_that_it_holds) {
  const certificate c = pct<under_a_mutex>(3, 100, 7);
  EXPECT_EQ(c.verdict, verdict::truncated);
  EXPECT_EQ(c.search, "pct, seed 7, depth 3");
  EXPECT_EQ(c.bounds.rfind("sampled 100 interleavings of 3 threads and at most ", 0), 0u)
      << c.bounds;
  EXPECT_NE(c.bounds.find("1/(3*"), std::string::npos) << c.bounds;
}
TEST(pct, refuses_a_depth_out_of_range) {
  EXPECT_THROW((void)pct<under_a_mutex>(0, 1), std::invalid_argument);
  EXPECT_THROW((void)pct<under_a_mutex>(10, 1), std::invalid_argument);
}

}  // namespace
