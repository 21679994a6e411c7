// jacquard/actor/nap_rhythm.hpp: how long an idle worker that keeps watch naps before its next look at the others' queues.
//
// A look costs the one who is looked at: its lines travel, and where two processors share a core the one that wakes
// takes from the other. So each nap is twice as long as the one before, until there was something to take.
//
// Shape       the next nap's length, and how many looks in a row saw nothing waiting.
// Invariants  I1  A nap is never longer than `longest`: what a look does not take waits no longer for the next one.
//             I2  After `quiet_looks_max` looks in a row that saw nothing waiting the watch is over, until work comes.
// Progress    wait-free; one thread's.
// Allocation  none.
// Checked by  stealing.test.cpp (I1, I2).
#pragma once

#include <cstdint>

namespace jacquard {

class nap_rhythm {
 public:
  static constexpr std::uint32_t quiet_looks_max = 16;

  /// In nanoseconds, 1 <= shortest <= longest.
  constexpr nap_rhythm(std::int64_t shortest, std::int64_t longest) noexcept
      : shortest_(shortest), longest_(longest), next_(shortest) {}

  /// It worked, or was called.
  constexpr void begin_anew() noexcept {
    next_ = shortest_;
    quiet_looks_ = 0;
  }
  /// It took something: there may soon be more.
  constexpr void took() noexcept { next_ = shortest_; }
  /// A look at the end of a nap found nothing to take.
  constexpr void looked_in_vain(bool something_waits) noexcept {
    next_ = next_ > longest_ / 2 ? longest_ : 2 * next_;
    quiet_looks_ = something_waits ? 0 : quiet_looks_ + 1;
  }

  [[nodiscard]] constexpr std::int64_t next_ns() const noexcept { return next_; }
  [[nodiscard]] constexpr bool is_over() const noexcept { return quiet_looks_ >= quiet_looks_max; }

 private:
  std::int64_t shortest_;
  std::int64_t longest_;
  std::int64_t next_;
  std::uint32_t quiet_looks_ = 0;
};

}  // namespace jacquard
