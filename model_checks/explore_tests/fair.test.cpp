// Threads that write and never end are a livelock; threads that write much and end are none.
#include <gtest/gtest.h>

#include <jacquard/model/explore/engine.hpp>
#include <jacquard/model/explore/fair.hpp>
#include <jacquard/model/explore/policy.hpp>

#include <algorithm>
#include <stdexcept>
#include <string>

namespace {

using jacquard::model::certificate;
using jacquard::model::explore;
using jacquard::model::failure_kind;
using jacquard::model::run_explore;
using jacquard::model::run_options;
using jacquard::model::verdict;
namespace explorer = jacquard::model::explorer;
using enum std::memory_order;

template <class Body>
certificate expect_livelock(const run_options& options = {}) {
  const certificate c = run_explore<Body>(options);
  EXPECT_EQ(c.kind, failure_kind::livelock) << c.what << "\n" << c.history;
  EXPECT_EQ(c.verdict, verdict::broken);
  const certificate again = run_explore<Body>({.schedule = c.schedule});
  EXPECT_EQ(again.kind, c.kind) << c.schedule << ": " << again.what;
  EXPECT_EQ(again.what, c.what);
  EXPECT_EQ(again.where, c.where);
  EXPECT_EQ(again.history, c.history);
  return c;
}

// Each raises its flag, and lowers it again where the other's is up. `Lead`: steps that one is behind the other.
// `Rounds`: how often a thread tries before it goes on all the same; 0: as often as it takes.
template <int Lead, int Rounds, bool Counts = false>
struct stepping_aside {
  static constexpr unsigned thread_count = 2;
  explore::atomic<int> raised[2]{};
  explore::atomic<int> count{0};
  void thread(unsigned i) {
    for (int step = 0; i == 0 && step < Lead; ++step) count.store(step, relaxed);
    for (int round = 0; Rounds == 0 || round < Rounds; ++round) {
      raised[i].store(1, seq_cst);
      if (raised[1 - i].load(seq_cst) == 0) break;
      raised[i].store(0, seq_cst);
      if (Counts) count.fetch_add(1, relaxed);
      explore::spin_hint();
    }
    raised[i].store(0, seq_cst);
  }
};

TEST(fair, threads_that_step_aside_for_each_other_are_a_livelock) {
  const certificate c = expect_livelock<stepping_aside<0, 0>>();
  EXPECT_NE(c.what.find("thread 0 at fair.test.cpp:"), std::string::npos) << c.what;
  EXPECT_NE(c.what.find("thread 1 at fair.test.cpp:"), std::string::npos) << c.what;
  EXPECT_LT(std::ranges::count(c.history, '\n'), 40) << "two rounds are enough to see";
}

TEST(fair, a_livelock_that_needs_a_lead_is_found) { (void)expect_livelock<stepping_aside<7, 0>>(); }

// Both locks, by trying: who gets one and not the other gives it back.
struct giving_back {
  static constexpr unsigned thread_count = 2;
  explore::mutex locks[2];
  void thread(unsigned i) {
    for (;;) {
      locks[i].lock();
      if (locks[1 - i].try_lock()) break;
      locks[i].unlock();
    }
    locks[0].unlock();
    locks[1].unlock();
  }
};
TEST(fair, locks_given_back_again_and_again_are_a_livelock) {
  (void)expect_livelock<giving_back>();
}

constexpr std::size_t enough = 100'000;  // steps, of all the turns that are tried

// Who counts its rounds and gives up ends: 6,500 rounds are 19,500 steps of each thread.
TEST(fair, threads_that_give_up_after_many_rounds_are_no_livelock) {
  using body = stepping_aside<0, 6'500>;
  EXPECT_EQ(explorer::look_for_livelock(jacquard::model::operations_of<body>(), {}, enough),
            nullptr);
}

// What it cannot tell: a private count beyond 20,000 steps.
TEST(fair, threads_that_give_up_only_after_more_steps_than_are_run_look_like_a_livelock) {
  using body = stepping_aside<0, 7'000>;
  EXPECT_NE(explorer::look_for_livelock(jacquard::model::operations_of<body>(), {}, enough),
            nullptr);
}

// Nor this: the state is never the same again.
TEST(fair, a_loop_that_counts_on_is_no_livelock_and_is_cut) {
  using body = stepping_aside<0, 0, true>;
  EXPECT_EQ(explorer::look_for_livelock(jacquard::model::operations_of<body>(), {}, enough),
            nullptr);
  const certificate c = run_explore<body>({.iterations_max = 100});
  EXPECT_EQ(c.kind, failure_kind::none) << c.what;
  EXPECT_EQ(c.verdict, verdict::truncated);
}

// It never is the same again, and writes alone: one execution, without an end.
struct counting_for_ever {
  static constexpr unsigned thread_count = 1;
  explore::atomic<unsigned> x{0};
  void thread(unsigned) {
    for (unsigned n = 0;; ++n) x.store(n, relaxed);
  }
};
TEST(fair, a_search_at_its_limit_is_truncated_and_says_where) {
  const certificate c = run_explore<counting_for_ever>({});
  EXPECT_EQ(c.kind, failure_kind::limit) << c.what;
  EXPECT_EQ(c.verdict, verdict::truncated);
  EXPECT_NE(c.bounds.find("2000 steps"), std::string::npos) << c.bounds;
  EXPECT_NE(c.bounds.find("fair.test.cpp:"), std::string::npos) << c.bounds;
}

struct many_steps {
  static constexpr unsigned thread_count = 2;
  explore::atomic<int> x{0}, y{0};
  void thread(unsigned i) {
    for (int step = 0; step < 300; ++step) (i == 0 ? x : y).store(step & 1, relaxed);
  }
};
TEST(fair, threads_that_write_much_and_end_hold) {
  const certificate c = run_explore<many_steps>({});
  EXPECT_EQ(c.verdict, verdict::holds) << c.what;
  EXPECT_EQ(c.executions, 1u);
}

TEST(fair, turns_are_read_as_they_are_written) {
  const explorer::turns t = explorer::turns_from("explore:fair;11;1232", 4);
  EXPECT_EQ(t.head, (std::vector<unsigned>{1, 1}));
  EXPECT_EQ(t.round, (std::vector<unsigned>{1, 2, 3, 2}));
  EXPECT_EQ(explorer::to_string(t), "explore:fair;11;1232");
}

TEST(fair, turns_that_leave_a_thread_out_or_name_none_are_refused) {
  EXPECT_THROW((void)explorer::turns_from("explore:fair;;1", 3), std::invalid_argument);
  EXPECT_THROW((void)explorer::turns_from("explore:fair;;123", 3), std::invalid_argument);
  EXPECT_THROW((void)explorer::turns_from("explore:fair;;102", 3), std::invalid_argument);
  EXPECT_THROW((void)explorer::turns_from("explore:fair;12;12;12", 3), std::invalid_argument);
}

}  // namespace
