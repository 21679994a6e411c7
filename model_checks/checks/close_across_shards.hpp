// checks/close_across_shards.hpp: the shards close one after the other, and all at once for whoever looks.
//
// Claims   I1, I3, I4
// Threads  0  closes
//          1  a sender to the first shard; tells the other one where it was refused
//          2  a sender to the last shard; must be refused where the other one was
//          Each runs the consumer where it is told to.
#pragma once

#include <utility>

#include <checks/kinds.hpp>
#include <checks/wake_across_shards.hpp>

namespace jacquard::checks {

template <sync::policy Sync, class Box = two_shards<Sync>>
class close_across_shards {
 public:
  static constexpr unsigned thread_count = 3;

  void thread(unsigned index) {
    bool must_consume = false;
    if (index == 0) {
      Sync::require(box_.close(), "I4: the only close was not the first");
      must_consume = std::exchange(due, false);
    }
    if (index == 1) {
      must_consume = send(index, 0);
      if (result_[1] == send_result::closed) told_.store(1, std::memory_order::release);  // its own
    }
    if (index == 2) {
      const bool told = told_.load(std::memory_order::acquire) == 1;  // the check's own
      must_consume = send(index, 1);
      Sync::require(!told || result_[2] == send_result::closed,
                    "I4: accepted after a refusal by close");
    }
    if (must_consume) consume();
  }

  void after() {
    const std::uint32_t accepted = (result_[1] == send_result::accepted ? 1u : 0u) +
                                   (result_[2] == send_result::accepted ? 1u : 0u);
    state_.with([&](const consumer& seen) {
      Sync::require(seen.got == accepted, "I1: what was accepted and what was handed out differ");
      Sync::require(seen.finished == 1,
                    "I3: the consumer was not told, or told twice, that all is done");
    });
    Sync::require(!box_.close(), "I4: a second close was the first");
    Sync::require(box_.is_closed(), "I4: a shard is open after close");
  }

 private:
  static inline thread_local bool due = false;  // as in schedule_once.hpp
  static void called(void*) noexcept { due = true; }

  struct consumer {
    std::uint32_t got = 0;
    std::uint32_t finished = 0;
  };

  // Whether the sender must run the consumer.
  [[nodiscard]] bool send(unsigned index, std::uint32_t shard) {
    result_[index] = box_.sender_of(shard).send(letter{index});
    const bool must_consume = std::exchange(due, false);
    Sync::require(result_[index] == send_result::accepted || result_[index] == send_result::closed,
                  "I5: refused although there is room");
    return must_consume;
  }
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

  Box box_{{.capacity = 1, .schedule = {.call = &called}}};
  sync::atomic<Sync, std::uint32_t> told_{0};
  sync::cell<Sync, consumer> state_;
  send_result result_[thread_count]{};  // each its sender's
};

}  // namespace jacquard::checks
