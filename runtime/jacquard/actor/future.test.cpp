#include <gtest/gtest.h>

#include <jacquard/actor/future.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

namespace jacquard {
namespace {

using namespace std::chrono_literals;

TEST(a_future, gives_the_value_that_its_promise_was_fulfilled_with) {
  future_pool<std::unique_ptr<int>> pool;
  auto answer = pool.make();
  EXPECT_FALSE(answer.is_ready());
  EXPECT_TRUE(answer.promise().fulfil(std::make_unique<int>(42)));
  ASSERT_EQ(answer.wait(), reply_status::ready);
  EXPECT_EQ(*answer.take(), 42);
}

TEST(a_future, is_completed_once) {
  future_pool<int> pool;
  auto answer = pool.make();
  const auto promised = answer.promise();
  EXPECT_TRUE(promised.fulfil(1));
  EXPECT_FALSE(promised.fulfil(2));
  EXPECT_FALSE(promised.fail(reply_status::target_down));
  EXPECT_EQ(answer.take(), 1);
  EXPECT_EQ(pool.late(), 2u);
}

TEST(a_future, times_out_at_its_deadline_and_a_late_reply_is_dropped) {
  future_pool<int> pool;
  auto answer = pool.make();
  const auto promised = answer.promise();
  EXPECT_EQ(answer.wait(sync::native::after(1ms)), reply_status::timed_out);
  EXPECT_FALSE(promised.fulfil(1));
  EXPECT_EQ(pool.late(), 1u);
}

TEST(a_future, that_is_dropped_takes_its_slot_back_and_old_promises_find_a_new_generation) {
  future_pool<int> pool(1);
  std::optional<promise<int>> old;
  {
    auto first = pool.make();
    old = first.promise();
  }
  auto second = pool.make();
  EXPECT_FALSE(old->fulfil(1)) << "a promise of the earlier generation";
  EXPECT_FALSE(second.is_ready());
  EXPECT_TRUE(second.promise().fulfil(2));
  EXPECT_EQ(second.take(), 2);
}

TEST(a_future, says_why_there_is_no_value) {
  future_pool<int> pool;
  auto answer = pool.make();
  EXPECT_TRUE(answer.promise().fail(reply_status::target_down));
  EXPECT_EQ(answer.wait(), reply_status::target_down);
  auto given_up = pool.make();
  EXPECT_EQ(given_up.cancel(), reply_status::cancelled);
  EXPECT_EQ(given_up.wait(), reply_status::cancelled);
}

TEST(a_future, that_holds_a_value_nobody_took_destroys_it) {
  auto shared = std::make_shared<int>(1);
  future_pool<std::shared_ptr<int>> pool;
  {
    auto answer = pool.make();
    EXPECT_TRUE(answer.promise().fulfil(std::shared_ptr<int>(shared)));
    EXPECT_EQ(shared.use_count(), 2);
  }
  EXPECT_EQ(shared.use_count(), 1);
}

// An executor that remembers.
struct recorder : executor {
  void schedule(task& work, urgency) noexcept override { scheduled.push_back(&work); }
  std::vector<task*> scheduled;
};

TEST(a_future, schedules_the_task_that_awaits_it_once) {
  future_pool<int> pool;
  recorder where;
  task work([](task&) noexcept {});
  auto answer = pool.make();
  EXPECT_TRUE(answer.await(work, where));
  EXPECT_TRUE(answer.promise().fulfil(7));
  EXPECT_EQ(where.scheduled, std::vector<task*>{&work});
  auto ready = pool.make();
  EXPECT_TRUE(ready.promise().fulfil(8));
  EXPECT_FALSE(ready.await(work, where)) << "completed already: nothing will be scheduled";
  EXPECT_EQ(where.scheduled.size(), 1u);
}

TEST(a_future, says_whether_the_task_that_awaits_it_is_still_to_come) {
  future_pool<int> pool;
  recorder where;
  task work([](task&) noexcept {});
  auto forgotten = pool.make();
  EXPECT_TRUE(forgotten.await(work, where));
  EXPECT_TRUE(forgotten.forget());
  EXPECT_TRUE(forgotten.promise().fulfil(7));
  EXPECT_TRUE(where.scheduled.empty());
  EXPECT_EQ(forgotten.take(), 7);
  auto cancelled = pool.make();
  EXPECT_TRUE(cancelled.await(work, where));
  EXPECT_EQ(cancelled.cancel(), reply_status::cancelled);
  EXPECT_FALSE(cancelled.promise().fulfil(7));
  EXPECT_TRUE(where.scheduled.empty());
  auto woken = pool.make();
  EXPECT_TRUE(woken.await(work, where));
  EXPECT_TRUE(woken.promise().fulfil(7));
  EXPECT_FALSE(woken.forget()) << "the task is on its way";
  EXPECT_EQ(where.scheduled.size(), 1u);
}

TEST(a_future, of_the_process_takes_the_slot_that_its_thread_gave_last) {
  auto first = future_pool<long>::make_of_process();
  const auto old = first.promise();
  first = {};
  auto second = future_pool<long>::of_process().make();
  const auto late = future_pool<long>::of_process().late();
  EXPECT_FALSE(old.fulfil(1)) << "a promise of the earlier generation";
  EXPECT_FALSE(second.is_ready());
  second.fulfil_alone(2);
  EXPECT_EQ(second.wait(), reply_status::ready);
  EXPECT_EQ(second.take(), 2);
  EXPECT_EQ(future_pool<long>::of_process().late(), late + 1);
}

TEST(a_future, may_be_dropped_on_another_thread_than_the_one_that_made_it) {
  for (int round = 0; round < 200; ++round) {
    auto answer = future_pool<int>::make_of_process();
    std::thread([mine = std::move(answer)]() mutable {
      EXPECT_TRUE(mine.promise().fulfil(1));
      EXPECT_EQ(mine.take(), 1);
    }).join();
  }
}

TEST(futures, of_many_threads_each_get_their_own_reply_or_time_out) {
  future_pool<std::uint64_t> pool(4);
  std::atomic<std::uint64_t> replies{0};
  std::atomic<std::uint64_t> timeouts{0};
  std::vector<std::thread> callers;
  for (std::uint64_t caller = 0; caller < 3; ++caller) {
    callers.emplace_back([&, caller] {
      for (std::uint64_t i = 0; i < 500; ++i) {
        auto answer = pool.make();
        const auto promised = answer.promise();
        const std::uint64_t wanted = caller << 32 | i;
        std::thread replier([promised, wanted] { (void)promised.fulfil(std::uint64_t{wanted}); });
        const auto until = i % 4 == 0 ? sync::native::after(20us) : sync::deadline::never();
        if (answer.wait(until) == reply_status::ready) {
          EXPECT_EQ(answer.take(), wanted);
          replies.fetch_add(1);
        } else {
          timeouts.fetch_add(1);
        }
        if (i % 2 == 0)
          answer = {};  // the slot is used again while the replier may still be on its way
        replier.join();
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(replies.load() + timeouts.load(), 1500u);
  EXPECT_GE(replies.load(), 1125u);
}

static_assert(sizeof(promise<std::uint64_t>) <= 16);
static_assert(sizeof(future<std::uint64_t>) <= 16);
static_assert(sizeof(future_pool<std::uint64_t>::slot) == 64, "one cache line");
struct three_words {
  void* each[3];
};
static_assert(sizeof(future_pool<three_words>::slot) == 64, "24 bytes of answer fit, too");

}  // namespace
}  // namespace jacquard
