// seeded_bugs/broken_time_outs.hpp: time-outs with one thing wrong, caught by the checks of those that ship.
#pragma once

#include <cstdint>

#include <checks/time_out.hpp>
#include <jacquard/actor/reply_status.hpp>
#include <seeded_bugs/broken_buffers.hpp>
#include <seeded_bugs/broken_timers.hpp>

namespace jacquard::bugs {

/// Ends whatever the slot holds when the timer fires: perhaps the next question.
struct by_whatever_is_there {
  template <class Slot>
  static bool end(Slot& slot, std::uint64_t) {
    return slot.settle(slot.begin(), reply_status::timed_out, [](auto&) {});
  }
};

}  // namespace jacquard::bugs
