// jacquard/spec/mailbox_spec.hpp: what a mailbox promises, as a program for one thread.
//
// It is the meaning of the words in mailbox/mailbox.hpp. Every mailbox, used by one thread, gives the same
// answers, the same counters and the same dead letters, in the same order. Properties, simulation and model
// checks compare with it; nothing in it is concurrent, clever or fast.
//
// Promises    P1  What is accepted is handed out once, oldest first, or reaches the dead-letter hook once.
//             P2  At most `capacity` messages wait; a message is refused or dropped for want of room only
//                 when exactly so many do.
//             P3  Control messages come before all others, 16 a receive at most, and no overflow touches
//                 them.
//             P4  A payload that is too large is refused whatever else holds; then a closed mailbox
//                 refuses; then a full one does what its policy says.
//             P5  close keeps what was accepted and refuses everything after.
//             P6  The consumer is started once each time the mailbox goes from idle to having something
//                 to do: a message, a control message, or its end.
//             P7  The counters are exact, and balance.
//             P8  on_high_water is called once for each message that brings those that wait to high_water: for the first
//                 time, or for the first since no more than low_water waited.
// Checked by  property_tests/mailbox_properties.test.cpp: every mailbox against it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

#include <jacquard/mailbox/mailbox.hpp>

namespace jacquard::spec {

/// What of a mailbox's options decides its answers.
struct mailbox_rules {
  std::uint32_t capacity = 512;
  std::uint32_t control_capacity = 16;
  jacquard::overflow overflow = jacquard::overflow::reject;
  std::size_t payload_bytes_max = payload_bytes_limit;
  /// True: a schedule hook starts the consumer, and the mailbox starts idle.
  bool scheduled_by_hook = false;
  water_marks marks = {};

  friend bool operator==(const mailbox_rules&, const mailbox_rules&) = default;
};

template <class T>
[[nodiscard]] constexpr mailbox_rules rules_of(const mailbox_options<T>& options) noexcept {
  return {.capacity = options.capacity,
          .control_capacity = options.control_capacity,
          .overflow = options.overflow,
          .payload_bytes_max = options.payload_bytes_max,
          .scheduled_by_hook = options.schedule.call != nullptr,
          .marks = marks_of(options.high_water, options.low_water)};
}

/// `Message` and `Control` name messages: ids in most uses. Copyable, compared by the user. Not thread-safe.
template <class Message = std::uint64_t, class Control = Message>
class mailbox_spec {
 public:
  static constexpr std::uint32_t control_batch = 16;

  struct dead_letter {
    Message message;
    drop_reason why;
    friend bool operator==(const dead_letter&, const dead_letter&) = default;
  };
  struct handed_out {
    std::vector<Control> control;
    std::vector<Message> messages;
    bool finished = false;
    bool timed_out = false;
    friend bool operator==(const handed_out&, const handed_out&) = default;
  };

  explicit mailbox_spec(const mailbox_rules& rules)
      : rules_(rules), running_(!rules.scheduled_by_hook) {}

  /// overflow::block: nobody makes room while one thread waits, so a full mailbox answers `deadline`.
  send_result send(const Message& message, std::size_t bytes) {
    return counted(put(message, bytes, send_result::deadline));
  }

  send_result try_send(const Message& message, std::size_t bytes) {
    return counted(put(message, bytes, send_result::busy));
  }

  /// overflow::block: the consumer sends to its own full mailbox from inside receive. It is told.
  send_result refuse_would_deadlock() { return counted(send_result::would_deadlock); }

  send_result send_control(const Control& message) {
    if (closed_ || control_.size() >= rules_.control_capacity) {
      ++counters_.control_refused;
      return closed_ ? send_result::closed : send_result::busy;
    }
    control_.push_back(message);
    ++counters_.control_sent;
    announced_ = true;
    start_consumer();
    return send_result::accepted;
  }

  /// True for the call that closed it.
  bool close() {
    const bool first = !std::exchange(closed_, true);
    start_consumer();
    return first;
  }

  /// True while a consumer owns the mailbox. The consumer's members below need it.
  [[nodiscard]] bool running() const noexcept { return running_; }

  handed_out receive(std::uint32_t limit) {
    return receive(limit, true, [] {});
  }
  /// The visitor does something when it has the first message: then that one's place is free, or is not before the
  /// receive is over.
  template <class F>
  handed_out receive(std::uint32_t limit, bool frees_place_first, F&& with_the_first) {
    handed_out got;
    take(control_, control_batch, got.control);
    take(waiting_, std::min(limit, 1u), got.messages);
    if (!got.messages.empty()) {
      in_hand_ = frees_place_first ? 0 : 1;
      level_changed();
      with_the_first();
      in_hand_ = 0;
    }
    take(waiting_, limit, got.messages);
    level_changed();
    counters_.control_received += got.control.size();
    counters_.received += got.messages.size();
    return got;
  }

