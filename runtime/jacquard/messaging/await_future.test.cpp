// Futures in strands and several at once: by hand, on workers, and from threads.
#include <gtest/gtest.h>

#include <jacquard/actor/actor_system.hpp>
#include <jacquard/actor/manual_executor.hpp>
#include <jacquard/actor/scheduler.hpp>
#include <jacquard/env/manual_environment.hpp>
#include <jacquard/env/native_environment.hpp>
#include <jacquard/messaging/await_future.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace jacquard {
namespace {

using namespace std::chrono_literals;

template <class T>
future<T> pending() {
  return future_pool<T>::make_of_process();
}

strand<int> value_of(future<int> answer, int otherwise) {
  const answered<int> got = co_await std::move(answer);
  co_return got ? *got : otherwise;
}

TEST(a_strand, that_awaits_a_future_runs_again_when_it_is_fulfilled) {
  manual_executor hand;
  auto answer = pending<int>();
  const auto promised = answer.promise();
  auto running = spawn(hand, value_of(std::move(answer), -1));
  hand.run_until_idle();
  EXPECT_FALSE(running.is_done());
  EXPECT_TRUE(promised.fulfil(42));
  EXPECT_EQ(hand.ready(), 1u) << "the strand, once";
  hand.run_until_idle();
  EXPECT_EQ(running.take(), 42);
}

TEST(a_strand, that_awaits_an_answer_that_is_there_does_not_suspend) {
  manual_executor hand;
  auto answer = pending<int>();
  answer.fulfil_alone(7);
  auto running = spawn(hand, value_of(std::move(answer), -1));
  EXPECT_EQ(hand.run_until_idle(), 1u);
  EXPECT_EQ(running.take(), 7);
}

TEST(a_strand, is_told_why_there_is_no_answer) {
  manual_executor hand;
  auto answer = pending<int>();
  EXPECT_TRUE(answer.promise().fail(reply_status::target_down));
  auto running = spawn(hand, [](future<int> of) -> strand<reply_status> {
    const answered<int> got = co_await std::move(of);
    co_return got.status();
  }(std::move(answer)));
  hand.run_until_idle();
  EXPECT_EQ(running.take(), reply_status::target_down);
}

TEST(a_strand, destroys_what_it_awaited_exactly_once) {
  manual_executor hand;
  auto shared = std::make_shared<int>(5);
  auto answer = pending<std::shared_ptr<int>>();
  const auto promised = answer.promise();
  auto running = spawn(hand, [](future<std::shared_ptr<int>> of) -> strand<int> {
    co_return **co_await std::move(of);
  }(std::move(answer)));
  hand.run_until_idle();
  EXPECT_TRUE(promised.fulfil(std::shared_ptr<int>(shared)));
  hand.run_until_idle();
  EXPECT_EQ(running.take(), 5);
  EXPECT_EQ(shared.use_count(), 1);
}

TEST(when_all, waits_for_the_last_and_says_whether_all_are_ready) {
  manual_executor hand;
  std::array<future<int>, 3> answers{pending<int>(), pending<int>(), pending<int>()};
  auto running = spawn(hand, when_all(std::span<future<int>>(answers)));
  EXPECT_TRUE(answers[2].promise().fulfil(3));
  hand.run_until_idle();
  EXPECT_TRUE(answers[0].promise().fulfil(1));
  hand.run_until_idle();
  EXPECT_FALSE(running.is_done());
  EXPECT_TRUE(answers[1].promise().fail(reply_status::failed));
  hand.run_until_idle();
  EXPECT_FALSE(running.take()) << "one has failed";
  EXPECT_EQ(answers[0].take() + answers[2].take(), 4);
}

TEST(when_all, takes_futures_of_different_types) {
  manual_executor hand;
  auto number = pending<int>();
  auto text = pending<std::unique_ptr<int>>();
  auto running = spawn(hand, when_all(number, text));
  hand.run_until_idle();
  EXPECT_TRUE(text.promise().fulfil(std::make_unique<int>(2)));
  EXPECT_TRUE(number.promise().fulfil(1));
  hand.run_until_idle();
  EXPECT_TRUE(running.take());
}

TEST(when_any, names_the_first_and_leaves_the_others_pending) {
  manual_executor hand;
  std::array<future<int>, 3> answers{pending<int>(), pending<int>(), pending<int>()};
  auto running = spawn(hand, when_any(std::span<future<int>>(answers)));
  hand.run_until_idle();
  EXPECT_FALSE(running.is_done());
  EXPECT_TRUE(answers[1].promise().fulfil(7));
  hand.run_until_idle();
  EXPECT_EQ(running.take(), 1u);
  EXPECT_FALSE(answers[0].is_ready());
  EXPECT_TRUE(answers[2].promise().fulfil(9)) << "a loser is pending, not cancelled";
  EXPECT_EQ(hand.ready(), 0u) << "and wakes nobody any more";
  EXPECT_EQ(answers[2].take(), 9);
}

TEST(when_any, does_not_sleep_where_one_has_ended_before) {
  manual_executor hand;
  std::array<future<int>, 2> answers{pending<int>(), pending<int>()};
  answers[1].fulfil_alone(7);
  auto running = spawn(hand, when_any(std::span<future<int>>(answers)));
  EXPECT_EQ(hand.run_until_idle(), 1u);
  EXPECT_EQ(running.take(), 1u);
}

TEST(wait_any, answers_none_at_its_deadline_and_the_first_otherwise) {
  std::array<future<int>, 2> answers{pending<int>(), pending<int>()};
  const std::span<future<int>> all(answers);
  EXPECT_EQ(wait_any(all, sync::native::after(1ms)), std::nullopt);
  std::thread other([promised = answers[1].promise()] { EXPECT_TRUE(promised.fulfil(7)); });
  EXPECT_EQ(wait_any(all), std::optional<std::size_t>(1));
  other.join();
}

TEST(wait_any, of_many_rounds_loses_no_answer_to_its_deadline) {
  for (int round = 0; round < 2000; ++round) {
    std::array<future<int>, 2> answers{pending<int>(), pending<int>()};
    std::thread one([promised = answers[0].promise()] { (void)promised.fulfil(1); });
    std::thread two([promised = answers[1].promise()] { (void)promised.fulfil(2); });
    const auto first =
        wait_any(std::span<future<int>>(answers), sync::native::after(round % 3 * 10us));
    if (first.has_value()) {
      EXPECT_EQ(answers[*first].take(), static_cast<int>(*first) + 1);
    }
    one.join();
    two.join();
  }
}

struct doubled {
  using reply = int;
  int of;
};
struct stop {
  using reply = int;
};
struct doubler {
  using messages = jacquard::messages<doubled, stop>;
  int on(context<doubler>&, const doubled& m) { return 2 * m.of; }
  int on(context<doubler>& here, const stop&) {
    here.stop();
    return 0;
  }
};

strand<long> ask_many(actor_ref<doubler> whom, int count) {
  long sum = 0;
  for (int i = 0; i < count; ++i) {
    const answered<int> got = co_await whom.ask(doubled{i});
    if (got) sum += *got;
  }
  co_return sum;
}

TEST(a_strand, asks_an_actor_on_one_and_more_workers) {
  for (const std::uint32_t workers : {1u, 3u}) {
    native_environment world;
    actor_system system(world, {.scheduling = {.workers = workers}});
    const auto whom = system.spawn<doubler>();
    std::vector<spawned<long>> running;
    for (int i = 0; i < 4; ++i) running.push_back(spawn(system.workers(), ask_many(whom, 500)));
    for (auto& each : running) EXPECT_EQ(each.wait(), 500L * 499);
    EXPECT_TRUE(system.shutdown(5s).complete);
  }
}

TEST(a_strand, that_asks_an_actor_that_ends_is_told_target_down) {
  native_environment world;
  actor_system system(world, {.scheduling = {.workers = 2}});
  for (int round = 0; round < 200; ++round) {
    const auto whom = system.spawn<doubler>();
    const auto ending = block_on(system.workers(), [](actor_ref<doubler> of) -> strand<bool> {
      std::array<future<int>, 3> all{of.ask(doubled{1}), of.ask(stop{}), of.ask(doubled{2})};
      const bool ready = co_await when_all(std::span<future<int>>(all));
      co_return ready || all[2].status() == reply_status::target_down;
    }(whom));
    EXPECT_TRUE(ending);
    const auto nobody = block_on(system.workers(), [](actor_ref<doubler> of) -> strand<bool> {
      while (of.is_alive()) co_await yield();
      const answered<int> got = co_await of.ask(doubled{1});
      co_return got.status() == reply_status::target_down;
    }(whom));
    EXPECT_TRUE(nobody);
  }
}

TEST(when_any, among_actors_on_workers_wakes_once_whoever_is_first) {
  native_environment world;
  actor_system system(world, {.scheduling = {.workers = 3}});
  const auto one = system.spawn<doubler>();
  const auto two = system.spawn<doubler>();
  const int wins = block_on(system.workers(), [](auto a, auto b) -> strand<int> {
    int right = 0;
    for (int i = 0; i < 1000; ++i) {
      std::array<future<int>, 2> both{a.ask(doubled{i}), b.ask(doubled{i})};
      const std::size_t first = co_await when_any(std::span<future<int>>(both));
      if (both[first].status() == reply_status::ready && both[first].take() == 2 * i) ++right;
    }
    co_return right;
  }(one, two));
  EXPECT_EQ(wins, 1000);
  EXPECT_TRUE(system.shutdown(5s).complete);
}

// A strand talks to somebody slow: it waits a while, says so, and waits for the same answer again.
strand<std::vector<std::string>> conversation(promise<int>& speaks) {
  std::vector<std::string> said;
  future<int> pending = future_pool<int>::make_of_process();
  speaks = pending.promise();
  std::array both{std::move(pending), future<int>{}};
  for (int asked = 0; asked < 3; ++asked) {
    both[1] = alarm<int>(10ms);
    if (co_await when_any(std::span<future<int>>(both)) == 0) {
      said.push_back("heard " + std::to_string(both[0].take()));
      co_return said;
    }
    said.push_back(to_string(both[1].status()));
  }
  co_return said;
}

TEST(an_alarm, beside_an_answer_leaves_the_answer_to_come_and_is_gone_with_it) {
  manual_environment world;
  actor_system system(world);
  promise<int> speaks;
  auto talk = spawn(system.workers(), conversation(speaks));
  world.advance(25ms);
  EXPECT_FALSE(talk.is_done());
  EXPECT_TRUE(speaks.fulfil(7)) << "nobody gave it up";
  world.run_until_idle();
  ASSERT_TRUE(talk.is_done());
  EXPECT_EQ(talk.take(), (std::vector<std::string>{"timed_out", "timed_out", "heard 7"}));
  EXPECT_EQ(world.next_due_ns(), INT64_MAX) << "no timer is left";

  auto alone = spawn(system.workers(), conversation(speaks));
  world.advance(30ms);
  ASSERT_TRUE(alone.is_done());
  EXPECT_EQ(alone.take(), (std::vector<std::string>(3, "timed_out")));
  EXPECT_FALSE(speaks.fulfil(7)) << "it was dropped";
}

}  // namespace
}  // namespace jacquard
