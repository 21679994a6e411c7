// checks/block_deadline.hpp: a sender that waits for room is woken when there is room, or when the mailbox
// closes, and otherwise gives up at its deadline with its letter in hand.
//
// Claims   I7, I8; the event count's E1
// Threads  0  makes room, or closes
//          1  sends into a full mailbox
#pragma once

#include <chrono>

#include <checks/kinds.hpp>

namespace jacquard::checks {

/// How the wait may end.
enum class relief { room, close, room_or_deadline };

template <sync::policy Sync, class Kind, relief By>
class block_deadline {
 public:
  static constexpr unsigned thread_count = 2;

  void before() {
    Sync::require(box_.send(letter{1}) == send_result::accepted, "the first letter has room");
  }

  void thread(unsigned index) {
    if (index == 1) {
      result_ = box_.send(letter{2}, By == relief::room_or_deadline
                                         ? Sync::after(std::chrono::milliseconds(1))
                                         : sync::deadline::never());
    } else if (By == relief::close) {
      (void)box_.close();
    } else {
      (void)take();
    }
  }

  void after() {
    // A sender that sleeps for ever is a deadlock: the engine says so.
    if (By == relief::room)
      Sync::require(result_ == send_result::accepted, "I7: room, and no send");
    if (By == relief::close)
      Sync::require(result_ == send_result::closed, "I7: closed, and no refusal");
    if (By == relief::room_or_deadline) {
      Sync::require(result_ == send_result::accepted || result_ == send_result::deadline,
                    "I7: a blocked send is accepted, or its deadline passes");
    }
    while (take() != 0) {
    }
    Sync::require(received_.has(2) == (result_ == send_result::accepted),
                  "I1: what was accepted and handed out differ");
    Sync::require(box_.counters().balanced(), "I8: the counters do not balance");
  }

 private:
  std::uint32_t take() {
    return box_
        .receive(1,
                 [this](letter&& one) {
                   Sync::require(received_.add(one), "I1: a letter was handed out twice");
                 })
        .messages;
  }

  typename Kind::template mailbox<letter, no_control, Sync> box_{
      {.capacity = 1, .overflow = overflow::block}};
  send_result result_{};
  letters received_;  // the consumer's
};

}  // namespace jacquard::checks
