// jacquard/sim/time.hpp: virtual time, and how people write it.
//
// Virtual time is a signed count of nanoseconds since the run began. It is read from text and written to
// text with integers only, so a plan file means the same instant on every machine.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace jacquard::sim {

/// Nanoseconds of virtual time: an instant since the run began, or a length.
using nanoseconds = std::int64_t;

inline constexpr nanoseconds microsecond = 1'000;
inline constexpr nanoseconds millisecond = 1'000'000;
inline constexpr nanoseconds second = 1'000'000'000;

/// The longest time that a plan or an option may name: one virtual day.
inline constexpr nanoseconds longest = 86'400 * second;

/// Reads `250ns`, `1.5us`, `20ms`, `3s` or `10m`: digits, at most nine decimals, a unit. Empty where the
/// text is anything else, or is not a whole number of nanoseconds, or exceeds `longest`.
[[nodiscard]] std::optional<nanoseconds> parse_time(std::string_view text);

/// Writes a time so that `parse_time` reads the same number: the largest unit that divides it. >= 0
[[nodiscard]] std::string to_text(nanoseconds time);

/// Writes a time for people: at least 1 and less than 1000 of its unit, one decimal, cut off. >= 0
[[nodiscard]] std::string to_short_text(nanoseconds time);

}  // namespace jacquard::sim
