// checks/wait_receive_deadline.hpp: a reader whose deadline passes while a sender wakes it loses nothing,
// and owns the mailbox again.
//
// Claims   I1, I3; the parker's I1
// Threads  0  the reader: waits with a deadline, then without one
//          1  the sender: one letter
#pragma once

#include <chrono>

#include <checks/kinds.hpp>

namespace jacquard::checks {

template <sync::policy Sync, class Kind>
class wait_receive_deadline {
 public:
  static constexpr unsigned thread_count = 2;

  void thread(unsigned index) {
    if (index == 1) {
      Sync::require(box_.send(letter{1}) == send_result::accepted,
                    "I5: refused although there is room");
      return;
    }
    const receipt first = box_.wait_receive(1, keep(), Sync::after(std::chrono::milliseconds(1)));
    Sync::require(first.any() != first.timed_out,
                  "I3: a wait ends with a letter or at its deadline");
    if (first.timed_out) (void)box_.wait_receive(1, keep());
  }

  void after() { Sync::require(received_.count() == 1, "I1: the letter was lost at the deadline"); }

 private:
  auto keep() {
    return [this](letter&& one) {
      Sync::require(received_.add(one), "I1: a letter was handed out twice");
    };
  }

  typename Kind::template mailbox<letter, no_control, Sync> box_{{.capacity = 1}};
  letters received_;  // the reader's
};

}  // namespace jacquard::checks
