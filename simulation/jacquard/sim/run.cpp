#include <jacquard/sim/run.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <jacquard/sim/active_faults.hpp>
#include <jacquard/sim/actor_world.hpp>
#include <jacquard/sim/mailbox_world.hpp>

namespace jacquard::sim {

namespace {

std::string name_of(const run_result& result, std::uint64_t digest) {
  for (const auto& [known, path] : result.names) {
    if (known == digest) return path;
  }
  return "?";
}

std::string in_words(const difference& found, const run_result& left, const run_result& right) {
  if (!found.exact) {
    return fmt::format("the runs differ within the {} events from event {}",
                       history::checkpoint_every, found.index);
  }
  const auto side = [](const std::optional<happening>& event, const run_result& of) {
    return event ? to_text(*event, name_of(of, event->who)) : std::string("nothing more");
  };
  return fmt::format("event {} differs: first run: {}; second run: {}", found.index,
                     side(found.left, left), side(found.right, right));
}

}  // namespace

run_result run(const plan& what, const run_options& options) {
  if (const std::optional<std::string> wrong = problem(what)) throw std::invalid_argument(*wrong);
  const scenario& story = *scenario_named(what.scenario);
  if (!story.has_actors()) {
    mailbox_world world(story, what, options);
    return world.run();
  }
  std::unique_ptr<actor_world> world = story.make(story, what, options);
  run_result result = world->run();
  // A world with an actor that never ends cannot be destroyed. It stays, and the result says what broke.
  if (!world->ends()) (void)world.release();
  return result;
}

void run_result::rests(books& of, const scenario& story, nanoseconds healed_at,
                       nanoseconds rested_at, std::uint64_t emitted, nanoseconds now) {
  drained_in = std::max<nanoseconds>(0, rested_at - healed_at);
  if (drained_in > story.drain_within) {
    of.broken("drain",
              fmt::format("drained {} after the world was healed; at most {}", to_text(drained_in),
                          to_text(story.drain_within)),
              now);
  }
  if (of.sums().handled * 1000 < emitted * story.handled_per_mille_min) {
    of.broken("floor",
              fmt::format("handled {} for {} that were emitted; a run that tests something handles "
                          "{} in a thousand",
                          of.sums().handled, emitted, story.handled_per_mille_min),
              now);
  }
}

void run_result::concludes(const books& of, kernel& clock, sim::trace* picture) {
  broken = of.first_violation();
  if (broken && picture != nullptr) {
    picture->instant(fault_track, "VIOLATION " + broken->check, broken->at);
  }
  events = clock.handled();
  ended_at = clock.now();
  sums = of.sums();
  set_latencies(of.latencies());
  names = clock.names();
  digest = clock.history().digest();
  history = std::move(clock.history());
}

void run_result::set_latencies(std::vector<nanoseconds> latencies) {
  if (latencies.empty()) return;
  const auto at = [&](std::size_t per_cent) {
    const std::size_t rank = (latencies.size() - 1) * per_cent / 100;
    const auto place = latencies.begin() + static_cast<std::ptrdiff_t>(rank);
    std::nth_element(latencies.begin(), place, latencies.end());
    return *place;
  };
  latency_p50 = at(50);
  latency_p99 = at(99);
}

verified run_twice(const plan& what, const run_options& options) {
  verified result{.first = run(what, options), .divergence = {}};
  run_options again = options;
  again.trace = nullptr;
  const run_result other = run(what, again);
  const std::optional<difference> window = first_difference(result.first.history, other.history);
  if (!window) return result;
  if (window->exact) {
    result.divergence = in_words(*window, result.first, other);
    return result;
  }
  again.keep_events = true;
  const run_result third = run(what, again);
  const run_result fourth = run(what, again);
  const std::optional<difference> named = first_difference(third.history, fourth.history);
  result.divergence =
      named ? in_words(*named, third, fourth)
            : in_words(*window, result.first, other) + "; two more runs agreed with each other";
  return result;
}

std::string signature(const verified& result) {
  if (result.first.broken) return result.first.broken->check;
  return result.divergence ? "determinism" : "";
}

}  // namespace jacquard::sim
