// Real code under the explorer: counts, and every class of error from a program that has it.
#include <gtest/gtest.h>

#include <jacquard/model/explore/engine.hpp>
#include <jacquard/model/explore/policy.hpp>

namespace {

using jacquard::model::certificate;
using jacquard::model::explore;
using jacquard::model::failure_kind;
using jacquard::model::run_explore;
using jacquard::model::verdict;
using enum std::memory_order;

template <class T>
using atomic = explore::atomic<T>;
template <class T>
using cell = explore::cell<T>;

template <class Body>
certificate run() {
  const certificate c = run_explore<Body>({});
  if (c.kind != failure_kind::none) {
    EXPECT_FALSE(c.history.empty());
    if (c.kind == failure_kind::nondeterminism) return c;
    // The schedule repeats what was found.
    const certificate again = run_explore<Body>({.schedule = c.schedule});
    EXPECT_EQ(again.kind, c.kind) << c.schedule << "\n"
                                  << c.history << c.what << "\n"
                                  << again.what;
    EXPECT_EQ(again.where, c.where);
  }
  return c;
}

template <class Body>
void expect_found(failure_kind kind) {
  const certificate c = run<Body>();
  EXPECT_EQ(static_cast<int>(c.kind), static_cast<int>(kind)) << c.what << "\n" << c.history;
  EXPECT_EQ(c.verdict, verdict::broken);
}

template <class Body>
void expect_holds(std::uint64_t executions, std::uint64_t blocked = 0) {
  const certificate c = run<Body>();
  EXPECT_EQ(c.verdict, verdict::holds) << c.what << " " << c.where << "\n" << c.history;
  EXPECT_EQ(c.executions, executions);
  EXPECT_EQ(c.blocked, blocked);
}

struct store_buffering {
  static constexpr unsigned thread_count = 2;
  atomic<int> x{0}, y{0};
  void thread(unsigned i) {
    (i == 0 ? x : y).store(1, release);
    (void)(i == 0 ? y : x).load(acquire);
  }
};
TEST(policy, store_buffering_has_four_executions) { expect_holds<store_buffering>(4); }

struct increments {
  static constexpr unsigned thread_count = 4;
  atomic<int> x{0};
  void thread(unsigned) { x.fetch_add(1, relaxed); }
  void after() { explore::require(x.load(relaxed) == 4, "every increment counts"); }
};
TEST(policy, four_increments_have_24_executions) { expect_holds<increments>(24); }

template <std::memory_order Store, std::memory_order Load>
struct message_passing {
  static constexpr unsigned thread_count = 2;
  cell<int> data{0};
  atomic<bool> ready{false};
  void thread(unsigned i) {
    if (i == 0) {
      data.with_mut([](int& d) { d = 7; });
      ready.store(true, Store);
    } else if (ready.load(Load)) {
      explore::require(data.with([](const int& d) { return d; }) == 7, "the data is there");
    }
  }
};
TEST(policy, message_passing_with_release_and_acquire_holds) {
  expect_holds<message_passing<release, acquire>>(2);
}
TEST(policy, message_passing_with_a_relaxed_end_is_a_data_race) {
  expect_found<message_passing<relaxed, acquire>>(failure_kind::data_race);
  expect_found<message_passing<release, relaxed>>(failure_kind::data_race);
}

struct lost_update {
  static constexpr unsigned thread_count = 2;
  atomic<int> x{0};
  void thread(unsigned) { x.store(x.load(relaxed) + 1, relaxed); }
  void after() { explore::require(x.load(relaxed) == 2, "no update is lost"); }
};
TEST(policy, a_broken_claim_is_found_and_says_where) {
  const certificate c = run<lost_update>();
  EXPECT_EQ(c.kind, failure_kind::claim);
  EXPECT_EQ(c.what, "no update is lost");
  EXPECT_NE(c.where.find("policy.test.cpp:"), std::string::npos);
  EXPECT_NE(c.history.find("x") != std::string::npos ||
                c.history.find("store 1 relaxed") != std::string::npos,
            false);
}

struct under_a_mutex {
  static constexpr unsigned thread_count = 3;
  explore::mutex m;
  cell<int> count{0};
  void thread(unsigned) {
    m.lock();
    count.with_mut([](int& c) { ++c; });
    m.unlock();
  }
  void after() {
    explore::require(count.with([](const int& c) { return c; }) == 3, "mutual exclusion");
  }
};
TEST(policy, a_mutex_excludes_and_three_threads_have_six_orders) {
  const certificate c = run<under_a_mutex>();
  EXPECT_EQ(c.verdict, verdict::holds) << c.what << c.history;
  EXPECT_EQ(c.executions, 6u);
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
TEST(policy, locks_taken_in_opposite_orders_deadlock) {
  expect_found<opposite_locks>(failure_kind::deadlock);
}

template <bool Set>
struct awaiting {
  static constexpr unsigned thread_count = 2;
  atomic<int> x{0};
  void thread(unsigned i) {
    if (i == 0) {
      explore::await([this] { return x.load(acquire) == 2; });
    } else {
      x.store(1, release);
      if (Set) x.store(2, release);
    }
  }
};
TEST(policy, an_await_ends_when_its_condition_comes_true) {
  const certificate c = run<awaiting<true>>();
  EXPECT_EQ(c.verdict, verdict::holds);
  EXPECT_EQ(c.executions, 1u);
}
TEST(policy, an_await_for_what_never_comes_is_a_livelock) {
  expect_found<awaiting<false>>(failure_kind::livelock);
}

template <bool Hint>
struct spinning {
  static constexpr unsigned thread_count = 2;
  atomic<int> x{0}, y{0};
  void thread(unsigned i) {
    atomic<int>& wait_for = i == 0 ? x : y;
    while (wait_for.load(acquire) == 0) {
      if (Hint) explore::spin_hint();
    }
    (i == 0 ? y : x).store(1, release);
  }
};
TEST(policy, threads_that_spin_for_each_other_are_a_livelock) {
  expect_found<spinning<true>>(failure_kind::livelock);
  expect_found<spinning<false>>(failure_kind::livelock);
}

template <bool Wake>
struct sleeping {
  static constexpr unsigned thread_count = 2;
  atomic<std::uint32_t> word{0};
  void thread(unsigned i) {
    if (i == 0) {
      while (word.load(acquire) == 0)
        (void)explore::wait(word, 0, jacquard::sync::deadline::never());
    } else {
      word.store(1, release);
      if (Wake) explore::wake_one(word);
    }
  }
};
TEST(policy, a_sleeper_that_is_woken_goes_on) {
  EXPECT_EQ(run<sleeping<true>>().verdict, verdict::holds);
}
TEST(policy, a_sleeper_that_nobody_wakes_is_a_lost_wakeup) {
  expect_found<sleeping<false>>(failure_kind::lost_wakeup);
}

// Two sleep on one word; whoever is woken does not pass it on.
template <bool All>
struct two_sleepers {
  static constexpr unsigned thread_count = 3;
  atomic<std::uint32_t> word{0};
  void thread(unsigned i) {
    if (i < 2) {
      while (word.load(relaxed) == 0) {
        (void)explore::wait(word, 0, jacquard::sync::deadline::never());
      }
    } else {
      word.store(1, relaxed);
      if (All) {
        explore::wake_all(word);
      } else {
        explore::wake_one(word);
      }
    }
  }
};
TEST(policy, wake_all_wakes_two_sleepers) {
  EXPECT_EQ(run<two_sleepers<true>>().verdict, verdict::holds);
}
TEST(policy, wake_one_leaves_the_other_of_two_sleepers_asleep) {
  expect_found<two_sleepers<false>>(failure_kind::lost_wakeup);
}

struct timed {
  static constexpr unsigned thread_count = 1;
  atomic<std::uint32_t> word{0};
  void thread(unsigned) {
    explore::require(explore::wait(word, 0, explore::after(std::chrono::seconds(1))) ==
                         jacquard::sync::wait_status::timed_out,
                     "time passes");
  }
};
TEST(policy, a_deadline_passes) { expect_holds<timed>(1); }

struct leaking {
  static constexpr unsigned thread_count = 1;
  void thread(unsigned) { (void)explore::create<int>(7); }
};
TEST(policy, what_is_never_destroyed_is_a_leak) { expect_found<leaking>(failure_kind::leak); }

#if !defined(__SANITIZE_ADDRESS__)  // which ends the program, with a report of its own
struct following_what_may_be_null {
  static constexpr unsigned thread_count = 2;
  int here = 1;
  atomic<int*> where{nullptr};
  int sum = 0;
  void thread(unsigned index) {
    if (index == 0) return where.store(&here, std::memory_order::release);
    const volatile int* const there = where.load(std::memory_order::acquire);
    sum += *there;
  }
};
TEST(policy, an_access_to_no_memory_ends_the_execution_and_not_the_program) {
  expect_found<following_what_may_be_null>(failure_kind::bad_access);
}
#endif

struct freeing_twice {
  static constexpr unsigned thread_count = 1;
  void thread(unsigned) {
    int* const p = explore::create<int>(7);
    explore::destroy(p);
    explore::destroy(p);
  }
};
TEST(policy, destroying_twice_is_a_double_free) {
  expect_found<freeing_twice>(failure_kind::double_free);
}

struct node {
  cell<int> value{1};
  atomic<int> state{0};
};
template <int How>
struct using_the_dead {
  static constexpr unsigned thread_count = 2;
  atomic<node*> shared{nullptr};
  void before() { shared.store(explore::create<node>(), relaxed); }
  void thread(unsigned i) {
    if (i == 0) {
      if (node* const n = shared.exchange(nullptr, acq_rel)) explore::destroy(n);
    } else if (node* const n = shared.load(acquire)) {
      if (How == 0) (void)n->state.load(relaxed);
      if (How == 1) (void)n->value.with([](const int& v) { return v; });
    }
  }
};
TEST(policy, a_word_or_cell_that_may_be_gone_is_a_use_after_free) {
  expect_found<using_the_dead<0>>(failure_kind::use_after_free);
  expect_found<using_the_dead<1>>(failure_kind::use_after_free);
}

struct published_too_early {
  static constexpr unsigned thread_count = 2;
  atomic<node*> shared{nullptr};
  void thread(unsigned i) {
    if (i == 0) {
      shared.store(explore::create<node>(), relaxed);
    } else if (node* const n = shared.load(acquire)) {
      (void)n->state.load(relaxed);
    }
  }
  void after() { explore::destroy(shared.load(relaxed)); }
};
TEST(policy, after_a_relaxed_publication_the_construction_is_not_visible) {
  expect_found<published_too_early>(failure_kind::uninitialised_read);
}

int outside = 0;
struct remembers_between_executions {
  static constexpr unsigned thread_count = 2;
  atomic<int> x{0};
  void thread(unsigned i) {
    if (i == 0) {
      x.store(++outside, relaxed);
    } else {
      (void)x.load(relaxed);
      (void)x.load(relaxed);
    }
  }
};
TEST(policy, what_the_explorer_does_not_decide_is_called_nondeterminism) {
  expect_found<remembers_between_executions>(failure_kind::nondeterminism);
}

struct store_buffering_of_one {
  static constexpr unsigned thread_count = 2;
  atomic<int> x{0}, y{0};
  int saw[2] = {1, 1};
  void thread(unsigned i) {
    (i == 0 ? x : y).store(1, seq_cst);
    saw[i] = (i == 0 ? y : x).load(seq_cst);
  }
  void after() { explore::require(saw[0] + saw[1] > 0, "seq_cst forbids it"); }
};
TEST(policy, seq_cst_store_buffering_holds) { expect_holds<store_buffering_of_one>(3); }

TEST(policy, a_search_that_is_cut_says_truncated) {
  const certificate c = run_explore<increments>({.iterations_max = 5});
  EXPECT_EQ(c.verdict, verdict::truncated);
  EXPECT_EQ(c.executions, 5u);
  EXPECT_NE(c.bounds, "none");
}

TEST(policy, a_schedule_that_is_none_is_refused) {
  EXPECT_THROW((void)run_explore<increments>({.schedule = "explore:q"}), std::invalid_argument);
  EXPECT_THROW((void)run_explore<increments>({.search = "backwards"}), std::invalid_argument);
}

}  // namespace
