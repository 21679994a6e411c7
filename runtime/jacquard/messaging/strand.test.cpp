// Behaviour of strands, each claim on its own: by hand, in seeded orders, and on workers.
#include <gtest/gtest.h>

#include <jacquard/actor/manual_executor.hpp>
#include <jacquard/actor/scheduler.hpp>
#include <jacquard/env/native_environment.hpp>
#include <jacquard/messaging/strand.hpp>
#include <jacquard/messaging/when_all.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace jacquard {
namespace {

// Counts the living.
struct counted {
  explicit counted(int given) noexcept : value(given) { ++alive; }
  counted(counted&& other) noexcept : value(std::exchange(other.value, -1)) { ++alive; }
  counted& operator=(counted&& other) noexcept {
    value = std::exchange(other.value, -1);
    return *this;
  }
  ~counted() { --alive; }
  int value;
  inline static int alive = 0;
};

strand<int> answer(int value) { co_return value; }
strand<int> answer_later(int value, int steps) {
  for (int i = 0; i < steps; ++i) co_await yield();
  co_return value;
}
strand<int> failing(const char* why) {
  co_await yield();
  throw std::runtime_error(why);
}
strand<void> note(std::vector<int>& where, int what) {
  where.push_back(what);
  co_return;
}

TEST(strand, does_nothing_until_it_is_awaited_or_spawned) {
  std::vector<int> seen;
  manual_executor hand;
  { const strand<void> unstarted = note(seen, 1); }
  EXPECT_EQ(hand.run_until_idle(), 0u);
  EXPECT_TRUE(seen.empty());
  spawned<void> running = spawn(hand, note(seen, 2));
  EXPECT_TRUE(seen.empty());
  hand.run_until_idle();
  EXPECT_EQ(seen, std::vector{2});
  running.take();
}

TEST(strand, awaited_runs_as_a_call_in_the_same_step) {
  manual_executor hand;
  auto outer = [](int a, int b) -> strand<int> {
    co_return co_await answer(a) + co_await answer(b);
  };
  spawned<int> sum = spawn(hand, outer(2, 3));
  EXPECT_EQ(hand.run_until_idle(), 1u);
  EXPECT_TRUE(sum.is_done());
  EXPECT_EQ(sum.take(), 5);
}

TEST(strand, a_loop_of_awaited_calls_uses_no_stack) {
  auto loop = [](int times) -> strand<int> {
    int sum = 0;
    for (int i = 0; i < times; ++i) sum += co_await answer(1);
    co_return sum;
  };
  manual_executor hand;
  spawned<int> sum = spawn(hand, loop(1'000'000));
  hand.run_until_idle();
  EXPECT_EQ(sum.take(), 1'000'000);
}

TEST(strand, joins_a_strand_that_ended_before_and_one_that_ends_later) {
  auto join = [](executor& where, int steps_first) -> strand<int> {
    spawned<int> child = spawn(where, answer_later(7, 1));
    for (int i = 0; i < steps_first; ++i) co_await yield();
    co_return co_await child;
  };
  for (const int steps : {0, 1, 2, 5}) {
    manual_executor hand;
    spawned<int> parent = spawn(hand, join(hand, steps));
    hand.run_until_idle();
    EXPECT_EQ(parent.take(), 7) << steps;
  }
}

TEST(strand, carries_an_exception_to_the_joiner) {
  auto join = [](executor& where, int steps_first) -> strand<std::string> {
    spawned<int> child = spawn(where, failing("no luck"));
    for (int i = 0; i < steps_first; ++i) co_await yield();
    try {
      (void)co_await child;
    } catch (const std::runtime_error& e) {
      co_return e.what();
    }
    co_return "nothing was thrown";
  };
  for (const int steps : {0, 1, 5}) {
    manual_executor hand;
    spawned<std::string> parent = spawn(hand, join(hand, steps));
    hand.run_until_idle();
    EXPECT_EQ(parent.take(), "no luck") << steps;
  }
}

TEST(strand, carries_an_exception_through_awaited_calls) {
  auto middle = []() -> strand<int> { co_return 1 + co_await failing("deep"); };
  manual_executor hand;
  spawned<int> outer = spawn(hand, middle());
  hand.run_until_idle();
  EXPECT_THROW((void)outer.take(), std::runtime_error);
}

TEST(strand, a_dropped_join_handle_abandons_the_strand_which_runs_on) {
  std::vector<int> seen;
  manual_executor hand;
  { const spawned<void> dropped = spawn(hand, note(seen, 4)); }
  hand.run_until_idle();
  EXPECT_EQ(seen, std::vector{4});
}

TEST(strand, results_live_exactly_as_long_as_somebody_may_want_them) {
  auto make = [](int value) -> strand<counted> { co_return counted(value); };
  manual_executor hand;
  { const spawned<counted> dropped_before = spawn(hand, make(1)); }
  hand.run_until_idle();
  EXPECT_EQ(counted::alive, 0) << "abandoned before it ended";
  {
    const spawned<counted> dropped_after = spawn(hand, make(2));
    hand.run_until_idle();
    EXPECT_EQ(counted::alive, 1);
  }
  EXPECT_EQ(counted::alive, 0) << "abandoned after it ended";
  auto join = [](executor& where, strand<counted> what) -> strand<int> {
    spawned<counted> child = spawn(where, std::move(what));
    const counted got = co_await child;
    co_return got.value;
  };
  spawned<int> parent = spawn(hand, join(hand, make(3)));
  hand.run_until_idle();
  EXPECT_EQ(parent.take(), 3);
  EXPECT_EQ(counted::alive, 0);
}

TEST(strand, arguments_and_temporaries_end_once) {
  auto by_value = [](counted given) -> strand<int> {
    co_await yield();
    co_return given.value;
  };
  auto outer = [&]() -> strand<int> {
    const int first = co_await by_value(counted(5));
    counted second(6);
    co_return first + co_await by_value(std::move(second));
  };
  manual_executor hand;
  spawned<int> sum = spawn(hand, outer());
  hand.run_until_idle();
  EXPECT_EQ(sum.take(), 11);
  EXPECT_EQ(counted::alive, 0);
}

TEST(strand, an_exception_that_nobody_joins_is_a_line_on_stderr) {
  manual_executor hand;
  testing::internal::CaptureStderr();
  { const spawned<int> dropped = spawn(hand, failing("lost one")); }
  hand.run_until_idle();
  {
    const spawned<int> dropped_after = spawn(hand, failing("lost two"));
    hand.run_until_idle();
  }
  auto detached = []() -> strand<void> {
    co_await yield();
    throw 3;
  };
  detach(hand, detached());
  hand.run_until_idle();
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "jacquard: a strand that nobody joins has thrown: lost one\n"
            "jacquard: a strand that nobody joins has thrown: lost two\n"
            "jacquard: a strand that nobody joins has thrown: not a std::exception\n");
}

