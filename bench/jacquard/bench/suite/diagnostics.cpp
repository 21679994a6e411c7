// What it costs to be able to look: messages and lives of actors in a system that counts them, and strands that are
// listed, each beside the same without. A report or a list is taken in every trial, and must be right.
#include <jacquard/bench/suite/catalogue.hpp>
#include <jacquard/bench/suite/stage.hpp>
#include <jacquard/diagnostics/actor_report.hpp>
#include <jacquard/diagnostics/strand_registry.hpp>
#include <jacquard/messaging/strand.hpp>

namespace jacquard::bench::suite {

namespace {

struct serve {
  std::uint64_t left;
};
struct volley {
  using messages = jacquard::messages<actor_ref<volley>, serve>;
  explicit volley(bell& over) : over_(over) {}
  void on(context<volley>&, const actor_ref<volley>& who) { other_ = who; }
  void on(context<volley>&, const serve& m) {
    if (m.left == 0) return over_.ring();
    (void)other_.tell(serve{m.left - 1});
  }

 private:
  bell& over_;
  actor_ref<volley> other_;
};

// Empty, or what a report of the resting system says wrongly.
std::string judged(const actor_system& system, bool counted, std::uint64_t handled) {
  // The last activation tells its count when it ends, which is after the bell.
  const sync::deadline until = sync::native::after(std::chrono::seconds{10});
  for (;;) {
    std::uint64_t sum = 0;
    bool told = true;
    const actor_report seen = report_actors(system);
    for (const actor_facts& one : seen.actors) {
      told = told && one.handled.has_value() == counted;
      sum += one.handled.value_or(0);
    }
    if (!told) return "the report does not say what was counted, or says what was not";
    const std::string wrong = expect("messages in the report", sum, counted ? handled : 0);
    if (wrong.empty() || sync::native::after(std::chrono::nanoseconds{0}) >= until) return wrong;
  }
}

template <bool Counted>
trial_result messages_of(const trial_plan& plan) {
  stage here(plan, 0, Counted);
  bell over;
  const auto one = here.system().spawn<volley>({}, over);
  const auto two = here.system().spawn<volley>({}, over);
  (void)one.tell(two);
  (void)two.tell(one);
  const auto game = [&](std::uint64_t messages) {
    over.reset();
    (void)two.tell(serve{messages - 1});
    return over.wait();
  };
  const std::uint64_t warm = std::min<std::uint64_t>(plan.operations, 20'000);
  (void)game(warm);
  const stretch timed(plan);
  trial_result made = timed.done(game(plan.operations), plan.operations);
  const std::string wrong = judged(here.system(), Counted, warm + plan.operations + 2);
  (void)one.stop();
  (void)two.stop();
  made.fault = first_fault({wrong, here.close()});
  return made;
}

// Actors that live for one message, spawned by another on the same worker.
struct nursery {
  bell over;
  std::uint64_t left = 0;
};
struct live {};
struct mayfly {
  using messages = jacquard::messages<live>;
  explicit mayfly(nursery& all) : all_(all) {}
  void on(context<mayfly>& here, const live&) {
    here.stop();
    if (--all_.left == 0) all_.over.ring();
  }

 private:
  nursery& all_;
};
struct parent {
  using messages = jacquard::messages<live>;
  parent(actor_system& system, nursery& all, std::uint64_t count)
      : system_(system), all_(all), count_(count) {}
  void on(context<parent>& here, const live&) {
    for (unsigned i = 0; i < 32 && count_ > 0; ++i, --count_) {
      (void)system_.spawn<mayfly>({}, all_).tell(live{});
    }
    if (count_ > 0) (void)here.self().tell(live{});
  }

 private:
  actor_system& system_;
  nursery& all_;
  std::uint64_t count_;
};

template <bool Counted>
trial_result lives_of(const trial_plan& plan) {
  stage here(plan, 0, Counted);
  nursery all;
  const auto lap = [&](std::uint64_t count) {
    all.left = count;
    all.over.reset();
    const auto from = here.system().spawn<parent>({.batch = 1}, here.system(), all, count);
    (void)from.tell(live{});
    const std::uint64_t end = all.over.wait();
    (void)from.stop();
    (void)here.system().wait_until_empty(sync::native::after(std::chrono::seconds{60}));
    return end;
  };
  (void)lap(1'000);
  const stretch timed(plan);
  trial_result made = timed.done(lap(plan.operations), plan.operations);
  const std::uint64_t left = report_actors(here.system()).actors.size();
  made.fault =
      first_fault({expect("actors in the report", left, 0),
                   expect("lives", here.system().counters().spawned, plan.operations + 1'000 + 2),
                   here.close()});
  return made;
}

strand<std::uint64_t> next_of(std::uint64_t number) { co_return number + 1; }

template <class Registry>
strand<std::uint64_t> joined(Registry& strands, executor& where, std::uint64_t count) {
  std::uint64_t sum = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    auto one = strands.spawn(where, "next", next_of(i));
    sum += co_await one;
  }
  co_return sum;
}

template <class Diagnostics>
trial_result strands_of(const trial_plan& plan) {
  bare_stage here(plan);
  native_environment clock;
  basic_strand_registry<Diagnostics> strands(clock);
  (void)block_on(here.workers(), joined(strands, here.workers(), 1'000));
  const stretch timed(plan);
  const std::uint64_t sum =
      block_on(here.workers(), joined(strands, here.workers(), plan.operations));
  trial_result made = timed.done(ticks(), plan.operations);
  made.fault = first_fault({expect("the sum", sum, plan.operations * (plan.operations + 1) / 2),
                            expect("strands listed at the end", strands.list().size(), 0)});
  return made;
}

}  // namespace

std::vector<benchmark> diagnostics_benchmarks() {
  return {
      {.name = "bench_diagnostics",
       .about = "ping-pong on one worker in a system that counts what each actor handles",
       .operations = 100'000,
       .tiny = 1'000,
       .blocks = 15,
       .arms = {{.name = "diagnostics_on", .run = messages_of<true>},
                {.name = "diagnostics_off", .run = messages_of<false>, .who = role::reference}}},
      {.name = "bench_diagnostics_spawn",
       .about = "an actor's whole life, for one message, in such a system",
       .operations = 20'000,
       .tiny = 1'000,
       .blocks = 15,
       .arms = {{.name = "diagnostics_on", .run = lives_of<true>},
                {.name = "diagnostics_off", .run = lives_of<false>, .who = role::reference}}},
      {.name = "bench_diagnostics_strand",
       .about = "a strand spawned and joined by a registry that lists it: a frame and a lock more",
       .operations = 20'000,
       .tiny = 1'000,
       .blocks = 7,
       .arms = {{.name = "diagnostics_on", .run = strands_of<diagnostics_on>},
                {.name = "diagnostics_off",
                 .run = strands_of<diagnostics_off>,
                 .who = role::reference}}},
  };
}

}  // namespace jacquard::bench::suite
