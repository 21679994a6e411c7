// How long an actor may keep a worker from others: by messages and by time, on a clock that moves by hand.
#include <gtest/gtest.h>

#include <jacquard/actor/actor_system.hpp>
#include <jacquard/env/manual_environment.hpp>

#include <algorithm>
#include <chrono>
#include <vector>

namespace jacquard {
namespace {

using namespace std::chrono_literals;

// A clock that the handlers move.
struct working_world final : environment {
  manual_environment inner;
  std::int64_t worked = 0;
  std::uint64_t reads = 0;
  std::int64_t now() noexcept override {
    ++reads;
    return inner.now() + worked;
  }
  std::uint32_t pick(std::uint32_t count) noexcept override { return inner.pick(count); }
  void start_worker(const worker_body& body) override { inner.start_worker(body); }
  void join_workers() override { inner.join_workers(); }
  bool drive() override { return inner.drive(); }
};

struct job {
  std::int64_t takes_ns;
};
struct laborer {
  using messages = jacquard::messages<job>;
  laborer(working_world& in, std::vector<int>& into, int number)
      : world(in), log(into), self(number) {}
  void on(context<laborer>&, const job& m) {
    world.worked += m.takes_ns;
    log.push_back(self);
  }
  working_world& world;
  std::vector<int>& log;
  int self;
};

constexpr std::int64_t ms = 1'000'000;

struct shared_worker : testing::Test {
  working_world world;
  std::vector<int> log;

  // How many messages of actor 0 are handled before actor 1's, which was sent last.
  std::size_t before_the_other(actor_system& system, const actor_ref<laborer>& busy,
                               const actor_ref<laborer>& other, int count, std::int64_t takes_ns) {
    log.clear();
    for (int i = 0; i < count; ++i) EXPECT_EQ(busy.tell(job{takes_ns}), send_result::accepted);
    EXPECT_EQ(other.tell(job{0}), send_result::accepted);
    world.inner.run_until_idle();
    EXPECT_EQ(log.size(), static_cast<std::size_t>(count) + 1);
    (void)system;
    return static_cast<std::size_t>(std::find(log.begin(), log.end(), 1) - log.begin());
  }
};

TEST_F(shared_worker, ends_an_activation_after_its_batch_and_counts_that) {
  actor_system system(world, {});
  const auto busy = system.spawn<laborer>({.batch = 8}, world, log, 0);
  const auto other = system.spawn<laborer>({}, world, log, 1);
  EXPECT_EQ(before_the_other(system, busy, other, 40, 0), 8u);
  EXPECT_EQ(system.counters().time_yields, 0u);
  EXPECT_GE(system.counters().message_yields, 4u);
  (void)system.shutdown(1s);
}

TEST_F(shared_worker, ends_an_activation_after_so_many_messages_whatever_its_batch) {
  actor_system system(world, {.yield_every_n_msgs = 5});
  const auto busy = system.spawn<laborer>({.batch = 64}, world, log, 0);
  const auto other = system.spawn<laborer>({}, world, log, 1);
  EXPECT_EQ(before_the_other(system, busy, other, 40, 0), 5u);
  (void)system.shutdown(1s);
}

TEST_F(shared_worker, ends_an_activation_that_has_used_up_its_time_after_the_present_message) {
  actor_system system(world, {.yield_after = 1ms});
  const auto busy = system.spawn<laborer>({.batch = 64}, world, log, 0);
  const auto other = system.spawn<laborer>({}, world, log, 1);
  EXPECT_LE(before_the_other(system, busy, other, 40, 2 * ms), 3u);  // it has to find out first
  EXPECT_EQ(before_the_other(system, busy, other, 40, 2 * ms), 1u);
  EXPECT_GE(system.counters().time_yields, 70u);
  EXPECT_LE(before_the_other(system, busy, other, 64, ms / 4), 6u);
  (void)system.shutdown(1s);
}

TEST_F(shared_worker, notices_within_sixteen_activations_that_an_actor_became_slow) {
  actor_system system(world, {.yield_after = 1ms});
  const auto busy = system.spawn<laborer>({.batch = 64}, world, log, 0);
  const auto other = system.spawn<laborer>({}, world, log, 1);
  for (int i = 0; i < 5; ++i) (void)before_the_other(system, busy, other, 64, 100);
  std::size_t last = 64;
  for (int i = 0; i < 17; ++i) last = before_the_other(system, busy, other, 64, 3 * ms);
  EXPECT_EQ(last, 1u);
  for (int i = 0; i < 3; ++i) last = before_the_other(system, busy, other, 64, 100);
  EXPECT_EQ(last, 64u) << "and that it is quick again";
  (void)system.shutdown(1s);
}

TEST_F(shared_worker, reads_no_clock_for_single_messages_and_hardly_any_for_quick_ones) {
  actor_system system(world, {});
  const auto busy = system.spawn<laborer>({}, world, log, 0);
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(busy.tell(job{10}), send_result::accepted);
    world.inner.run_until_idle();
  }
  EXPECT_LE(world.reads, 3u);
  const std::uint64_t before = world.reads;
  for (int i = 0; i < 3200; ++i) EXPECT_EQ(busy.tell(job{10}), send_result::accepted);
  world.inner.run_until_idle();
  EXPECT_LE(world.reads - before, 3200u / 100);
  (void)system.shutdown(1s);
}

}  // namespace
}  // namespace jacquard
