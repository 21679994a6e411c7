// A replay calls the hook at the failing step and nowhere else, on the failing thread's stack. What a debugger
// shows there is a test of its own (gdb_stops_at_*).
#include <gtest/gtest.h>

#include <csignal>
#include <string>
#include <vector>

#include <jacquard/model/explore/engine.hpp>
#include <jacquard/model/explore/failing_step.hpp>
#include <jacquard/model/explore/policy.hpp>

namespace {

using namespace jacquard::model;
using enum std::memory_order;

// What the check does now; the hook notes it.
int step_now[2] = {};

struct stop {
  unsigned thread;
  int step;
  std::string what;
};
std::vector<stop> stops;

void note(const char* what) {
  const unsigned thread = explorer::session::current().running();
  stops.push_back({.thread = thread - 1, .step = step_now[thread - 1], .what = what});
}

template <class Body>
std::vector<stop> stops_in_replay() {
  stops.clear();
  const explorer::failing_step_hook before = explorer::on_failing_step(note);
  const certificate found = run_explore<Body>({});
  EXPECT_TRUE(stops.empty()) << "a search does not stop";
  const certificate again = run_explore<Body>({.schedule = found.schedule});
  EXPECT_EQ(again.what, found.what);
  explorer::on_failing_step(before);
  return stops;
}

struct late_reader {
  static constexpr unsigned thread_count = 2;
  explore::atomic<int> x{0};
  void thread(unsigned i) {
    step_now[i] = 0;
    if (i == 0) {
      x.store(1, release);
      step_now[i] = 1;
      x.store(2, release);
      step_now[i] = 2;
    } else {
      const int first = x.load(acquire);
      step_now[i] = 1;
      explore::require(first != 2, "the first look never sees two");
      const int second = x.load(acquire);
      step_now[i] = 2;
      explore::require(first != 1 || second != 2, "the second look never sees two after one");
      step_now[i] = 3;
    }
  }
};
TEST(failing_step, of_a_broken_claim_is_where_the_claim_is) {
  const std::vector<stop> seen = stops_in_replay<late_reader>();
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_EQ(seen[0].thread, 1u);
  EXPECT_EQ(seen[0].step, seen[0].what == "the first look never sees two" ? 1 : 2);
}

struct opposite_locks {
  static constexpr unsigned thread_count = 2;
  explore::mutex a, b;
  void thread(unsigned i) {
    step_now[i] = 0;
    explore::mutex& first = i == 0 ? a : b;
    explore::mutex& second = i == 0 ? b : a;
    first.lock();
    step_now[i] = 1;
    second.lock();
    step_now[i] = 2;
    second.unlock();
    first.unlock();
  }
};
TEST(failing_step, of_a_deadlock_is_shown_on_every_waiting_thread) {
  const std::vector<stop> seen = stops_in_replay<opposite_locks>();
  ASSERT_EQ(seen.size(), 2u);
  for (unsigned i = 0; i < 2; ++i) {
    EXPECT_EQ(seen[i].thread, i);
    EXPECT_EQ(seen[i].step, 1);
    EXPECT_EQ(seen[i].what,
              "thread 0 waits for a mutex at failing_step.test.cpp:82, "
              "thread 1 waits for a mutex at failing_step.test.cpp:82 for ever");
  }
}

struct unordered {
  static constexpr unsigned thread_count = 2;
  explore::cell<int> data{0};
  void thread(unsigned i) {
    step_now[i] = 1;
    data.with_mut([](int& d) { ++d; });
    step_now[i] = 2;
  }
};
TEST(failing_step, of_a_data_race_is_the_second_access) {
  const std::vector<stop> seen = stops_in_replay<unordered>();
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_EQ(seen[0].thread, 1u);
  EXPECT_EQ(seen[0].step, 1);
  EXPECT_EQ(step_now[0], 2);
}

volatile std::sig_atomic_t traps = 0;
TEST(failing_step, raises_a_trap_where_asked) {
  const certificate found = run_explore<unordered>({});
  auto* const before = std::signal(SIGTRAP, [](int) { traps = traps + 1; });
  (void)run_explore<unordered>({.schedule = found.schedule});
  EXPECT_EQ(traps, 0);
  (void)run_explore<unordered>({.schedule = found.schedule, .trap = true});
  EXPECT_EQ(traps, 1);
  std::signal(SIGTRAP, before);
}

}  // namespace
