#include <jacquard/sim/actor_environment.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include <jacquard/actor/actor_system.hpp>

namespace jacquard::sim {

namespace {

constexpr event_kind takes_turn{"turn"};
constexpr event_kind goes_on{"goes on"};
constexpr event_kind due{"timer due"};

// A deaf world misses one call in so many.
constexpr std::uint64_t deaf_period = 11;

}  // namespace

actor_environment::worker::worker(actor_environment& home, std::uint32_t number,
                                  const worker_body& what)
    : home_(home),
      index_(number),
      body_(what),
      self_(home.clock_.add(fmt::format("/worker/{}", number), *this)),
      schedule_(home.clock_.draws(domain::schedule, self_)) {}

void actor_environment::worker::on(kernel& clock, const event& what) {
  if (home_.hurried_ || state_ == state::ended) return;
  if (clock.now() < stalled_until_) {
    clock.after(stalled_until_ - clock.now(), self_, *what.kind);
    return;
  }
  if (*what.kind == takes_turn) {
    home_.turn(*this);
  } else {
    home_.continues(*this);
  }
}

actor_environment::timers::timers(actor_environment& home)
    : home_(home),
      self_(home.clock_.add("/timers", *this)),
      lateness_(home.clock_.draws(domain::schedule, self_)) {}

void actor_environment::timers::on(kernel&, const event& what) {
  if (home_.hurried_) return;
  if (static_cast<std::int64_t>(what.b) == due_) due_ = never;
  home_.stirs();
}

actor_environment::actor_environment(kernel& clock, const actor_environment_options& options)
    : clock_(clock),
      options_(options),
      timers_(*this),
      choices_(clock.seed(), domain::user, "/environment") {}

actor_environment::~actor_environment() { hurries(); }

std::uint32_t actor_environment::pick(std::uint32_t count) noexcept {
  static std::uint64_t of_all_runs = 0;  // the leak: outlives the run
  if (options_.leaks && ++of_all_runs % 13 == 0) return 0;
  stream& draws = running_ == nobody ? choices_ : workers_[running_]->schedule_;
  return static_cast<std::uint32_t>(draws.below(count));
}

void actor_environment::start_worker(const worker_body& body) {
  const auto number = static_cast<std::uint32_t>(workers_.size());
  workers_.push_back(std::make_unique<worker>(*this, number, body));
  worker& fresh = *workers_.back();
  clock_.after(options_.wake.sample(fresh.schedule_), fresh.self_, takes_turn);
}

void actor_environment::join_workers() {
  hurries();
  constexpr std::uint64_t rounds_max = 10'000'000;
  for (std::uint64_t left = rounds_max;; --left) {
    sync::native::require(left > 0, "workers that are to end come to rest");
    (void)turns_all();
    const bool all_ended = std::all_of(workers_.begin(), workers_.end(), [](const auto& each) {
      return each->state_ == state::ended;
    });
    if (all_ended) return;
  }
}

void actor_environment::spends(nanoseconds time) {
  if (running_ == nobody || hurried_ || time <= 0) return;
  worker& me = *workers_[running_];
  clock_.after(time, me.self_, goes_on);
  me.in_task_ = true;
  // What this thread knows of itself goes aside with the stack.
  void* const identity = scheduler::exchange_identity(nullptr);
  const unsigned depth = std::exchange(jacquard::detail::inline_turn::depth, 0u);
  const auto* const innermost = std::exchange(jacquard::detail::inline_turn::innermost, nullptr);
  me.stack_.suspend();
  jacquard::detail::inline_turn::innermost = innermost;
  jacquard::detail::inline_turn::depth = depth;
  (void)scheduler::exchange_identity(identity);
  me.in_task_ = false;
}

void actor_environment::stirs() {
  if (hurried_) return;
  for (const auto& each : workers_) {
    if (each->state_ != state::asleep) continue;
    if (options_.deaf && ++calls_ % deaf_period == 0) each->state_ = state::called;
    if (each->state_ == state::called) continue;
    each->state_ = state::called;
    clock_.after(options_.wake.sample(each->schedule_), each->self_, takes_turn);
  }
}

bool actor_environment::stalls(std::uint32_t index, nanoseconds until) {
  if (options_.calm) return false;
  worker& who = *workers_[index % workers_.size()];
  who.stalled_until_ = std::max(who.stalled_until_, until);
  return who.in_task_;
}

void actor_environment::turn(worker& who) {
  who.state_ = state::working;
  running_ = who.index_;
  if (who.stack_.suspended()) {
    (void)who.stack_.resume();
  } else {
    (void)who.stack_.start([&who] {
      do {
        who.last_ = who.body_.turn(who.body_.who);
        if (who.last_.what != worker_turn::outcome::ended) who.stack_.suspend();
      } while (who.last_.what != worker_turn::outcome::ended);
    });
  }
  running_ = nobody;
  settles(who);
}

void actor_environment::continues(worker& who) {
  running_ = who.index_;
  (void)who.stack_.resume();
  running_ = nobody;
  settles(who);
}

// After its stack was put aside: in the middle of a task, or between two.
void actor_environment::settles(worker& who) {
  if (hurried_) {
    if (!who.in_task_ && who.last_.what == worker_turn::outcome::ended) who.state_ = state::ended;
    return;
  }
  if (who.in_task_) {
    stirs();
    return;
  }
  switch (who.last_.what) {
    case worker_turn::outcome::ran:
      clock_.after(options_.between.sample(who.schedule_), who.self_, takes_turn);
      stirs();
      break;
    case worker_turn::outcome::idle:
      who.state_ = state::asleep;
      if (who.last_.until_ns < timers_.due_) {
        timers_.due_ = who.last_.until_ns;
        const nanoseconds late = options_.lateness.sample(timers_.lateness_) + extra_lateness_;
        clock_.after(who.last_.until_ns - clock_.now() + late, timers_.self_, due, 0,
                     static_cast<std::uint64_t>(who.last_.until_ns));
      }
      break;
    case worker_turn::outcome::ended:
      who.state_ = state::ended;
      break;
  }
}

void actor_environment::hurries() {
  hurried_ = true;
  for (const auto& each : workers_) {
    if (each->in_task_) continues(*each);
  }
}

bool actor_environment::turns_all() {
  bool any = false;
  for (const auto& each : workers_) {
    if (each->state_ == state::ended) continue;
    turn(*each);
    any = any || each->last_.what == worker_turn::outcome::ran;
  }
  return any;
}

}  // namespace jacquard::sim
