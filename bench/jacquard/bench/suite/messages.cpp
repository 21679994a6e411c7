// Messages to actors from outside, many senders, state, and the mailboxes by themselves under the names that
// the requirements use.
#include <memory>

#include <jacquard/bench/message.hpp>
#include <jacquard/bench/suite/catalogue.hpp>
#include <jacquard/bench/suite/stage.hpp>

namespace jacquard::bench::suite {

namespace {

struct inbound {
  std::atomic<std::uint64_t> handled{0};
  histogram* times = nullptr;
  std::uint64_t wrong = 0;
};
struct stamped {
  std::uint64_t number;
  std::uint64_t at;
};
struct receiver {
  using messages = jacquard::messages<stamped>;
  explicit receiver(inbound& all) : all_(all) {}
  void on(context<receiver>&, const stamped& m) {
    if (all_.times != nullptr && m.at != 0) all_.times->record(ticks() - m.at);
    all_.wrong += m.number == next_++ ? 0 : 1;
    all_.handled.store(next_, std::memory_order::release);
  }

 private:
  inbound& all_;
  std::uint64_t next_ = 0;
};

trial_plan on_the_first(const trial_plan& plan) {
  trial_plan worker = plan;
  worker.processors = {plan.processors.front()};
  return worker;
}

// The actor is idle whenever a message is sent: the next one waits for the last to be handled.
trial_result single(const trial_plan& plan) {
  const trial_plan worker = on_the_first(plan);
  stage here(worker);
  inbound all;
  histogram times;
  const auto to = here.system().spawn<receiver>({}, all);
  (void)pin_to(plan.processors.back());
  bool refused = false;
  const auto send = [&](std::uint64_t number, std::uint64_t at) {
    refused |= to.tell(stamped{number, at}) != send_result::accepted;
    while (all.handled.load(std::memory_order::acquire) <= number) {
#if defined(__x86_64__)
      __builtin_ia32_pause();
#endif
    }
  };
  const std::uint64_t warm = 100;
  for (std::uint64_t i = 0; i < warm; ++i) send(i, 0);
  all.times = &times;
  const stretch timed(plan);
  for (std::uint64_t i = warm; i < warm + plan.operations; ++i) send(i, ticks());
  trial_result made = timed.done(ticks(), plan.operations);
  made.times = std::move(times);
  made.fault = first_fault({refused ? "a message was refused" : "",
                            expect("messages out of order", all.wrong, 0), here.close()});
  (void)pin_to(plan.processors.front());
  return made;
}

// A thread sends as fast as it may with at most 4,096 messages waiting.
trial_result sustained(const trial_plan& plan) {
  const trial_plan worker = on_the_first(plan);
  stage here(worker);
  inbound all;
  const auto to = here.system().spawn<receiver>({.batch = 64}, all);
  (void)pin_to(plan.processors.back());
  constexpr std::uint64_t depth_max = 4'096;
  histogram depths;
  bool refused = false;
  const stretch timed(plan);
  for (std::uint64_t i = 0; i < plan.operations; ++i) {
    if (i % 256 == 0) {
      std::uint64_t depth = i - all.handled.load(std::memory_order::acquire);
      depths.record(depth);
      for (; depth + 256 > depth_max; depth = i - all.handled.load(std::memory_order::acquire))
        std::this_thread::yield();
    }
    refused |= to.tell(stamped{i, 0}) != send_result::accepted;
  }
  while (all.handled.load(std::memory_order::acquire) < plan.operations) std::this_thread::yield();
  trial_result made = timed.done(ticks(), plan.operations);
  made.figures = {
      {.name = "queue_depth_p50",
       .value = static_cast<double>(depths.percentile(50)),
       .unit = "messages"},
      {.name = "queue_depth_max", .value = static_cast<double>(depths.max()), .unit = "messages"}};
  made.fault = first_fault({refused ? "a message was refused" : "",
                            expect("messages out of order", all.wrong, 0), here.close()});
  (void)pin_to(plan.processors.front());
  return made;
}

struct book {
  bell over;
  std::uint64_t left = 0;
  histogram* times = nullptr;  // of 64 changes
  std::uint64_t last = 0;
};
struct put {
  std::uint32_t place;
  std::uint32_t amount;
};
struct total {
  using reply = std::uint64_t;
};
struct ledger {
  using messages = jacquard::messages<put, total>;
  explicit ledger(book& all) : all_(all), places_(1024, 0) {}
  void on(context<ledger>&, const put& m) {
    places_[m.place % places_.size()] += m.amount;
    if (--all_.left % 64 == 0 && all_.times != nullptr) {
      const std::uint64_t now = ticks();
      if (all_.last != 0) all_.times->record(now - all_.last);
      all_.last = now;
    }
    if (all_.left == 0) all_.over.ring();
  }
  std::uint64_t on(context<ledger>&, const total&) {
    std::uint64_t sum = 0;
    for (const std::uint64_t one : places_) sum += one;
    return sum;
  }

