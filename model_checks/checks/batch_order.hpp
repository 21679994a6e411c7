// checks/batch_order.hpp: letters of one sender come out in the order they went in, whatever the batch.
//
// Claims   I2
// Threads  0     the reader: batches of two
//          1     a sender: two letters
//          2..n  senders: one letter each, in between
#pragma once

#include <checks/kinds.hpp>

namespace jacquard::checks {

template <sync::policy Sync, class Kind, unsigned Senders>
class batch_order {
 public:
  static constexpr unsigned thread_count = 1 + Senders;

  void thread(unsigned index) {
    if (index == 0) {
      for (std::uint32_t got = 0; got < letters_sent;) got += receive_some();
    } else {
      for (std::uint32_t i = 0; i < (index == 1 ? 2 : 1); ++i) {
        const std::uint32_t number = index * 8 + i;
        Sync::require(box_.send(letter{number}) == send_result::accepted,
                      "I5: refused although there is room");
      }
    }
  }

 private:
  static constexpr std::uint32_t letters_sent = Senders + 1;

  std::uint32_t receive_some() {
    return box_
        .wait_receive(2,
                      [this](letter&& one) {
                        const std::uint32_t sender = one.number / 8;
                        Sync::require(one.number % 8 == next_[sender]++,
                                      "I2: a later letter of a sender came first");
                      })
        .messages;
  }

  typename Kind::template mailbox<letter, no_control, Sync> box_{{.capacity = letters_sent}};
  std::uint32_t next_[1 + Senders]{};  // the reader's
};

}  // namespace jacquard::checks
