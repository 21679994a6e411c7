// checks/loom_shutdown_no_drop.hpp: closing loses nothing that was accepted, and lets nothing in after it.
//
// Claims   I1, I4, I8
// Threads  0     the reader: waits until the mailbox says it is finished
//          1     a sender: `Letters`
//          2     closes (or, with Closers = 0, the sender closes after its letters)
#pragma once

#include <checks/kinds.hpp>

namespace jacquard::checks {

template <sync::policy Sync, class Kind, unsigned Closers, std::uint32_t Letters = 2>
class loom_shutdown_no_drop {
 public:
  static constexpr unsigned thread_count = 2 + Closers;

  void thread(unsigned index) {
    if (index == 0) read();
    if (index == 1) send();
    if (index == 2) Sync::require(box_.close(), "I4: the only close was not the first");
  }

  void after() {
    Sync::require(received_.bits() == accepted_.bits(),
                  "I1: what was accepted and what was handed out differ");
    Sync::require(box_.counters().balanced(), "I8: the counters do not balance");
    Sync::require(box_.send(letter{9}) == send_result::closed, "I4: accepted after close");
  }

 private:
  void read() {
    for (;;) {
      const receipt got = box_.wait_receive(batch_max, [this](letter&& one) {
        Sync::require(received_.add(one), "I1: a letter was handed out twice");
      });
      if (got.finished) return;
    }
  }
  void send() {
    bool closed = false;
    for (std::uint32_t number = 1; number <= Letters; ++number) {
      const send_result result = box_.send(letter{number});
      Sync::require(result == send_result::accepted || result == send_result::closed,
                    "I5: refused although there is room");
      Sync::require(!closed || result == send_result::closed,
                    "I4: accepted after a refusal by close");
      closed = result == send_result::closed;
      if (!closed) accepted_.add(letter{number});
    }
    if (Closers == 0) (void)box_.close();
  }

  typename Kind::template mailbox<letter, no_control, Sync> box_{{.capacity = Letters}};
  letters received_;  // the reader's
  letters accepted_;  // the sender's
};

}  // namespace jacquard::checks
