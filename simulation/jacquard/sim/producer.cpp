// /producer/i: what it emits, what its link does with it, and one send at a time.
#include <fmt/core.h>

#include <algorithm>

#include <jacquard/sim/mailbox_world.hpp>

namespace jacquard::sim {

namespace {

constexpr event_kind emits{"emit"};
constexpr event_kind arrive{"arrive"};
constexpr event_kind again{"retry"};
constexpr event_kind expire{"expire"};
constexpr event_kind resume{"resume"};
constexpr event_kind lost{"lost on the link"};
constexpr event_kind stalled{"stalled"};
constexpr event_kind answered{"answered"};

// What the mailbox allows, and what exceeds it.
constexpr std::uint32_t usual_bytes = 64;
constexpr std::uint32_t excessive_bytes = 4096;

}  // namespace

producer::producer(mailbox_world& world, std::uint32_t index)
    : world_(world),
      index_(index),
      self_(world.clock_.add(fmt::format("/producer/{}", index), *this)),
      workload_(world.clock_.draws(domain::workload, self_)),
      network_(world.clock_.draws(domain::network, self_)),
      schedule_(world.clock_.draws(domain::schedule, self_)),
      left_(world.story_.messages) {}

void producer::begins() { world_.clock_.after(world_.story_.gap.sample(workload_), self_, emits); }

void producer::on(kernel& clock, const event& what) {
  if (*what.kind == emits) {
    emit();
  } else if (*what.kind == arrive) {
    arrives(what.a);
  } else if (*what.kind == again) {
    retry(what.a, false);
  } else if (*what.kind == expire) {
    retry(what.a, true);
  } else {
    clock.note(self_, resume, current_id_);
    world_.books_.tries();
    if (!call_->resume()) return;
    settle(result_);
    next();
  }
}

void producer::emit() {
  // Every message draws the same number of times, whatever befalls it.
  const bool too_large = workload_.chance(world_.story_.too_large_per_million);
  const nanoseconds gap = world_.story_.gap.sample(workload_);
  const nanoseconds latency = world_.story_.link.sample(network_);
  const std::uint64_t loss_draw = network_.below(100);
  const std::uint64_t duplicate_draw = network_.below(100);

  const link_faults link = world_.faults_.on_link(index_);
  const std::uint32_t bytes = too_large ? excessive_bytes : usual_bytes;
  ++world_.emitted_;
  if (loss_draw < link.loss_percent) {
    world_.sees(point::lost_on_link);
    world_.clock_.note(self_, lost, left_);
  } else {
    deliver(bytes, latency + link.extra);
    if (duplicate_draw < link.duplicate_percent) {
      world_.sees(point::duplicated_on_link);
      deliver(bytes, latency + link.extra);
    }
  }
  if (--left_ > 0) {
    world_.clock_.after(gap * 100 / (100 + world_.faults_.burst_percent()), self_, emits);
  } else {
    world_.producer_is_done();
  }
}

// A link keeps the order of one producer's messages: the runtime promises that much.
void producer::deliver(std::uint32_t bytes, nanoseconds latency) {
  const nanoseconds now = world_.clock_.now();
  last_arrival_ = std::max(last_arrival_, now + latency);
  world_.went_out();
  world_.clock_.after(last_arrival_ - now, self_, arrive, bytes);
}

void producer::arrives(std::uint32_t bytes) {
  if (in_call_) {
    backlog_.push_back(bytes);
  } else {
    attempt(bytes);
    next();
  }
}

void producer::next() {
  while (!in_call_ && !backlog_.empty()) {
    const std::uint32_t bytes = backlog_.front();
    backlog_.pop_front();
    attempt(bytes);
  }
}

void producer::attempt(std::uint32_t bytes) {
  current_id_ = world_.books_.offer(index_);
  current_ = letter(current_id_, index_, bytes);
  call_began_ = world_.clock_.now();
  in_call_ = true;
  world_.books_.tries();
  if (stalls_left_ == 0) {
    settle(world_.box_->try_send(std::move(current_)));
    return;
  }
  --stalls_left_;
  if (!call_) call_ = std::make_unique<detour>();
  call_->stop_at(current_id_);
  const bool returned =
      call_->start([this] { result_ = world_.box_->try_send(std::move(current_)); });
  if (returned) {
    call_->stop_at(0);  // refused before it was moved: there was no gap to stop in
    settle(result_);
    return;
  }
  world_.books_.stands_in_gap(current_id_);
  world_.clock_.note(self_, stalled, current_id_);
  world_.clock_.after(stall_for_, self_, resume, current_id_);
}

void producer::settle(send_result result) {
  kernel& clock = world_.clock_;
  const bool blocks = world_.story_.overflow == overflow::block && result == send_result::busy;
  clock.note(self_, answered,
             (std::uint64_t{current_id_} << 8) | static_cast<std::uint64_t>(result));
  const bool decided = world_.books_.answered(current_id_, result, blocks, clock.now());
  world_.depth_changed();
  world_.nobody_sleeps();
  switch (result) {
    case send_result::accepted:
      if (waiting_) world_.sees(point::blocked_then_sent);
      break;
    case send_result::dropped:
      world_.sees(point::dropped_newest);
      break;
    case send_result::busy:
      world_.sees(point::busy);
      if (world_.story_.overflow == overflow::drop_oldest && world_.books_.eviction_stood_back()) {
        world_.sees(point::eviction_stood_back);
      }
      break;
    case send_result::closed:
      world_.sees(point::refused_closed);
      break;
    case send_result::too_large:
      world_.sees(point::too_large);
      break;
    case send_result::deadline:
    case send_result::would_deadlock:
      break;
  }
  if (!decided) {
    waits();
    return;
  }
  if (world_.trace_ != nullptr) {
    const std::uint32_t track = producer_track + index_;
    world_.trace_->slice(track, fmt::format("send {}: {}", current_id_, to_string(result)),
                         call_began_, std::max(clock.now(), call_began_ + 50));
    if (result == send_result::accepted) {
      world_.trace_->arrow_from(track, call_began_, current_id_);
    }
  }
  waiting_ = false;
  in_call_ = false;
  world_.settled();
}

void producer::waits() {
  if (!waiting_) {
    waiting_ = true;
    world_.clock_.after(world_.story_.block_for, self_, expire, current_id_);
  }
  world_.waits_for_room(index_);
}

void producer::woken() {
  static constexpr delay wake{.floor = 500, .jitter_mean = 500};
  world_.clock_.after(wake.sample(schedule_), self_, again, current_id_);
}

void producer::retry(std::uint32_t id, bool last) {
  if (!waiting_ || id != current_id_) return;  // it was sent, or gave up, meanwhile
  world_.books_.tries();
  const send_result result = world_.box_->try_send(std::move(current_));
  if (!last || result != send_result::busy) {
    settle(result);
  } else {
    // The last try counts as a busy answer of the mailbox, and ends the wait.
    (void)world_.books_.answered(current_id_, result, false, world_.clock_.now());
    world_.books_.expired(current_id_);
    world_.sees(point::deadline);
    world_.clock_.note(
        self_, answered,
        (std::uint64_t{current_id_} << 8) | static_cast<std::uint64_t>(send_result::deadline));
    if (world_.trace_ != nullptr) {
      world_.trace_->slice(producer_track + index_, fmt::format("send {}: deadline", current_id_),
                           call_began_, world_.clock_.now());
    }
    waiting_ = false;
    in_call_ = false;
    world_.settled();
  }
  next();
}

}  // namespace jacquard::sim