 private:
  book& all_;
  std::vector<std::uint64_t> places_;
};

trial_result state_access(const trial_plan& plan) {
  stage here(plan);
  book all;
  const auto to = here.system().spawn<ledger>({.batch = 64}, all);
  std::uint64_t wanted = 0;
  bool refused = false;
  const auto lap = [&](std::uint64_t count) {
    all.left = count;
    all.last = 0;
    all.over.reset();
    for (std::uint64_t i = 0; i < count; ++i) {
      refused |= to.tell(put{static_cast<std::uint32_t>(i * 7), 3}) != send_result::accepted;
    }
    wanted += 3 * count;
    return all.over.wait();
  };
  for (std::uint64_t warmed = 0; warmed < plan.operations; warmed += 4'096) (void)lap(4'096);
  histogram times;
  all.times = &times;
  const stretch timed(plan);
  std::uint64_t done = 0;
  std::uint64_t end = 0;
  for (; done < plan.operations; done += 4'096) end = lap(4'096);
  trial_result made = timed.done(end, done);
  made.times = std::move(times);
  made.window = 64;
  auto sum = to.ask(total{});
  (void)sum.wait();
  made.fault = first_fault({refused ? "a message was refused" : "",
                            expect("the sum of the state", sum.take(), wanted), here.close()});
  return made;
}

// Actors that hand a token round. With 100,000 of them each step finds its cell out of the near caches.
struct ring_end {
  bell over;
  std::atomic<std::uint64_t> tokens{0};
};
struct token {
  std::uint64_t left;
};
struct link {
  using messages = jacquard::messages<actor_ref<link>, token>;
  explicit link(ring_end& all) : all_(all) {}
  void on(context<link>&, const actor_ref<link>& next) { next_ = next; }
  void on(context<link>&, const token& m) {
    if (m.left > 0) return (void)next_.tell(token{m.left - 1});
    if (all_.tokens.fetch_sub(1, std::memory_order::acq_rel) == 1) all_.over.ring();
  }

 private:
  ring_end& all_;
  actor_ref<link> next_;
};

template <std::uint64_t Actors, std::uint64_t Tokens = 10>
trial_result ring_of(const trial_plan& plan) {
  stage here(plan);
  ring_end all;
  std::vector<actor_ref<link>> links;
  for (std::uint64_t i = 0; i < Actors; ++i) links.push_back(here.system().spawn<link>({}, all));
  for (std::uint64_t i = 0; i < Actors; ++i) (void)links[i].tell(links[(i + 1) % Actors]);
  constexpr std::uint64_t tokens = Tokens;
  const auto lap = [&](std::uint64_t steps) {
    all.tokens = tokens;
    all.over.reset();
    for (std::uint64_t i = 0; i < tokens; ++i) {
      (void)links[i * Actors / tokens].tell(token{steps / tokens - 1});
    }
    return all.over.wait();
  };
  (void)lap(plan.operations);
  const std::uint64_t turns_before = here.system().workers().counters().ran;
  const stretch timed(plan);
  trial_result made = timed.done(lap(plan.operations), plan.operations);
  // Tokens that meet travel together, and one turn handles them all: an actor's turn is the dearer part of a message.
  made.figures = {
      {.name = "turns_per_message",
       .value = static_cast<double>(here.system().workers().counters().ran - turns_before) /
                static_cast<double>(plan.operations),
       .unit = "turns"}};
  const std::uint64_t left = all.tokens;
  for (const auto& one : links) (void)one.stop();
  made.fault = first_fault({expect("tokens that are still on their way", left, 0), here.close()});
  return made;
}

struct payload {
  bench::message body;
};
struct sink {
  using messages = jacquard::messages<payload>;
  sink(bell& over, std::uint64_t expected, std::string& fault)
      : over_(over), expected_(expected), fault_(fault) {}
  void on(context<sink>&, const payload& m) {
    judge_.see(m.body);
    if (judge_.count() < expected_) return;
    fault_ = judge_.fault(expected_);
    over_.ring();
  }

 private:
  bell& over_;
  const std::uint64_t expected_;
  std::string& fault_;
  solo_judge judge_;
};
struct tick {};
struct source {
  using messages = jacquard::messages<tick>;
  source(actor_ref<sink> to, std::uint64_t count) : to_(to), count_(count) {}
  void on(context<source>& here, const tick&) {
    for (unsigned i = 0; i < 64 && sent_ < count_; ++i) {
      if (to_.tell(payload{bench::message(0, sent_, 0)}) != send_result::accepted) return;
      ++sent_;
    }
    if (sent_ < count_) (void)here.self().tell(tick{});
  }

