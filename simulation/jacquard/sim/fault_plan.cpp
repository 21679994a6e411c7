#include <jacquard/sim/fault_plan.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include <jacquard/sim/random.hpp>
#include <jacquard/sim/scenario.hpp>

namespace jacquard::sim {

namespace {

constexpr std::array<std::string_view, fault_kind_count> kind_names{
    "slow",      "pause", "restart", "stall", "burst", "delay", "loss",
    "duplicate", "close", "crash",   "kill",  "stop",  "late"};

// A fault's numbers, drawn so that each matters in a run of `span`.
fault drawn(fault_kind kind, const sim::scenario& story, stream& draws) {
  const nanoseconds span = story.span();
  const std::uint32_t producers = story.producers;
  fault made;
  made.kind = kind;
  made.at = draws.between(0, span * 9 / 10);
  made.lasts = draws.between(span / 20, span / 3);
  const bool one_producer = draws.chance(500'000);
  const auto producer = static_cast<std::uint32_t>(draws.below(producers));
  const std::uint64_t size = draws.next();
  const auto in = [size](std::uint32_t low, std::uint32_t high) {
    return low + static_cast<std::uint32_t>(size % (high - low + 1));
  };
  switch (kind) {
    case fault_kind::slow:
      made.factor = in(2, 30);
      break;
    case fault_kind::pause:
      if (story.has_actors()) made.producer = static_cast<std::uint32_t>(size % story.workers);
      break;
    case fault_kind::restart:
      break;
    case fault_kind::stall:
      made.count = in(1, 3);
      made.producer = producer;
      made.lasts = draws.between(span / 100, span / 8);
      break;
    case fault_kind::burst:
      made.percent = in(0, 1) == 0 ? 25 : in(25, 300);
      break;
    case fault_kind::delay:
      made.extra = draws.between(microsecond, span / 10);
      if (one_producer) made.producer = producer;
      break;
    case fault_kind::loss:
    case fault_kind::duplicate:
      made.percent = in(1, 30);
      if (one_producer) made.producer = producer;
      break;
    case fault_kind::late:
      made.extra = draws.between(microsecond, span / 8);
      break;
    case fault_kind::close:
      made.lasts = 0;
      break;
    case fault_kind::crash:
    case fault_kind::kill:
    case fault_kind::stop:
      made.lasts = 0;
      made.producer = in(0, 63);
      break;
  }
  return made;
}

// A swarm's mailbox and company are the seed's. Small capacities, and few powers of two among them.
void draw_shape(plan& made, const sim::scenario& story) {
  stream draws(made.seed, domain::plan, "shape");
  made.capacity = static_cast<std::uint32_t>(draws.between(1, draws.chance(800'000) ? 13 : 100));
  made.batch = static_cast<std::uint32_t>(draws.between(1, draws.chance(500'000) ? 8 : 64));
  made.producers = static_cast<std::uint32_t>(draws.between(1, 12));
  made.messages = 480 / *made.producers;
  constexpr std::array policies{overflow::reject, overflow::drop_newest, overflow::drop_oldest,
                                overflow::block};
  made.overflow = policies[draws.below(policies.size())];
  // A linked mailbox evicts nothing.
  if (story.kind == mailbox_kind::linked && made.overflow == overflow::drop_oldest) {
    made.overflow = overflow::drop_newest;
  }
}

}  // namespace

std::string_view to_string(fault_kind kind) noexcept {
  return kind_names[static_cast<std::size_t>(kind)];
}

std::string_view whom_key(fault_kind kind) noexcept {
  if (hits_an_actor(kind)) return "actor";
  return kind == fault_kind::pause ? "worker" : "producer";
}

sim::scenario adjusted(sim::scenario story, const plan& what) {
  story.messages = what.messages.value_or(story.messages);
  story.producers = what.producers.value_or(story.producers);
  story.capacity = what.capacity.value_or(story.capacity);
  story.batch = what.batch.value_or(story.batch);
  story.overflow = what.overflow.value_or(story.overflow);
  return story;
}

plan generate(const sim::scenario& usual, std::uint64_t seed) {
  plan made;
  made.scenario = usual.name;
  made.seed = seed;
  if (usual.swarm) draw_shape(made, usual);
  const sim::scenario story = adjusted(usual, made);
  for (const fault_rule& rule : story.faults) {
    // Each kind draws from its own stream: a rule more or less moves no other rule's faults.
    stream draws(seed, domain::plan, to_string(rule.kind));
    const auto wanted = static_cast<std::uint32_t>(
        draws.between(static_cast<std::int64_t>(rule.least), static_cast<std::int64_t>(rule.most)));
    for (std::uint32_t i = 0; i < wanted; ++i) {
      fault next = drawn(rule.kind, story, draws);
      next.id = fmt::format("{}{}", to_string(rule.kind), i + 1);
      made.faults.push_back(std::move(next));
    }
  }
  std::sort(made.faults.begin(), made.faults.end(), [](const fault& a, const fault& b) {
    return a.at != b.at ? a.at < b.at : a.id < b.id;
  });
  return made;
}

std::string to_toml(const plan& what) {
  std::string text = "schema = 1\n";
  text += fmt::format("scenario = \"{}\"\nseed = \"0x{:x}\"\n", what.scenario, what.seed);
  if (what.messages) text += fmt::format("messages = {}\n", *what.messages);
  if (what.producers) text += fmt::format("producers = {}\n", *what.producers);
  if (what.capacity) text += fmt::format("capacity = {}\n", *what.capacity);
  if (what.batch) text += fmt::format("batch = {}\n", *what.batch);
  if (what.overflow) text += fmt::format("overflow = \"{}\"\n", to_string(*what.overflow));
  for (const fault& f : what.faults) {
    text += fmt::format("\n[[fault]]\nid = \"{}\"\nkind = \"{}\"\nat = \"{}\"\n", f.id,
                        to_string(f.kind), to_text(f.at));
    if (!is_instant(f.kind)) text += fmt::format("for = \"{}\"\n", to_text(f.lasts));
    if (f.kind == fault_kind::slow) text += fmt::format("factor = {}\n", f.factor);
    if (f.kind == fault_kind::stall) text += fmt::format("count = {}\n", f.count);
    if (f.kind == fault_kind::delay || f.kind == fault_kind::late)
      text += fmt::format("extra = \"{}\"\n", to_text(f.extra));
    if (f.kind == fault_kind::burst || f.kind == fault_kind::loss ||
        f.kind == fault_kind::duplicate) {
      text += fmt::format("percent = {}\n", f.percent);
    }
    if (f.producer != every_producer) {
      text += fmt::format("{} = {}\n", whom_key(f.kind), f.producer);
    }
  }
  return text;
}

}  // namespace jacquard::sim
