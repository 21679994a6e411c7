// jacquard/queue/lane.hpp: what a lane of messages is to the mailbox around it.
//
// A lane is the concurrent heart of a mailbox: a queue of messages and the gate that says whether
// the consumer is running. basic_sequence_ring, basic_linked_lane and basic_locked_lane model it;
// basic_mailbox adds policies, the control lane, counters and parking, once for all three.
#pragma once

#include <concepts>
#include <cstdint>

#include <jacquard/mailbox/mailbox.hpp>

namespace jacquard {

enum class [[nodiscard]] push_result : std::uint8_t{
    queued,           // the consumer is running, or another sender is starting it
    queued_schedule,  // this sender must start the consumer
    full,             // no room now
    closed,           //
    // Of a lane with marks:
    queued_alarm,           // as queued, and this is the message that reached the high-water mark
    queued_schedule_alarm,  // as queued_schedule, and likewise
};

enum class [[nodiscard]] evict_result : std::uint8_t{
    evicted,   // the oldest message went to the caller
    not_full,  // room may have appeared: push again
    busy,      // the oldest message is in somebody's hands
};

struct [[nodiscard]] close_result {
  bool first = false;          // this call closed it
  bool must_schedule = false;  // this caller must start the consumer
};

/// The flags that every lane keeps in the low bits of its gate word.
struct gate {
  static constexpr std::uint64_t scheduled = 1;  // the consumer runs, or somebody is starting it
  static constexpr std::uint64_t closed = 2;     // no push succeeds any more
  static constexpr std::uint64_t control = 4;    // raise() was called since try_idle last looked
  static constexpr unsigned bits = 3;
  static constexpr std::uint64_t all = (std::uint64_t{1} << bits) - 1;
};

[[nodiscard]] constexpr push_result with_alarm(push_result queued) noexcept {
  return queued == push_result::queued ? push_result::queued_alarm
                                       : push_result::queued_schedule_alarm;
}
[[nodiscard]] constexpr bool must_schedule(push_result queued) noexcept {
  return queued == push_result::queued_schedule || queued == push_result::queued_schedule_alarm;
}
[[nodiscard]] constexpr bool is_alarm(push_result queued) noexcept {
  return queued == push_result::queued_alarm || queued == push_result::queued_schedule_alarm;
}

/// `evict(take)` exists where `can_evict`.
template <class L>
concept lane = requires(L lane, const L& shown, typename L::value_type& message,
                        void (*take)(typename L::value_type&&)) {
  // Any thread
  { lane.push(message) } -> std::same_as<push_result>;
  { lane.raise() } -> std::same_as<bool>;
  { lane.close() } -> std::same_as<close_result>;
  // The consumer
  { lane.pop(std::uint32_t{1}, take) } -> std::same_as<std::uint32_t>;
  lane.settle();
  { lane.try_idle() } -> std::same_as<idle_result>;
  { lane.resume() } -> std::same_as<bool>;
  lane.await_change();
  // Anybody
  { L::can_evict } -> std::convertible_to<bool>;
  { shown.is_closed() } -> std::same_as<bool>;
  { shown.capacity() } -> std::same_as<std::uint32_t>;
  { shown.pushed() } -> std::same_as<std::uint64_t>;
  { shown.taken() } -> std::same_as<std::uint64_t>;
};

/// A lane that counts what waits in the step that queues it, so that its marks are exact. It is constructed with a
/// `water_marks` behind the rest.
template <class L>
concept lane_with_marks = lane<L> && L::has_marks;

}  // namespace jacquard
