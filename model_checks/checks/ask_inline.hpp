// checks/ask_inline.hpp: a worker that takes an idle actor by its gate and answers itself is the actor's only worker,
// comes after what it sent before, and leaves no letter behind.
//
// Claims   I1, I2, I3, E3 of inbox.hpp
// Threads  0  sends two letters, and runs the consumer when told to
//          1  sends one letter, then asks: inline where the inbox is idle, by a letter where it is not
#pragma once

#include <cstdint>

#include <jacquard/actor/inbox.hpp>

#include "checks/inbox.hpp"

namespace jacquard::checks {

/// What an asker may do wrong.
enum class asking { by_the_gate, without_the_gate, without_a_second_look };

template <sync::policy Sync, asking How>
class ask_inline : inbox_consumer<Sync, 4> {
 public:
  static constexpr unsigned thread_count = 2;

  void before() { this->inbox_.reopen(false); }
  void thread(unsigned index) {
    if (index == 0) {
      for (std::uint32_t i = 0; i < 2; ++i) send(i);
      return;
    }
    send(2);
    if (How != asking::without_the_gate && !this->inbox_.try_start()) return send(3);
    this->seen_.with_mut([](std::uint32_t& bits) {
      Sync::require(How == asking::without_the_gate || (bits & 4u) != 0,
                    "I2: a question came before its sender's letter");
      bits |= 8u;
    });
    if (How == asking::without_a_second_look) {
      this->inbox_.reopen(false);
    } else if (How == asking::without_the_gate || !this->inbox_.try_end()) {
      this->consume();
    }
  }
  void after() {
    Sync::require(this->seen_.with([](const std::uint32_t& bits) { return bits; }) == 15u,
                  "I1: a letter was lost");
  }

 private:
  void send(std::uint32_t number) {
    if (this->push(number) == push_result::queued_schedule) this->consume();
  }
};

}  // namespace jacquard::checks
