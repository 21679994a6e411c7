#include <jacquard/sim/mailbox_world.hpp>

#include <fmt/core.h>

#include <algorithm>

namespace jacquard::sim {

namespace {

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
      trace_(options.trace),
      canary_(options.broken),
      clock_(what.seed),
      faults_(what.faults),
      books_(story_.producers, story_.capacity, story.kind == mailbox_kind::ring),
      control_(what.seed, domain::workload, "/control"),
      orders_left_(story.orders) {
  if (options.keep_events) clock_.history().keep_events();
  self_ = clock_.add("/world", *this);
  consumer_ = std::make_unique<consumer>(*this);
  const std::uint32_t producers = story_.producers;
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
  faults_.schedule(clock_, self_);
  clock_.after(faults_.end(), self_, heal, last_index, 0, phase::afterwards);

  const std::uint64_t messages = std::uint64_t{story_.messages} * producers_.size();
  const budget limit{.events = 200'000 + messages * 100,
                     .time = faults_.end() + story_.span() * 20 + patience};

  run_result result;
  result.ended_by = stop_reason::quiet;
  // A broken promise ends the run at the event that broke it.
  result.ended_by = clock_.run(limit);
  judge(result);
  return result;
}

void mailbox_world::on(kernel& clock, const event& what) {
  if (const fault* const begun = faults_.begins(what)) {
    begins(*begun);
  } else if (const fault* const over = faults_.ends(what)) {
    if (over->kind == fault_kind::burst) burst_ended_ = clock.now();
  } else if (*what.kind == sends_control) {
    sends_order();
  } else {
    heals_when_quiet();
  }
}

// What happens at once; what lasts is in active_faults.
void mailbox_world::begins(const fault& what) {
  const nanoseconds now = clock_.now();
  if (trace_ != nullptr) draw(*trace_, what, now);
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
  const bool quiet = producers_active_ == 0 && in_flight_ == 0 && orders_left_ == 0 &&
                     clock_.now() >= faults_.end();
  if (quiet && healed_at_ < 0) heals();
}

void mailbox_world::heals() {
  healed_at_ = clock_.now();
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
      result.rests(books_, story_, healed_at_, consumer_->finished_at(), emitted_, now);
      if (backlog_at_close_) sees(point::drained_at_close);
    }
  }
  result.recovered_in = recovered_in_;
  result.seen = seen_;
  result.concludes(books_, clock_, trace_);
}

}  // namespace jacquard::sim
