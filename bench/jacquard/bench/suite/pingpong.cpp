// Two actors, one ball. Each trial plays a warm-up first, then the game that is timed.
#include <jacquard/bench/suite/catalogue.hpp>
#include <jacquard/bench/suite/stage.hpp>

namespace jacquard::bench::suite {

namespace {

struct court {
  bell over;
  histogram* rallies = nullptr;  // of 64 round trips each
  std::uint64_t window = 64;
  std::uint64_t seen = 0;  // balls that came, by whoever had them; written in turn
  bool refused = false;
};

struct ball {
  std::uint64_t left;  // how many more are to come
};

struct player {
  using messages = jacquard::messages<actor_ref<player>, ball>;

  explicit player(court& here, bool keeps_time) : court_(here), keeps_time_(keeps_time) {}
  void on(context<player>&, const actor_ref<player>& who) { other_ = who; }
  void on(context<player>&, const ball& m) {
    ++court_.seen;
    if (keeps_time_ && court_.rallies != nullptr && ++mine_ % court_.window == 0) {
      const std::uint64_t now = ticks();
      if (last_ != 0) court_.rallies->record(now - last_);
      last_ = now;
    }
    if (m.left == 0) return court_.over.ring();
    if (other_.tell(ball{m.left - 1}) != send_result::accepted) {
      court_.refused = true;
      court_.over.ring();
    }
  }

 private:
  court& court_;
  const bool keeps_time_;
  actor_ref<player> other_;
  std::uint64_t mine_ = 0;
  std::uint64_t last_ = 0;
};

// operations: messages, two a round trip.
trial_result play(const trial_plan& plan, actor_system& first, actor_system& second, court& here) {
  const auto one = first.spawn<player>({}, here, false);
  const auto two = second.spawn<player>({}, here, true);
  bool sent = one.tell(two) == send_result::accepted;
  sent &= two.tell(one) == send_result::accepted;
  const auto game = [&](std::uint64_t messages) {
    here.seen = 0;
    here.over.reset();
    sent &= two.tell(ball{messages - 1}) == send_result::accepted;
    return here.over.wait();
  };
  histogram* const kept = std::exchange(here.rallies, nullptr);
  (void)game(std::min<std::uint64_t>(plan.operations, 20'000));
  here.rallies = kept;
  const stretch timed(plan);
  const std::uint64_t end = game(plan.operations);
  trial_result made = timed.done(end, plan.operations);
  made.fault = first_fault({sent && !here.refused ? "" : "a ball was refused",
                            expect("balls", here.seen, plan.operations)});
  (void)one.stop();
  (void)two.stop();
  return made;
}

trial_result one_worker(const trial_plan& plan) {
  stage here(plan);
  court games;
  trial_result made = play(plan, here.system(), here.system(), games);
  made.fault = first_fault({made.fault, here.close()});
  return made;
}

// Two systems with one worker each: the players are on different processors for certain.
trial_result across(const trial_plan& plan) {
  trial_plan left = plan;
  trial_plan right = plan;
  left.processors = {plan.processors.front()};
  right.processors = {plan.processors.back()};
  stage here(left);
  stage there(right);
  court games;
  trial_result made = play(plan, here.system(), there.system(), games);
  made.fault = first_fault({made.fault, here.close(), there.close()});
  return made;
}

trial_result round_trips(const trial_plan& plan) {
  stage here(plan);
  court games;
  histogram rallies;
  games.rallies = &rallies;
  trial_plan messages = plan;
  messages.operations = 2 * plan.operations;
  trial_result made = play(messages, here.system(), here.system(), games);
  made.operations = plan.operations;
  made.times = std::move(rallies);
  made.window = games.window;
  made.fault = first_fault({made.fault, here.close()});
  return made;
}

}  // namespace

std::vector<benchmark> pingpong_benchmarks() {
  return {
      {.name = "actor_pingpong",
       .about = "two actors on one worker exchange 1,000,000 round trips; ns a message",
       .operations = 2'000'000,
       .tiny = 2'000,
       .blocks = 5,
       .arms = {{.name = "jacquard", .run = one_worker}, caf_arm("pingpong")},
       .goals = {{.name = "claim.actor_pingpong", .arm = "jacquard", .limit = 20.0},
                 {.name = "claim.actor_pingpong_over_caf",
                  .arm = "jacquard",
                  .over = "caf",
                  .limit = 1.0 / 3.0}}},
      {.name = "actor_pingpong_cross",
       .about = "the same between two workers on two processors; ns a message",
       .operations = 100'000,
       .tiny = 200,
       .blocks = 5,
       .arms = {{.name = "jacquard", .run = across, .two_processors = true}}},
      {.name = "raw_message_roundtrip",
       .about = "two actors, no reply object; times of 64 round trips in a row",
       .operations = 100'000,
       .tiny = 20'000,
       .blocks = 5,
       .arms = {{.name = "jacquard", .run = round_trips}},
       .headed = headline::median},
  };
}

}  // namespace jacquard::bench::suite
