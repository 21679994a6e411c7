#include <jacquard/sim/mailbox_world.hpp>

#include <fmt/core.h>

#include <algorithm>

namespace jacquard::sim {

namespace {

constexpr event_kind fault_begins{"fault begins"};
constexpr event_kind fault_ends{"fault ends"};
constexpr event_kind sends_control{"control"};
constexpr event_kind heal{"heal"};
constexpr event_kind closed_now{"closed"};
constexpr event_kind counted{"counted"};

constexpr std::size_t payload_bytes_max = 1024;
// Virtual time that a run may take after its last fault.
constexpr nanoseconds patience = 60 * second;

constexpr std::uint32_t last_index = 0xffff'ffffu;

}  // namespace

mailbox_world::mailbox_world(const scenario& story, const plan& what, const run_options& options)
    : story_(adjusted(story, what)),
      plan_(what),
      trace_(options.trace),
      canary_(options.broken),
      clock_(what.seed),
      books_(story_.producers, story_.capacity, story.kind == mailbox_kind::ring),
      active_(what.faults.size(), false),
      control_(what.seed, domain::workload, "/control"),
      orders_left_(story.orders) {
  if (options.keep_events) clock_.history().keep_events();
  self_ = clock_.add("/world", *this);
  consumer_ = std::make_unique<consumer>(*this);
  const std::uint32_t producers = story_.producers;
  links_.resize(producers);
  for (std::uint32_t i = 0; i < producers; ++i) {
    producers_.push_back(std::make_unique<producer>(*this, i));
  }
  const port_options setup{
      .capacity = story_.capacity,
      .control_capacity = 16,
      .overflow = story_.overflow,
      .block_for = std::chrono::nanoseconds{story_.block_for},
      .payload_bytes_max = payload_bytes_max,
      .schedule = {.call = [](void* who) noexcept { static_cast<consumer*>(who)->scheduled(); },
                   .who = consumer_.get()},
      .dead_letter = {.call =
                          [](void* who, letter&& message, drop_reason why) noexcept {
                            auto& world = *static_cast<mailbox_world*>(who);
                            world.books_.dead(message.id, why, world.clock_.now());
                            if (why == drop_reason::oldest) world.sees(point::evicted_oldest);
                          },
                      .who = this}};
  box_ = canary_ == canary::none ? make_port(story_.kind, setup)
                                 : make_canary(canary_, story_.kind, setup);
  if (trace_ != nullptr) {
    trace_->names_track(fault_track, "faults");
    trace_->names_track(consumer_track, "/consumer");
    for (std::uint32_t i = 0; i < producers; ++i) {
      trace_->names_track(producer_track + i, fmt::format("/producer/{}", i));
    }
  }
}

mailbox_world::~mailbox_world() {
  // A call that is still suspended ends while everything that it touches is alive.
  for (const auto& each : producers_) each->abandon();
}

run_result mailbox_world::run() {
  producers_active_ = static_cast<std::uint32_t>(producers_.size());
  clock_.work_begins();  // the consumer must reach `finished`
  for (const auto& each : producers_) each->begins();
  if (orders_left_ > 0) {
    clock_.after(control_.between(0, story_.span() / story_.orders), self_, sends_control);
  }
  for (std::uint32_t i = 0; i < plan_.faults.size(); ++i) {
    const fault& f = plan_.faults[i];
    clock_.after(f.at, self_, fault_begins, i, 0, phase::fault);
    clock_.after(f.at + f.lasts, self_, fault_ends, i, 0, phase::fault);
    faults_end_ = std::max(faults_end_, f.at + f.lasts);
  }
  clock_.after(faults_end_, self_, heal, last_index, 0, phase::afterwards);

  const std::uint64_t messages = std::uint64_t{story_.messages} * producers_.size();
  const budget limit{.events = 200'000 + messages * 100,
                     .time = faults_end_ + story_.span() * 20 + patience};

  run_result result;
  result.ended_by = stop_reason::quiet;
  // A broken promise ends the run at the event that broke it.
  result.ended_by = clock_.run(limit);
  judge(result);
  return result;
}

void mailbox_world::on(kernel& clock, const event& what) {
  if (*what.kind == fault_begins) {
    active_[what.a] = true;
    begins(plan_.faults[what.a]);
    apply_faults();
  } else if (*what.kind == fault_ends) {
    active_[what.a] = false;
    if (plan_.faults[what.a].kind == fault_kind::burst) burst_ended_ = clock.now();
    apply_faults();
  } else if (*what.kind == sends_control) {
    sends_order();
  } else {
    heals_when_quiet();
  }
}

// What happens at once; what lasts is in apply_faults.
void mailbox_world::begins(const fault& what) {
  const nanoseconds now = clock_.now();
  if (trace_ != nullptr) {
    if (what.lasts > 0) {
      trace_->slice(fault_track, fmt::format("{} ({})", what.id, to_string(what.kind)), now,
                    now + what.lasts);
    }
    trace_->instant(fault_track, fmt::format("{} {}", to_string(what.kind), what.id), now);
  }
  switch (what.kind) {
    case fault_kind::pause:
      consumer_->pauses(now + what.lasts);
      break;
    case fault_kind::restart:
      consumer_->pauses(now + what.lasts);
      consumer_->crashes();
      break;
    case fault_kind::stall:
      producers_[what.producer]->stalls(what.count, what.lasts);
      break;
    case fault_kind::close:
      closes();
      break;
    case fault_kind::slow:
    case fault_kind::burst:
    case fault_kind::delay:
    case fault_kind::loss:
    case fault_kind::duplicate:
    case fault_kind::crash:
    case fault_kind::kill:
    case fault_kind::stop:
    case fault_kind::late:
      break;
  }
}

// The state of the world from the faults that are active now: they may overlap.
void mailbox_world::apply_faults() {
  slow_factor_ = 1;
  burst_percent_ = 0;
  std::fill(links_.begin(), links_.end(), link_state{});
  for (std::size_t i = 0; i < plan_.faults.size(); ++i) {
    if (!active_[i]) continue;
    const fault& f = plan_.faults[i];
    if (f.kind == fault_kind::slow) slow_factor_ = std::max(slow_factor_, f.factor);
    if (f.kind == fault_kind::burst) burst_percent_ += f.percent;
    for (std::uint32_t p = 0; p < links_.size(); ++p) {
      if (f.producer != every_producer && f.producer != p) continue;
      link_state& link = links_[p];
      if (f.kind == fault_kind::delay) link.extra += f.extra;
      if (f.kind == fault_kind::loss) link.loss_percent += f.percent;
      if (f.kind == fault_kind::duplicate) link.duplicate_percent += f.percent;
    }
  }
}

void mailbox_world::sends_order() {
  --orders_left_;
  const send_result result = box_->send_control({.number = ++orders_sent_});
  books_.order_answered(result);
  nobody_sleeps();
  clock_.note(self_, sends_control, static_cast<std::uint64_t>(result));
  if (orders_left_ > 0) {
    clock_.after(control_.between(0, 2 * story_.span() / story_.orders), self_, sends_control);
  } else {
    heals_when_quiet();
  }
}

void mailbox_world::producer_is_done() {
  --producers_active_;
  heals_when_quiet();
}

void mailbox_world::settled() {
  --in_flight_;
  if (books_.first_violation()) clock_.stop();
  if (in_flight_ == 0) heals_when_quiet();
}

// The safety phase ends when everything was sent and answered and no fault lasts.
void mailbox_world::heals_when_quiet() {
  const bool quiet =
      producers_active_ == 0 && in_flight_ == 0 && orders_left_ == 0 && clock_.now() >= faults_end_;
  if (quiet && healed_at_ < 0) heals();
}

void mailbox_world::heals() {
  healed_at_ = clock_.now();
  slow_factor_ = 1;
  burst_percent_ = 0;
  for (const auto& each : producers_) each->heals();
  clock_.note(self_, heal, 0);
  if (trace_ != nullptr) trace_->instant(fault_track, "healed", healed_at_);
  closes();
}

void mailbox_world::closes() {
  if (books_.waiting() > 0) backlog_at_close_ = true;
  if (books_.in_gap() > 0) sees(point::claim_across_close);
  const bool first = box_->close();
  books_.closes();
  clock_.note(self_, closed_now, first ? 1 : 0);
  if (first == closed_) {
    books_.broken("closed_means_closed",
                  first ? "close said it was the first, and was not"
                        : "close said it was not the first, and was",
                  clock_.now());
  }
  closed_ = true;
  wakes(~std::size_t{0});
}

void mailbox_world::wakes(std::size_t senders) {
  while (senders-- > 0 && !waiting_for_room_.empty()) {
    const std::uint32_t next = waiting_for_room_.front();
    waiting_for_room_.pop_front();
    producers_[next]->woken();
  }
}

void mailbox_world::depth_changed() {
  const std::uint64_t size = box_->size();
  books_.measured(size, clock_.now());
  if (size == story_.capacity) sees(point::full);
  if (story_.alarm_depth > 0 && size > story_.alarm_depth) sees(point::alarm);
  if (trace_ != nullptr) trace_->counter("waiting", clock_.now(), size);
  if (books_.first_violation()) clock_.stop();
}

// After a send returned. While a sender stands in the gap the duty to start the consumer may be its own.
void mailbox_world::nobody_sleeps() {
  if (!consumer_->idle() || books_.in_gap() > 0) return;
  if (books_.waiting() + books_.orders_waiting() == 0) return;
  books_.broken("no_sleeper",
                fmt::format("{} letters and {} control messages wait, the consumer is idle, and "
                            "nobody starts it",
                            books_.waiting(), books_.orders_waiting()),
                clock_.now());
  clock_.stop();
}

void mailbox_world::judge(run_result& result) {
  const nanoseconds now = clock_.now();
  if (!books_.first_violation()) {
    if (result.ended_by != stop_reason::quiet) {
      books_.broken(
          "liveness",
          fmt::format("{}: {} letters wait, {} were handled, the consumer never finished",
                      to_string(result.ended_by), books_.waiting(), books_.sums().handled),
          now);
    } else {
      const mailbox_counters counters = box_->counters();
      books_.at_rest(counters, now);
      std::uint64_t digest = counters.sent;
      for (const std::uint64_t count :
           {counters.received, counters.dropped_newest, counters.dropped_oldest,
            counters.refused_busy, counters.refused_closed, counters.control_received}) {
        digest = fold(digest, count);
      }
      clock_.note(self_, counted, digest);
      result.drained_in = std::max<nanoseconds>(0, consumer_->finished_at() - healed_at_);
      if (result.drained_in > story_.drain_within) {
        books_.broken("drain",
                      fmt::format("drained {} after the world was healed; at most {}",
                                  to_text(result.drained_in), to_text(story_.drain_within)),
                      now);
      }
      if (books_.sums().handled * 1000 < emitted_ * story_.handled_per_mille_min) {
        books_.broken("floor",
                      fmt::format("handled {} of {} messages; a run that tests something handles "
                                  "{} in a thousand",
                                  books_.sums().handled, emitted_, story_.handled_per_mille_min),
                      now);
      }
      if (backlog_at_close_) sees(point::drained_at_close);
    }
  }
  result.broken = books_.first_violation();
  if (result.broken && trace_ != nullptr) {
    trace_->instant(fault_track, "VIOLATION " + result.broken->check, result.broken->at);
  }
  result.events = clock_.handled();
  result.ended_at = now;
  result.recovered_in = recovered_in_;
  result.sums = books_.sums();
  result.seen = seen_;
  result.set_latencies(books_.latencies());
  result.names = clock_.names();
  result.digest = clock_.history().digest();
  result.history = std::move(clock_.history());
}

}  // namespace jacquard::sim
