// jacquard/model/explore/shadow.hpp: who last touched a piece of plain shared memory.
//
// Two accesses race where neither happens before the other and one of them writes. Replays follow program
// order and reads-from, hence happens-before, so the second access of a race always finds the first here.
#pragma once

#include <jacquard/model/explore/event.hpp>

namespace jacquard::model::explorer {

struct shadow {
  clock reads;               // of each thread, its last read: 1 + the index of its next event then
  std::int16_t written = 0;  // the same of the last write; 0: only the constructor so far
  std::uint8_t writer = 0;
  bool destroyed = false;
  const void* write_site = nullptr;
  const void* read_site = nullptr;

  /// True where a read by `thread`, which knows `known`, races.
  [[nodiscard]] bool read_races(unsigned thread, const clock& known) const noexcept {
    return writer != thread && written > known.at[writer];
  }
  [[nodiscard]] bool write_races(unsigned thread, const clock& known) const noexcept {
    if (read_races(thread, known)) return true;
    bool races = false;
    for (unsigned t = 0; t < threads_max; ++t) races |= t != thread && reads.at[t] > known.at[t];
    return races;
  }
};

}  // namespace jacquard::model::explorer