TEST(strand, yield_lets_others_go_first) {
  std::vector<int> seen;
  auto polite = [](std::vector<int>& where, int who) -> strand<void> {
    for (int i = 0; i < 3; ++i) {
      where.push_back(who);
      co_await yield();
    }
  };
  manual_executor hand;
  detach(hand, polite(seen, 1));
  detach(hand, polite(seen, 2));
  hand.run_until_idle();
  EXPECT_EQ(seen, (std::vector{1, 2, 1, 2, 1, 2}));
}

TEST(strand, knows_its_executor_and_goes_home_after_a_join_across_executors) {
  manual_executor here, there;
  std::vector<executor*> seen;
  auto child = [](std::vector<executor*>& where) -> strand<int> {
    where.push_back(&(co_await this_executor()));
    co_return 1;
  };
  auto parent = [&](executor& other) -> strand<void> {
    spawned<int> far = spawn(other, child(seen));
    (void)co_await far;
    seen.push_back(&(co_await this_executor()));
  };
  spawned<void> outer = spawn(here, parent(there));
  here.run_until_idle();
  there.run_until_idle();
  EXPECT_FALSE(outer.is_done()) << "the joiner is not run by the other executor";
  here.run_until_idle();
  outer.take();
  EXPECT_EQ(seen, (std::vector<executor*>{&there, &here}));
}

TEST(when_all, joins_in_order_and_throws_only_when_all_have_ended) {
  int ended = 0;
  auto slow = [](int& count, int steps, bool fails) -> strand<int> {
    for (int i = 0; i < steps; ++i) co_await yield();
    ++count;
    if (fails) throw std::runtime_error("one of them");
    co_return steps;
  };
  auto good = [&](executor& where) -> strand<std::vector<int>> {
    std::array<spawned<int>, 3> children;
    for (int i = 0; i < 3; ++i) {
      children[static_cast<std::size_t>(i)] = spawn(where, slow(ended, 3 - i, false));
    }
    co_return co_await when_all(std::span<spawned<int>>(children));
  };
  manual_executor hand;
  spawned<std::vector<int>> all = spawn(hand, good(hand));
  hand.run_until_idle();
  EXPECT_EQ(all.take(), (std::vector{3, 2, 1}));

  ended = 0;
  auto bad = [&](executor& where) -> strand<int> {
    std::array<spawned<int>, 3> children;
    for (int i = 0; i < 3; ++i) {
      children[static_cast<std::size_t>(i)] = spawn(where, slow(ended, 1 + 4 * i, i == 0));
    }
    try {
      (void)co_await when_all(std::span<spawned<int>>(children));
    } catch (const std::runtime_error&) {
      co_return ended;
    }
    co_return -1;
  };
  spawned<int> outcome = spawn(hand, bad(hand));
  hand.run_until_idle();
  EXPECT_EQ(outcome.take(), 3);
}

