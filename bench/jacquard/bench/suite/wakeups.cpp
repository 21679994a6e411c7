// What wakes workers: a message to an actor that is pinned to another worker of the same system, and periodic timers.
// Every wake-up is a voluntary switch, which each row shows; here they are the figures that matter.
#include <chrono>
#include <thread>

#include <jacquard/bench/suite/catalogue.hpp>
#include <jacquard/bench/suite/stage.hpp>

namespace jacquard::bench::suite {

namespace {

struct shot {
  std::uint64_t left;
};
struct table {
  bell over;
  std::uint64_t seen = 0;  // written in turn
};
struct racket {
  using messages = jacquard::messages<actor_ref<racket>, shot>;
  explicit racket(table& all) : all_(all) {}
  void on(context<racket>&, const actor_ref<racket>& who) { other_ = who; }
  void on(context<racket>&, const shot& m) {
    ++all_.seen;
    if (m.left == 0) return all_.over.ring();
    (void)other_.tell(shot{m.left - 1});
  }

 private:
  table& all_;
  actor_ref<racket> other_;
};

// Two workers, an actor pinned to each: whoever has the ball wakes the other.
trial_result pinned(const trial_plan& plan) {
  stage here(plan, 2);
  table all;
  const auto one = here.system().spawn<racket>({.pinned = 0}, all);
  const auto two = here.system().spawn<racket>({.pinned = 1}, all);
  (void)one.tell(two);
  (void)two.tell(one);
  const auto game = [&](std::uint64_t shots) {
    all.seen = 0;
    all.over.reset();
    (void)two.tell(shot{shots - 1});
    return all.over.wait();
  };
  (void)game(100);
  const std::uint64_t woken = here.system().workers().counters().woken;
  const stretch timed(plan);
  trial_result made = timed.done(game(plan.operations), plan.operations);
  const double shots = static_cast<double>(plan.operations);
  made.figures = {
      {.name = "switches_per_message",
       .value = static_cast<double>(made.spent.voluntary_switches) / shots,
       .unit = "switches"},
      {.name = "wakeups_per_message",
       .value = static_cast<double>(here.system().workers().counters().woken - woken) / shots,
       .unit = "wake-ups"}};
  const std::uint64_t seen = all.seen;
  (void)one.stop();
  (void)two.stop();
  made.fault = first_fault({expect("shots", seen, plan.operations), here.close()});
  return made;
}

struct tick {};
struct beaten {
  using messages = jacquard::messages<tick>;
  explicit beaten(std::atomic<std::uint64_t>& ticks) : ticks_(ticks) {}
  void on(context<beaten>&, const tick&) {
    ticks_.fetch_add(1, std::memory_order::relaxed);  // read when the timers are cancelled
  }

 private:
  std::atomic<std::uint64_t>& ticks_;
};

// operations: milliseconds to watch. A hundred actors, a timer of 10 ms each, begun one after another.
trial_result periodic(const trial_plan& plan) {
  stage here(plan);
  constexpr std::uint64_t actors = 100;
  constexpr std::uint64_t period_ms = 10;
  std::atomic<std::uint64_t> ticks_seen{0};
  std::vector<timer_handle> timers;
  const scheduler_counters before = here.system().workers().counters();
  const stretch timed(plan);
  for (std::uint64_t i = 0; i < actors; ++i) {
    const auto one = here.system().spawn<beaten>({}, ticks_seen);
    timers.push_back(here.system().send_every(one, std::chrono::milliseconds{period_ms}, tick{}));
  }
  std::this_thread::sleep_for(std::chrono::milliseconds{plan.operations});
  for (timer_handle& one : timers) (void)one.cancel();
  trial_result made = timed.done(ticks(), plan.operations);
  const scheduler_counters after = here.system().workers().counters();
  const std::string wrong = here.close();
  const double seen = static_cast<double>(ticks_seen.load());
  const std::uint64_t most = actors * (static_cast<std::uint64_t>(made.ns / 1e6) / period_ms + 1);
  made.figures = {
      {.name = "ticks", .value = seen, .unit = "ticks"},
      {.name = "wakeups_per_tick",
       .value = static_cast<double>(after.woken - before.woken) / std::max(1.0, seen),
       .unit = "wake-ups"},
      {.name = "switches_per_tick",
       .value = static_cast<double>(made.spent.voluntary_switches) / std::max(1.0, seen),
       .unit = "switches"},
      {.name = "cpu",
       .value = (made.spent.user_ns + made.spent.system_ns) / made.ns,
       .unit = "of a core"}};
  // What is missed on a busy machine is not made up for: there may be fewer, and never more.
  made.fault = first_fault(
      {seen == 0.0 ? "no timer fired" : "",
       ticks_seen > most ? "more ticks than there were periods: " + std::to_string(ticks_seen) : "",
       wrong});
  return made;
}

}  // namespace

std::vector<benchmark> wakeup_benchmarks() {
  return {{.name = "actor_pingpong_pinned",
           .about = "two actors of one system, each pinned to a worker on its own processor",
           .operations = 3'000,
           .tiny = 500,
           .blocks = 5,
           .arms = {{.name = "jacquard", .run = pinned, .two_processors = true}}},
          {.name = "timer_periodic",
           .about = "a hundred periodic timers of 10 ms: ticks, wake-ups, switches, processor time",
           .operations = 200,
           .tiny = 50,
           .blocks = 3,
           .arms = {{.name = "jacquard", .run = periodic}},
           .control = false}};
}

}  // namespace jacquard::bench::suite
