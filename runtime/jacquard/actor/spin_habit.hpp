// jacquard/actor/spin_habit.hpp: whether it is worth while to look on for a moment before a sleep.
//
// Who looks on saves the way through the kernel, for itself and for whoever would have to wake it, if what it waits for
// comes at once; else it has burnt that moment. So a look that was in vain makes the next ones rarer, twice as rare each
// time, and one that was not makes them usual again.
//
// Shape       how many chances are let pass between two looks, and how many of them are left.
// Invariants  I1  Of the chances in a row in which nothing comes, `skips_max` of `skips_max` + 1 are let pass in the end.
// Progress    wait-free; one thread's.
// Allocation  none.
// Checked by  stealing.test.cpp (I1).
#pragma once

#include <algorithm>
#include <cstdint>

namespace jacquard {

class spin_habit {
 public:
  static constexpr std::uint32_t skips_max = 63;

  /// A chance to look on. False: let it pass.
  [[nodiscard]] constexpr bool takes_chance() noexcept {
    if (left_ == 0) return true;
    --left_;
    return false;
  }
  /// What became of the look.
  constexpr void looked(bool came) noexcept {
    skips_ = came ? 0 : std::min(2 * skips_ + 1, skips_max);
    left_ = skips_;
  }

 private:
  std::uint32_t skips_ = 0;
  std::uint32_t left_ = 0;
};

/// Looks for `ns` by the clock `now()`, with a pause before each look. True where `came()` says so.
template <class Now, class Pause, class Came>
[[nodiscard]] bool looks_for(std::int64_t ns, Now&& now, Pause&& pause, Came&& came) {
  constexpr int looks_a_clock_read = 16;
  for (const std::int64_t end = now() + ns; now() < end;) {
    for (int i = 0; i < looks_a_clock_read; ++i) {
      pause();
      if (came()) return true;
    }
  }
  return false;
}

}  // namespace jacquard