TEST(when_all, joins_strands_of_different_types) {
  auto word = []() -> strand<std::string> { co_return "seven"; };
  auto both = [&](executor& where) -> strand<std::string> {
    spawned<int> number = spawn(where, answer_later(7, 3));
    spawned<std::string> name = spawn(where, word());
    const auto [value, text] = co_await when_all(number, name);
    co_return text + std::to_string(value);
  };
  manual_executor hand;
  spawned<std::string> text = spawn(hand, both(hand));
  hand.run_until_idle();
  EXPECT_EQ(text.take(), "seven7");
}

// A tree of strands, ten from each, whose leaves are numbered; the sum of the numbers.
strand<std::uint64_t> skynet(executor& where, std::uint64_t first, std::uint64_t size) {
  if (size == 1) co_return first;
  std::array<spawned<std::uint64_t>, 10> children;
  const std::uint64_t part = size / 10;
  for (std::uint64_t i = 0; i < 10; ++i) {
    children[i] = spawn(where, skynet(where, first + i * part, part));
  }
  std::uint64_t sum = 0;
  for (auto& child : children) sum += co_await child;
  co_return sum;
}

TEST(skynet, adds_up_in_any_order) {
  for (std::uint64_t seed = 0; seed < 6; ++seed) {
    manual_executor hand({.seed = seed});
    spawned<std::uint64_t> sum = spawn(hand, skynet(hand, 0, 1000));
    hand.run_until_idle();
    EXPECT_EQ(sum.take(), 499'500u) << "seed " << seed;
  }
}

TEST(skynet, adds_up_on_one_worker_and_on_more_than_there_are_cores) {
  for (const std::uint32_t count : {1u, 2u, 4u}) {
    native_environment world;
    scheduler workers(world, {.workers = count});
    for (int lap = 0; lap < 3; ++lap) {
      EXPECT_EQ(block_on(workers, skynet(workers, 0, 10'000)), 49'995'000u) << count << " workers";
    }
  }
}

TEST(strand, a_plain_thread_gets_results_and_exceptions) {
  native_environment world;
  scheduler workers(world, {.workers = 2});
  EXPECT_EQ(block_on(workers, answer_later(9, 100)), 9);
  EXPECT_THROW((void)block_on(workers, failing("to a thread")), std::runtime_error);
}

TEST(strand, handles_dropped_while_strands_end_lose_nothing) {
  native_environment world;
  std::atomic<int> ran{0};
  auto count = [](std::atomic<int>& where) -> strand<std::unique_ptr<int>> {
    where.fetch_add(1);
    co_return std::make_unique<int>(1);
  };
  {
    scheduler workers(world, {.workers = 2});
    for (int i = 0; i < 20'000; ++i) {
      const spawned<std::unique_ptr<int>> dropped = spawn(workers, count(ran));
      for (int spin = 0; spin < i % 64; ++spin) sync::native::spin_hint();
    }
  }
  EXPECT_EQ(ran.load(), 20'000);
}

TEST(strand, threads_that_join_while_strands_end_all_get_their_result) {
  native_environment world;
  scheduler workers(world, {.workers = 2});
  std::vector<std::thread> threads;
  std::atomic<int> right{0};
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 3000; ++i) {
        spawned<int> running = spawn(workers, answer_later(i + t, i % 3));
        for (int spin = 0; spin < i % 32; ++spin) sync::native::spin_hint();
        if (running.wait() == i + t) right.fetch_add(1);
      }
    });
  }
  for (std::thread& each : threads) each.join();
  EXPECT_EQ(right.load(), 9000);
}

TEST(manual_executor, a_seed_repeats_an_order) {
  auto order_of = [](std::uint64_t seed) {
    std::vector<int> seen;
    manual_executor hand({.seed = seed});
    for (int i = 0; i < 20; ++i) detach(hand, note(seen, i));
    hand.run_until_idle();
    return seen;
  };
  EXPECT_EQ(order_of(7), order_of(7));
  EXPECT_NE(order_of(7), order_of(8));
  const std::vector<int> in_turn = order_of(0);
  EXPECT_TRUE(std::is_sorted(in_turn.begin(), in_turn.end()));
}

TEST(manual_executor, runs_next_before_soon_before_later) {
  std::vector<int> seen;
  manual_executor hand;
  detach(hand, note(seen, 3), urgency::later);
  detach(hand, note(seen, 2), urgency::soon);
  detach(hand, note(seen, 1), urgency::next);
  EXPECT_EQ(hand.ready(), 3u);
  EXPECT_TRUE(hand.step());
  EXPECT_EQ(seen, std::vector{1});
  hand.run_until_idle();
  EXPECT_EQ(seen, (std::vector{1, 2, 3}));
  EXPECT_FALSE(hand.step());
}

TEST(manual_executor_death, says_that_something_never_comes_to_rest) {
  auto forever = []() -> strand<void> {
    for (;;) co_await yield();
  };
  EXPECT_DEATH(
      {
        manual_executor hand;
        detach(hand, forever());
        hand.run_until_idle(1000);
      },
      "what a test runs comes to rest");
}

}  // namespace
}  // namespace jacquard
