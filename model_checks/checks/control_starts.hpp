// checks/control_starts.hpp: a control message starts an idle consumer as a letter does, and brings the
// consumer's state along.
//
// Claims   I3, I6, E3, E4
// Threads  0  sends a letter; runs the consumer where it is told to
//          1  sends a control message; runs the consumer where it is told to
#pragma once

#include <utility>

#include <checks/control_lane_immune.hpp>

namespace jacquard::checks {

template <sync::policy Sync, class Kind>
class control_starts {
 public:
  static constexpr unsigned thread_count = 2;

  void thread(unsigned index) {
    const send_result sent = index == 0 ? box_.send(letter{1}) : box_.send_control(order{1});
    Sync::require(sent == send_result::accepted, "I5: refused although there is room");
    if (std::exchange(due, false)) consume();
  }

  void after() {
    state_.with([](const consumer& seen) {
      Sync::require(seen.letters == 1 && seen.orders == 1,
                    "I3: a message sleeps with an idle consumer");
    });
  }

 private:
  static inline thread_local bool due = false;  // as in schedule_once.hpp
  static void called(void*) noexcept { due = true; }

  struct consumer {
    std::uint32_t letters = 0;
    std::uint32_t orders = 0;
  };
  struct reader {
    sync::cell<Sync, consumer>& state;
    void operator()(letter&&) const {
      state.with_mut([](consumer& mine) { ++mine.letters; });
    }
    void operator()(order&&) const {
      state.with_mut([](consumer& mine) { ++mine.orders; });
    }
  };

  void consume() {
    for (;;) {
      (void)box_.receive(batch_max, reader{state_});
      const idle_result result = box_.try_idle();
      if (result == idle_result::idle) return;
      if (result == idle_result::more) Sync::spin_hint();
    }
  }

  typename Kind::template mailbox<letter, order, Sync> box_{
      {.capacity = 1, .control_capacity = 1, .schedule = {.call = &called}}};
  sync::cell<Sync, consumer> state_;
};

}  // namespace jacquard::checks
