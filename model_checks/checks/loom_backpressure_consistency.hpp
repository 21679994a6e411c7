// checks/loom_backpressure_consistency.hpp: a full mailbox says busy, a mailbox with room does not, and at
// most `capacity` letters wait.
//
// Claims   I5, I8, E2
// Threads  0     takes at most one letter
//          1, 2  senders: one letter each, into one place
#pragma once

#include <checks/kinds.hpp>

namespace jacquard::checks {

template <sync::policy Sync, class Kind>
class loom_backpressure_consistency {
 public:
  static constexpr unsigned thread_count = 3;

  void thread(unsigned index) {
    if (index == 0) {
      taken_early_ = take();
    } else {
      result_[index] = box_.send(letter{index});
    }
  }

  void after() {
    const unsigned accepted = (result_[1] == send_result::accepted ? 1u : 0u) +
                              (result_[2] == send_result::accepted ? 1u : 0u);
    const unsigned busy =
        (result_[1] == send_result::busy ? 1u : 0u) + (result_[2] == send_result::busy ? 1u : 0u);
    Sync::require(accepted + busy == 2, "I5: a send is accepted or told to come later");
    Sync::require(accepted >= 1, "I5: refused although there is room");
    Sync::require(accepted <= 1 + taken_early_, "I5: more letters wait than there are places");
    Sync::require(box_.counters().refused_busy == busy, "I8: busy is counted");
    std::uint32_t taken = taken_early_;
    while (const std::uint32_t more = take()) taken += more;
    Sync::require(taken == accepted, "I1: what was accepted and what was handed out differ");
    Sync::require(box_.counters().balanced() && box_.counters().received == accepted,
                  "I8: the counters do not balance");
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

  typename Kind::template mailbox<letter, no_control, Sync> box_{{.capacity = 1}};
  send_result result_[thread_count]{};
  letters received_;  // the consumer's
  std::uint32_t taken_early_ = 0;
};

}  // namespace jacquard::checks
