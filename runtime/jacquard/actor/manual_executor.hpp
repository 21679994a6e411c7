// jacquard/actor/manual_executor.hpp: an executor that a test drives by hand: one thread, no clock, and an
// order that a seed repeats.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <jacquard/actor/task.hpp>
#include <jacquard/sync/native.hpp>

namespace jacquard {

/// In which order a manual_executor runs what is ready.
struct manual_executor_options {
  /// 0: `next` before `soon`, each first come first served, `later` last: the order of a scheduler with one
  /// worker and no slot limit. Otherwise any ready task may be next, drawn from this seed: an order that a
  /// scheduler with many workers might have taken.
  std::uint64_t seed = 0;
};

/// One thread at a time: whoever schedules or steps.
class manual_executor final : public executor {
 public:
  explicit manual_executor(const manual_executor_options& options = {}) noexcept
      : seeded_(options.seed != 0), state_(options.seed) {}
  manual_executor(const manual_executor&) = delete;
  manual_executor& operator=(const manual_executor&) = delete;

  /// Allocates where more tasks are ready than ever before.
  void schedule(task& work, urgency when) noexcept override { ready_.push_back({&work, when}); }

  /// Runs one ready task. False where none is.
  bool step() {
    if (ready_.empty()) return false;
    const std::size_t chosen = seeded_ ? draw(ready_.size()) : most_urgent();
    task* const work = ready_[chosen].work;
    ready_.erase(ready_.begin() + static_cast<std::ptrdiff_t>(chosen));
    ++steps_;
    work->run(*work);
    return true;
  }

  /// Steps until nothing is ready. Returns how many it ran. More than `steps_max` is a broken claim: something
  /// never comes to rest.
  std::uint64_t run_until_idle(std::uint64_t steps_max = 100'000'000) {
    const std::uint64_t before = steps_;
    while (step()) {
      sync::native::require(steps_ - before <= steps_max, "what a test runs comes to rest");
    }
    return steps_ - before;
  }

  /// How many tasks are ready.
  [[nodiscard]] std::size_t ready() const noexcept { return ready_.size(); }
  /// How many steps were run in all.
  [[nodiscard]] std::uint64_t steps() const noexcept { return steps_; }

 private:
  struct entry {
    task* work;
    urgency when;
  };

  [[nodiscard]] std::size_t most_urgent() const noexcept {
    std::size_t best = 0;
    for (std::size_t i = 1; i < ready_.size() && ready_[best].when != urgency::next; ++i) {
      if (ready_[i].when < ready_[best].when) best = i;
    }
    return best;
  }

  // splitmix64 (Steele, Lea and Flood, OOPSLA 2014): the same seed is the same order on every machine.
  std::size_t draw(std::size_t count) noexcept {
    std::uint64_t z = (state_ += 0x9e37'79b9'7f4a'7c15u);
    z = (z ^ (z >> 30)) * 0xbf58'476d'1ce4'e5b9u;
    z = (z ^ (z >> 27)) * 0x94d0'49bb'1331'11ebu;
    return static_cast<std::size_t>((((z ^ (z >> 31)) >> 32) * count) >> 32);
  }

  const bool seeded_;
  std::uint64_t state_;
  std::uint64_t steps_ = 0;
  std::vector<entry> ready_;
};

}  // namespace jacquard
