// checks/wake_across_shards.hpp: a reader that gives its shards up one after the other does not sleep through a letter
// in one that it has given up already.
//
// Claims   I3; the gate's I1, I2, E2
// Threads  0  the reader: one letter at a time, until it has every one
//          1  the sender: a letter into each shard, the last shard first, or the first
#pragma once

#include <checks/kinds.hpp>

namespace jacquard::checks {

/// The mailbox as it ships; the seeded bugs' differ in the gate.
template <sync::policy Sync>
using two_shards = basic_sharded_mailbox<letter, 2, no_control, Sync>;

template <sync::policy Sync, unsigned First, class Box = two_shards<Sync>>
class wake_across_shards {
 public:
  static constexpr unsigned thread_count = 2;

  void thread(unsigned index) { index == 0 ? read() : send(); }

  // A letter that sleeps with its reader is a deadlock: the engine says so.
  void after() {
    Sync::require(received_.count() == 2, "I3: the reader left without a letter");
    Sync::require(box_.counters().balanced(), "I8: the counters do not balance");
  }

 private:
  void read() {
    while (received_.count() < 2) {
      const receipt got = box_.wait_receive(1, [this](letter&& one) {
        Sync::require(received_.add(one), "I1: a letter was handed out twice");
      });
      Sync::require(got.any(), "wait_receive without a deadline returns with something");
    }
  }
  void send() {
    for (std::uint32_t i = 0; i < 2; ++i) {
      Sync::require(box_.sender_of(First + i).send(letter{i + 1}) == send_result::accepted,
                    "I5: refused although there is room");
    }
  }

  Box box_{{.capacity = 1}};
  letters received_;  // the reader's
};

}  // namespace jacquard::checks
