// checks/loom_mailbox_basic.hpp: what senders send, the reader gets: once, whole.
//
// Claims   I1, I8, E1
// Threads  0         the reader: sleeps in wait_receive until it has every letter
//          1..n      senders: one letter each
#pragma once

#include <utility>

#include <checks/kinds.hpp>

namespace jacquard::checks {

template <sync::policy Sync, class Kind, unsigned Senders>
class loom_mailbox_basic {
 public:
  static constexpr unsigned thread_count = 1 + Senders;

  void thread(unsigned index) { index == 0 ? read() : send(index); }

  void after() {
    for (std::uint32_t number = 1; number <= Senders; ++number) {
      Sync::require(received_.has(number), "I1: a letter that was accepted was not handed out");
    }
    Sync::require(box_.counters().balanced(), "I8: the counters do not balance");
    Sync::require(box_.counters().received == Senders, "I8: received counts what was handed out");
  }

 private:
  void read() {
    while (received_.count() < Senders) {
      const receipt got = box_.wait_receive(batch_max, [this](letter&& one) {
        Sync::require(received_.add(one), "I1: a letter was handed out twice");
      });
      Sync::require(got.any(), "wait_receive without a deadline returns with something");
    }
  }

  void send(unsigned index) {
    Sync::require(box_.send(letter{index}) == send_result::accepted,
                  "I5: refused although there is room");
  }

  typename Kind::template mailbox<letter, no_control, Sync> box_{{.capacity = Senders}};
  letters received_;  // the reader's
};

}  // namespace jacquard::checks
