// checks/water_history.hpp: what each thread did to a queue with marks, and whether one order of it all explains every
// alarm. Written from the promise alone: nothing here knows how the marks are kept.
#pragma once

#include <cstdint>

#include <jacquard/mailbox/high_water.hpp>

namespace jacquard::checks {

/// Each thread notes its own steps; `explained` is asked when all have ended.
template <unsigned Threads, unsigned Steps>
class water_history {
 public:
  /// A message was sent.
  void sent(unsigned thread, bool alarm) { note(thread, {.delta = 1, .alarm = alarm}); }
  /// So many are gone, all at once.
  void taken(unsigned thread, std::uint32_t count) {
    if (count != 0) note(thread, {.delta = -static_cast<int>(count), .alarm = false});
  }

  /// So many waited at the beginning; `armed`: an alarm is due when the mark is reached. Where `alarms` is given, it
  /// says how many there were in all, and not who had them.
  [[nodiscard]] bool explained(water_marks marks, int waiting, bool armed, int alarms = -1) const {
    position at{.waiting = waiting, .armed = armed, .alarms = 0, .done = {}};
    return goes_on(marks, at, alarms);
  }

 private:
  struct step {
    int delta;
    bool alarm;
  };
  struct position {
    int waiting;
    bool armed;
    int alarms;
    unsigned done[Threads];
  };

  void note(unsigned thread, step what) { steps_[thread][count_[thread]++] = what; }

  // Whether the rest can follow, in some order.
  [[nodiscard]] bool goes_on(water_marks marks, position at, int alarms) const {
    bool all_done = true;
    for (unsigned thread = 0; thread < Threads; ++thread) {
      if (at.done[thread] == count_[thread]) continue;
      all_done = false;
      const step what = steps_[thread][at.done[thread]];
      position after = at;
      ++after.done[thread];
      after.waiting += what.delta;
      if (after.waiting < 0) continue;  // nothing is taken before it was sent
      const bool alarm =
          what.delta > 0 && at.armed && after.waiting >= static_cast<int>(marks.high);
      if (alarms < 0 && alarm != what.alarm) continue;
      after.alarms += alarm ? 1 : 0;
      after.armed = after.waiting <= static_cast<int>(marks.low) || (at.armed && !alarm);
      if (goes_on(marks, after, alarms)) return true;
    }
    return all_done && (alarms < 0 || at.alarms == alarms);
  }

  step steps_[Threads][Steps]{};
  unsigned count_[Threads]{};  // each thread its own
};

}  // namespace jacquard::checks
