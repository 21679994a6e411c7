// jacquard/actor/high_water_alarm.hpp: an actor's inbox that fills up: who is told, and of what.
#pragma once

#include <cstdint>
#include <string_view>

namespace jacquard {

/// An inbox that has reached its mark. The views are valid during the call.
struct high_water_alarm {
  std::string_view actor;    // its name; empty: it has none
  std::string_view message;  // message_name of the message that reached the mark
  std::uint32_t high_water;  // the actor's, as spawned
};

/// Told of every alarm of every actor of a system, once. By the sender whose message reached the mark, on its thread
/// (a worker's or another), before the message is handed over: it waits for the hook, and nobody else does, but for
/// the actor's end. Must not throw (a function that might is refused by the compiler), nor wait for that actor.
struct high_water_alarm_hook {
  void (*call)(void* who, const high_water_alarm& what) noexcept = nullptr;
  void* who = nullptr;
};

}  // namespace jacquard
