// checks/schedule_once.hpp: a mailbox that starts its own consumer starts one, and hands the consumer's
// state from thread to thread.
//
// Claims   I1, I3, E3
// Threads  0, 1  senders: `Letters`, and one. Whoever is told to start the consumer runs it to the end, on
//                its own thread.
#pragma once

#include <utility>

#include <checks/kinds.hpp>

namespace jacquard::checks {

template <sync::policy Sync, class Kind, unsigned Letters>
class schedule_once {
 public:
  static constexpr unsigned thread_count = 2;

  void thread(unsigned index) {
    for (std::uint32_t i = 0; i < (index == 0 ? Letters : 1); ++i) {
      const std::uint32_t number = 1 + index * 8 + i;
      Sync::require(box_.send(letter{number}) == send_result::accepted,
                    "I5: refused although there is room");
      if (std::exchange(due, false)) consume();
    }
  }

  void after() {
    received_.with([](const letters& got) {
      Sync::require(got.count() == Letters + 1, "I3: a letter sleeps with an idle consumer");
    });
  }

 private:
  // Set by the hook, on the thread that must start the consumer, and looked at by the same thread before its
  // next step.
  static inline thread_local bool due = false;
  static void called(void*) noexcept { due = true; }

  void consume() {
    for (;;) {
      (void)box_.receive(batch_max, [this](letter&& one) {
        // A cell, because nothing but E3 orders one consumer after another.
        received_.with_mut([&](letters& got) {
          Sync::require(got.add(one), "I1: a letter was handed out twice");
        });
      });
      const idle_result result = box_.try_idle();
      if (result == idle_result::idle) return;
      if (result == idle_result::more) Sync::spin_hint();
    }
  }

  typename Kind::template mailbox<letter, no_control, Sync> box_{
      {.capacity = Letters + 1, .schedule = {.call = &called}}};
  sync::cell<Sync, letters> received_;
};

}  // namespace jacquard::checks
