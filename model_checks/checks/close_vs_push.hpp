// checks/close_vs_push.hpp: a push and a close decide in one place who was first.
//
// Claims   I1, I3, I4
// Threads  0  a sender: one letter; runs the consumer where it is told to
//          1  closes; runs the consumer where it is told to
#pragma once

#include <utility>

#include <checks/kinds.hpp>

namespace jacquard::checks {

template <sync::policy Sync, class Kind>
class close_vs_push {
 public:
  static constexpr unsigned thread_count = 2;

  void thread(unsigned index) {
    if (index == 0) {
      result_ = box_.send(letter{1});
      Sync::require(result_ == send_result::accepted || result_ == send_result::closed,
                    "I5: refused although there is room");
    } else {
      Sync::require(box_.close(), "I4: the only close was not the first");
    }
    if (std::exchange(due, false)) consume();
  }

  void after() {
    state_.with([this](const consumer& seen) {
      Sync::require(seen.got == (result_ == send_result::accepted ? 1u : 0u),
                    "I1: what was accepted and what was handed out differ");
      Sync::require(seen.finished == 1,
                    "I3: the consumer was not told, or told twice, that all is done");
    });
    Sync::require(!box_.close(), "I4: a second close was the first");
  }

 private:
  static inline thread_local bool due = false;  // as in schedule_once.hpp
  static void called(void*) noexcept { due = true; }

  struct consumer {
    std::uint32_t got = 0;
    std::uint32_t finished = 0;
  };

  void consume() {
    for (;;) {
      (void)box_.receive(batch_max,
                         [this](letter&&) { state_.with_mut([](consumer& mine) { ++mine.got; }); });
      const idle_result result = box_.try_idle();
      if (result == idle_result::finished) state_.with_mut([](consumer& mine) { ++mine.finished; });
      if (result != idle_result::more) return;
      Sync::spin_hint();
    }
  }

  typename Kind::template mailbox<letter, no_control, Sync> box_{
      {.capacity = 1, .schedule = {.call = &called}}};
  sync::cell<Sync, consumer> state_;
  send_result result_{};
};

}  // namespace jacquard::checks
