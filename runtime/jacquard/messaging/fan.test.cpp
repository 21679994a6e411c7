// Behaviour of fan-out and fan-in; the shutdown by a sentinel that everybody passes on.
#include <gtest/gtest.h>

#include <jacquard/actor/manual_executor.hpp>
#include <jacquard/actor/scheduler.hpp>
#include <jacquard/env/native_environment.hpp>
#include <jacquard/messaging/fan.hpp>

#include <atomic>
#include <stdexcept>
#include <vector>

namespace jacquard {
namespace {

strand<void> send_range(channel<int>& to, int first, int count, bool close_it) {
  for (int i = first; i < first + count; ++i) (void)co_await to.send(int(i));
  if (close_it) to.close();
}

TEST(fan_out, hands_each_message_to_exactly_one_strand) {
  manual_executor hand;
  channel<int> jobs({.capacity = 4});
  std::vector<int> seen(1000);
  auto work = [&seen](int&& job) { ++seen[static_cast<std::size_t>(job)]; };
  spawned<fan_report> pool = spawn(hand, fan_out(jobs, work, {.strands = 10}));
  detach(hand, send_range(jobs, 0, 1000, true));
  hand.run_until_idle();
  EXPECT_EQ(pool.take().total(), 1000u);
  for (const int count : seen) ASSERT_EQ(count, 1);
}

TEST(fan_out, yielding_after_each_message_shares_evenly) {
  manual_executor hand;
  channel<int> jobs({.capacity = 64});
  auto work = [](int&&) {};
  spawned<fan_report> pool = spawn(hand, fan_out(jobs, work, {.strands = 10, .yield_every = 1}));
  detach(hand, send_range(jobs, 0, 10'000, true));
  hand.run_until_idle();
  const fan_report report = pool.take();
  EXPECT_EQ(report.total(), 10'000u);
  EXPECT_LE(report.most(), 2 * report.least());
}

TEST(fan_out, a_handler_that_throws_ends_its_strand_and_the_others_go_on) {
  manual_executor hand;
  channel<int> jobs({.capacity = 4});
  int handled = 0;
  auto work = [&handled](int&& job) {
    if (job == 5) throw std::runtime_error("job 5");
    ++handled;
  };
  spawned<fan_report> pool = spawn(hand, fan_out(jobs, work, {.strands = 3}));
  detach(hand, send_range(jobs, 0, 100, true));
  hand.run_until_idle();
  EXPECT_THROW((void)pool.take(), std::runtime_error);
  EXPECT_EQ(handled, 99);
}

// The workers of a pool end at a sentinel, which each passes on to the next. Whatever was sent before it is
// handled first; nobody needs to know how many workers there are.
TEST(fan_out, one_sentinel_ends_all_after_everything_sent_before_it_was_taken) {
  constexpr int sentinel = -1;
  for (const std::uint32_t capacity : {1u, 8u, unbounded}) {
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
      manual_executor hand({.seed = seed});
      channel<int> jobs({.capacity = capacity});
      int handled = 0;
      auto work = [&handled](int&&) { ++handled; };
      auto is_last = [](const int& job) { return job == sentinel; };
      spawned<fan_report> pool = spawn(hand, fan_out_until(jobs, work, is_last, {.strands = 7}));
      auto produce = [](channel<int>& to) -> strand<void> {
        for (int i = 0; i < 200; ++i) (void)co_await to.send(int(i));
        (void)co_await to.send(int(sentinel));
      };
      detach(hand, produce(jobs));
      hand.run_until_idle();
      ASSERT_TRUE(pool.is_done()) << "capacity " << capacity << " seed " << seed;
      EXPECT_EQ(pool.take().total(), 200u);
      EXPECT_EQ(handled, 200);
      EXPECT_EQ(*jobs.try_receive(), sentinel) << "left for whoever comes next";
      EXPECT_EQ(jobs.size(), 0u);
    }
  }
}

TEST(fan_out, on_workers_handles_everything_before_it_ends) {
  for (const std::uint32_t count : {1u, 2u, 4u}) {
    native_environment world;
    scheduler workers(world, {.workers = count});
    channel<int> jobs({.capacity = 512});
    std::atomic<std::uint64_t> sum{0};
    auto work = [&sum](int&& job) { sum.fetch_add(static_cast<std::uint64_t>(job)); };
    spawned<fan_report> pool = spawn(workers, fan_out(jobs, work, {.strands = 100}));
    detach(workers, send_range(jobs, 0, 20'000, true));
    EXPECT_EQ(pool.wait().total(), 20'000u);
    EXPECT_EQ(sum.load(), 199'990'000u);
  }
}

TEST(fan_in, merges_all_sources_each_in_order_and_closes_when_all_are_drained) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    manual_executor hand({.seed = seed});
    channel<int> sources[3];
    channel<int> merged({.capacity = 2});
    std::vector<channel<int>*> all;
    for (auto& each : sources) all.push_back(&each);
    spawned<fan_report> merging = spawn(hand, fan_in(all, merged));
    for (int s = 0; s < 3; ++s) detach(hand, send_range(sources[s], s * 100, 50, true));
    std::vector<int> got;
    auto collect = [&got](int&& message) { got.push_back(message); };
    spawned<std::uint64_t> sink = spawn(hand, drain(merged, collect));
    hand.run_until_idle();
    EXPECT_EQ(sink.take(), 150u);
    EXPECT_EQ(merging.take().handled, (std::vector<std::uint64_t>{50, 50, 50}));
    int last[3] = {-1, -1, -1};
    for (const int message : got) {
      EXPECT_GT(message, last[message / 100]);
      last[message / 100] = message;
    }
  }
}

TEST(fan_in, ends_when_its_sink_is_closed) {
  manual_executor hand;
  channel<int> source({.capacity = 8});
  channel<int> sink({.capacity = 1});
  spawned<std::uint64_t> forwarding = spawn(hand, forward(source, sink));
  detach(hand, send_range(source, 0, 5, false));
  hand.run_until_idle();
  sink.close();
  hand.run_until_idle();
  EXPECT_EQ(forwarding.take(), 1u);
}

TEST(copy_to_all, every_open_channel_gets_every_message) {
  manual_executor hand;
  channel<int> source;
  channel<int> one({.capacity = unbounded}), two({.capacity = unbounded});
  spawned<std::uint64_t> copying =
      spawn(hand, copy_to_all(source, std::vector<channel<int>*>{&one, &two}));
  detach(hand, send_range(source, 0, 20, true));
  hand.run_until_idle();
  EXPECT_EQ(copying.take(), 20u);
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(*one.try_receive(), i);
    EXPECT_EQ(*two.try_receive(), i);
  }
  EXPECT_EQ(one.try_receive().status(), receive_status::closed);
}

}  // namespace
}  // namespace jacquard
