// Questions with a time-out: whoever waits, and however, is told at the time, and exactly one ending wins.
#include <gtest/gtest.h>

#include <jacquard/actor/actor_system.hpp>
#include <jacquard/actor/ref.hpp>
#include <jacquard/env/manual_environment.hpp>
#include <jacquard/env/native_environment.hpp>
#include <jacquard/messaging/await_future.hpp>
#include <jacquard/messaging/strand.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <thread>
#include <utility>
#include <vector>

namespace jacquard {
namespace {

using namespace std::chrono_literals;

// Answers when it is told to: keeps the promises of those who ask.
struct sum {
  using reply = int;
  int a, b;
};
struct later_sum {
  promise<int> answer;
  int a, b;
};
struct end {};
struct work {};  // takes as long as the test says
struct slow_clerk {
  using messages = jacquard::messages<sum, later_sum, end, work>;
  int on(context<slow_clerk>&, const sum& m) {
    ++handled;
    return m.a + m.b;
  }
  void on(context<slow_clerk>&, const later_sum& m) { (void)m.answer.fulfil(m.a + m.b); }
  void on(context<slow_clerk>& here, const end&) { here.stop(); }
  void on(context<slow_clerk>&, const work&) {
    busy = true;
    while (!go_on) std::this_thread::yield();
  }
  inline static std::atomic<int> handled{0};
  inline static std::atomic<bool> busy{false};
  inline static std::atomic<bool> go_on{false};
};

// --- in a world that is moved by hand -----------------------------------------------------------------------

// Asks one that never answers in time: its answer is a letter to itself, after `takes`.
struct question {
  using reply = int;
};
struct answer_now {};
struct hesitant {
  using messages = jacquard::messages<question, answer_now>;
  static constexpr std::uint32_t stash_capacity = 8;
  explicit hesitant(std::chrono::nanoseconds takes) : takes_(takes) {}
  int on(context<hesitant>& here, const question&) {
    if (ready_) return 42;
    if (!started_) (void)here.send_after(takes_, answer_now{});
    started_ = true;
    EXPECT_EQ(here.stash(), stash_result::stashed);
    return 0;
  }
  void on(context<hesitant>& here, const answer_now&) {
    ready_ = true;
    (void)here.unstash_all();
  }

