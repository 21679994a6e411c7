// jacquard/actor/scheduler_options.hpp: how a scheduler's workers behave, and what they say they did.
#pragma once

#include <cstdint>

#include <jacquard/actor/oldest_watch.hpp>

namespace jacquard {

struct scheduler_options {
  /// Threads that run tasks. [1, 1024]
  std::uint32_t workers = 1;
  /// How often in a row a worker runs the task in its slot before it takes one in turn. >= 1
  std::uint32_t slot_uses_max = 16;
  /// After how many tasks a worker looks at the injector first. >= 1
  std::uint32_t injector_period = 61;
  /// When an idle worker takes a task that another one made for itself.
  patience stealing = {};
  /// How long an idle worker naps between two looks at what the others have waiting: first, and, where it finds nothing
  /// to take, twice as long each time up to the last. A task that has been waiting as long as `stealing` says is taken
  /// two naps later at most, where a worker is idle. 1 <= nap_min_ns <= nap_max_ns. [ns]
  std::int64_t nap_min_ns = 50'000;
  std::int64_t nap_max_ns = 2'000'000;
};

/// What the workers did, summed. Exact when they are at rest.
struct scheduler_counters {
  std::uint64_t ran = 0;
  std::uint64_t stolen = 0;
  std::uint64_t woken = 0;  // returns from sleep, naps included
  std::uint64_t fired = 0;  // timers
};

}  // namespace jacquard
