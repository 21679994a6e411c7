// One actor to a hundred, ten actors to one. A producer sends a share to each of its consumers and goes on when all of
// them have said that they handled it, so that what waits is bounded, as with a channel of that capacity. The
// acknowledgements (one for each share) are part of the time, and are not counted as messages.
#include <memory>

#include <jacquard/bench/suite/catalogue.hpp>
#include <jacquard/bench/suite/stage.hpp>

namespace jacquard::bench::suite {

namespace {

struct producer;

struct hall {
  bell over;
  std::vector<actor_ref<producer>> writers;  // filled before anybody sends
  std::atomic<std::uint64_t> unfinished{0};  // consumers that wait for more
  std::atomic<std::uint64_t> handled{0};     // summed as the consumers end
  std::atomic<bool> refused{false};
  std::atomic<bool> disordered{false};
  histogram* times = nullptr;  // of a share; only where there is one consumer
  std::uint64_t last = 0;

  void one_less() {
    if (unfinished.fetch_sub(1, std::memory_order::acq_rel) == 1) over.ring();
  }
};

struct job {
  std::uint32_t from;
  std::uint32_t number;
};

struct consumer {
  using messages = jacquard::messages<job>;

  consumer(hall& here, std::uint64_t expected, std::uint32_t senders, std::uint32_t share)
      : hall_(here), left_(expected), share_(share), next_(senders, 0) {}
  ~consumer() {
    hall_.handled.fetch_add(count_);
    if (wrong_ != 0) hall_.disordered.store(true);
  }
  inline void on(context<consumer>&, const job& m);

 private:
  hall& hall_;
  std::uint64_t left_;
  const std::uint32_t share_;
  std::vector<std::uint32_t> next_;
  std::uint64_t count_ = 0;
  std::uint32_t wrong_ = 0;
};

struct go_on {};

struct producer {
  using messages = jacquard::messages<go_on>;

  producer(hall& here, std::vector<actor_ref<consumer>> to, std::uint32_t number,
           std::uint64_t rounds, std::uint32_t share)
      : hall_(here), to_(std::move(to)), number_(number), rounds_(rounds), share_(share) {}
  void on(context<producer>&, const go_on&) {
    if (--awaited_ > 0 || rounds_ == 0) return;
    awaited_ = static_cast<std::uint32_t>(to_.size());
    bool ok = true;
    for (std::uint32_t i = 0; i < share_ && rounds_ > 0; ++i, --rounds_) {
      for (const actor_ref<consumer>& one : to_)
        ok &= one.tell(job{number_, sent_}) == send_result::accepted;
      ++sent_;
    }
    if (ok) return;
    hall_.refused.store(true);
    hall_.over.ring();
  }

