// What waiting things weigh, what idle and busy actors cost, how a system starts, and what a yield costs.
#include <malloc.h>

#include <memory>
#include <thread>

#include <jacquard/bench/message.hpp>
#include <jacquard/bench/suite/catalogue.hpp>
#include <jacquard/bench/suite/stage.hpp>
#include <jacquard/mailbox/linked_mailbox.hpp>
#include <jacquard/mailbox/ring_mailbox.hpp>

namespace jacquard::bench::suite {

namespace {

// Bytes of a mailbox: what the heap and the resident memory grow by, as slopes over N, from a quarter of them to all.
// Memory that was freed before, and is resident still, goes back to the system first: used again it would not show.
template <class Box>
trial_result mailboxes(const trial_plan& plan, std::uint32_t capacity, std::uint64_t waiting) {
  (void)pin_to(plan.processors.front());
  (void)malloc_trim(0);
  std::vector<std::unique_ptr<Box>> all;
  all.reserve(plan.operations);
  const std::uint64_t part = plan.operations / 4;
  std::vector<double> heap;
  std::vector<double> resident;
  std::uint64_t refused = 0;
  const stretch timed(plan);
  for (std::uint64_t step = 0; step < 4; ++step) {
    for (std::uint64_t i = 0; i < part; ++i) {
      all.push_back(std::make_unique<Box>(mailbox_options<message>{.capacity = capacity}));
      for (std::uint64_t n = 0; n < waiting; ++n) {
        refused += all.back()->send(message(0, n, 0)) == send_result::accepted ? 0 : 1;
      }
    }
    heap.push_back(static_cast<double>(heap_bytes()));
    resident.push_back(static_cast<double>(resident_bytes()));
  }
  trial_result made = timed.done(ticks(), 4 * part);
  const double more = static_cast<double>(3 * part);
  made.figures = {{.name = "heap_bytes", .value = (heap.back() - heap.front()) / more, .unit = "B"},
                  {.name = "resident_bytes",
                   .value = (resident.back() - resident.front()) / more,
                   .unit = "B"}};
  std::uint64_t found = 0;
  for (const auto& box : all) {
    found += box->receive(64, [](message&&) {}).messages;
  }
  made.fault = first_fault({expect("messages refused", refused, 0),
                            expect("messages found", found, 4 * part * waiting)});
  return made;
}

trial_result bounded_boxes(const trial_plan& plan) {
  return mailboxes<ring_mailbox<message>>(plan, 512, 1);
}
trial_result unbounded_boxes(const trial_plan& plan) {
  return mailboxes<linked_mailbox<message>>(plan, unbounded, 1);
}

struct poke {};
struct worker {
  using messages = jacquard::messages<poke>;
  explicit worker(std::atomic<std::uint64_t>& handled) : handled_(handled) {}
  void on(context<worker>&, const poke&) {
    handled_.fetch_add(1, std::memory_order::relaxed);  // read when the system is at rest
  }