 private:
  const std::chrono::nanoseconds takes_;
  bool started_ = false;
  bool ready_ = false;
};

struct manual_asks : testing::TestWithParam<std::uint32_t> {};
INSTANTIATE_TEST_SUITE_P(workers, manual_asks, testing::Values(1u, 3u));

TEST_P(manual_asks, time_out_at_their_time_to_the_nanosecond_and_not_one_before) {
  manual_environment world;
  actor_system system(world, {.scheduling = {.workers = GetParam()}});
  const auto whom = system.spawn<hesitant>({}, 1h);
  auto answer = whom.ask(question{}, {.timeout = 50ms});
  world.advance(50ms - 1ns);
  EXPECT_FALSE(answer.is_ready());
  world.advance(1ns);
  ASSERT_TRUE(answer.is_ready());
  EXPECT_EQ(answer.status(), reply_status::timed_out);
  whom.kill();
  world.run_until_idle();
}

TEST_P(manual_asks, are_answered_one_nanosecond_before_their_time_and_let_go_of_their_timer) {
  manual_environment world;
  actor_system system(world, {.scheduling = {.workers = GetParam()}});
  const auto whom = system.spawn<hesitant>({}, 50ms - 1ns);
  {
    auto answer = whom.ask(question{}, {.timeout = 50ms});
    world.advance(50ms - 1ns);
    ASSERT_TRUE(answer.is_ready());
    EXPECT_EQ(answer.status(), reply_status::ready);
    EXPECT_EQ(answer.take(), 42);
    world.run_until_idle();
    EXPECT_NE(world.next_due_ns(), INT64_MAX) << "the timer is there as long as its future";
  }
  world.run_until_idle();
  EXPECT_EQ(world.next_due_ns(), INT64_MAX) << "and not a nanosecond longer";
  whom.kill();
  world.run_until_idle();
}

TEST_P(manual_asks, that_have_timed_out_drop_a_late_answer_and_count_it) {
  manual_environment world;
  actor_system system(world, {.scheduling = {.workers = GetParam()}});
  const auto whom = system.spawn<hesitant>({}, 60ms);
  const std::uint64_t late = answers<int>().late();
  auto answer = whom.ask(question{}, {.timeout = 50ms});
  world.advance(55ms);
  EXPECT_EQ(answer.status(), reply_status::timed_out);
  EXPECT_EQ(answers<int>().late(), late);
  world.advance(10ms);
  EXPECT_EQ(answer.status(), reply_status::timed_out);
  EXPECT_EQ(answers<int>().late(), late + 1);
  whom.kill();
  world.run_until_idle();
}

struct begin {
  std::chrono::nanoseconds patience;
};
struct asking {
  using messages = jacquard::messages<begin>;
  asking(actor_ref<hesitant> whom, std::vector<reply_status>& into) : whom_(whom), into_(into) {}
  void on(context<asking>& here, const begin& m) {
    ASSERT_TRUE(
        whom_.ask(question{}, {.timeout = m.patience}).then(here, [this](const answered<int>& got) {
          into_.push_back(got.status());
        }));
  }
  actor_ref<hesitant> whom_;
  std::vector<reply_status>& into_;
};

TEST_P(manual_asks, of_a_handler_call_its_continuation_once_with_whatever_came_first) {
  std::vector<reply_status> got;
  manual_environment world;
  actor_system system(world, {.scheduling = {.workers = GetParam()}});
  const auto whom = system.spawn<hesitant>({}, 50ms);
  const auto who = system.spawn<asking>({}, whom, got);
  ASSERT_EQ(who.tell(begin{40ms}), send_result::accepted);
  ASSERT_EQ(who.tell(begin{60ms}), send_result::accepted);
  world.advance(39ms);
  EXPECT_TRUE(got.empty());
  world.advance(1h);
  EXPECT_EQ(got, (std::vector<reply_status>{reply_status::timed_out, reply_status::ready}));
  EXPECT_EQ(world.next_due_ns(), INT64_MAX) << "no timer is left";
  EXPECT_TRUE(system.shutdown(1s).complete);
}

strand<void> chat(actor_ref<hesitant> whom, std::vector<reply_status>& into) {
  into.push_back((co_await whom.ask(question{}, {.timeout = 10ms})).status());
  future<int> kept = whom.ask(question{});
  into.push_back(co_await within(kept, 10ms));
  into.push_back((co_await within(whom.ask(question{}), 10ms)).status());
  std::array two{whom.ask(question{}, {.timeout = 20ms}), whom.ask(question{}, {.timeout = 10ms})};
  const std::size_t first = co_await when_any(std::span<future<int>>(two));
  into.push_back(two[first].status());
  EXPECT_EQ(first, 1u);
  EXPECT_FALSE(two[0].is_ready());
  EXPECT_FALSE(co_await when_all(std::span<future<int>>(two)));
  into.push_back(two[0].status());
}

TEST_P(manual_asks, in_a_strand_go_on_at_their_time_in_every_form) {
  std::vector<reply_status> got;
  manual_environment world;
  actor_system system(world, {.scheduling = {.workers = GetParam()}});
  const auto whom = system.spawn<hesitant>({.capacity = 64}, 1h);
  detach(system.workers(), chat(whom, got));
  world.advance(50ms - 1ns);
  EXPECT_EQ(got, std::vector<reply_status>(4, reply_status::timed_out));
  world.advance(1ns);
  EXPECT_EQ(got, std::vector<reply_status>(5, reply_status::timed_out));
  EXPECT_EQ(whom.inbox()->sent, 5u);
  whom.kill();
  world.run_until_idle();
}

strand<int> patient(actor_ref<hesitant> whom) {
  future<int> kept = whom.ask(question{});
  int sum = co_await within(kept, 60ms) == reply_status::ready ? kept.take() : 0;
  const answered<int> other = co_await within(whom.ask(question{}), 60ms);
  if (other) sum += *other;
  co_return sum;
}
TEST_P(manual_asks, within_a_limit_are_answered_and_leave_no_timer) {
  manual_environment world;
  actor_system system(world, {.scheduling = {.workers = GetParam()}});
  const auto whom = system.spawn<hesitant>({}, 50ms);
  auto running = spawn(system.workers(), patient(whom));
  world.advance(50ms);
  ASSERT_TRUE(running.is_done());
  EXPECT_EQ(running.take(), 84);
  world.run_until_idle();
  EXPECT_EQ(world.next_due_ns(), INT64_MAX);
  whom.kill();
  world.run_until_idle();
}

struct asks_an_idle_one {
  using messages = jacquard::messages<question>;
  explicit asks_an_idle_one(actor_ref<slow_clerk> whom) : whom_(whom) {}
  int on(context<asks_an_idle_one>&, const question&) {
    auto answer = whom_.ask(sum{20, 22}, {.timeout = 1h});
    return answer.is_ready() ? answer.take() : 0;
  }
  actor_ref<slow_clerk> whom_;
};

TEST(an_ask, that_is_answered_inline_starts_no_timer) {
  manual_environment world;
  actor_system system(world);
  const auto whom = system.spawn<slow_clerk>();
  const auto who = system.spawn<asks_an_idle_one>({}, whom);
  auto answer = who.ask(question{});
  world.run_until_idle();
  ASSERT_TRUE(answer.is_ready());
  EXPECT_EQ(answer.take(), 42);
  EXPECT_EQ(system.workers().counters().fired, 0u);
  EXPECT_EQ(world.next_due_ns(), INT64_MAX);
  EXPECT_TRUE(system.shutdown(1s).complete);
}

TEST(an_ask, of_an_actor_that_ends_is_told_target_down_and_not_timed_out) {
  manual_environment world;
  actor_system system(world);
  const auto whom = system.spawn<hesitant>({}, 1h);
  auto answer = whom.ask(question{}, {.timeout = 50ms});
  world.advance(10ms);
  whom.kill();
  world.advance(10ms);
  EXPECT_EQ(answer.status(), reply_status::target_down);
  auto gone = whom.ask(question{}, {.timeout = 50ms});
  EXPECT_EQ(gone.status(), reply_status::target_down);
  world.advance(1s);
  EXPECT_EQ(answer.status(), reply_status::target_down);
}

TEST(an_ask, that_is_cancelled_lets_go_of_its_timer_at_once) {
  manual_environment world;
  actor_system system(world);
  const auto whom = system.spawn<hesitant>({}, 1h);
  auto answer = whom.ask(question{}, {.timeout = 50ms});
  world.advance(1ms);
  EXPECT_EQ(world.next_due_ns(), 50'000'000);
  EXPECT_EQ(answer.cancel(), reply_status::cancelled);
  world.advance(1s);
  EXPECT_EQ(system.workers().counters().fired, 0u);
  whom.kill();
  world.run_until_idle();
}

TEST(an_ask, by_a_view_times_out_as_well) {
  manual_environment world;
  actor_system system(world);
  const auto whom = system.spawn<hesitant>({}, 1h);
  const ref<question> view = whom;
  auto answer = view.ask(question{}, {.timeout = 50ms});
  world.advance(50ms);
  EXPECT_EQ(answer.status(), reply_status::timed_out);
  whom.kill();
  world.run_until_idle();
}

TEST(an_ask, of_an_actor_whose_system_is_gone_is_target_down_from_any_thread) {
  actor_ref<slow_clerk> whom;
  {
    manual_environment world;
    actor_system system(world);
    whom = system.spawn<slow_clerk>();
    whom.kill();
    world.run_until_idle();
  }
  EXPECT_EQ(whom.ask(sum{1, 2}, {.timeout = 1ms}).status(), reply_status::target_down);
}

TEST(a_question, that_has_timed_out_before_it_is_taken_out_is_not_handled_and_counted_expired) {
  manual_environment world;
  actor_system system(world);
  const auto whom = system.spawn<slow_clerk>();
  world.run_until_idle();
  slow_clerk::handled = 0;
  auto answer = whom.ask(sum{1, 2}, {.timeout = 0ms});
  world.advance(1ms);
  EXPECT_EQ(answer.status(), reply_status::timed_out);
  EXPECT_EQ(slow_clerk::handled, 0);
  EXPECT_EQ(system.counters().undelivered_for(undelivered_reason::expired), 1u);
  EXPECT_TRUE(system.shutdown(1s).complete);
}

// --- on real threads ----------------------------------------------------------------------------------------

TEST(a_thread, that_asks_a_busy_actor_is_told_at_its_time) {
  native_environment world;
  actor_system system(world, {.scheduling = {.workers = 2}});
  const auto whom = system.spawn<slow_clerk>();
  slow_clerk::busy = slow_clerk::go_on = false;
  slow_clerk::handled = 0;
  ASSERT_EQ(whom.tell(work{}), send_result::accepted);
  while (!slow_clerk::busy) std::this_thread::yield();
  const auto before = std::chrono::steady_clock::now();
  auto waited = whom.ask(sum{1, 2}, {.timeout = 20ms});
  auto polled = whom.ask(sum{1, 2}, {.timeout = 20ms});
  EXPECT_EQ(waited.wait(), reply_status::timed_out);
  while (!polled.is_ready()) std::this_thread::yield();
  EXPECT_EQ(polled.status(), reply_status::timed_out);
  EXPECT_GE(std::chrono::steady_clock::now() - before, 20ms);
  slow_clerk::go_on = true;
  auto answer = whom.ask(sum{1, 2});
  EXPECT_EQ(answer.wait_for(10s), reply_status::ready);
  EXPECT_EQ(slow_clerk::handled, 1) << "what had timed out was not handled any more";
  EXPECT_EQ(system.counters().undelivered_for(undelivered_reason::expired), 2u);
  EXPECT_TRUE(system.shutdown(5s).complete);
}

TEST(a_thread, that_asks_for_room_and_an_answer_waits_no_longer_than_its_time_out) {
  native_environment world;
  actor_system system(world, {.scheduling = {.workers = 1}});
  const auto whom =
      system.spawn<slow_clerk>({.capacity = 1, .overflow = overflow::block, .block_for = 1h});
  slow_clerk::busy = slow_clerk::go_on = false;
  ASSERT_EQ(whom.tell(work{}), send_result::accepted);
  while (!slow_clerk::busy) std::this_thread::yield();
  ASSERT_EQ(whom.tell(work{}), send_result::accepted);
  auto answer = whom.ask(sum{1, 2}, {.timeout = 10ms});
  EXPECT_EQ(answer.wait(), reply_status::timed_out);
  slow_clerk::go_on = true;
  EXPECT_TRUE(system.shutdown(5s).complete);
}

// Time-outs that race with answers, cancels and the end of who should answer: one of them wins each.
struct echo {
  using reply = std::uint64_t;
  std::uint64_t of;
};
struct echoing {
  using messages = jacquard::messages<echo>;
  std::uint64_t on(context<echoing>&, const echo& m) { return m.of; }
};
strand<std::uint64_t> asks_on_and_on(actor_ref<echoing> whom, std::uint64_t count) {
  std::uint64_t ended = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::chrono::nanoseconds patience(1000 * (i % 20));
    answered<std::uint64_t> got = i % 2 == 0 ? co_await whom.ask(echo{i}, {.timeout = patience})
                                             : co_await within(whom.ask(echo{i}), patience);
    if (got) {
      EXPECT_EQ(*got, i) << "an answer to another question";
    } else {
      EXPECT_TRUE(got.status() == reply_status::timed_out ||
                  got.status() == reply_status::target_down);
    }
    ++ended;
  }
  co_return ended;
}

TEST(time_outs, that_race_with_answers_are_one_of_the_two_and_never_somebody_elses) {
  native_environment world;
  actor_system system(world, {.scheduling = {.workers = 3}});
  const auto whom = system.spawn<echoing>();
  std::vector<spawned<std::uint64_t>> all;
  for (int i = 0; i < 4; ++i) {
    all.push_back(spawn(system.workers(), asks_on_and_on(whom, 5'000)));
  }
  std::vector<std::thread> threads;
  for (std::uint64_t t = 0; t < 2; ++t) {
    threads.emplace_back([&, t] {
      for (std::uint64_t i = 0; i < 2'000; ++i) {
        auto answer = whom.ask(echo{i}, {.timeout = std::chrono::microseconds(i % 30)});
        if (i % 7 == t) {
          (void)answer.cancel();
        } else if (answer.wait() == reply_status::ready) {
          EXPECT_EQ(answer.take(), i);
        }
      }
    });
  }
  for (auto& each : threads) each.join();
  for (auto& each : all) EXPECT_EQ(each.wait(), 5'000u);
  EXPECT_TRUE(system.shutdown(5s).complete);
}

// --- who waits where it must not ------------------------------------------------------------------------------

struct wait_here {
  using reply = int;
};
struct waiting {
  using messages = jacquard::messages<wait_here>;
  explicit waiting(actor_ref<slow_clerk> whom) : whom_(whom) {}
  int on(context<waiting>&, const wait_here&) {
    (void)whom_.tell(work{});
    auto answer = whom_.ask(sum{1, 2});
    EXPECT_EQ(answer.wait(sync::native::after(1h)), reply_status::would_deadlock);
    EXPECT_EQ(answer.wait(), reply_status::would_deadlock);
    EXPECT_FALSE(answer.is_ready()) << "it stays as it was";
    return 1;
  }
  actor_ref<slow_clerk> whom_;
};

TEST(a_wait, in_a_handler_is_refused_at_once_with_one_worker_and_with_more) {
  for (const std::uint32_t workers : {1u, 3u}) {
    slow_clerk::go_on = true;
    native_environment world;
    actor_system system(world, {.scheduling = {.workers = workers}});
    const auto whom = system.spawn<slow_clerk>();
    const auto who = system.spawn<waiting>({}, whom);
    slow_clerk::go_on = false;
    auto answer = who.ask(wait_here{});
    ASSERT_EQ(answer.wait_for(10s), reply_status::ready);
    EXPECT_EQ(answer.take(), 1);
    slow_clerk::go_on = true;
    EXPECT_TRUE(system.shutdown(5s).complete);
  }
}

}  // namespace
}  // namespace jacquard
