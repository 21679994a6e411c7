// checks/batch_order.hpp: letters of one sender come out in the order they went in, whatever the batch.
//
// Claims   I1, I2
// Threads  0     the reader: twice a batch of two, without waiting; what is left is read when all are done
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
      for (int batch = 0; batch < 2; ++batch) got_ += receive_some();
    } else {
      for (std::uint32_t i = 0; i < (index == 1 ? 2 : 1); ++i) {
        const std::uint32_t number = index * 8 + i;
        Sync::require(box_.send(letter{number}) == send_result::accepted,
                      "I5: refused although there is room");
      }
    }
  }

  void after() {
    while (const std::uint32_t more = receive_some()) got_ += more;
    Sync::require(got_ == letters_sent, "I1: a letter was lost");
  }

 private:
  static constexpr std::uint32_t letters_sent = Senders + 1;

  std::uint32_t receive_some() {
    return box_
        .receive(2,
                 [this](letter&& one) {
                   const std::uint32_t sender = one.number / 8;
                   Sync::require(one.number % 8 == next_[sender]++,
                                 "I2: a later letter of a sender came first");
                 })
        .messages;
  }

  typename Kind::template mailbox<letter, no_control, Sync> box_{{.capacity = letters_sent}};
  std::uint32_t next_[1 + Senders]{};  // the reader's
  std::uint32_t got_ = 0;              // the reader's
};

}  // namespace jacquard::checks
