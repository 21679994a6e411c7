// bench_parts: what the pieces cost that a message between actors, a question and a strand are made of, each by itself
// on one thread or one worker. Each figure is the fastest of 40 rounds of 20,000.
#include <fmt/core.h>

#include <array>
#include <limits>

#include <jacquard/bench/rounds.hpp>
#include <jacquard/bench/suite/stage.hpp>
#include <jacquard/messaging/channel.hpp>
#include <jacquard/messaging/strand.hpp>

namespace {

using namespace jacquard;
using namespace jacquard::bench;
using namespace jacquard::bench::suite;

constexpr std::uint64_t operations = 20'000;
constexpr int rounds = 40;

// `round` does `operations` and returns when it ended.
template <class F>
void print(const char* name, const clock_facts& clock, F&& round) {
  double best = std::numeric_limits<double>::infinity();
  for (int i = 0; i < rounds; ++i) {
    const std::uint64_t start = ticks();
    const std::uint64_t end = round();
    best = std::min(best, clock.ns(start, end) / static_cast<double>(operations));
  }
  fmt::print("{:<66} {:>6.2f} ns\n", name, best);
}

template <class F>
auto each(F&& operation) {
  return [operation]() mutable {
    for (std::uint64_t i = 0; i < operations; ++i) operation(i);
    return ticks();
  };
}

// Two tasks that make each other runnable: a turn of the scheduler and nothing else.
struct relay final : task {
  relay(scheduler& where, bell& over) : task(&relay::step), where_(where), over_(over) {}
  static void step(task& self) noexcept {
    relay& me = static_cast<relay&>(self);
    if (me.left_ == 0) return me.over_.ring();
    --me.left_;
    me.where_.schedule(*me.other, urgency::next);
  }
  task* other = nullptr;
  std::uint64_t left_ = 0;

 private:
  scheduler& where_;
  bell& over_;
};

struct step {
  std::uint64_t left;
};
struct alone {
  using messages = jacquard::messages<step>;
  explicit alone(bell& over) : over_(over) {}
  void on(context<alone>& here, const step& m) {
    if (m.left == 0) return over_.ring();
    (void)here.self().tell(step{m.left - 1});
  }

 private:
  bell& over_;
};
struct player {
  using messages = jacquard::messages<actor_ref<player>, step>;
  explicit player(bell& over) : over_(over) {}
  void on(context<player>&, const actor_ref<player>& who) { other_ = who; }
  void on(context<player>&, const step& m) {
    if (m.left == 0) return over_.ring();
    (void)other_.tell(step{m.left - 1});
  }

 private:
  bell& over_;
  actor_ref<player> other_;
};

strand<std::uint64_t> answer(std::uint64_t value) { co_return value; }
strand<std::uint64_t> call_many() {
  std::uint64_t sum = 0;
  for (std::uint64_t i = 0; i < operations; ++i) sum += co_await answer(i);
  co_return sum;
}
strand<std::uint64_t> join_many(executor& where) {
  std::uint64_t sum = 0;
  for (std::uint64_t i = 0; i < operations; ++i) {
    spawned<std::uint64_t> child = spawn(where, answer(i));
    sum += co_await child;
  }
  co_return sum;
}
strand<> yield_many() {
  for (std::uint64_t i = 0; i < operations; ++i) co_await yield();
}

// What the environment's memory does for a letter of one word and for a small frame.
void print_memory(const clock_facts& clock) {
  print("letter: take from the slab, construct, destroy, give back", clock,
        each([](std::uint64_t i) {
          auto* const fresh = make_letter<told_letter<step>>(1u, std::uint16_t{0}, step{i});
          asm volatile("" : : "r"(fresh) : "memory");
          destroy_letter(*fresh);
        }));
  print("frame of 192 bytes: take and give back", clock, each([](std::uint64_t) {
          void* const frame = native_frames::take(192);
          asm volatile("" : : "r"(frame) : "memory");
          native_frames::give(frame, 192);
        }));
}

void print_inbox(const clock_facts& clock) {
  basic_inbox<letter> inbox;
  inbox.reopen(false);
  letter one(1, 0, false);
  letter two(1, 0, false);
  print("inbox: push to an idle one, take, give it up", clock, each([&](std::uint64_t i) {
          (void)inbox.push(i % 2 == 0 ? one : two);
          (void)inbox.take();
          (void)inbox.try_idle();
        }));
}

void print_futures(const clock_facts& clock) {
  auto& pool = future_pool<std::uint64_t>::of_process();
  print("future: make and drop", clock, each([&](std::uint64_t) {
          auto value = pool.make();
          asm volatile("" : : "r"(&value) : "memory");
        }));
  print("future: make, fulfil, take", clock, each([&](std::uint64_t i) {
          auto value = pool.make();
          (void)value.promise().fulfil(std::uint64_t{i});
          const std::uint64_t got = value.take();
          asm volatile("" : : "r"(got) : "memory");
        }));
  print("future: make, fulfil, wait, take", clock, each([&](std::uint64_t i) {
          auto value = pool.make();
          (void)value.promise().fulfil(std::uint64_t{i});
          const std::uint64_t got = value.wait() == reply_status::ready ? value.take() : 0;
          asm volatile("" : : "r"(got) : "memory");
        }));
}

}  // namespace

int main() {
  (void)pin_to(allowed_processors().front());
  trial_plan plan;
  plan.clock = probe_clock();
  plan.processors = {allowed_processors().front()};
  const clock_facts& clock = plan.clock;
  const company second_thread;  // without one a mutex costs less than in a program with threads
  print_memory(clock);
  print_inbox(clock);
  print_futures(clock);
  {
    bare_stage here(plan);
    bell over;
    std::array<relay, 2> both{relay(here.workers(), over), relay(here.workers(), over)};
    both[0].other = &both[1];
    both[1].other = &both[0];
    print("scheduler: a turn (two tasks that make each other runnable)", clock, [&] {
      over.reset();
      both[0].left_ = both[1].left_ = operations / 2;
      here.workers().schedule(both[0], urgency::soon);
      return over.wait();
    });
    const auto run = [&](strand<std::uint64_t> work) {
      (void)block_on(here.workers(), std::move(work));
      return ticks();
    };
    print("strand: called and awaited", clock, [&] { return run(call_many()); });
    print("strand: spawned and joined", clock, [&] { return run(join_many(here.workers())); });
    print("strand: yield", clock, [&] {
      block_on(here.workers(), yield_many());
      return ticks();
    });
  }
  stage here(plan);
  bell over;
  const auto one = here.system().spawn<alone>({.batch = 64}, over);
  print("actor: tells itself (no turn of the scheduler but one in 64)", clock, [&] {
    over.reset();
    (void)one.tell(step{operations - 1});
    return over.wait();
  });
  const auto ping = here.system().spawn<player>({}, over);
  const auto pong = here.system().spawn<player>({}, over);
  (void)ping.tell(pong);
  (void)pong.tell(ping);
  print("actor: tells another, who was idle (ping-pong)", clock, [&] {
    over.reset();
    (void)ping.tell(step{operations - 1});
    return over.wait();
  });
  const std::string fault = here.close();
  if (fault.empty()) return 0;
  fmt::print(stderr, "BROKEN: {}\n", fault);
  return 1;
}
