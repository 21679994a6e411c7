// The standard library's other means of synchronisation, over the explorer.
#include <gtest/gtest.h>

#include <jacquard/model/explore/engine.hpp>
#include <jacquard/model/explore/standard.hpp>

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

}  // namespace
