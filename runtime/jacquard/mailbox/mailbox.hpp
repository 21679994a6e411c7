// jacquard/mailbox/mailbox.hpp: the words of a mailbox: results, options, counters, and the concept
// that ring_mailbox, linked_mailbox and locked_mailbox model.
//
// A mailbox has many senders and one consumer. The consumer is either a thread that parks in
// `wait_receive`, or whatever `options.schedule` starts: that hook is called exactly once each time
// the mailbox goes from idle to having something to do.
#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <ranges>
#include <tuple>
#include <type_traits>
#include <utility>

#include <jacquard/mailbox/capacity.hpp>
#include <jacquard/mailbox/high_water.hpp>
#include <jacquard/sync/policy.hpp>

namespace jacquard {

/// What became of a message. A message that was not `accepted` or `dropped` is still the sender's:
/// it was not moved from.
enum class [[nodiscard]] send_result : std::uint8_t{
    accepted,        // it will be handed to the consumer, or to the dead-letter hook
    dropped,         // overflow::drop_newest: it went to the dead-letter hook
    busy,            // no room; try later, or shed load
    closed,          // the mailbox is closed
    too_large,       // its payload exceeds options.payload_bytes_max
    deadline,        // overflow::block: no room before the deadline
    would_deadlock,  // overflow::block: the consumer itself would wait for its own full mailbox
};

/// The name of a result, as logs and reports write it.
[[nodiscard]] constexpr const char* to_string(send_result result) noexcept {
  switch (result) {
    case send_result::accepted:
      return "accepted";
    case send_result::dropped:
      return "dropped";
    case send_result::busy:
      return "busy";
    case send_result::closed:
      return "closed";
    case send_result::too_large:
      return "too_large";
    case send_result::deadline:
      return "deadline";
    case send_result::would_deadlock:
      return "would_deadlock";
  }
  return "unknown";
}

/// The HTTP status that a host answers with (RFC 9110; 429 is RFC 6585).
[[nodiscard]] constexpr int to_http_status(send_result result) noexcept {
  switch (result) {
    case send_result::accepted:
    case send_result::dropped:
      return 202;
    case send_result::busy:
      return 429;
    case send_result::closed:
      return 503;
    case send_result::too_large:
      return 413;
    case send_result::deadline:
      return 504;
    case send_result::would_deadlock:
      return 409;
  }
  return 500;
}

/// What a full mailbox does with one more message. Control messages are never affected.
enum class overflow : std::uint8_t {
  reject,       // refuse it: busy
  drop_newest,  // drop it
  drop_oldest,  // drop the oldest that nobody has taken yet, and accept it
  block,        // wait for room until a deadline
};

[[nodiscard]] constexpr const char* to_string(overflow policy) noexcept {
  switch (policy) {
    case overflow::reject:
      return "reject";
    case overflow::drop_newest:
      return "drop_newest";
    case overflow::drop_oldest:
      return "drop_oldest";
    case overflow::block:
      return "block";
  }
  return "unknown";
}

/// Why a message reached the dead-letter hook.
enum class drop_reason : std::uint8_t {
  newest,    // overflow::drop_newest
  oldest,    // overflow::drop_oldest
  shutdown,  // it was accepted, and the mailbox was destroyed before anybody took it
};

[[nodiscard]] constexpr const char* to_string(drop_reason reason) noexcept {
  switch (reason) {
    case drop_reason::newest:
      return "newest";
    case drop_reason::oldest:
      return "oldest";
    case drop_reason::shutdown:
      return "shutdown";
  }
  return "unknown";
}

/// Starts the consumer. Called by the sender (or closer) that finds the mailbox idle, after its
/// message can be taken. Must not throw, must not wait, must not call into the same mailbox.
struct schedule_hook {
  void (*call)(void* who) noexcept = nullptr;
  void* who = nullptr;
};

/// Takes a message that no consumer will see. Called on the thread that dropped it.
template <class T>
struct dead_letter_hook {
  void (*call)(void* who, T&& message, drop_reason why) noexcept = nullptr;
  void* who = nullptr;
};

inline constexpr std::uint32_t control_capacity_max = 1024;
inline constexpr std::uint32_t batch_max = 64;
inline constexpr std::size_t payload_bytes_limit = std::size_t{1} << 20;

/// How a mailbox is set up. `problem(options)` names what is out of range.
template <class T>
struct mailbox_options {
  /// Messages that may wait, exactly. [1, 1048576]; linked_mailbox also takes `unbounded`.
  std::uint32_t capacity = 512;
  /// Control messages that may wait. [1, 1024]
  std::uint32_t control_capacity = 16;
  jacquard::overflow overflow = jacquard::overflow::reject;
  /// overflow::block: how long `send(message)` waits for room. >= 0
  std::chrono::nanoseconds block_for = std::chrono::seconds{1};
  /// The largest payload, by `payload_bytes`. [1, 1048576] bytes
  std::size_t payload_bytes_max = payload_bytes_limit;
  /// Null: the consumer is a thread that calls wait_receive, and owns the mailbox from the start.
  /// Otherwise the mailbox starts idle.
  schedule_hook schedule = {};
  dead_letter_hook<T> dead_letter = {};
  /// When so many messages wait, on_high_water is called, once; nothing else changes: none is refused, held up or
  /// moved. In [1, capacity], or [1, 268435456] where that is unbounded. Nothing: no alarm. Not of a ring_mailbox.
  std::optional<std::uint32_t> high_water = std::nullopt;
  /// When no more than so many wait, the next time is another alarm. In [0, high_water); nothing: half of it.
  std::optional<std::uint32_t> low_water = std::nullopt;
  high_water_hook on_high_water = {};
};

/// Null where the options are in range, otherwise a sentence that names option and range.
template <class T>
[[nodiscard]] constexpr const char* problem(const mailbox_options<T>& options) noexcept {
  if (options.capacity == 0 || (options.capacity > capacity_max && options.capacity != unbounded)) {
    return "capacity must be in [1, 1048576]";
  }
  if (options.control_capacity == 0 || options.control_capacity > control_capacity_max) {
    return "control_capacity must be in [1, 1024]";
  }
  if (options.block_for.count() < 0) return "block_for must not be negative";
  if (options.payload_bytes_max == 0 || options.payload_bytes_max > payload_bytes_limit) {
    return "payload_bytes_max must be in [1, 1048576] bytes";
  }
  return problem_of_marks(options.capacity, options.high_water, options.low_water,
                          options.on_high_water);
}

/// A container that owns a contiguous run of elements outside itself: no view, no std::array.
template <class T>
concept owns_a_run = std::ranges::contiguous_range<const T> && std::ranges::sized_range<const T> &&
                     !std::ranges::view<T> &&
                     !requires {
  std::tuple_size<T>::value;
};

/// The bytes that count against payload_bytes_max: the object, and what a contiguous container
/// holds. Specialise for message types that own more.
template <class T>
struct payload_bytes {
  [[nodiscard]] static constexpr std::size_t of(const T& message) noexcept {
    if constexpr (owns_a_run<T>) {
      return sizeof(T) + std::ranges::size(message) * sizeof(std::ranges::range_value_t<const T>);
    } else {
      (void)message;
      return sizeof(T);
    }
  }
};

/// Exact where nobody is in the middle of an operation; otherwise each number is one that was true.
/// At rest: sent == received + dropped_newest + dropped_oldest + undelivered, and likewise for
/// control.
struct mailbox_counters {
  std::uint64_t sent = 0;            // accepted or dropped
  std::uint64_t received = 0;        // handed to the consumer
  std::uint64_t dropped_newest = 0;  //
  std::uint64_t dropped_oldest = 0;  //
  std::uint64_t undelivered = 0;     // waiting now
  std::uint64_t refused_busy = 0;
  std::uint64_t refused_closed = 0;
  std::uint64_t refused_too_large = 0;
  std::uint64_t refused_deadline = 0;
  std::uint64_t refused_would_deadlock = 0;
  std::uint64_t control_sent = 0;
  std::uint64_t control_received = 0;
  std::uint64_t control_undelivered = 0;
  std::uint64_t control_refused = 0;  // busy or closed
  std::uint64_t high_water_alarms = 0;

