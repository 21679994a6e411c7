// The standard library's other means of synchronisation, over the explorer.
#include <gtest/gtest.h>

#include <jacquard/model/explore/engine.hpp>
#include <jacquard/model/explore/standard.hpp>
#include <jacquard/model/explore/work.hpp>

namespace {

using namespace jacquard::model;
namespace standard = explore_standard;
using enum std::memory_order;

template <class Body>
certificate holds() {
  certificate c = run_explore<Body>({});
  EXPECT_EQ(c.verdict, verdict::holds) << c.what << "\n" << c.history;
  EXPECT_GT(c.executions, 0u);
  return c;
}
template <class Body>
void finds(failure_kind kind) {
  const certificate c = run_explore<Body>({});
  EXPECT_STREQ(std::to_string(static_cast<int>(c.kind)).c_str(),
               std::to_string(static_cast<int>(kind)).c_str())
      << c.what << "\n"
      << c.history;
  EXPECT_EQ(run_explore<Body>({.schedule = c.schedule}).kind, c.kind);
}

template <bool Notify>
struct waiting_on_an_atomic {
  static constexpr unsigned thread_count = 2;
  explore::atomic<std::uint32_t> word{0};
  explore::cell<int> data{0};
  void thread(unsigned i) {
    if (i == 0) {
      standard::atomic_wait(word, 0, acquire);
      explore::require(data.with([](const int& d) { return d; }) == 7, "the data came along");
    } else {
      data.with_mut([](int& d) { d = 7; });
      word.store(1, release);
      if (Notify) standard::atomic_notify_one(word);
    }
  }
};
TEST(standard, wait_returns_with_what_the_load_acquires) { holds<waiting_on_an_atomic<true>>(); }
TEST(standard, wait_without_a_notification_is_a_lost_wakeup) {
  finds<waiting_on_an_atomic<false>>(failure_kind::lost_wakeup);
}

// The notification comes before the change: nobody is due to be woken by it.
struct notified_too_early {
  static constexpr unsigned thread_count = 2;
  explore::atomic<std::uint32_t> word{0};
  void thread(unsigned i) {
    if (i == 0) {
      standard::atomic_wait(word, 0, relaxed);
    } else {
      standard::atomic_notify_one(word);
      word.store(1, relaxed);
    }
  }
};
TEST(standard, a_notification_before_the_change_wakes_nobody) {
  finds<notified_too_early>(failure_kind::lost_wakeup);
}

template <std::memory_order Clear>
struct flag_as_lock {
  static constexpr unsigned thread_count = 2;
  standard::atomic_flag lock;
  explore::cell<int> count{0};
  void thread(unsigned) {
    explore::await([&] { return !lock.test_and_set(acquire); });
    count.with_mut([](int& c) { ++c; });
    lock.clear(Clear);
  }
};
TEST(standard, a_flag_makes_a_lock) { holds<flag_as_lock<release>>(); }
TEST(standard, a_flag_that_is_cleared_relaxed_makes_none) {
  finds<flag_as_lock<relaxed>>(failure_kind::data_race);
}

struct references {
  static constexpr unsigned thread_count = 2;
  int plain = 1;
  void thread(unsigned) {
    standard::atomic_ref<int> shared(plain);
    shared.fetch_add(1, relaxed);
  }
  void after() { explore::require(plain == 3, "both additions are in the object"); }
};
TEST(standard, atomic_references_to_one_object_share_a_word) {
  EXPECT_EQ(holds<references>().executions, 2u);
}

template <bool All>
struct two_wait_for_one {
  static constexpr unsigned thread_count = 3;
  explore::mutex m;
  standard::condition_variable changed;
  explore::cell<bool> open{false};
  void thread(unsigned i) {
    m.lock();
    if (i == 2) {
      open.with_mut([](bool& o) { o = true; });
      if (All) {
        changed.notify_all();
      } else {
        changed.notify_one();
      }
    } else {
      changed.wait(m, [&] { return open.with([](const bool& o) { return o; }); });
    }
    m.unlock();
  }
};
TEST(standard, notify_all_wakes_every_waiter) { holds<two_wait_for_one<true>>(); }
TEST(standard, notify_one_for_two_waiters_leaves_one_asleep) {
  finds<two_wait_for_one<false>>(failure_kind::deadlock);
}

struct one_at_a_time {
  static constexpr unsigned thread_count = 3;
  standard::counting_semaphore places{1};
  explore::cell<int> inside{0};
  void thread(unsigned) {
    places.acquire();
    inside.with_mut([](int& n) { ++n; });
    places.release();
  }
};
TEST(standard, a_semaphore_of_one_excludes) { holds<one_at_a_time>(); }

struct both_are_ready {
  static constexpr unsigned thread_count = 3;
  standard::latch ready{2};
  explore::cell<int> made[2];
  void thread(unsigned i) {
    if (i < 2) {
      made[i].with_mut([](int& m) { m = 1; });
      ready.count_down();
    } else {
      ready.wait();
      for (auto& m : made)
        explore::require(m.with([](const int& v) { return v; }) == 1, "made before");
    }
  }
};
TEST(standard, a_latch_brings_what_was_done_before_it) { holds<both_are_ready>(); }

struct exchange_of_halves {
  static constexpr unsigned thread_count = 2;
  standard::barrier meet{2};
  explore::cell<int> half[2];
  standard::per_thread<int> mine;
  void thread(unsigned i) {
    mine.get() = static_cast<int>(i) + 1;
    half[i].with_mut([&](int& h) { h = mine.get(); });
    meet.arrive_and_wait();
    const int other = half[1 - i].with([](const int& h) { return h; });
    explore::require(other + mine.get() == 3, "both halves are there");
    meet.arrive_and_wait();
  }
};
TEST(standard, a_barrier_separates_the_phases) { holds<exchange_of_halves>(); }

// One thread starts two, joins them, and looks. Counts as of the same program with threads of its own.
template <bool Join>
struct starts_two {
  static constexpr unsigned thread_count = 1;
  static constexpr unsigned spawned_threads = 2;
  explore::atomic<int> x{0};
  explore::cell<int> data{0};
  void thread(unsigned) {
    data.with_mut([](int& d) { d = 1; });
    standard::thread a([this] { x.fetch_add(data.with([](const int& d) { return d; }), relaxed); });
    standard::thread b([this] { x.fetch_add(data.with([](const int& d) { return d; }), relaxed); });
    if (!Join) data.with_mut([](int& d) { d = 2; });
    a.join();
    b.join();
    data.with_mut([](int& d) { d = 3; });
    explore::require(x.load(relaxed) == 2, "a join brings what the thread did");
  }
};
TEST(standard, a_thread_knows_what_came_before_its_start_and_its_joiner_what_it_did) {
  EXPECT_EQ(holds<starts_two<true>>().executions, 2u);
}
TEST(standard, what_a_starter_does_between_start_and_join_races) {
  finds<starts_two<false>>(failure_kind::data_race);
}

// Store buffering between a thread and one that it starts (4 executions, as between two of the check's own);
// and between two that are started by two starters, whose numbers do not depend on who starts first.
struct buffering_with_a_started_thread {
  static constexpr unsigned thread_count = 1;
  static constexpr unsigned spawned_threads = 1;
  explore::atomic<int> x{0}, y{0};
  void thread(unsigned) {
    standard::thread other([this] {
      x.store(1, release);
      (void)y.load(acquire);
    });
    y.store(1, release);
    (void)x.load(acquire);
    other.join();
  }
};
struct buffering_between_started_threads {
  static constexpr unsigned thread_count = 2;
  static constexpr unsigned spawned_threads = 1;
  explore::atomic<int> x{0}, y{0};
  void thread(unsigned i) {
    standard::thread mine([this, i] {
      (i == 0 ? x : y).store(1, release);
      (void)(i == 0 ? y : x).load(acquire);
    });
    mine.join();
  }
};
// Thread 0 looks (r1), starts A, joins it and looks (r3); thread 1 starts B, looks (r2), joins and looks (r4).
// A before B in modification order: r1 = 0, r3 = A or B, r4 = B, r2 = any of three: 6. B before A: r1 = 0 or B,
// r3 = A, and r2 no later than r4: (0, B), (B, B), (0, A), (B, A), (A, A): 10. Sources lie in threads that a
// replay must start first.
struct answers_across_starts {
  static constexpr unsigned thread_count = 2;
  static constexpr unsigned spawned_threads = 1;
  explore::atomic<int> x{0};
  void thread(unsigned i) {
    if (i == 0) (void)x.load(acquire);
    standard::thread mine([this, i] { x.store(static_cast<int>(i) + 1, release); });
    if (i == 1) (void)x.load(acquire);
    mine.join();
    (void)x.load(acquire);
  }
};
TEST(standard, started_threads_have_the_executions_of_any_others) {
  EXPECT_EQ(holds<buffering_with_a_started_thread>().executions, 4u);
  EXPECT_EQ(holds<buffering_between_started_threads>().executions, 4u);
}
TEST(standard, a_replay_starts_a_thread_before_it_runs_it) {
  const certificate c = holds<answers_across_starts>();
  EXPECT_EQ(c.blocked, 0u);
  EXPECT_EQ(c.executions, 16u);
  EXPECT_EQ(c.executions, run_explore<answers_across_starts>({}, {.workers = 2}).executions);
  const certificate sampled =
      run_explore<answers_across_starts>({.search = "pct", .iterations_max = 200});
  EXPECT_EQ(sampled.kind, failure_kind::none) << sampled.what;
  EXPECT_EQ(sampled.executions, 200u);
}

struct never_joined {
  static constexpr unsigned thread_count = 1;
  static constexpr unsigned spawned_threads = 1;
  void thread(unsigned) {
    standard::thread forgotten([] {});
  }
};
struct one_too_many {
  static constexpr unsigned thread_count = 1;
  void thread(unsigned) {
    standard::thread other([] {});
    other.join();
  }
};
struct joins_a_sleeper {
  static constexpr unsigned thread_count = 1;
  static constexpr unsigned spawned_threads = 1;
  explore::atomic<std::uint32_t> word{0};
  void thread(unsigned) {
    standard::thread sleeper([this] { standard::atomic_wait(word, 0, relaxed); });
    sleeper.join();
  }
};
struct too_many_threads {
  static constexpr unsigned thread_count = 3;
  static constexpr unsigned spawned_threads = 4;
  void thread(unsigned) {}
};
TEST(standard, a_thread_that_nobody_joins_is_a_broken_claim) {
  finds<never_joined>(failure_kind::claim);
}
TEST(standard, a_thread_too_many_is_a_limit) {
  const certificate c = run_explore<one_too_many>({});
  EXPECT_EQ(c.kind, failure_kind::limit);
  EXPECT_NE(c.what.find("spawned_threads"), std::string::npos) << c.what;
  EXPECT_THROW((void)run_explore<too_many_threads>({}), std::invalid_argument);
}
TEST(standard, joining_a_thread_that_sleeps_for_ever_is_found) {
  finds<joins_a_sleeper>(failure_kind::deadlock);
}

struct counts_per_thread {
  static constexpr unsigned thread_count = 1;
  static constexpr unsigned spawned_threads = 2;
  standard::per_thread<int> count;
  void thread(unsigned) {
    const auto add = [this] {
      for (int i = 0; i < 3; ++i) ++count.get();
      explore::require(count.get() == 3, "each thread has its own");
    };
    standard::thread a(add), b(add);
    add();
    a.join();
    b.join();
  }
};
TEST(standard, a_thread_local_value_is_each_threads_own) {
  EXPECT_EQ(holds<counts_per_thread>().executions, 1u);
}

struct references_do_everything {
  static constexpr unsigned thread_count = 1;
  int plain = 6;
  void thread(unsigned) {
    standard::atomic_ref<int> shared(plain);
    explore::require(shared.fetch_sub(2, relaxed) == 6 && shared.fetch_or(3, relaxed) == 4 &&
                         shared.fetch_and(5, relaxed) == 7 && shared.fetch_xor(4, relaxed) == 5,
                     "as an atomic");
    int seen = 1;
    while (!shared.compare_exchange_weak(seen, 9, relaxed, relaxed)) {
    }
  }
  void after() { explore::require(plain == 9, "the last value is in the object"); }
};
TEST(standard, an_atomic_reference_has_an_atomics_operations) {
  EXPECT_EQ(holds<references_do_everything>().executions, 1u);
}

}  // namespace
