// The same workloads on CAF 0.17, with one scheduler thread, as a user of its documentation would write them.
// The only file that includes CAF; built where libcaf-dev is installed.
#include <array>
#include <caf/all.hpp>
#include <map>

#include <jacquard/bench/suite/catalogue.hpp>
#include <jacquard/bench/suite/stage.hpp>

namespace jacquard::bench::suite {

namespace {

using caf::behavior;
using caf::event_based_actor;

struct one_thread : caf::actor_system_config {
  one_thread() { set("scheduler.max-threads", 1); }
};

// CAF's threads start with the system, and are pinned as ours are.
class caf_stage {
 public:
  explicit caf_stage(const trial_plan& plan)
      : pins_(std::make_unique<pinned_start>(plan.processors)), system_(config_) {
    pins_.reset();
  }
  [[nodiscard]] caf::actor_system& system() noexcept { return system_; }

 private:
  one_thread config_;
  std::unique_ptr<pinned_start> pins_;
  caf::actor_system system_;
};

struct court {
  bell over;
  std::uint64_t seen = 0;
};

behavior player(event_based_actor* self, court* games, caf::actor other) {
  return {[=](std::uint64_t left) {
    ++games->seen;
    if (left == 0) {
      games->over.ring();
    } else {
      self->send(other == nullptr ? caf::actor_cast<caf::actor>(self->current_sender()) : other,
                 left - 1);
    }
  }};
}

trial_result pingpong(const trial_plan& plan) {
  caf_stage here(plan);
  court games;
  const caf::actor one = here.system().spawn(player, &games, caf::actor{});
  const caf::actor two = here.system().spawn(player, &games, one);
  const auto game = [&](std::uint64_t messages) {
    games.seen = 0;
    games.over.reset();
    caf::anon_send(two, messages - 1);
    return games.over.wait();
  };
  (void)game(std::min<std::uint64_t>(plan.operations, 20'000));
  const stretch timed(plan);
  trial_result made = timed.done(game(plan.operations), plan.operations);
  made.fault = expect("balls", games.seen, plan.operations);
  caf::anon_send_exit(two, caf::exit_reason::kill);
  caf::anon_send_exit(one, caf::exit_reason::kill);
  return made;
}

struct hall {
  bell over;
  std::uint64_t unfinished = 0;  // the one thread's
  std::uint64_t handled = 0;
};

struct count {
  std::uint64_t left = 0;
};
// As in fan.cpp: a producer goes on when all of its consumers have handled their share.
behavior consumer(caf::stateful_actor<count>* self, hall* room, std::uint64_t expected,
                  std::uint64_t share) {
  self->state.left = expected;
  return {[=](std::uint64_t number) {
    ++room->handled;
    if ((number + 1) % share == 0) {
      self->send(caf::actor_cast<caf::actor>(self->current_sender()), true);
    }
    if (--self->state.left == 0 && --room->unfinished == 0) room->over.ring();
  }};
}

struct progress {
  std::uint64_t left = 0;
  std::uint64_t sent = 0;
  std::uint64_t awaited = 1;
};
behavior producer(caf::stateful_actor<progress>* self, const std::vector<caf::actor>* to,
                  std::uint64_t rounds, std::uint64_t share) {
  self->state.left = rounds;
  return {[=](bool) {
    progress& now = self->state;
    if (--now.awaited > 0 || now.left == 0) return;
    now.awaited = to->size();
    for (std::uint64_t i = 0; i < share && now.left > 0; ++i, --now.left, ++now.sent) {
      for (const caf::actor& one : *to) self->send(one, now.sent);
    }
  }};
}

trial_result fan(const trial_plan& plan, std::uint64_t producers, std::uint64_t consumers,
                 std::uint64_t share) {
  caf_stage here(plan);
  hall room;
  std::uint64_t sent = 0;
  const auto lap = [&](std::uint64_t messages) {
    const std::uint64_t each = messages / producers / consumers;
    room.over.reset();
    room.unfinished = consumers;
    std::vector<caf::actor> readers;
    for (std::uint64_t i = 0; i < consumers; ++i) {
      readers.push_back(here.system().spawn(consumer, &room, each * producers, share));
    }
    std::vector<caf::actor> writers;
    for (std::uint64_t i = 0; i < producers; ++i) {
      writers.push_back(here.system().spawn(producer, &readers, each, share));
    }
    sent += each * producers * consumers;
    const stretch timed(plan);
    for (const caf::actor& one : writers) caf::anon_send(one, true);
    const std::uint64_t end = room.over.wait();
    trial_result made = timed.done(end, each * producers * consumers);
    for (const auto* group : {&writers, &readers}) {
      for (const caf::actor& one : *group) caf::anon_send_exit(one, caf::exit_reason::kill);
    }
    writers.clear();
    readers.clear();
    here.system().await_all_actors_done();
    return made;
  };
  (void)lap(std::min<std::uint64_t>(plan.operations, 20'000));
  trial_result made = lap(plan.operations);
  made.fault = expect("messages handled", room.handled, sent);
  return made;
}

behavior adder(caf::stateful_actor<count>* self) {
  return {[=](std::uint64_t number) { return self->state.left += number; }};
}

struct calls {
  std::uint64_t left = 0;
  std::uint64_t answered = 0;
  std::uint64_t last = 0;
  histogram* times = nullptr;
  bell* over = nullptr;
};
constexpr std::uint64_t call_window = 16;

void call(event_based_actor* self, const caf::actor& whom, calls* all) {
  self->request(whom, caf::infinite, std::uint64_t{1}).then([=](std::uint64_t) {
    if (all->times != nullptr && ++all->answered % call_window == 0) {
      const std::uint64_t now = ticks();
      if (all->last != 0) all->times->record(now - all->last);
      all->last = now;
    }
    if (--all->left == 0) return all->over->ring();
    call(self, whom, all);
  });
}

trial_result ask(const trial_plan& plan) {
  caf_stage here(plan);
  const caf::actor sums = here.system().spawn(adder);
  histogram times;
  bell over;
  calls all{.over = &over};
  const caf::actor asker = here.system().spawn([&](event_based_actor* self) -> behavior {
    return {[&, self](bool) { call(self, sums, &all); }};
  });
  const auto lap = [&](std::uint64_t operations, histogram* kept) {
    over.reset();
    all.left = operations;
    all.times = kept;
    all.last = 0;
    caf::anon_send(asker, true);
    return over.wait();
  };
  const std::uint64_t warm = std::min<std::uint64_t>(plan.operations, 10'000);
  (void)lap(warm, nullptr);
  const stretch timed(plan);
  trial_result made = timed.done(lap(plan.operations, &times), plan.operations);
  made.times = std::move(times);
  made.window = call_window;
  std::uint64_t sum = 0;
  {
    caf::scoped_actor self(here.system());
    self->request(sums, caf::infinite, std::uint64_t{0})
        .receive([&](std::uint64_t total) { sum = total; }, [](const caf::error&) {});
  }
  made.fault = expect("the sum", sum, plan.operations + warm);
  caf::anon_send_exit(asker, caf::exit_reason::kill);
  caf::anon_send_exit(sums, caf::exit_reason::kill);
  here.system().await_all_actors_done();
  return made;
}

trial_result ask_from_thread(const trial_plan& plan) {
  trial_plan worker = plan;
  worker.processors = {plan.processors.front()};
  caf_stage here(worker);
  const caf::actor sums = here.system().spawn(adder);
  (void)pin_to(plan.processors.back());
  histogram times;
  std::uint64_t sum = 0;
  trial_result made;
  {
    caf::scoped_actor self(here.system());
    const auto one = [&] {
      self->request(sums, caf::infinite, std::uint64_t{1})
          .receive([&](std::uint64_t total) { sum = total; }, [](const caf::error&) {});
    };
    const std::uint64_t warm = std::min<std::uint64_t>(plan.operations, 1'000);
    for (std::uint64_t i = 0; i < warm; ++i) one();
    const stretch timed(plan);
    for (std::uint64_t i = 0; i < plan.operations; ++i) {
      const std::uint64_t start = ticks();
      one();
      times.record(ticks() - start);
    }
    made = timed.done(ticks(), plan.operations);
    made.fault = expect("the sum", sum, plan.operations + warm);
  }
  made.times = std::move(times);
  caf::anon_send_exit(sums, caf::exit_reason::kill);
  here.system().await_all_actors_done();
  (void)pin_to(plan.processors.front());
  return made;
}

trial_result spawning(const trial_plan& plan) {
  caf_stage here(plan);
  std::vector<caf::actor> live(plan.operations);
  std::uint64_t seen = 0;
  const auto lap = [&](std::uint64_t actors) {
    const stretch timed(plan);
    for (std::uint64_t i = 0; i < actors; ++i) {
      live[i] = here.system().spawn(
          [&seen](event_based_actor*) -> behavior { return {[&seen](bool) { ++seen; }}; });
    }
    trial_result made = timed.done(ticks(), actors);
    for (std::uint64_t i = 0; i < actors; ++i) {
      caf::anon_send(live[i], true);
      caf::anon_send_exit(live[i], caf::exit_reason::user_shutdown);
      live[i] = caf::actor{};
    }
    here.system().await_all_actors_done();
    return made;
  };
  (void)lap(plan.operations);
  trial_result made = lap(plan.operations);
  made.fault = expect("actors that handled a message", seen, 2 * plan.operations);
  return made;
}

struct sums {
  std::uint64_t sum = 0;
  unsigned answers = 0;
};
behavior node(caf::stateful_actor<sums>* self, bell* over, std::uint64_t* top, caf::actor parent,
              std::uint64_t first, std::uint64_t size) {
  const auto answer = [=](std::uint64_t sum) {
    if (parent == nullptr) {
      *top = sum;
      over->ring();
    } else {
      self->send(parent, sum);
    }
    self->quit();
  };
  if (size == 1) {
    answer(first);
    return {};
  }
  const std::uint64_t part = size / 10;
  for (std::uint64_t i = 0; i < 10; ++i) {
    self->spawn(node, over, top, caf::actor{self}, first + i * part, part);
  }
  return {[=](std::uint64_t below) {
    self->state.sum += below;
    if (++self->state.answers == 10) answer(self->state.sum);
  }};
}

trial_result skynet(const trial_plan& plan) {
  caf_stage here(plan);
  bell over;
  std::uint64_t top = 0;
  const auto grow = [&](std::uint64_t leaves) {
    over.reset();
    here.system().spawn(node, &over, &top, caf::actor{}, std::uint64_t{0}, leaves);
    return over.wait();
  };
  (void)grow(std::min<std::uint64_t>(plan.operations, 10'000));
  here.system().await_all_actors_done();
  const stretch timed(plan);
  trial_result made = timed.done(grow(plan.operations), plan.operations);
  here.system().await_all_actors_done();
  made.fault = expect("the sum of the leaves", top, plan.operations * (plan.operations - 1) / 2);
  return made;
}

}  // namespace

arm caf_arm(const std::string& workload) {
  static const std::map<std::string, std::function<trial_result(const trial_plan&)>> known = {
      {"pingpong", pingpong},
      {"fanout", [](const trial_plan& plan) { return fan(plan, 1, 100, 32); }},
      {"fanin", [](const trial_plan& plan) { return fan(plan, 10, 1, 64); }},
      {"ask", ask},
      {"ask_from_thread", ask_from_thread},
      {"spawn", spawning},
      {"skynet", skynet}};
  return {.name = "caf",
          .run = known.at(workload),
          .who = role::peer,
          .two_processors = workload == "ask_from_thread",
          .one_in = workload == "skynet" || workload == "pingpong" ? 10u : 1u};
}

}  // namespace jacquard::bench::suite