  [[nodiscard]] constexpr bool balanced() const noexcept {
    return sent == received + dropped_newest + dropped_oldest + undelivered &&
           control_sent == control_received + control_undelivered;
  }
  friend bool operator==(const mailbox_counters&, const mailbox_counters&) = default;
};

/// What one receive handed out.
struct [[nodiscard]] receipt {
  std::uint32_t control = 0;
  std::uint32_t messages = 0;
  /// wait_receive only: nothing came, because the mailbox is closed and drained, or by the
  /// deadline.
  bool finished = false;
  bool timed_out = false;

  [[nodiscard]] constexpr bool any() const noexcept { return control + messages > 0; }
};

/// What the consumer may do after it found nothing to receive.
enum class [[nodiscard]] idle_result : std::uint8_t{
    idle,      // it gave the mailbox up; the schedule hook will be called once for the next message
    more,      // something came, or a sender is about to publish: receive again (or let others run
               // first)
    finished,  // closed, and everything accepted has been handed out
};

/// The control type of a mailbox that has no control lane.
struct no_control {};

/// A visitor takes `T&&`, and `C&&` where the mailbox has a control lane. It must not throw.
template <class F, class T, class C>
concept receives = std::invocable<F&, T&&> &&
    (std::same_as<C, no_control> || std::invocable<F&, C&&>);

/// A mailbox. Senders' members may be called by any thread; consumer's members only by the thread
/// that owns the mailbox at the time: the parked-and-woken thread, or the one that the schedule
/// hook started.
template <class M>
concept mailbox = requires(M box, const M& shown, typename M::message_type message,
                           void (*visit)(typename M::message_type&&)) {
  typename M::message_type;
  typename M::control_type;
  typename M::options_type;
  // Senders
  { box.send(std::move(message)) } -> std::same_as<send_result>;
  { box.send(std::move(message), sync::deadline::never()) } -> std::same_as<send_result>;
  { box.try_send(std::move(message)) } -> std::same_as<send_result>;
  { box.close() } -> std::same_as<bool>;
  // The consumer
  { box.try_idle() } -> std::same_as<idle_result>;
  // Anybody
  { shown.counters() } -> std::same_as<mailbox_counters>;
  { shown.capacity() } -> std::same_as<std::uint32_t>;
  { shown.size() } -> std::same_as<std::uint64_t>;
};

}  // namespace jacquard