 private:
  const actor_ref<sink> to_;
  const std::uint64_t count_;
  std::uint64_t sent_ = 0;
};

trial_result sixty_four_bytes(const trial_plan& plan) {
  stage here(plan);
  std::string fault;
  const auto lap = [&](std::uint64_t count) {
    bell over;
    const auto to = here.system().spawn<sink>({.batch = 64}, over, count, fault);
    const auto from = here.system().spawn<source>({.batch = 1}, to, count);
    const stretch timed(plan);
    (void)from.tell(tick{});
    trial_result made = timed.done(over.wait(), count);
    (void)from.stop();
    (void)to.stop();
    (void)here.system().wait_until_empty(sync::native::after(std::chrono::seconds{60}));
    return made;
  };
  (void)lap(std::min<std::uint64_t>(plan.operations, 20'000));
  trial_result made = lap(plan.operations);
  made.fault = first_fault({fault, here.close()});
  return made;
}

// The rounds of bench_enqueue_64b and bench_dequeue.
template <workload Half>
trial_result mailbox(const trial_plan& plan) {
  for (const contender& queue : field()) {
    if (queue.name != "ring_mailbox") continue;
    round_plan half;
    half.operations = plan.operations / field_capacity * field_capacity;
    half.on = {.consumer = plan.processors.front(), .senders = {plan.processors.front()}};
    half.clock = plan.clock;
    trial_result made;
    half.bursts = &made.times;
    const usage before = usage_now();
    const round_result round = queue.of(Half)(half);
    made.ns = round.ns;
    made.operations = round.operations;
    made.spent = usage_now() - before;
    made.window = field_capacity;
    made.fault = round.fault;
    return made;
  }
  trial_result none;
  none.fault = "there is no ring_mailbox in the field";
  return none;
}

}  // namespace

std::vector<benchmark> message_benchmarks() {
  return {
      {.name = "message_send_receive_single",
       .about =
           "a thread sends one message to an idle actor on another processor, until it is handled",
       .operations = 2'000,
       .tiny = 1'000,
       .blocks = 5,
       .arms = {{.name = "jacquard", .run = single, .two_processors = true}}},
      {.name = "message_throughput_sustained",
       .about = "a thread feeds an actor on another processor; depth of the queue",
       .operations = 300'000,
       .tiny = 10'000,
       .blocks = 5,
       .arms = {{.name = "jacquard", .run = sustained, .two_processors = true}}},
      {.name = "mailbox_enqueue",
       .about = "64 bytes into a ring mailbox",
       .operations = 102'400,
       .tiny = 1'024,
       .blocks = 5,
       .arms = {{.name = "jacquard", .run = mailbox<workload::enqueue>}}},
      {.name = "mailbox_dequeue",
       .about = "64 bytes out of a ring mailbox",
       .operations = 102'400,
       .tiny = 1'024,
       .blocks = 5,
       .arms = {{.name = "jacquard", .run = mailbox<workload::dequeue>}}},
      {.name = "actor_state_access",
       .about = "a thread sends bursts of 4,096 changes to an actor's 1,024 counters; times of "
                "64 in a row",
       .operations = 200'000,
       .tiny = 4'096,
       .blocks = 5,
       .arms = {{.name = "jacquard", .run = state_access}}},
      {.name = "actor_scale",
       .about = "ten tokens in a ring of 10, 1,000 and 100,000 actors, and one, whose every "
                "message is a "
                "turn; ns a message",
       .operations = 300'000,
       .tiny = 10'000,
       .blocks = 5,
       .arms = {{.name = "jacquard", .run = ring_of<10>},
                {.name = "1k_actors", .run = ring_of<1'000>},
                {.name = "100k_actors", .run = ring_of<100'000>},
                {.name = "one_token", .run = ring_of<10, 1>},
                {.name = "one_token_100k", .run = ring_of<100'000, 1>}},
       .goals =
           {{.name = "claim.actor_scale_1k", .arm = "1k_actors", .over = "jacquard", .limit = 1.5},
            {.name = "claim.actor_scale_100k",
             .arm = "100k_actors",
             .over = "jacquard",
             .limit = 1.5},
            {.name = "claim.actor_scale_100k_turn_for_turn",
             .arm = "one_token_100k",
             .over = "one_token",
             .limit = 1.5}}},
      {.name = "throughput_64b",
       .about = "one actor to another on one worker, 64 bytes a message",
       .operations = 300'000,
       .tiny = 10'000,
       .blocks = 5,
       .arms = {{.name = "jacquard", .run = sixty_four_bytes}},
       .goals = {{.name = "claim.actors_one_million_a_second", .arm = "jacquard", .limit = 1000.0}},
       .headed = headline::calls_per_second},
  };
}

}  // namespace jacquard::bench::suite
