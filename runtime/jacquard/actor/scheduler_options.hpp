// jacquard/actor/scheduler_options.hpp: how a scheduler's workers behave, and what they say they did.
#pragma once

#include <cstdint>

#include <jacquard/actor/oldest_watch.hpp>
#include <jacquard/sync/native.hpp>

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
  /// How long a worker that has run out of work looks on for a task from outside, or one that is pinned to it, before it
  /// sleeps; 0: not at all. It does so less and less often where none comes, and never where the process has one
  /// processor. >= 0. [ns]
  std::int64_t look_on_ns = 5'000;
};

/// Stops the program where an option is out of its range, and says which.
inline void check(const scheduler_options& options) {
  using Sync = sync::native;
  Sync::require(options.workers >= 1 && options.workers <= 1024, "workers must be in [1, 1024]");
  Sync::require(options.slot_uses_max >= 1, "slot_uses_max must be at least 1");
  Sync::require(options.injector_period >= 1, "injector_period must be at least 1");
  Sync::require(options.nap_min_ns >= 1 && options.nap_min_ns <= options.nap_max_ns,
                "nap_min_ns must be in [1, nap_max_ns]");
  Sync::require(options.look_on_ns >= 0, "look_on_ns must be at least 0");
  Sync::require(options.stealing.steal_after_ns >= 0 && options.stealing.moving_ns >= 1,
                "steal_after_ns must be at least 0, moving_ns at least 1");
}

/// What the workers did, summed. Exact when they are at rest.
struct scheduler_counters {
  std::uint64_t ran = 0;
  std::uint64_t stolen = 0;
  std::uint64_t woken = 0;  // returns from sleep, naps included
  std::uint64_t fired = 0;  // timers
};

}  // namespace jacquard
