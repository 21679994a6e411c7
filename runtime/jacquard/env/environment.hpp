// jacquard/env/environment.hpp: the message seam: what a runtime gets from the world around it.
//
// Time, choice and workers vary here, at message grain, while atomics vary at instruction grain
// (jacquard/sync/policy.hpp). It is an ordinary abstract class: the object code that a simulation runs is the
// object code that ships. Virtual calls happen per activation, per timer and per clock read, never per
// message.
#pragma once

#include <cstdint>

namespace jacquard {

class environment {
 public:
  virtual ~environment() = default;

  /// Nanoseconds on a monotonic clock whose epoch is the environment's own. Any thread.
  [[nodiscard]] virtual std::int64_t now() noexcept = 0;

  /// One of [0, count): a choice that may be made either way. `count` > 0. Any thread.
  [[nodiscard]] virtual std::uint32_t pick(std::uint32_t count) noexcept = 0;

  /// Runs `body(who)` as a worker, on a thread of its own where the environment has threads.
  virtual void start_worker(void (*body)(void* who), void* who) = 0;

  /// Returns when every worker that was started has returned.
  virtual void join_workers() = 0;
};

}  // namespace jacquard
