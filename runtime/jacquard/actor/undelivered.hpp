// jacquard/actor/undelivered.hpp: messages that no actor handled: why, how many, and who is told.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace jacquard {

/// Why a message that was not refused was never handled.
enum class undelivered_reason : std::uint8_t {
  dropped_newest,  // overflow::drop_newest: the inbox was full
  dropped_oldest,  // overflow::drop_oldest: a later message took its place
  expired,         // it was still waiting when its time was over
  stash_full,      // its actor's state had no handler for it, and its stash no room
  stopped,         // its actor had ended in order
  killed,          // its actor was told to end at once
  failed,          // its actor failed
  gone,            // it was sent to an actor that had lived in the same cell before
};

inline constexpr std::size_t undelivered_reasons = 8;

[[nodiscard]] constexpr const char* to_string(undelivered_reason why) noexcept {
  switch (why) {
    case undelivered_reason::dropped_newest:
      return "dropped_newest";
    case undelivered_reason::dropped_oldest:
      return "dropped_oldest";
    case undelivered_reason::expired:
      return "expired";
    case undelivered_reason::stash_full:
      return "stash_full";
    case undelivered_reason::stopped:
      return "stopped";
    case undelivered_reason::killed:
      return "killed";
    case undelivered_reason::failed:
      return "failed";
    case undelivered_reason::gone:
      return "gone";
  }
  return "unknown";
}

/// A message that was not handled. The views are valid during the call.
struct undelivered {
  std::string_view actor;    // its name; empty: it has none, or it is gone
  std::string_view message;  // message_name of the message's type
  undelivered_reason why;
};

/// Told of every message that was accepted or dropped, and that no actor will handle, once. On the thread that
/// found out: a worker or a sender. Must not throw, wait, or send to the actor in question.
struct undelivered_hook {
  void (*call)(void* who, const undelivered& what) noexcept = nullptr;
  void* who = nullptr;
};

}  // namespace jacquard