 private:
  hall& hall_;
  const std::vector<actor_ref<consumer>> to_;
  const std::uint32_t number_;
  std::uint64_t rounds_;
  const std::uint32_t share_;
  std::uint32_t sent_ = 0;
  std::uint32_t awaited_ = 1;  // who has not yet said that it handled its share
};

void consumer::on(context<consumer>&, const job& m) {
  wrong_ |= m.number ^ next_[m.from]++;
  ++count_;
  if ((m.number + 1) % share_ == 0) {
    (void)hall_.writers[m.from].tell(go_on{});
    if (hall_.times != nullptr) {
      const std::uint64_t now = ticks();
      if (hall_.last != 0) hall_.times->record(now - hall_.last);
      hall_.last = now;
    }
  }
  if (--left_ == 0) hall_.one_less();
}

// Every producer sends `operations / producers` messages, the same number to each consumer.
trial_result fan(const trial_plan& plan, std::uint32_t producers, std::uint32_t consumers,
                 std::uint32_t share) {
  stage here(plan);
  hall room;
  std::uint64_t sent = 0;
  const auto lap = [&](std::uint64_t messages) {
    const std::uint64_t each = messages / producers / consumers;  // from each to each
    room.over.reset();
    room.unfinished = consumers;
    std::vector<actor_ref<consumer>> readers;
    for (std::uint32_t i = 0; i < consumers; ++i) {
      readers.push_back(
          here.system().spawn<consumer>({.batch = 64}, room, each * producers, producers, share));
    }
    std::vector<actor_ref<producer>>& writers = room.writers;
    writers.clear();
    for (std::uint32_t i = 0; i < producers; ++i) {
      writers.push_back(here.system().spawn<producer>({}, room, readers, i, each, share));
    }
    sent += each * producers * consumers;
    const stretch timed(plan);
    for (const auto& one : writers) (void)one.tell(go_on{});
    const std::uint64_t end = room.over.wait();
    trial_result made = timed.done(end, each * producers * consumers);
    for (const auto& one : writers) (void)one.stop();
    for (const auto& one : readers) (void)one.stop();
    (void)here.system().wait_until_empty(sync::native::after(std::chrono::seconds{60}));
    return made;
  };
  (void)lap(std::min<std::uint64_t>(plan.operations, 20'000));
  histogram times;
  if (producers == 1 && consumers == 1) room.times = &times;
  trial_result made = lap(plan.operations);
  made.times = std::move(times);
  made.window = share;
  made.fault = first_fault({room.refused ? "a message was refused" : "",
                            room.disordered ? "a message was lost, doubled or out of order" : "",
                            here.close(), expect("messages handled", room.handled, sent)});
  return made;
}

trial_result out_100(const trial_plan& plan) { return fan(plan, 1, 100, 32); }
trial_result in_10(const trial_plan& plan) { return fan(plan, 10, 1, 64); }
trial_result out_10(const trial_plan& plan) { return fan(plan, 1, 10, 32); }
template <std::uint32_t Senders>
trial_result contended(const trial_plan& plan) {
  return fan(plan, Senders, 1, 64);
}
trial_result one_to_one(const trial_plan& plan) { return fan(plan, 1, 1, 64); }

std::vector<goal> goals_of(const std::string& name) {
  return {
      {.name = "claim." + name, .arm = "jacquard", .limit = 10.0},
      {.name = "claim." + name + "_over_caf", .arm = "jacquard", .over = "caf", .limit = 1.0 / 3.0},
      {.name = "claim." + name + "_two_workers_never_slower",
       .arm = "two_workers",
       .over = "jacquard",
       .limit = 1.0,
       .by = basis::wall,
       .tie = tie_of_equals}};
}

}  // namespace

std::vector<benchmark> fan_benchmarks() {
  std::vector<benchmark> list = {
      {.name = "actor_fanout_1to100",
       .about = "one actor to a hundred, 1,000,000 messages in all; until the last is handled",
       .operations = 1'000'000,
       .tiny = 10'000,
       .blocks = 7,
       .arms = {{.name = "jacquard", .run = out_100},
                {.name = "two_workers", .run = out_100, .two_processors = true},
                caf_arm("fanout")},
       .goals = goals_of("actor_fanout_1to100")},
      {.name = "actor_fanin_10to1",
       .about = "ten actors to one, 1,000,000 messages in all; until the last is handled",
       .operations = 1'000'000,
       .tiny = 10'000,
       .blocks = 7,
       .arms = {{.name = "jacquard", .run = in_10},
                {.name = "two_workers", .run = in_10, .two_processors = true},
                caf_arm("fanin")},
       .goals = goals_of("actor_fanin_10to1")},
      {.name = "message_broadcast_10",
       .about = "one actor to ten, each message to all",
       .operations = 200'000,
       .tiny = 10'000,
       .blocks = 7,
       .arms = {{.name = "jacquard", .run = out_10}}},
      {.name = "message_broadcast_100",
       .about = "one actor to a hundred, each message to all",
       .operations = 200'000,
       .tiny = 10'000,
       .blocks = 7,
       .arms = {{.name = "jacquard", .run = out_100}}},
      {.name = "actor_message_throughput",
       .about = "one actor to another, 64 messages a turn; times of 64 in a row",
       .operations = 500'000,
       .tiny = 10'000,
       .blocks = 7,
       .arms = {{.name = "jacquard", .run = one_to_one}}},
  };
  const auto contention = [&list](std::uint32_t senders, auto run) {
    list.push_back({.name = "actor_contention/" + std::to_string(senders),
                    .about = std::to_string(senders) + " actor(s) send to one, on two workers",
                    .operations = 200'000 / senders * senders,
                    .tiny = 64ull * 64,
                    .blocks = 3,
                    .arms = {{.name = "jacquard", .run = run, .two_processors = true}}});
  };
  contention(1, contended<1>);
  contention(4, contended<4>);
  contention(16, contended<16>);
  contention(64, contended<64>);
  return list;
}

}  // namespace jacquard::bench::suite
