// jacquard/actor/reply_status.hpp: how a future ended.
#pragma once

#include <cstdint>

namespace jacquard {

/// How a future ended.
enum class [[nodiscard]] reply_status : std::uint8_t{
    ready,           // there is a value
    timed_out,       // the waiter gave up at its deadline
    cancelled,       // the future's owner gave it up
    target_down,     // who should have answered ended first
    failed,          // who should have answered failed
    refused,         // the question found no room, or lost it to a later one
    would_deadlock,  // the question was not sent: who would have to answer waits for the asker
};

[[nodiscard]] constexpr const char* to_string(reply_status status) noexcept {
  switch (status) {
    case reply_status::ready:
      return "ready";
    case reply_status::timed_out:
      return "timed_out";
    case reply_status::cancelled:
      return "cancelled";
    case reply_status::target_down:
      return "target_down";
    case reply_status::failed:
      return "failed";
    case reply_status::refused:
      return "refused";
    case reply_status::would_deadlock:
      return "would_deadlock";
  }
  return "unknown";
}

}  // namespace jacquard