  /// `more` while anything waits, and once after a control message was announced.
  idle_result try_idle() {
    if (!control_.empty()) return idle_result::more;
    if (std::exchange(announced_, false) || !waiting_.empty()) return idle_result::more;
    if (closed_) return idle_result::finished;
    running_ = false;
    return idle_result::idle;
  }

  /// With a deadline that has passed.
  handed_out wait_receive(std::uint32_t limit) {
    handed_out got = receive(limit);
    if (got.control.empty() && got.messages.empty()) {
      announced_ = false;
      (closed_ ? got.finished : got.timed_out) = true;
    }
    return got;
  }

  /// The end of its life: what waits is lettered, and no member may be called any more.
  void destroy() {
    for (const Message& message : waiting_) letters_.push_back({message, drop_reason::shutdown});
    waiting_.clear();
  }

  [[nodiscard]] bool is_closed() const noexcept { return closed_; }
  [[nodiscard]] std::uint64_t size() const noexcept { return waiting_.size(); }
  [[nodiscard]] std::uint64_t control_size() const noexcept { return control_.size(); }
  [[nodiscard]] bool full() const noexcept {
    return rules_.capacity != unbounded && level() >= rules_.capacity;
  }
  [[nodiscard]] const mailbox_rules& rules() const noexcept { return rules_; }

  [[nodiscard]] mailbox_counters counters() const noexcept {
    mailbox_counters now = counters_;
    now.undelivered = waiting_.size();
    now.control_undelivered = control_.size();
    return now;
  }

  /// How often the schedule hook (or the parked consumer's wake-up) was due.
  [[nodiscard]] std::uint64_t schedules() const noexcept { return schedules_; }
  /// Every dead letter so far, in order.
  [[nodiscard]] const std::vector<dead_letter>& letters() const noexcept { return letters_; }

 private:
  send_result put(const Message& message, std::size_t bytes, send_result where_blocked) {
    if (bytes > rules_.payload_bytes_max) return send_result::too_large;
    if (closed_) return send_result::closed;
    if (full()) {
      switch (rules_.overflow) {
        case overflow::reject:
          return send_result::busy;
        case overflow::block:
          return where_blocked;
        case overflow::drop_newest:
          letters_.push_back({message, drop_reason::newest});
          return send_result::dropped;
        case overflow::drop_oldest:
          letters_.push_back({waiting_.front(), drop_reason::oldest});
          waiting_.pop_front();
          ++counters_.dropped_oldest;
          level_changed();
          break;
      }
    }
    waiting_.push_back(message);
    start_consumer();
    if (armed_ && rules_.marks.any() && level() == rules_.marks.high) {
      armed_ = false;
      ++counters_.high_water_alarms;
    }
    return send_result::accepted;
  }

  send_result counted(send_result result) {
    switch (result) {
      case send_result::accepted:
        ++counters_.sent;
        break;
      case send_result::dropped:
        ++counters_.sent;
        ++counters_.dropped_newest;
        break;
      case send_result::busy:
        ++counters_.refused_busy;
        break;
      case send_result::closed:
        ++counters_.refused_closed;
        break;
      case send_result::too_large:
        ++counters_.refused_too_large;
        break;
      case send_result::deadline:
        ++counters_.refused_deadline;
        break;
      case send_result::would_deadlock:
        ++counters_.refused_would_deadlock;
        break;
    }
    return result;
  }

  [[nodiscard]] std::uint64_t level() const noexcept { return waiting_.size() + in_hand_; }
  // Fewer wait than before.
  void level_changed() {
    if (level() <= rules_.marks.low) armed_ = true;
  }

  void start_consumer() {
    if (std::exchange(running_, true)) return;
    ++schedules_;
  }

  template <class Item>
  static void take(std::deque<Item>& from, std::uint32_t limit, std::vector<Item>& to) {
    while (!from.empty() && to.size() < limit) {
      to.push_back(std::move(from.front()));
      from.pop_front();
    }
  }

  mailbox_rules rules_;
  std::deque<Message> waiting_;
  std::deque<Control> control_;
  std::vector<dead_letter> letters_;
  mailbox_counters counters_;
  std::uint64_t schedules_ = 0;
  bool closed_ = false;
  bool announced_ = false;
  std::uint32_t in_hand_ = 0;
  bool armed_ = true;  // the next message that reaches the mark is an alarm
  bool running_;
};

}  // namespace jacquard::spec
