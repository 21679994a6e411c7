// checks/drop_oldest.hpp: what makes room goes to the dead-letter hook, once, and is not handed out too.
//
// Claims   I1, I5, I8
// Threads  0     takes at most one letter
//          1, 2  senders: one letter each, into one place that is taken already
#pragma once

#include <checks/kinds.hpp>

namespace jacquard::checks {

template <sync::policy Sync, class Kind>
class drop_oldest {
 public:
  static constexpr unsigned thread_count = 3;

  void before() {
    Sync::require(box_.send(letter{first}) == send_result::accepted, "the first letter has room");
  }

  void thread(unsigned index) {
    if (index == 0) {
      (void)take();
    } else {
      result_[index] = box_.send(letter{index});
    }
  }

  void after() {
    while (take() != 0) {
    }
    const std::uint32_t dead = dead_.load(std::memory_order::relaxed);
    Sync::require((dead & received_.bits()) == 0, "I1: a letter was dropped and handed out");
    for (const std::uint32_t number : {1u, 2u, first}) {
      const bool accepted = number == first || result_[number] == send_result::accepted;
      const bool ended = ((dead | received_.bits()) >> number & 1u) != 0;
      Sync::require(accepted == ended, "I8: an accepted letter was neither handed out nor dropped");
    }
    Sync::require(box_.counters().balanced(), "I8: the counters do not balance");
  }

 private:
  static constexpr std::uint32_t first = 3;

  static void died(void* who, letter&& one, drop_reason why) noexcept {
    auto& self = *static_cast<drop_oldest*>(who);
    Sync::require(why == drop_reason::oldest, "I8: dropped for the reason that holds");
    const std::uint32_t bit = 1u << one.number;
    const std::uint32_t before = self.dead_.fetch_or(bit, std::memory_order::relaxed);
    Sync::require((before & bit) == 0, "I8: a letter was dropped twice");
  }
  std::uint32_t take() {
    return box_
        .receive(1,
                 [this](letter&& one) {
                   Sync::require(received_.add(one), "I1: a letter was handed out twice");
                 })
        .messages;
  }

  // Before the mailbox: the hook uses it while the mailbox is destroyed.
  sync::atomic<Sync, std::uint32_t> dead_{0};
  typename Kind::template mailbox<letter, no_control, Sync> box_{
      {.capacity = 1,
       .overflow = overflow::drop_oldest,
       .dead_letter = {.call = &died, .who = this}}};
  send_result result_[thread_count]{};
  letters received_;  // the consumer's
};

}  // namespace jacquard::checks
