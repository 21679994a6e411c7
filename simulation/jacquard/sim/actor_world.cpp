#include <jacquard/sim/actor_world.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <utility>

namespace jacquard::sim {

namespace {

constexpr event_kind emits_now{"emit"};
constexpr event_kind arrives_now{"arrive"};
constexpr event_kind lost{"lost on the link"};
constexpr event_kind heal{"heal"};
constexpr event_kind life_begins{"born"};
constexpr event_kind life_ended{"ended"};
constexpr event_kind looks_again{"look again"};
constexpr event_kind handles{"handle"};
constexpr event_kind handled{"handled"};
constexpr event_kind counted{"counted"};

constexpr std::uint32_t world_track = 2;
constexpr std::uint32_t worker_track = 10;
constexpr std::uint32_t life_track = 100;
constexpr nanoseconds patience = 10 * second;
constexpr std::uint32_t last_index = 0xffff'ffffu;

bool has_ticket(std::string_view message) {
  return message == message_name<parcel>() || message == message_name<question>();
}

actor_environment_options options_of(canary which) {
  actor_environment_options made;
  made.leaks = which == canary::pick_leak;
  made.deaf = which == canary::deaf;
  made.calm = which == canary::no_stalls;
  return made;
}

}  // namespace

actor_world::actor_world(const scenario& story, const plan& what, const run_options& options)
    : clock_(what.seed),
      story_(adjusted(story, what)),
      trace_(options.trace),
      canary_(options.broken),
      faults_(what.faults) {
  if (options.keep_events) clock_.history().keep_events();
  self_ = clock_.add("/world", *this);
  environment_ = std::make_unique<actor_environment>(clock_, options_of(canary_));
  system_options setup;
  setup.scheduling.workers = story_.workers;
  setup.yield_after = std::chrono::nanoseconds{20 * microsecond};
  setup.on_undelivered = {.call =
                              [](void* who, const undelivered& lost_one) noexcept {
                                auto& me = *static_cast<actor_world*>(who);
                                if (lost_one.why == undelivered_reason::dropped_oldest)
                                  me.sees(point::evicted_oldest);
                                if (lost_one.why == undelivered_reason::expired)
                                  me.sees(point::expired);
                                if (me.breaks(canary::unreported, 3)) return;
                                me.books_.undelivered(lost_one.why, has_ticket(lost_one.message));
                              },
                          .who = this};
  setup.on_failure = {.call =
                          [](void* who, const std::string&, const std::exception_ptr&) noexcept {
                            static_cast<actor_world*>(who)->sees(point::crashed);
                          },
                      .who = this};
  system_ = std::make_unique<actor_system>(*environment_, setup);
  for (std::uint32_t i = 0; i < story_.producers; ++i) {
    senders_.push_back({stream(what.seed, domain::workload, fmt::format("/sender/{}", i)), 0});
  }
  if (trace_ != nullptr) {
    trace_->names_track(fault_track, "faults");
    trace_->names_track(world_track, "/world");
    for (std::uint32_t i = 0; i < story_.workers; ++i) {
      trace_->names_track(worker_track + i, fmt::format("/worker/{}", i));
    }
  }
}

actor_world::~actor_world() = default;

run_result actor_world::run() {
  clock_.work_begins();  // every actor must end
  begins();
  for (std::uint32_t i = 0; i < senders_.size() && story_.messages > 0; ++i) {
    ++senders_active_;
    clock_.after(story_.gap.sample(senders_[i].draws), self_, emits_now, i);
  }
  faults_.schedule(clock_, self_);
  clock_.after(faults_.end(), self_, looks_again, last_index, 0, phase::afterwards);
  const std::uint64_t messages = std::uint64_t{story_.messages} * senders_.size();
  const budget limit{.events = 300'000 + messages * 300,
                     .time = faults_.end() + story_.span() * 20 + patience};
  run_result result;
  result.ended_by = clock_.run(limit);
  judge(result);
  return result;
}

bool actor_world::ends() {
  environment_->hurries();
  closes();
  // Whoever still lives is told to end after what it is doing; told again, for some may be born meanwhile.
  // Where two rounds in a row run nothing, nothing will ever run.
  for (int rounds = 0, silent_rounds = 0; rounds < 1000 && silent_rounds < 2; ++rounds) {
    if (system_->live() != 0) (void)system_->shutdown(std::chrono::nanoseconds{0});
    bool any = false;
    for (int turns = 0; turns < 10'000 && environment_->turns_all(); ++turns) any = true;
    if (system_->live() == 0 && is_over()) return true;
    silent_rounds = any ? 0 : silent_rounds + 1;
  }
  return false;
}

void actor_world::on(kernel& clock, const event& what) {
  if (*what.kind == emits_now) {
    emit(what.a);
  } else if (*what.kind == arrives_now) {
    const std::function<void()> arrives = std::move(in_flight_[what.a]);
    free_slots_.push_back(what.a);
    --flying_;
    arrives();
  } else if (const fault* const begun = faults_.begins(what)) {
    begins(*begun);
    environment_->delays_timers(faults_.lateness());
  } else if (faults_.ends(what) != nullptr) {
    environment_->delays_timers(faults_.lateness());
  } else if (*what.kind != looks_again && *what.kind != life_ended) {
    happens(what);
  }
  heals_when_quiet();
  if (healed()) looks_whether_all_ended();
  if (books_.first_violation()) clock.stop();
  environment_->stirs();
}

void actor_world::begins(const fault& what) {
  const nanoseconds at = clock_.now();
  if (trace_ != nullptr) draw(*trace_, what, at);
  switch (what.kind) {
    case fault_kind::pause:
      if (environment_->stalls(what.producer, at + what.lasts)) sees(point::stalled_in_handler);
      break;
    case fault_kind::crash:
    case fault_kind::kill:
    case fault_kind::stop:
      hits(what);
      break;
    case fault_kind::close:
      closes();
      break;
    case fault_kind::slow:
    case fault_kind::restart:
    case fault_kind::stall:
    case fault_kind::burst:
    case fault_kind::delay:
    case fault_kind::loss:
    case fault_kind::duplicate:
    case fault_kind::late:
      break;
  }
}

void actor_world::emit(std::uint32_t index) {
  sender_state& sender = senders_[index];
  const nanoseconds gap = story_.gap.sample(sender.draws);
  const std::uint32_t n = sender.sent++;
  ++emitted_;
  emits(index, n);
  if (sender.sent < story_.messages) {
    clock_.after(gap * 100 / (100 + faults_.burst_percent()), self_, emits_now, index);
  } else {
    --senders_active_;
  }
}

actor_world::link_state& actor_world::link(std::uint32_t index) {
  while (links_.size() <= index) {
    const std::string path = fmt::format("/link/{}", links_.size());
    links_.push_back({stream(clock_.seed(), domain::network, path), 0});
    (void)clock_.add(path, nobody_);
  }
  return links_[index];
}

void actor_world::posts(std::uint32_t index, std::function<void()> arrives) {
  link_state& by = link(index);
  const link_faults suffers = faults_.on_link(index);
  // Every post draws the same number of times, whatever befalls it.
  const nanoseconds latency = story_.link.sample(by.network);
  const std::uint64_t loss_draw = by.network.below(100);
  const std::uint64_t duplicate_draw = by.network.below(100);
  if (loss_draw < suffers.loss_percent) {
    sees(point::lost_on_link);
    clock_.note(self_, lost, index);
    return;
  }
  const int copies = duplicate_draw < suffers.duplicate_percent ? 2 : 1;
  if (copies == 2) sees(point::duplicated_on_link);
  for (int i = 0; i < copies; ++i) {
    by.last_arrival = std::max(by.last_arrival, clock_.now() + latency + suffers.extra);
    std::uint32_t slot = static_cast<std::uint32_t>(in_flight_.size());
    if (free_slots_.empty()) {
      in_flight_.emplace_back();
    } else {
      slot = free_slots_.back();
      free_slots_.pop_back();
    }
    in_flight_[slot] = arrives;
    ++flying_;
    clock_.after(by.last_arrival - clock_.now(), self_, arrives_now, slot);
  }
}

std::uint32_t actor_world::born(std::string name, std::uint32_t capacity) {
  std::string path = "/actor/" + name;
  if (trace_ != nullptr) {
    trace_->names_track(life_track + static_cast<std::uint32_t>(lives_.size()), path);
  }
  const entity_id id = clock_.add(path, nobody_);
  lives_.push_back({id, clock_.draws(domain::service, id), false});
  clock_.note(id, life_begins, 0);
  return books_.born(std::move(path), capacity);
}

void actor_world::died(std::uint32_t who, exit_reason why) {
  books_.died(who, why, clock_.now());
  if (why == exit_reason::killed && books_.waiting(who) > 0) sees(point::killed_with_backlog);
  clock_.note(lives_[who].id, life_ended, static_cast<std::uint64_t>(why));
  clock_.after(0, self_, life_ended, who);
}

void actor_world::works(std::uint32_t who, std::uint32_t ticket_id) {
  life& mine = lives_[who];
  const nanoseconds time = story_.service.sample(mine.service) * faults_.slow_factor();
  environment_->spends(time);
  if (!mine.crashes) return;
  mine.crashes = false;
  if (ticket_id != 0) books_.crashed(ticket_id);
  throw crash_on_purpose{};
}

void actor_world::begins_handler(std::uint32_t who, std::uint32_t id) {
  if (id == 0) {
    books_.enters(who, clock_.now());
  } else {
    books_.enters(who, id, clock_.now());
  }
  clock_.note(lives_[who].id, handles, id);
}

void actor_world::ends_handler(std::uint32_t who, std::uint32_t id, nanoseconds since) {
  const nanoseconds until = clock_.now();
  if (id == 0) {
    books_.leaves(who);
  } else {
    books_.leaves(who, id, until);
    if (breaks(canary::parcel_twice)) {
      books_.enters(who, id, until);
      books_.leaves(who, id, until);
    }
  }
  clock_.note(lives_[who].id, handled, id);
  if (trace_ != nullptr) {
    const std::string name = id == 0 ? std::string("tick") : fmt::format("parcel {}", id);
    const nanoseconds end = std::max(until, since + 1);
    trace_->slice(life_track + who, name, since, end);
    if (environment_->running() != actor_environment::nobody) {
      const std::uint32_t track = worker_track + environment_->running();
      trace_->slice(track, books_.name(who), since, end);
    }
    if (id != 0) trace_->arrow_to(life_track + who, since, id);
  }
  if (books_.first_violation()) clock_.stop();
}

void actor_world::progresses() { clock_.after(0, self_, looks_again, last_index); }

void actor_world::sent_from(std::uint32_t id) {
  if (trace_ == nullptr) return;
  const nanoseconds at = clock_.now();
  trace_->slice(world_track, fmt::format("send {}", id), at, at + 50);
  trace_->arrow_from(world_track, at, id);
}

void actor_world::broken(const char* check, std::string detail) {
  books_.broken(check, std::move(detail), clock_.now());
  clock_.stop();
}

void actor_world::heals_when_quiet() {
  if (healed() || senders_active_ > 0 || flying_ > 0 || clock_.now() < faults_.end()) return;
  if (wants_more()) return;
  heals();
}

void actor_world::heals() {
  healed_at_ = clock_.now();
  clock_.note(self_, heal, 0);
  if (trace_ != nullptr) trace_->instant(fault_track, "healed", healed_at_);
  for (std::uint32_t who = 0; who < books_.lives(); ++who) {
    if (books_.waiting(who) > 0) sees(point::drained_at_close);
  }
}

void actor_world::winds_down() {
  std::uint32_t stage = last_index;
  for (const ending& each : endings_) {
    if (!books_.is_dead(each.who)) stage = std::min(stage, each.stage);
  }
  for (ending& each : endings_) {
    if (each.stage == stage && !std::exchange(each.told, true)) each.stop();
  }
}

void actor_world::looks_whether_all_ended() {
  if (finished_) return;
  winds_down();
  bool all = system_->live() == 0;
  for (std::uint32_t who = 0; all && who < books_.lives(); ++who) all = books_.is_dead(who);
  if (!all || flying_ > 0 || !is_over()) return;
  finished_ = true;
  ended_at_ = clock_.now();
  clock_.work_ends();
}

void actor_world::judge(run_result& result) {
  const nanoseconds at = clock_.now();
  const scheduler_counters workers = system_->workers().counters();
  const system_counters counters = system_->counters();
  if (workers.stolen > 0) sees(point::stolen);
  if (counters.time_yields > 0) sees(point::time_yield);
  if (!books_.first_violation()) {
    if (result.ended_by != stop_reason::quiet) {
      std::string who;
      for (std::uint32_t i = 0; i < books_.lives() && who.size() < 100; ++i) {
        if (!books_.is_dead(i)) who += " " + books_.name(i);
      }
      books_.broken(
          "liveness",
          fmt::format("{}: {} of {} parcels handled; still there:{}", to_string(result.ended_by),
                      books_.sums().handled, books_.sums().offered, who),
          at);
    } else {
      books_.at_rest(counters, at);
      at_rest();
      for (const std::uint64_t count :
           {workers.ran, workers.stolen, workers.fired, counters.spawned, counters.failed,
            counters.time_yields, counters.message_yields}) {
        clock_.note(self_, counted, count);
      }
      result.rests(books_, story_, healed_at_, ended_at_, emitted_, at);
    }
  }
  result.seen = seen_;
  result.concludes(books_, clock_, trace_);
  result.sums.evicted = books_.reported(undelivered_reason::dropped_oldest);
}

}  // namespace jacquard::sim
