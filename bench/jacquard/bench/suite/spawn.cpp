// Starting actors: one, a batch, a million; their bytes; their whole life.
#include <jacquard/bench/suite/catalogue.hpp>
#include <jacquard/bench/suite/stage.hpp>

#include <thread>
#include <utility>

namespace jacquard::bench::suite {

namespace {

struct roll {
  bell over;
  std::uint64_t left = 0;  // the one worker's
  std::atomic<std::uint64_t> ended{0};
};
struct poke {};

template <int Kind>  // each has cells of its own
struct cheap {
  using messages = jacquard::messages<poke>;
  explicit cheap(roll& all) noexcept : all_(all) {}
  ~cheap() { all_.ended.fetch_add(1, std::memory_order::relaxed); }  // read when all have ended
  void on(context<cheap>&, const poke&) {
    if (--all_.left == 0) all_.over.ring();
  }

 private:
  roll& all_;
};

std::string end_all(stage& here, roll& all, std::uint64_t spawned) {
  return first_fault({here.close(), expect("actors that ended", all.ended, spawned)});
}

// Spawns `batch` at a time from a plain thread; ends them outside the clock.
template <std::uint64_t Batch>
trial_result batches(const trial_plan& plan) {
  stage here(plan);
  roll all;
  std::vector<actor_ref<cheap<0>>> live(Batch);
  histogram times;
  std::uint64_t spawned = 0;
  const auto end = [&] {
    for (const auto& one : live) (void)one.kill();
    (void)here.system().wait_until_empty(sync::native::after(std::chrono::seconds{60}));
  };
  const auto begin = [&] {
    for (auto& one : live) one = here.system().spawn<cheap<0>>({}, all);
    spawned += Batch;
  };
  for (int lap = 0; lap < 3; ++lap) {
    begin();
    end();
  }
  trial_result made;
  usage spent;
  while (made.operations < plan.operations) {
    const stretch timed(plan);
    const std::uint64_t start = ticks();
    begin();
    const std::uint64_t now = ticks();
    times.record(now - start);
    const trial_result part = timed.done(now, Batch);
    made.ns += part.ns;
    made.operations += Batch;
    made.spent = {
        .user_ns = made.spent.user_ns + part.spent.user_ns,
        .system_ns = made.spent.system_ns + part.spent.system_ns,
        .voluntary_switches = made.spent.voluntary_switches + part.spent.voluntary_switches,
        .involuntary_switches = made.spent.involuntary_switches + part.spent.involuntary_switches,
        .page_faults = made.spent.page_faults + part.spent.page_faults,
        .syscalls = made.spent.syscalls + part.spent.syscalls};
    end();
  }
  made.times = std::move(times);
  made.window = Batch;
  made.fault = end_all(here, all, spawned);
  return made;
}

// One spawn at a time, 64 in a row on one clock reading, so that each has a time.
trial_result singly(const trial_plan& plan) { return batches<64>(plan); }

// Until every worker sleeps: one that has just had work takes a few naps first, and each is a system call.
void wait_until_all_sleep(const scheduler& workers) {
  std::uint64_t seen = workers.counters().woken;
  for (int quiet = 0; quiet < 20; ++quiet) {
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
    const std::uint64_t now = workers.counters().woken;
    if (std::exchange(seen, now) != now) quiet = 0;
  }
}

// All at once, twice: the second time nothing is new, and nobody but this thread is awake. The system calls of the second
// are counted: there is none for a spawn, and a few for the counting itself.
trial_result after_warm_up(const trial_plan& plan) {
  stage here(plan);
  roll all;
  std::vector<actor_ref<cheap<1>>> live(plan.operations);
  const auto lap = [&](std::uint64_t count) {
    wait_until_all_sleep(here.system().workers());
    const stretch timed(plan);
    for (std::uint64_t i = 0; i < count; ++i) live[i] = here.system().spawn<cheap<1>>({}, all);
    trial_result made = timed.done(ticks(), count);
    for (std::uint64_t i = 0; i < count; ++i) (void)live[i].stop();
    (void)here.system().wait_until_empty(sync::native::after(std::chrono::seconds{60}));
    return made;
  };
  (void)lap(plan.operations);
  const trial_result half = lap(plan.operations / 2);
  trial_result made = lap(plan.operations);
  if (counts_syscalls()) {  // a slope over N: what the counting costs cancels
    made.figures.push_back({.name = "syscalls_per_spawn",
                            .value = (static_cast<double>(made.spent.syscalls) -
                                      static_cast<double>(half.spent.syscalls)) /
                                     static_cast<double>(made.operations - half.operations),
                            .unit = "syscalls"});
  }
  // The counting and a worker that naps cost a handful, whatever N is; a spawn that made one would cost N / 2 more.
  const std::uint64_t more =
      made.spent.syscalls > half.spent.syscalls ? made.spent.syscalls - half.spent.syscalls : 0;
  made.fault = first_fault({more * 20 > made.operations - half.operations
                                ? "spawns made system calls: " + std::to_string(more) + " more"
                                : "",
                            end_all(here, all, 2 * plan.operations + plan.operations / 2)});
  return made;
}

// Bytes of an actor that waits: what the heap and the resident memory grow by, as slopes over N. Cells are kept for
// reuse, so a process can measure this once for a type: the trial has one block.
trial_result bytes_of_one(const trial_plan& plan) {
  stage here(plan);
  roll all;
  std::vector<actor_ref<cheap<2>>> live;
  live.reserve(plan.operations);
  const std::uint64_t part = plan.operations / 4;
  std::vector<double> heap;
  std::vector<double> resident;
  trial_result made;
  for (std::uint64_t step = 0; step < 4; ++step) {
    const stretch timed(plan);
    for (std::uint64_t i = 0; i < part; ++i) {
      live.push_back(here.system().spawn<cheap<2>>({}, all));
    }
    const trial_result lap = timed.done(ticks(), part);
    made.ns += lap.ns;
    made.operations += part;
    made.spent = lap.spent;
    heap.push_back(static_cast<double>(heap_bytes()));
    resident.push_back(static_cast<double>(resident_bytes()));
  }
  // From a quarter to all of them.
  const double more = static_cast<double>(3 * part);
  made.figures = {
      {.name = "resident_bytes",
       .value = (resident.back() - resident.front()) / more,
       .unit = "B",
       .limit = 256.0},
      {.name = "heap_bytes", .value = (heap.back() - heap.front()) / more, .unit = "B"},
      {.name = "cell_bytes",
       .value = static_cast<double>(sizeof(actor_cell<cheap<2>>) + sizeof(cell_particulars)),
       .unit = "B"}};
  for (const auto& one : live) (void)one.stop();
  made.fault = end_all(here, all, made.operations);
  return made;
}

// Spawn, one message handled, stop, ended: from a plain thread, in bulk.
trial_result whole_life(const trial_plan& plan) {
  stage here(plan);
  roll all;
  std::vector<actor_ref<cheap<0>>> live(1'000);
  std::uint64_t spawned = 0;
  const auto lap = [&] {
    for (auto& one : live) {
      one = here.system().spawn<cheap<0>>({}, all);
      (void)one.tell(poke{});
      (void)one.stop();
    }
    spawned += live.size();
    (void)here.system().wait_until_empty(sync::native::after(std::chrono::seconds{60}));
  };
  all.left = ~std::uint64_t{0};
  lap();
  const stretch timed(plan);
  std::uint64_t done = 0;
  for (; done < plan.operations; done += live.size()) lap();
  trial_result made = timed.done(ticks(), done);
  made.fault = first_fault({expect("messages handled", ~std::uint64_t{0} - all.left, spawned),
                            end_all(here, all, spawned)});
  return made;
}

// A million actors, and one message to each of them.
trial_result million(const trial_plan& plan) {
  stage here(plan);
  roll all;
  all.left = plan.operations;
  std::vector<actor_ref<cheap<3>>> live;
  live.reserve(plan.operations);
  const stretch timed(plan);
  const std::uint64_t start = ticks();
  for (std::uint64_t i = 0; i < plan.operations; ++i) {
    live.push_back(here.system().spawn<cheap<3>>({}, all));
  }
  const std::uint64_t spawned = ticks();
  bool refused = false;
  for (const auto& one : live) refused |= one.tell(poke{}) != send_result::accepted;
  trial_result made = timed.done(all.over.wait(), plan.operations);
  made.figures = {
      {.name = "spawned_ms", .value = plan.clock.ns(start, spawned) / 1e6, .unit = "ms"},
      {.name = "resident_mib",
       .value = static_cast<double>(resident_bytes()) / 1048576.0,
       .unit = "MiB"}};
  for (const auto& one : live) (void)one.stop();
  made.fault =
      first_fault({refused ? "a message was refused" : "", end_all(here, all, plan.operations)});
  return made;
}

}  // namespace

std::vector<benchmark> spawn_benchmarks() {
  std::vector<benchmark> list = {
      {.name = "actor_spawn",
       .about = "spawn 100,000 actors from a plain thread after a warm-up; syscalls a spawn",
       .operations = 100'000,
       .tiny = 1'000,
       .blocks = 7,
       .arms = {{.name = "jacquard", .run = after_warm_up}, caf_arm("spawn")},
       .goals = {{.name = "claim.actor_spawn", .arm = "jacquard", .limit = 80.0},
                 {.name = "claim.actor_spawn_over_caf",
                  .arm = "jacquard",
                  .over = "caf",
                  .limit = 1.0 / 3.0}}},
      {.name = "actor_spawn_single",
       .about = "spawn one actor; times of 64 in a row",
       .operations = 12'800,
       .tiny = 12'800,
       .blocks = 7,
       .arms = {{.name = "jacquard", .run = singly}}},
      {.name = "actor_spawn_batch_10",
       .about = "spawn ten actors; times of batches",
       .operations = 10'000,
       .tiny = 10'000,
       .blocks = 7,
       .arms = {{.name = "jacquard", .run = batches<10>}}},
      {.name = "actor_spawn_batch_100",
       .about = "spawn a hundred actors; times of batches",
       .operations = 30'000,
       .tiny = 10'000,
       .blocks = 7,
       .arms = {{.name = "jacquard", .run = batches<100>}}},
      {.name = "actor_spawn_batch_1000",
       .about = "spawn a thousand actors; times of batches",
       .operations = 200'000,
       .tiny = 10'000,
       .blocks = 5,
       .arms = {{.name = "jacquard", .run = batches<1000>}}},
      {.name = "actor_lifecycle",
       .about = "spawn an actor, have it handle a message, stop it, until all have ended",
       .operations = 50'000,
       .tiny = 2'000,
       .blocks = 7,
       .arms = {{.name = "jacquard", .run = whole_life}}},
      {.name = "memory_per_actor",
       .about = "bytes of a waiting actor, as slopes over N; goal 256",
       .operations = 200'000,
       .tiny = 40'000,
       .blocks = 1,
       .arms = {{.name = "jacquard", .run = bytes_of_one}},
       .control = false},
      {.name = "spawn_1m_then_message",
       .about = "spawn a million actors, then send one message to each; ns an actor",
       .operations = 1'000'000,
       .tiny = 10'000,
       .blocks = 1,
       .arms = {{.name = "jacquard", .run = million}},
       .control = false},
  };
  return list;
}

}  // namespace jacquard::bench::suite
