// jacquard/mailbox/high_water.hpp: an alarm for what refuses nothing: when so many messages wait, somebody is told,
// once, and again only after most of them are gone.
#pragma once

#include <cstdint>
#include <optional>

#include <jacquard/mailbox/capacity.hpp>

namespace jacquard {

/// Told that the number of waiting messages has reached high_water. Called once for each time that it does, by the
/// sender whose message reached the mark, on its thread, under no lock, after the consumer was woken. That sender goes
/// on when the hook returns, and nobody else waits for it. May send, close and count; must not throw (a function that
/// might is refused by the compiler). Null: alarms are counted, and nobody is told.
struct high_water_hook {
  void (*call)(void* who) noexcept = nullptr;
  void* who = nullptr;
};

/// The largest high_water of what has no bound.
inline constexpr std::uint32_t high_water_max = 1u << 28;

/// What one more message makes of an alarm.
struct water_level {
  bool raised;  // the mark was reached, and the low one has not been since
  bool alarm;   // it is this message that reached it
};

/// Both marks. Who counts messages asks `with_one_more` each time that one is added, and keeps `raised`.
struct water_marks {
  std::uint32_t high = 0;  // 0: there is no alarm
  std::uint32_t low = 0;   // < high

  [[nodiscard]] constexpr bool any() const noexcept { return high != 0; }
  friend bool operator==(const water_marks&, const water_marks&) = default;

  /// `waiting` were there before it. Nobody need ask when messages are taken: the first that is added after so many
  /// are gone finds them gone, and nobody can have seen an alarm that was armed and not yet reached.
  [[nodiscard]] constexpr water_level with_one_more(bool raised,
                                                    std::uint64_t waiting) const noexcept {
    const bool still_raised = raised && waiting > low;
    const bool reached = waiting + 1 >= high;
    return {.raised = still_raised || reached, .alarm = reached && !still_raised};
  }
};

/// An alarm for who counts under a lock, or alone.
class water_gauge {
 public:
  explicit constexpr water_gauge(water_marks marks = {}) noexcept : marks_(marks) { set(); }

  /// One was added, and so many wait now. True where that is an alarm.
  [[nodiscard]] bool rose_to(std::uint64_t waiting) noexcept {
    return waiting - quiet_from_ >= quiet_for_ &&
           judged(waiting);  // below it, that is a large number
  }

 private:
  static constexpr std::uint64_t for_ever = std::uint64_t{1} << 63;

  [[gnu::noinline]] bool judged(std::uint64_t waiting) noexcept {
    const water_level now = marks_.with_one_more(raised_, waiting - 1);
    raised_ = now.raised;
    set();
    return now.alarm;
  }
  // While so many wait, one more changes nothing.
  constexpr void set() noexcept {
    quiet_from_ = raised_ ? std::uint64_t{marks_.low} + 2 : 1;
    quiet_for_ = raised_ || !marks_.any() ? for_ever : marks_.high - 1;
  }

  water_marks marks_;
  std::uint64_t quiet_from_ = 1;
  std::uint64_t quiet_for_ = for_ever;
  bool raised_ = false;
};

/// Null where a queue of that capacity can have these marks, otherwise a sentence that names option and range.
[[nodiscard]] constexpr const char* problem_of_marks(std::uint32_t capacity,
                                                     std::optional<std::uint32_t> high,
                                                     std::optional<std::uint32_t> low,
                                                     const high_water_hook& told = {}) noexcept {
  if (!high.has_value()) {
    if (low.has_value()) return "low_water needs a high_water";
    return told.call != nullptr ? "on_high_water needs a high_water" : nullptr;
  }
  if (capacity == unbounded) {
    if (*high == 0 || *high > high_water_max) return "high_water must be in [1, 268435456]";
  } else if (*high == 0 || *high > capacity) {
    return "high_water must be in [1, capacity]";
  }
  if (low.has_value() && *low >= *high) return "low_water must be in [0, high_water)";
  return nullptr;
}

/// Of options that have no problem. Without a low_water, half of high_water, rounded down.
[[nodiscard]] constexpr water_marks marks_of(std::optional<std::uint32_t> high,
                                             std::optional<std::uint32_t> low) noexcept {
  if (!high.has_value()) return {};
  return {.high = *high, .low = low.value_or(*high / 2)};
}

}  // namespace jacquard
