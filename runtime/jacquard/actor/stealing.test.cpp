// Which tasks move to another worker, and when.
#include <gtest/gtest.h>

#include <jacquard/actor/nap_rhythm.hpp>
#include <jacquard/actor/oldest_watch.hpp>
#include <jacquard/actor/scheduler.hpp>
#include <jacquard/actor/spin_habit.hpp>
#include <jacquard/env/native_environment.hpp>

#include <atomic>
#include <chrono>
#include <functional>
#include <limits>
#include <memory>
#include <thread>
#include <vector>

namespace jacquard {
namespace {

using namespace std::chrono_literals;

constexpr patience by{
    .steal_after_ns = 20'000, .steal_small_after_ns = 500'000, .moving_ns = 4'000};

TEST(the_oldest_task, may_go_when_it_has_waited_and_its_worker_was_busy_with_a_long_one) {
  basic_oldest_watch<> watch;
  EXPECT_EQ(watch.movable_at(3, 7, 1'000, by), 21'000);
  EXPECT_EQ(watch.movable_at(3, 7, 20'999, by), 21'000);
  EXPECT_LE(watch.movable_at(3, 7, 21'000, by), 21'000);
  EXPECT_LE(watch.movable_at(3, 12, 21'000, by), 21'000);  // five tasks of 4 us each
}

TEST(the_oldest_task, waits_longer_where_the_others_are_small) {
  basic_oldest_watch<> watch;
  EXPECT_EQ(watch.movable_at(3, 7, 1'000, by), 21'000);
  EXPECT_EQ(watch.movable_at(3, 13, 21'000, by), 501'000);
  EXPECT_LE(watch.movable_at(3, 10'000, 501'000, by), 501'000);
}

TEST(the_oldest_task, is_another_one_after_the_queue_has_moved_on) {
  basic_oldest_watch<> watch;
  EXPECT_EQ(watch.movable_at(3, 7, 1'000, by), 21'000);
  EXPECT_EQ(watch.movable_at(4, 8, 30'000, by), 50'000);
  watch.moved_to(9, 10);  // what lay behind it waited as long
  EXPECT_LE(watch.movable_at(9, 8, 60'000, by), 60'000);
}

TEST(the_oldest_task, has_not_waited_yet_where_the_queue_was_taken_empty_before_it_came) {
  basic_oldest_watch<> watch;
  EXPECT_EQ(watch.movable_at(3, 7, 1'000, by), 21'000);
  watch.moved_to(4, 4);  // the one at 3 was the last
  EXPECT_EQ(watch.movable_at(4, 8, 10'000'000, by), 10'020'000);
}

TEST(the_oldest_task, stays_for_ever_where_patience_has_no_end) {
  constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max(), now = 1'000'000'000;
  basic_oldest_watch<> watch;
  const patience endless{.steal_after_ns = never};
  EXPECT_GT(watch.movable_at(3, 7, now, endless), 2 * now);
  EXPECT_GT(watch.movable_at(3, 7, 2 * now, endless), 3 * now);
  const patience endless_for_small{.steal_small_after_ns = never};
  basic_oldest_watch<> small;
  (void)small.movable_at(3, 7, now, endless_for_small);
  EXPECT_GT(small.movable_at(3, 1'000'000, now + 30'000, endless_for_small), 2 * now);
}

TEST(naps, that_may_be_as_long_as_can_be_said_grow_no_further) {
  constexpr std::int64_t longest = std::numeric_limits<std::int64_t>::max();
  nap_rhythm naps(longest / 2 + 1, longest);
  naps.looked_in_vain(true);
  EXPECT_EQ(naps.next_ns(), longest);
  naps.looked_in_vain(true);
  EXPECT_EQ(naps.next_ns(), longest);
}

TEST(naps, grow_while_looks_are_in_vain_and_never_beyond_the_longest) {
  nap_rhythm naps(50, 300);
  for (const std::int64_t expected : {50, 100, 200, 300, 300}) {
    EXPECT_EQ(naps.next_ns(), expected);
    naps.looked_in_vain(true);
  }
  naps.took();
  EXPECT_EQ(naps.next_ns(), 50);
}

TEST(naps, are_over_after_many_looks_that_saw_nothing_and_begin_anew_with_work) {
  nap_rhythm naps(50, 300);
  for (std::uint32_t i = 1; i < nap_rhythm::quiet_looks_max; ++i) naps.looked_in_vain(false);
  EXPECT_FALSE(naps.is_over());
  naps.looked_in_vain(true);  // something waits: it stays
  for (std::uint32_t i = 0; i < nap_rhythm::quiet_looks_max; ++i) {
    EXPECT_FALSE(naps.is_over());
    naps.looked_in_vain(false);
  }
  EXPECT_TRUE(naps.is_over());
  naps.begin_anew();
  EXPECT_FALSE(naps.is_over());
  EXPECT_EQ(naps.next_ns(), 50);
}

TEST(looking_on, becomes_rare_where_nothing_comes_and_usual_again_where_something_does) {
  spin_habit spins;
  unsigned taken = 0;
  for (int i = 0; i < 1'000; ++i) {
    if (!spins.takes_chance()) continue;
    ++taken;
    spins.looked(false);
  }
  EXPECT_GE(taken, 1'000u / (spin_habit::skips_max + 1));
  EXPECT_LE(taken, 1'000u / (spin_habit::skips_max + 1) + 7);  // and six on the way there
  while (!spins.takes_chance()) {
  }
  spins.looked(true);
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(spins.takes_chance());
    spins.looked(true);
  }
}

// Runs what it is given, once for each time it is scheduled.
struct job : task {
  explicit job(std::function<void()> what) : task(&job::step), work(std::move(what)) {}
  static void step(task& self) noexcept { static_cast<job&>(self).work(); }
  std::function<void()> work;
};

template <class Condition>
bool comes_true(Condition&& condition) {
  for (const auto end = std::chrono::steady_clock::now() + 20s; !condition();) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::yield();
  }
  return true;
}

TEST(a_worker_that_looks_on,
     takes_tasks_from_outside_without_a_sleep_where_there_is_another_processor) {
  native_environment world;
  std::atomic<unsigned> ran{0};
  job one([&] { ran.fetch_add(1); });
  scheduler workers(world, {.workers = 1, .look_on_ns = 20'000'000'000});
  for (unsigned i = 1; i <= 100; ++i) {
    workers.schedule(one, urgency::soon);
    ASSERT_TRUE(comes_true([&] { return ran.load() == i; }));
  }
  const std::uint64_t woken = workers.counters().woken;
  if (sync::native::has_other_processors()) {
    EXPECT_EQ(woken, 0u);
  } else {
    EXPECT_LE(woken, 101u) << "alone it sleeps at once";
  }
}

class behind_a_long_task : public testing::TestWithParam<urgency> {};

TEST_P(behind_a_long_task, another_is_taken_by_an_idle_worker) {
  native_environment world;
  std::atomic<bool> ran{false}, over{false};
  scheduler workers(world, {.workers = 2});
  job waiting([&] { ran = true; });
  job first([] {});
  job long_one([&] {
    workers.schedule(first, urgency::next);
    workers.schedule(waiting, GetParam());
    if (GetParam() == urgency::next) workers.hand_on();
    EXPECT_TRUE(comes_true([&] { return ran.load(); })) << "it waits for the end of the long one";
    over = true;
  });
  workers.schedule(long_one, urgency::soon);
  ASSERT_TRUE(comes_true([&] { return over.load(); }));
  EXPECT_GE(workers.counters().stolen, 1u);
}
INSTANTIATE_TEST_SUITE_P(in_each_queue, behind_a_long_task,
                         testing::Values(urgency::soon, urgency::later, urgency::next));

TEST(long_tasks, come_to_run_on_all_workers_at_once) {
  constexpr std::uint32_t count = 4;
  native_environment world;
  std::atomic<unsigned> together{0}, over{0};
  scheduler workers(world, {.workers = count});
  const auto meet = [&] {
    together.fetch_add(1);
    EXPECT_TRUE(comes_true([&] { return together.load() == count; }));
    over.fetch_add(1);
  };
  std::vector<std::unique_ptr<job>> rest;
  for (std::uint32_t i = 1; i < count; ++i) rest.push_back(std::make_unique<job>(meet));
  job first([&] {
    for (const auto& each : rest) workers.schedule(*each, urgency::soon);
    meet();
  });
  workers.schedule(first, urgency::soon);
  ASSERT_TRUE(comes_true([&] { return over.load() == count; }));
}

// A thousand rounds of a hundred tasks beside an idle worker, with more patience than a loaded machine or a sanitizer
// could use up.
TEST(tasks, stay_with_the_worker_that_made_them_until_they_have_waited_long_enough) {
  native_environment world;
  std::atomic<bool> over{false};
  scheduler workers(world, {.workers = 2,
                            .stealing = {.steal_after_ns = 3'600'000'000'000,
                                         .steal_small_after_ns = 3'600'000'000'000}});
  unsigned rounds = 1'000;
  std::atomic<unsigned> left{0};
  std::vector<std::unique_ptr<job>> small;
  job round([&] {
    if (rounds-- == 0) return over.store(true);
    left = static_cast<unsigned>(small.size());
    for (const auto& each : small) workers.schedule(*each, urgency::soon);
  });
  for (int i = 0; i < 100; ++i) {
    small.push_back(std::make_unique<job>([&] {
      if (left.fetch_sub(1) == 1) workers.schedule(round, urgency::next);
    }));
  }
  workers.schedule(round, urgency::soon);
  ASSERT_TRUE(comes_true([&] { return over.load(); }));
  EXPECT_EQ(workers.counters().stolen, 0u);
  EXPECT_GE(workers.counters().ran, 101'000u);
}

// As above, with naps and patience that add up to more than a clock can say.
TEST(tasks, stay_with_their_worker_for_ever_where_patience_has_no_end) {
  constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();
  native_environment world;
  std::atomic<bool> over{false};
  scheduler workers(world, {.workers = 2,
                            .stealing = {.steal_after_ns = never, .steal_small_after_ns = never},
                            .nap_min_ns = never,
                            .nap_max_ns = never});
  unsigned left = 1'000;
  job again([&] {
    if (left-- == 0) return over.store(true);
    workers.schedule(again, urgency::soon);
  });
  workers.schedule(again, urgency::soon);
  ASSERT_TRUE(comes_true([&] { return over.load(); }));
  EXPECT_EQ(workers.counters().stolen, 0u);
}

TEST(a_watcher,
     sleeps_beside_a_long_task_that_makes_no_work_and_comes_back_for_the_first_that_it_makes) {
  native_environment world;
  std::atomic<bool> watching{false}, go_on{false}, ran{false}, over{false};
  scheduler workers(world, {.workers = 2});
  job first([&] { watching = true; });
  job waiting([&] { ran = true; });
  job long_one([&] {
    workers.schedule(first, urgency::soon);
    EXPECT_TRUE(comes_true([&] { return watching.load(); }));
    EXPECT_TRUE(comes_true([&] { return go_on.load(); }));
    workers.schedule(waiting, urgency::soon);
    EXPECT_TRUE(comes_true([&] { return ran.load(); }));
    over = true;
  });
  workers.schedule(long_one, urgency::soon);
  std::this_thread::sleep_for(200ms);
  const std::uint64_t before = workers.counters().woken;
  EXPECT_LE(before, 40u);
  EXPECT_GE(before, 8u) << "it did not keep watch";
  std::this_thread::sleep_for(100ms);
  EXPECT_EQ(workers.counters().woken, before) << "it naps on and on";
  go_on = true;
  ASSERT_TRUE(comes_true([&] { return over.load(); }));
}

}  // namespace
}  // namespace jacquard
