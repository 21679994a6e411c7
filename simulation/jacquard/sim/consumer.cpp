// /consumer: started by the schedule hook, takes a batch, needs time for each message, gives the mailbox up.
#include <fmt/core.h>

#include <algorithm>

#include <jacquard/sim/mailbox_world.hpp>

namespace jacquard::sim {

namespace {

constexpr event_kind starts{"start"};
constexpr event_kind looks{"look"};
constexpr event_kind serves{"served"};
constexpr event_kind took{"took"};
constexpr event_kind idles{"idle"};
constexpr event_kind finishes{"finished"};

// How long a consumer lets others run when a message is claimed and not yet published.
constexpr nanoseconds polite_pause = 10 * microsecond;

}  // namespace

consumer::consumer(mailbox_world& world)
    : world_(world),
      self_(world.clock_.add("/consumer", *this)),
      service_(world.clock_.draws(domain::service, self_)),
      schedule_(world.clock_.draws(domain::schedule, self_)) {}

void consumer::scheduled() {
  if (state_ != state::idle) {
    static constexpr const char* names[] = {"idle", "starting", "running", "finished"};
    world_.books_.broken("scheduled_once",
                         fmt::format("the schedule hook was called while the consumer was {}",
                                     names[static_cast<std::size_t>(state_)]),
                         world_.clock_.now());
    return;
  }
  state_ = state::starting;
  world_.clock_.after(world_.story_.wake.sample(schedule_), self_, starts);
}

void consumer::on(kernel& clock, const event& what) {
  const bool stale = *what.kind != starts && what.a != incarnation_;
  if (stale) return;  // of a consumer that was restarted since
  if (clock.now() < paused_until_) {
    clock.after(paused_until_ - clock.now(), self_, *what.kind, what.a, what.b);
    return;
  }
  if (*what.kind == serves) {
    served();
  } else {
    state_ = state::running;
    look();
  }
}

void consumer::pauses(nanoseconds until) noexcept {
  paused_until_ = std::max(paused_until_, until);
  if (world_.books_.waiting() > 0) world_.sees(point::backlog_at_pause);
}

void consumer::crashes() {
  for (std::size_t i = serving_; i < in_hand_.size(); ++i) {
    if (in_hand_[i].is_order) continue;
    world_.books_.perished(in_hand_[i].id);
    world_.sees(point::lost_at_restart);
  }
  in_hand_.clear();
  serving_ = 0;
  ++incarnation_;
  // Its successor owns the mailbox if it did: the gate says "scheduled", and nobody else will look.
  if (state_ == state::running) world_.clock_.after(0, self_, looks, incarnation_);
}

void consumer::take(letter&& message) {
  in_hand_.push_back({.id = message.id, .is_order = false});
  world_.books_.took(message.id, world_.clock_.now());
}

void consumer::take(order&& message) {
  in_hand_.push_back({.id = message.number, .is_order = true});
  world_.books_.took_order(message.number, world_.clock_.now());
}

void consumer::look() {
  kernel& clock = world_.clock_;
  in_hand_.clear();
  serving_ = 0;
  world_.books_.begins_receive();
  const receipt got = world_.box_->receive(world_.story_.batch, *this);
  if (world_.books_.control_overtook()) world_.sees(point::control_overtook);
  if (got.any()) {
    std::uint64_t digest = got.control;
    for (const item& taken : in_hand_) digest = fold(digest, taken.id);
    clock.note(self_, took, digest);
    world_.depth_changed();
    if (got.messages == 1) world_.wakes(1);
    if (got.messages > 1) world_.wakes(~std::size_t{0});
    serve();
    return;
  }
  switch (world_.box_->try_idle()) {
    case idle_result::idle:
      state_ = state::idle;
      idle_at_ = clock.now();
      clock.note(self_, idles, 0);
      if (world_.burst_ended_ >= 0 && !world_.recovered_in_) {
        world_.recovered_in_ = clock.now() - world_.burst_ended_;
        world_.sees(point::recovered);
      }
      break;
    case idle_result::more:
      if (world_.books_.in_gap() > 0) world_.sees(point::head_of_line);
      clock.after(world_.books_.in_gap() > 0 ? polite_pause : 0, self_, looks, incarnation_);
      break;
    case idle_result::finished:
      state_ = state::finished;
      finished_at_ = clock.now();
      clock.note(self_, finishes, 0);
      clock.work_ends();
      break;
  }
}

// A mailbox may hand out less than it said, or nothing: then there is nothing to serve.
void consumer::serve() {
  if (serving_ == in_hand_.size()) {
    world_.clock_.after(0, self_, looks, incarnation_);
    return;
  }
  serving_since_ = world_.clock_.now();
  const nanoseconds time = world_.story_.service.sample(service_) * world_.faults_.slow_factor();
  world_.clock_.after(time, self_, serves, incarnation_, in_hand_[serving_].id);
}

void consumer::served() {
  const nanoseconds now = world_.clock_.now();
  const item done = in_hand_[serving_];
  if (!done.is_order) world_.books_.finished_letter(done.id, now);
  if (world_.trace_ != nullptr) {
    world_.trace_->slice(consumer_track,
                         fmt::format("{} {}", done.is_order ? "control" : "letter", done.id),
                         serving_since_, now);
    if (!done.is_order) world_.trace_->arrow_to(consumer_track, serving_since_, done.id);
  }
  ++serving_;
  if (serving_ < in_hand_.size()) {
    serve();
  } else {
    look();
  }
}

}  // namespace jacquard::sim
