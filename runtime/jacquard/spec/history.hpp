// jacquard/spec/history.hpp: what happened to a mailbox, as calls and returns with unique message ids.
//
// Each thread writes its own log, so that recording needs no synchronisation of its own; the logs are merged
// when all is over. A moment is any monotonic count. Two operations are ordered only where one returned
// strictly before the other was called; equal moments overlap.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <jacquard/mailbox/mailbox.hpp>

namespace jacquard::spec {

enum class event_kind : std::uint8_t {
  send,          // `id`, answered `result`
  send_control,  // `id`, answered `result`
  receive,   // the whole call; what it handed out carries the same moments and follows in the log
  hand_out,  // `id`
  hand_out_control,  // `id`
  letter,  // `id` reached the dead-letter hook, for `why`, within the operation with these moments
  idle,    // try_idle gave the mailbox up
  finished,  // try_idle or wait_receive found it closed and drained
  close,     // `first`: this call closed it
  schedule,  // the schedule hook was called
};

/// One operation, or one message's part in it. Thread and position name it in reports.
struct event {
  std::uint64_t id = 0;
  std::int64_t called = 0;
  std::int64_t returned = 0;
  std::uint32_t thread = 0;
  event_kind kind = event_kind::send;
  send_result result = send_result::accepted;
  drop_reason why = drop_reason::shutdown;
  bool first = false;
};

/// One thread's events, in the order in which it called. Used by that thread only until all threads are
/// joined. `add` allocates only beyond what the constructor reserved.
class event_log {
 public:
  event_log(std::uint32_t thread, std::size_t expected) : thread_(thread) {
    events_.reserve(expected);
  }

  event& add(event e) {
    e.thread = thread_;
    return events_.emplace_back(e);
  }
  /// The number of events so far: a place to come back to with `events_from`.
  [[nodiscard]] std::size_t mark() const noexcept { return events_.size(); }
  /// The events since `mark`, to fill in moments that were not known yet.
  [[nodiscard]] std::span<event> events_from(std::size_t mark) noexcept {
    return std::span(events_).subspan(mark);
  }
  [[nodiscard]] std::span<const event> events() const noexcept { return events_; }

 private:
  std::uint32_t thread_;
  std::vector<event> events_;
};

/// All events, thread by thread, each thread's in order.
[[nodiscard]] inline std::vector<event> merged(std::span<const event_log* const> logs) {
  std::vector<event> all;
  for (const event_log* const log : logs) {
    all.insert(all.end(), log->events().begin(), log->events().end());
  }
  return all;
}

}  // namespace jacquard::spec
