#include <gtest/gtest.h>

#include <jacquard/actor/scheduler.hpp>
#include <jacquard/env/manual_environment.hpp>
#include <jacquard/env/native_environment.hpp>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace jacquard {
namespace {

// Counts its runs and schedules itself again until it has run often enough.
struct counter : task {
  counter(executor& where, unsigned times, std::atomic<unsigned>& done)
      : task(&counter::step), home(where), left(times), finished(done) {}

  static void step(task& self) noexcept {
    auto& me = static_cast<counter&>(self);
    EXPECT_EQ(me.inside.fetch_add(1), 0u) << "two workers run one task";
    ++me.runs;
    const bool more = --me.left > 0;
    me.inside.fetch_sub(1);
    if (more) {
      me.home.schedule(me, me.left % 3 == 0   ? urgency::later
                           : me.left % 3 == 1 ? urgency::soon
                                              : urgency::next);
    } else {
      me.finished.fetch_add(1);
    }
  }

  executor& home;
  unsigned left;
  std::atomic<unsigned>& finished;
  unsigned runs = 0;
  std::atomic<unsigned> inside{0};
};

void wait_for(const std::atomic<unsigned>& value, unsigned wanted) {
  while (value.load() < wanted) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

class with_workers : public testing::TestWithParam<std::uint32_t> {};

TEST_P(with_workers, run_each_task_once_for_each_schedule) {
  native_environment world;
  std::atomic<unsigned> finished{0};
  std::vector<std::unique_ptr<counter>> tasks;
  {
    scheduler workers(world, {.workers = GetParam()});
    for (unsigned i = 0; i < 200; ++i) {
      tasks.push_back(std::make_unique<counter>(workers, 1 + i % 50, finished));
      workers.schedule(*tasks.back(), urgency::soon);
    }
  }
  EXPECT_EQ(finished.load(), 200u);
  for (unsigned i = 0; i < 200; ++i) EXPECT_EQ(tasks[i]->runs, 1 + i % 50);
}

// A tree: each task schedules ten others, on the worker that runs it.
struct node : task {
  node(executor& where, unsigned levels, std::atomic<unsigned>& count)
      : task(&node::grow), home(where), depth(levels), leaves(count) {}

  static void grow(task& self) noexcept {
    std::unique_ptr<node> me(static_cast<node*>(&self));
    if (me->depth == 0) {
      me->leaves.fetch_add(1);
      return;
    }
    for (int i = 0; i < 10; ++i) {
      me->home.schedule(*new node(me->home, me->depth - 1, me->leaves), urgency::soon);
    }
  }

  executor& home;
  unsigned depth;
  std::atomic<unsigned>& leaves;
};

TEST_P(with_workers, finish_a_tree_that_outgrows_the_deque) {
  native_environment world;
  std::atomic<unsigned> leaves{0};
  scheduler workers(world, {.workers = GetParam()});
  workers.schedule(*new node(workers, 4, leaves), urgency::soon);
  wait_for(leaves, 10'000);
  EXPECT_EQ(leaves.load(), 10'000u);
}

TEST_P(with_workers, sleep_when_there_is_nothing_to_do_and_wake_for_a_task_from_outside) {
  native_environment world;
  std::atomic<unsigned> finished{0};
  scheduler workers(world, {.workers = GetParam()});
  for (unsigned round = 1; round <= 50; ++round) {
    counter work(workers, 1, finished);
    workers.schedule(work, urgency::soon);
    wait_for(finished, round);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  EXPECT_EQ(workers.counters().ran, 50u);
}

// Starts as many workers as it is told, and then says what a thread does that the system has no room for.
struct full_world final : environment {
  std::int64_t now() noexcept override { return real.now(); }
  std::uint32_t pick(std::uint32_t count) noexcept override { return real.pick(count); }
  void start_worker(const worker_body& body) override {
    if (room-- == 0) throw std::system_error(EAGAIN, std::system_category());
    real.start_worker(body);
  }
  void join_workers() override { ++joins, real.join_workers(); }
  native_environment real;
  unsigned room = 0, joins = 0;
};

TEST(a_scheduler, that_cannot_start_all_its_workers_ends_those_that_run_and_throws) {
  for (const unsigned room : {0u, 1u, 2u}) {
    full_world world;
    world.room = room;
    EXPECT_THROW(scheduler(world, {.workers = 3}), std::system_error);
    EXPECT_EQ(world.joins, 1u);
  }
}

// Schedules another task on a worker.
struct pinner : task {
  pinner(executor& there, task& what) : task(&pinner::step), where(there), then(what) {}
  static void step(task& self) noexcept {
    auto& me = static_cast<pinner&>(self);
    me.where.schedule(me.then, urgency::soon);
  }
  executor& where;
  task& then;
};

TEST(a_scheduler, that_ends_runs_a_task_for_a_worker_who_has_ended_before) {
  for (std::uint64_t seed = 1; seed <= 16; ++seed) {  // it decides which worker ends first
    manual_environment world({.seed = seed});
    std::atomic<unsigned> finished{0};
    std::optional<counter> last;
    std::optional<pinner> first;
    {
      scheduler workers(world, {.workers = 2});
      last.emplace(workers.on_worker(0), 3, finished);
      first.emplace(workers.on_worker(0), *last);
      workers.on_worker(1).schedule(*first, urgency::soon);
    }
    EXPECT_EQ(finished, 1u) << "with seed " << seed;
  }
}

// Schedules itself to run next, until it is told to stop.
struct eager : task {
  explicit eager(executor& where) : task(&eager::step), home(where) {}
  static void step(task& self) noexcept {
    auto& me = static_cast<eager&>(self);
    if (!me.stop.load()) return me.home.schedule(me, urgency::next);
    me.ended.fetch_add(1);
  }
  executor& home;
  std::atomic<bool> stop{false};
  std::atomic<unsigned> ended{0};
};

// Stops an eager task.
struct stopper : task {
  explicit stopper(eager& whom) : task(&stopper::step), other(whom) {}
  static void step(task& self) noexcept { static_cast<stopper&>(self).other.stop.store(true); }
  eager& other;
};

TEST(one_worker, lets_a_task_from_outside_run_while_another_always_wants_to_run_next) {
  native_environment world;
  scheduler workers(world, {.workers = 1});
  eager warm(workers);
  stopper outside(warm);
  workers.schedule(warm, urgency::soon);
  workers.schedule(outside, urgency::soon);
  wait_for(warm.ended, 1);
}

TEST(one_worker, lets_a_task_in_its_deque_run_while_another_always_wants_to_run_next) {
  struct starter : task {
    starter(executor& where, eager& first, stopper& second)
        : task(&starter::step), home(where), warm(first), waiting(second) {}
    static void step(task& self) noexcept {
      auto& me = static_cast<starter&>(self);
      me.home.schedule(me.waiting, urgency::soon);  // into this worker's deque
      me.home.schedule(me.warm, urgency::next);
    }
    executor& home;
    eager& warm;
    stopper& waiting;
  };
  native_environment world;
  scheduler workers(world, {.workers = 1});
  eager warm(workers);
  stopper waiting(warm);
  starter first(workers, warm, waiting);
  workers.schedule(first, urgency::soon);
  wait_for(warm.ended, 1);
}

INSTANTIATE_TEST_SUITE_P(one_two_and_more_than_cores, with_workers, testing::Values(1u, 2u, 5u));

// Workers without threads: who has the bodies gives them turns.
struct hand final : environment {
  std::int64_t now() noexcept override { return 0; }
  std::uint32_t pick(std::uint32_t) noexcept override { return 0; }
  void start_worker(const worker_body& body) override { bodies.push_back(body); }
  void join_workers() override {
    for (std::size_t i = 0; i < bodies.size(); ++i) {
      while (turn(i) != worker_turn::outcome::ended) {
      }
    }
  }
  worker_turn::outcome turn(std::size_t of) { return bodies[of].turn(bodies[of].who).what; }
  std::vector<worker_body> bodies;
};

TEST(a_worker_that_is_put_aside_in_a_task, has_all_that_it_knew_of_itself_when_it_comes_back) {
  struct put_aside : task {
    put_aside(hand& with, scheduler& of)
        : task([](task& self) noexcept {
            auto& me = static_cast<put_aside&>(self);
            const shared_wheel* const wheel = worker_here::wheel;
            const executor* const whom = worker_here::self;
            void* const identity = scheduler::exchange_identity(nullptr);
            me.was_nobody = worker_here::wheel == nullptr && worker_here::self == nullptr;
            (void)me.world.turn(1);
            (void)scheduler::exchange_identity(identity);
            me.is_back = wheel != nullptr && worker_here::wheel == wheel && whom != nullptr &&
                         worker_here::self == whom && me.workers.worker_here() == 0;
          }),
          world(with),
          workers(of) {}
    hand& world;
    scheduler& workers;
    bool was_nobody = false, is_back = false;
  };
  hand world;
  scheduler workers(world, {.workers = 2});
  put_aside work(world, workers);
  workers.on_worker(0).schedule(work, urgency::soon);
  EXPECT_EQ(world.turn(0), worker_turn::outcome::ran);
  EXPECT_TRUE(work.was_nobody);
  EXPECT_TRUE(work.is_back);
}

// Notes what the worker that runs it says it runs.
struct inquirer : task {
  explicit inquirer(std::vector<const executor*> about)
      : task(&inquirer::ask), places(std::move(about)) {}
  static void ask(task& self) noexcept {
    auto& me = static_cast<inquirer&>(self);
    for (const executor* each : me.places) me.answers.push_back(worker_here::runs(each));
    me.done.fetch_add(1);
  }
  const std::vector<const executor*> places;
  std::vector<bool> answers;
  std::atomic<unsigned> done{0};
};

TEST(a_worker, says_what_it_runs_and_never_looks_at_an_executor_that_is_gone) {
  // Where an executor was: who calls it, calls through a null.
  alignas(64) static std::byte grave[256] = {};
  const auto* const gone = reinterpret_cast<const executor*>(grave);
  native_environment world;
  native_environment other_world;
  scheduler mine(world, {.workers = 2});
  scheduler other(other_world, {.workers = 1});
  inquirer pinned(
      {&mine, &mine.on_worker(1), &mine.on_worker(0), &other, &other.on_worker(0), nullptr, gone});
  mine.on_worker(1).schedule(pinned, urgency::soon);
  wait_for(pinned.done, 1);
  EXPECT_EQ(pinned.answers, (std::vector<bool>{true, true, false, false, false, false, false}));
  for (const executor* each : pinned.places) EXPECT_FALSE(worker_here::runs(each)) << "no worker";
}

TEST(idle_scheduler, makes_no_wake_ups) {
  native_environment world;
  scheduler workers(world, {.workers = 2});
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  const std::uint64_t before = workers.counters().woken;
  std::this_thread::sleep_for(std::chrono::milliseconds(400));
  EXPECT_EQ(workers.counters().woken, before);
}

}  // namespace
}  // namespace jacquard