 private:
  std::atomic<std::uint64_t>& handled_;
};

// operations: milliseconds to watch. Ten thousand actors that have each handled one message.
trial_result idle(const trial_plan& plan) {
  stage here(plan);
  std::atomic<std::uint64_t> handled{0};
  constexpr std::uint64_t actors = 10'000;
  for (std::uint64_t i = 0; i < actors; ++i) {
    (void)here.system().spawn<worker>({}, handled).tell(poke{});
  }
  while (handled.load() < actors) std::this_thread::sleep_for(std::chrono::milliseconds{1});
  std::this_thread::sleep_for(std::chrono::milliseconds{2});
  const std::uint64_t woken = here.system().workers().counters().woken;
  const stretch timed(plan);
  std::this_thread::sleep_for(std::chrono::milliseconds{plan.operations});
  trial_result made = timed.done(ticks(), plan.operations);
  const std::uint64_t again = here.system().workers().counters().woken;
  made.figures = {
      {.name = "cpu_percent",
       .value = 100.0 * (made.spent.user_ns + made.spent.system_ns) / made.ns,
       .unit = "% of a core"},
      {.name = "wakeups", .value = static_cast<double>(again - woken), .unit = "wake-ups"}};
  made.fault = first_fault({expect("messages handled", handled, actors),
                            expect("wake-ups of an idle system", again, woken), here.close()});
  return made;
}

// operations: milliseconds. A message to each of 100 actors every millisecond: 100,000 a second over 1,000 actors.
trial_result active(const trial_plan& plan) {
  stage here(plan);
  std::atomic<std::uint64_t> handled{0};
  std::vector<actor_ref<worker>> all;
  for (int i = 0; i < 1'000; ++i) all.push_back(here.system().spawn<worker>({}, handled));
  std::uint64_t sent = 0;
  const stretch timed(plan);
  auto due = std::chrono::steady_clock::now();
  for (std::uint64_t millisecond = 0; millisecond < plan.operations; ++millisecond) {
    for (std::uint64_t i = 0; i < 100; ++i) {
      sent += all[(millisecond * 100 + i) % all.size()].tell(poke{}) == send_result::accepted;
    }
    due += std::chrono::milliseconds{1};
    std::this_thread::sleep_until(due);
  }
  trial_result made = timed.done(ticks(), plan.operations);
  made.figures = {{.name = "cpu_percent",
                   .value = 100.0 * (made.spent.user_ns + made.spent.system_ns) / made.ns,
                   .unit = "% of a core"},
                  {.name = "cpu_ns_per_message",
                   .value = (made.spent.user_ns + made.spent.system_ns) / static_cast<double>(sent),
                   .unit = "ns"}};
  const std::string closed = here.close();
  made.fault = first_fault({expect("messages sent", sent, 100 * plan.operations),
                            expect("messages handled", handled, sent), closed});
  return made;
}

// From nothing to the first message handled; the threads included.
trial_result cold_start(const trial_plan& plan) {
  trial_result made;
  std::atomic<std::uint64_t> handled{0};
  const usage before = usage_now();
  for (std::uint64_t i = 0; i < plan.operations; ++i) {
    const std::uint64_t start = ticks();
    std::uint64_t end = 0;
    {
      native_environment world;
      actor_system system(world, {.scheduling = {.workers = 1}});
      const auto one = system.spawn<worker>({}, handled);
      (void)one.tell(poke{});
      while (handled.load(std::memory_order::acquire) <= i) std::this_thread::yield();
      end = ticks();
      (void)one.stop();
    }
    made.times.record(end - start);
    made.ns += plan.clock.ns(start, end);
  }
  made.operations = plan.operations;
  made.spent = usage_now() - before;
  made.fault = expect("first messages", handled, plan.operations);
  return made;
}

struct turns {
  bell over;
  histogram* times = nullptr;
  std::uint64_t left = 0;
  std::uint64_t last = 0;
};
struct yielder {
  using messages = jacquard::messages<poke>;
  explicit yielder(turns& all) : all_(all) {}
  void on(context<yielder>&, const poke&) {
    if (--all_.left % 64 == 0 && all_.times != nullptr) {
      const std::uint64_t now = ticks();
      if (all_.last != 0) all_.times->record(now - all_.last);
      all_.last = now;
    }
    if (all_.left == 0) all_.over.ring();
  }

 private:
  turns& all_;
};

// Two actors whose inboxes are full and whose share is `batch`. With one message a turn every message ends in a
// yield: the difference of the arms is what a yield costs.
template <std::uint32_t Batch>
trial_result yields(const trial_plan& plan) {
  stage here(plan);
  turns all;
  histogram times;
  const auto one = here.system().spawn<yielder>({.batch = Batch}, all);
  const auto two = here.system().spawn<yielder>({.batch = Batch}, all);
  trial_result made;
  const std::uint64_t at_once = 2'048;
  const auto lap = [&](histogram* kept) {
    all.over.reset();
    all.left = at_once + 1;
    all.times = kept;
    all.last = 0;
    for (std::uint64_t i = 0; i < at_once / 2; ++i) {
      (void)one.tell(poke{});
      (void)two.tell(poke{});
    }
    const stretch timed(plan);
    (void)one.tell(poke{});
    return timed.done(all.over.wait(), at_once);
  };
  (void)lap(nullptr);
  while (made.operations < plan.operations) {
    const trial_result part = lap(&times);
    made.ns += part.ns;
    made.operations += part.operations;
    made.spent = part.spent;
  }
  // The whole time divided by all is blurred by the sender, who runs beside the worker; the windows are not.
  made.times = std::move(times);
  made.window = 64;
  made.fault = first_fault({expect("messages that are left", all.left, 0), here.close()});
  return made;
}

}  // namespace

std::vector<benchmark> resource_benchmarks() {
  return {
      {.name = "memory_per_mailbox_bounded",
       .about = "bytes of a ring mailbox of 512 messages of 64 bytes, as a slope over N",
       .operations = 400,
       .tiny = 40,
       .blocks = 1,
       .arms = {{.name = "jacquard", .run = bounded_boxes}},
       .control = false},
      {.name = "memory_per_mailbox_unbounded",
       .about = "bytes of an unbounded linked mailbox with one message in it, as a slope over N",
       .operations = 4'000,
       .tiny = 40,
       .blocks = 1,
       .arms = {{.name = "jacquard", .run = unbounded_boxes}},
       .control = false},
      {.name = "cpu_idle_actors",
       .about = "10,000 actors with nothing to do; wake-ups must be none",
       .operations = 300,
       .tiny = 10,
       .blocks = 1,
       .arms = {{.name = "jacquard", .run = idle}},
       .control = false},
      {.name = "cpu_active_actors",
       .about = "1,000 actors at 100,000 messages a second; processor time, the sender's too",
       .operations = 300,
       .tiny = 10,
       .blocks = 1,
       .arms = {{.name = "jacquard", .run = active}},
       .control = false},
      {.name = "runtime_cold_start",
       .about = "an actor system with one worker, from nothing to its first message handled",
       .operations = 1'000,
       .tiny = 250,
       .blocks = 1,
       .arms = {{.name = "jacquard", .run = cold_start}},
       .headed = headline::p95_ms,
       .control = false},
      {.name = "yield_cost",
       .about = "actors whose share is one message; beside a share of 64",
       .operations = 20'480,
       .tiny = 2'048,
       .blocks = 5,
       .arms = {{.name = "jacquard", .run = yields<1>},
                {.name = "share_of_64", .run = yields<64>, .who = role::reference}},
       .goals =
           {{.name = "claim.yield_cost", .arm = "jacquard", .limit = 1000.0, .by = basis::median}},
       .headed = headline::median},
  };
}

}  // namespace jacquard::bench::suite
