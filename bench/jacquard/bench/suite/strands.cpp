// Strands and channels: ping-pong, a hundred workers on one channel, spawn and join.
#include <malloc.h>

#include <memory>

#include <jacquard/actor/manual_executor.hpp>
#include <jacquard/bench/suite/catalogue.hpp>
#include <jacquard/bench/suite/stage.hpp>
#include <jacquard/messaging/channel.hpp>
#include <jacquard/messaging/fan.hpp>
#include <jacquard/messaging/strand.hpp>

namespace jacquard::bench::suite {

namespace {

template <class Channel>
strand<std::uint64_t> serve(Channel& out, Channel& back, std::uint64_t rounds) {
  std::uint64_t wrong = 0;
  for (std::uint64_t i = 0; i < rounds; ++i) {
    std::uint64_t ball = i;
    (void)co_await out.send(std::move(ball));
    auto got = co_await back.receive();
    wrong += got && *got == i + 1 ? 0 : 1;
  }
  co_return wrong;
}

template <class Channel>
strand<std::uint64_t> give_back(Channel& in, Channel& out, std::uint64_t rounds) {
  std::uint64_t seen = 0;
  for (; seen < rounds; ++seen) {
    auto got = co_await in.receive();
    if (!got) break;
    std::uint64_t ball = *got + 1;
    (void)co_await out.send(std::move(ball));
  }
  co_return seen;
}

// operations: messages, two a round trip.
template <class Channel>
trial_result rally(const trial_plan& plan, executor& one, executor& two) {
  Channel there({.capacity = 1});
  Channel back({.capacity = 1});
  std::uint64_t wrong = 0;
  std::uint64_t seen = 0;
  const auto game = [&](std::uint64_t rounds) {
    spawned<std::uint64_t> other = spawn(two, give_back(there, back, rounds));
    wrong += block_on(one, serve(there, back, rounds));
    seen += other.wait();
  };
  const std::uint64_t rounds = plan.operations / 2;
  const std::uint64_t warm = std::min<std::uint64_t>(rounds, 10'000);
  game(warm);
  const stretch timed(plan);
  game(rounds);
  trial_result made = timed.done(ticks(), 2 * rounds);
  made.fault = first_fault(
      {expect("balls that came back changed", wrong, 0), expect("balls", seen, rounds + warm)});
  return made;
}

template <template <class> class Channel>
trial_result pingpong(const trial_plan& plan) {
  bare_stage here(plan);
  return rally<Channel<std::uint64_t>>(plan, here.workers(), here.workers());
}

trial_result across(const trial_plan& plan) {
  trial_plan left = plan;
  trial_plan right = plan;
  left.processors = {plan.processors.front()};
  right.processors = {plan.processors.back()};
  bare_stage here(left);
  bare_stage there(right);
  return rally<channel<std::uint64_t>>(plan, here.workers(), there.workers());
}

constexpr std::uint64_t sentinel = ~std::uint64_t{0};

// What one strand has handled; added up when the strand is gone.
class adder {
 public:
  explicit adder(std::atomic<std::uint64_t>& total) : total_(&total) {}
  adder(const adder& other) : total_(other.total_) {}
  adder& operator=(const adder&) = delete;
  ~adder() { total_->fetch_add(sum_, std::memory_order::relaxed); }  // read after the join
  void operator()(std::uint64_t&& number) noexcept { sum_ += number; }

 private:
  std::atomic<std::uint64_t>* total_;
  std::uint64_t sum_ = 0;
};

template <class Channel>
strand<> produce(Channel& to, std::uint64_t messages) {
  for (std::uint64_t i = 0; i < messages; ++i) {
    std::uint64_t number = i;
    (void)co_await to.send(std::move(number));
  }
  std::uint64_t last = sentinel;
  (void)co_await to.send(std::move(last));
}

template <std::uint32_t Capacity, std::uint32_t YieldEvery>
trial_result fan_of_100(const trial_plan& plan) {
  bare_stage here(plan);
  std::atomic<std::uint64_t> total{0};
  std::uint64_t left_over = 0;
  fan_report last;
  std::uint64_t sum = 0;
  const auto lap = [&](std::uint64_t messages) {
    channel<std::uint64_t> jobs({.capacity = Capacity});
    total = 0;
    spawned<fan_report> pool = spawn(
        here.workers(),
        fan_out_until(jobs, adder(total), [](const std::uint64_t& job) { return job == sentinel; },
                      {.strands = 100, .yield_every = YieldEvery}));
    spawned<void> source = spawn(here.workers(), produce(jobs, messages));
    last = pool.wait();  // every strand has ended, so every message has been handled
    const std::uint64_t end = ticks();
    source.wait();
    left_over = jobs.size();
    sum = total;
    return end;
  };
  (void)lap(std::min<std::uint64_t>(plan.operations, 10'000));
  const stretch timed(plan);
  const std::uint64_t end = lap(plan.operations);
  trial_result made = timed.done(end, plan.operations);
  made.fault = first_fault({expect("messages handled", last.total(), plan.operations),
                            expect("their sum", sum, plan.operations * (plan.operations - 1) / 2),
                            expect("left in the channel (the sentinel)", left_over, 1)});
  made.figures = {{.name = "most_over_least",
                   .value = static_cast<double>(last.most()) /
                            static_cast<double>(std::max<std::uint64_t>(last.least(), 1)),
                   .unit = "x"}};
  return made;
}

strand<std::uint64_t> one_of_many(std::uint64_t number) { co_return number; }

strand<std::uint64_t> spawn_and_join(executor& where, std::uint64_t count) {
  std::uint64_t sum = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    spawned<std::uint64_t> child = spawn(where, one_of_many(i));
    sum += co_await child;
  }
  co_return sum;
}

trial_result strand_spawn(const trial_plan& plan) {
  bare_stage here(plan);
  const auto lap = [&](std::uint64_t count) {
    return block_on(here.workers(), spawn_and_join(here.workers(), count));
  };
  (void)lap(1'000);
  const stretch timed(plan);
  const std::uint64_t sum = lap(plan.operations);
  trial_result made = timed.done(ticks(), plan.operations);
  made.fault = expect("the sum", sum, plan.operations * (plan.operations - 1) / 2);
  return made;
}

// A strand that waits for a message which never comes; it ends when the channel is closed.
strand<void> waits(channel<int>& gate, std::atomic<std::uint64_t>& waiting) {
  waiting.fetch_add(1, std::memory_order::relaxed);  // a number, watched
  (void)co_await gate.receive();
}

// Bytes of a strand that waits: what the heap and the resident memory grow by, as slopes over N, from a quarter of them
// to all; more than a quarter of them is never in the frames' pool. It counts how many wait.
trial_result bytes_of_a_task(const trial_plan& plan) {
  bare_stage here(plan);
  (void)malloc_trim(0);  // what is free and resident still would not show when it is used again
  channel<int> gate({.capacity = 0});
  std::atomic<std::uint64_t> waiting{0};
  std::vector<spawned<void>> all;
  all.reserve(plan.operations);
  const std::uint64_t part = plan.operations / 4;
  std::vector<double> heap;
  std::vector<double> resident;
  const stretch timed(plan);
  for (std::uint64_t step = 1; step <= 4; ++step) {
    for (std::uint64_t i = 0; i < part; ++i) {
      all.push_back(spawn(here.workers(), waits(gate, waiting)));
    }
    while (waiting.load() < step * part) std::this_thread::yield();
    heap.push_back(static_cast<double>(heap_bytes()));
    resident.push_back(static_cast<double>(resident_bytes()));
  }
  trial_result made = timed.done(ticks(), 4 * part);
  const double more = static_cast<double>(3 * part);
  made.figures = {{.name = "tasks", .value = static_cast<double>(waiting.load()), .unit = "tasks"},
                  {.name = "heap_bytes", .value = (heap.back() - heap.front()) / more, .unit = "B"},
                  {.name = "resident_bytes",
                   .value = (resident.back() - resident.front()) / more,
                   .unit = "B"}};
  const bool closed = gate.close();
  for (spawned<void>& one : all) one.wait();
  made.fault = first_fault({expect("the channel was closed once", closed ? 1 : 0, 1),
                            expect("strands that waited", waiting, 4 * part)});
  return made;
}

// What a host that drives an executor by hand pays to hear that there is nothing to do.
trial_result poll_empty(const trial_plan& plan) {
  (void)pin_to(plan.processors.front());
  const auto hand = std::make_unique<manual_executor>();
  executor* volatile hidden = hand.get();  // the compiler does not see that it is empty
  std::uint64_t ran = 0;
  histogram times;
  const std::uint64_t window = 512;  // shorter ones are too short for the clock
  const stretch timed(plan);
  std::uint64_t done = 0;
  for (std::uint64_t before = ticks(); done < plan.operations; done += window) {
    for (std::uint64_t i = 0; i < window; ++i) {
      executor* const now = hidden;
      ran += static_cast<manual_executor*>(now)->run_until_idle();
    }
    const std::uint64_t now = ticks();
    times.record(now - before);
    before = now;
  }
  trial_result made = timed.done(ticks(), done);
  made.times = std::move(times);
  made.window = window;
  made.fault = expect("tasks that ran", ran, 0);
  return made;
}

}  // namespace

std::vector<benchmark> strand_benchmarks() {
  return {
      {.name = "bench_pingpong",
       .about = "two strands and two channels, 1,000,000 round trips; ns a message",
       .operations = 2'000'000,
       .tiny = 2'000,
       .blocks = 5,
       .arms = {{.name = "jacquard", .run = pingpong<channel>},
                {.name = "local_channel", .run = pingpong<local_channel>}},
       .goals = {{.name = "claim.bench_pingpong", .arm = "jacquard", .limit = 20.0}}},
      {.name = "bench_pingpong_cross",
       .about = "the same between two workers on two processors; ns a message",
       .operations = 60'000,
       .tiny = 200,
       .blocks = 3,
       .arms = {{.name = "jacquard", .run = across, .two_processors = true}}},
      {.name = "bench_fanout",
       .about = "one producer, 1,000,000 messages, a hundred strands on one channel; one sentinel",
       .operations = 1'000'000,
       .tiny = 10'000,
       .blocks = 5,
       .arms = {{.name = "jacquard", .run = fan_of_100<512, 64>},
                {.name = "yield_each", .run = fan_of_100<512, 1>},
                {.name = "two_workers", .run = fan_of_100<512, 64>, .two_processors = true}},
       .goals = {{.name = "claim.bench_fanout_two_workers_never_slower",
                  .arm = "two_workers",
                  .over = "jacquard",
                  .limit = 1.0,
                  .by = basis::wall,
                  .tie = tie_of_equals}}},
      {.name = "task_spawn_overhead",
       .about = "spawn a strand and join it",
       .operations = 200'000,
       .tiny = 1'000,
       .blocks = 5,
       .arms = {{.name = "jacquard", .run = strand_spawn}}},
      {.name = "memory_per_task",
       .about = "bytes of a strand that waits, as slopes over N, and how many wait at once",
       .operations = 80'000,
       .tiny = 4'000,
       .blocks = 1,
       .arms = {{.name = "jacquard", .run = bytes_of_a_task}},
       .control = false},
      {.name = "scheduler_poll_empty",
       .about = "run what is ready where nothing is: an executor that is driven by hand",
       .operations = 131'072,
       .tiny = 65'536,
       .blocks = 5,
       .arms = {{.name = "jacquard", .run = poll_empty}},
       .headed = headline::median},
  };
}

}  // namespace jacquard::bench::suite
