// jacquard/env/manual_environment.hpp: a world that a test drives by hand: one thread, a clock that moves when it is
// told to, and choices that a seed repeats. The actors, the scheduler and the timers are the object code that ships.
//
//   manual_environment world({.seed = 7});
//   actor_system system(world, {.scheduling = {.workers = 4}});
//   const auto who = system.spawn<clockwork>();
//   system.send_after(who, 1h, tick{});
//   world.advance(1h);      // takes no time, fires the timer, runs who
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include <jacquard/env/environment.hpp>
#include <jacquard/sync/native.hpp>

namespace jacquard {

struct manual_environment_options {
  /// The same seed is the same order, on every machine.
  std::uint64_t seed = 1;
  /// What the clock says first.
  std::chrono::nanoseconds start = std::chrono::nanoseconds{0};
};

/// For one thread. A future's `wait` on this thread returns only where the answer is there: run first, then wait.
class manual_environment final : public environment {
 public:
  explicit manual_environment(const manual_environment_options& options = {})
      : choices_(options.seed), now_ns_(options.start.count()) {}
  ~manual_environment() override { join_workers(); }

  [[nodiscard]] std::int64_t now() noexcept override { return now_ns_; }

  [[nodiscard]] std::uint32_t pick(std::uint32_t count) noexcept override {
    // splitmix64 (Steele, Lea and Flood, OOPSLA 2014): the same seed is the same sequence on every machine.
    std::uint64_t z = (choices_ += 0x9e37'79b9'7f4a'7c15u);
    z = (z ^ (z >> 30)) * 0xbf58'476d'1ce4'e5b9u;
    z = (z ^ (z >> 27)) * 0x94d0'49bb'1331'11ebu;
    z ^= z >> 31;
    return static_cast<std::uint32_t>(((z >> 32) * count) >> 32);
  }

  void start_worker(const worker_body& body) override { workers_.push_back(body); }

  /// Lets the workers end: the clock stands still meanwhile.
  void join_workers() override {
    for (std::uint64_t left = steps_max; !workers_.empty(); --left) {
      sync::native::require(left > 0, "workers that are to end come to rest");
      (void)turn_of_any();
    }
  }

  /// Where all are idle, the clock moves to the next timer. False where there is none: nothing will ever happen.
  [[nodiscard]] bool drive() override {
    if (step()) return true;
    if (next_due_ns() == never) return false;
    now_ns_ = std::max(now_ns_, next_due_ns());
    return true;
  }

  /// Runs one task on one worker; which, is drawn. False where there is no task and no timer is due.
  bool step() {
    if (!turn_of_any()) return false;
    ++steps_;
    return true;
  }

  /// Steps until nothing can happen before the clock moves. Returns how many steps. More than `most` is a broken claim:
  /// something never comes to rest.
  std::uint64_t run_until_idle(std::uint64_t most = steps_max) {
    const std::uint64_t before = steps_;
    while (step()) {
      sync::native::require(steps_ - before <= most, "what a test runs comes to rest");
    }
    return steps_ - before;
  }

  /// Moves the clock by `by` >= 0, from timer to timer, and runs what each makes runnable before the next.
  /// Returns how many steps.
  std::uint64_t advance(std::chrono::nanoseconds by) {
    sync::native::require(by.count() >= 0, "a clock does not go back");
    const std::int64_t until = now_ns_ + by.count();
    std::uint64_t steps = run_until_idle();
    while (next_due_ns() <= until) {
      now_ns_ = std::max(now_ns_, next_due_ns());
      steps += run_until_idle();
    }
    now_ns_ = until;
    return steps;
  }

  /// When the next timer is due; the end of time where there is none. After run_until_idle.
  [[nodiscard]] std::int64_t next_due_ns() const noexcept { return next_due_ns_; }
  /// How many tasks were run in all.
  [[nodiscard]] std::uint64_t steps() const noexcept { return steps_; }

 private:
  static constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();
  static constexpr std::uint64_t steps_max = 100'000'000;

  // A turn of each worker in a row, from one that is drawn, until one has run something.
  bool turn_of_any() {
    next_due_ns_ = never;
    if (workers_.empty()) return false;
    const std::size_t first = pick(static_cast<std::uint32_t>(workers_.size()));
    for (std::size_t i = 0, count = workers_.size(); i < count; ++i) {
      const std::size_t at = (first + i) % count;
      const worker_turn turn = workers_[at].turn(workers_[at].who);
      switch (turn.what) {
        case worker_turn::outcome::ran:
          return true;
        case worker_turn::outcome::idle:
          next_due_ns_ = std::min(next_due_ns_, turn.until_ns);
          break;
        case worker_turn::outcome::ended:
          workers_.erase(workers_.begin() + static_cast<std::ptrdiff_t>(at));
          return false;
      }
    }
    return false;
  }

  std::uint64_t choices_;
  std::int64_t now_ns_;
  std::int64_t next_due_ns_ = never;
  std::uint64_t steps_ = 0;
  std::vector<worker_body> workers_;
};

}  // namespace jacquard
