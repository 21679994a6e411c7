// checks/push_vs_park.hpp: a reader that goes to sleep does not sleep through a letter.
//
// Claims   I3
// Threads  0  the reader: waits for one letter at a time, twice
//          1  the sender: two letters, so that one meets an idle reader and one may meet a busy one
#pragma once

#include <checks/kinds.hpp>

namespace jacquard::checks {

template <sync::policy Sync, class Kind, unsigned Letters>
class push_vs_park {
 public:
  static constexpr unsigned thread_count = 2;

  void thread(unsigned index) { index == 0 ? read() : send(); }

  // A letter that sleeps with its reader is a deadlock: the engine says so.
  void after() {
    Sync::require(received_.count() == Letters, "I3: the reader left without a letter");
  }

 private:
  void read() {
    while (received_.count() < Letters) {
      (void)box_.wait_receive(1, [this](letter&& one) { received_.add(one); });
    }
  }
  void send() {
    for (std::uint32_t number = 1; number <= Letters; ++number) {
      Sync::require(box_.send(letter{number}) == send_result::accepted,
                    "I5: refused although there is room");
    }
  }

  typename Kind::template mailbox<letter, no_control, Sync> box_{{.capacity = Letters}};
  letters received_;  // the reader's
};

}  // namespace jacquard::checks
