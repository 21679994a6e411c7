// checks/mailbox_at.hpp: several senders of several letters each, at a stated size.
//
// Claims   I1, I2, I8, E1
// Threads  0         the reader: sleeps in wait_receive until it has every letter
//          1..n      senders: m letters each, in order; there is room for all
#pragma once

#include <checks/kinds.hpp>

namespace jacquard::checks {

template <sync::policy Sync, class Kind, unsigned Senders, unsigned Messages>
class mailbox_at {
 public:
  static constexpr unsigned thread_count = 1 + Senders;

  void thread(unsigned index) { index == 0 ? read() : send(index - 1); }

  void after() {
    Sync::require(received_.count() == all, "I1: a letter that was accepted was not handed out");
    Sync::require(box_.counters().balanced(), "I8: the counters do not balance");
    Sync::require(box_.counters().received == all, "I8: received counts what was handed out");
  }

 private:
  static constexpr std::uint32_t all = Senders * Messages;

  void read() {
    while (received_.count() < all) {
      Sync::await([this] { return box_.receive(all, [this](letter&& one) { take(one); }).any(); });
    }
  }
  void take(letter one) {
    const std::uint32_t sender = (one.number - 1) / Messages;
    const std::uint32_t place = (one.number - 1) % Messages;
    Sync::require(received_.add(one), "I1: a letter was handed out twice");
    Sync::require(place == next_[sender]++, "I2: a sender's letters changed their order");
  }

  void send(unsigned sender) {
    for (std::uint32_t i = 0; i < Messages; ++i) {
      Sync::require(box_.send(letter{sender * Messages + i + 1}) == send_result::accepted,
                    "I5: refused although there is room");
    }
  }

  typename Kind::template mailbox<letter, no_control, Sync> box_{{.capacity = all}};
  letters received_;                  // the reader's
  std::uint32_t next_[Senders] = {};  // the reader's
};

}  // namespace jacquard::checks
