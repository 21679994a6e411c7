// jacquard/env/environment.hpp: the message seam: what a runtime gets from the world around it.
//
// Time, choice and workers vary here, at message grain, while atomics vary at instruction grain
// (jacquard/sync/policy.hpp). It is an ordinary abstract class: the object code that a simulation runs is the
// object code that ships. Virtual calls happen per activation, per timer and per clock read, never per
// message.
#pragma once

#include <cstdint>

namespace jacquard {

/// What became of one turn of a worker.
struct worker_turn {
  enum class outcome : std::uint8_t {
    ran,    // a task; there may be more
    idle,   // nothing to do before `until_ns`, unless somebody makes work meanwhile
    ended,  // its work is over; it is not called again
  };
  outcome what;
  std::int64_t until_ns;  // idle: when its earliest timer is due, by the environment's clock
};

/// A worker, as an environment sees it. An environment with threads gives it one and calls `run`; one without
/// calls `turn`, again and again, from one thread at a time. The object code of the work itself is the same.
struct worker_body {
  void (*run)(void* who);  // returns when the worker has ended; sleeps where there is nothing to do
  worker_turn (*turn)(void* who);  // runs one task, if there is one; never sleeps
  void* who;
};

class environment {
 public:
  virtual ~environment() = default;

  /// Nanoseconds on a monotonic clock. Any thread. Where workers sleep, it is the clock of sync::native::after.
  [[nodiscard]] virtual std::int64_t now() noexcept = 0;

  /// One of [0, count): a choice that may be made either way. `count` > 0. Any thread.
  [[nodiscard]] virtual std::uint32_t pick(std::uint32_t count) noexcept = 0;

  /// Begins to run a worker. It is called until it has ended.
  virtual void start_worker(const worker_body& body) = 0;

  /// Returns when every worker that was started has ended.
  virtual void join_workers() = 0;

  /// Called by a thread that would block until some worker has done something. False: block, others will do it.
  /// True: the workers run on this thread, and had a turn now; look again.
  [[nodiscard]] virtual bool drive() { return false; }
};

}  // namespace jacquard
