// jacquard/queue/shard_gate.hpp: who runs the one consumer of several shards.
//
// Each shard has a gate of its own, in the word that its senders change anyway: `scheduled` there means that the
// consumer will look at the shard before it gives up. The consumer takes that back, shard by shard, where it finds
// nothing; the first sender after that finds its shard's gate open, and comes here. So this word is touched when a
// shard goes from idle to having something, and not by every message.
//
// Shape       word_   closed | news | control | scheduled
//             scheduled  the consumer runs, or somebody is starting it
//             news       raised since the consumer last heard: a shard that was given up has something
//             control    likewise: a control message
//             closed     somebody called close
// Invariants  I1  Each change from unscheduled to scheduled is reported to exactly one caller, who must start the
//                 consumer.
//             I2  What was raised before the consumer gave up, and not heard, keeps it from giving up.
// Ordering    E1  give_up -> raise  the consumer's own state: whoever starts it may run it on another thread.
//             E2  raise -> hear     what was raised: the consumer's next look at the shards finds it.
//             Where a sender raises before the consumer gives up, the compare-and-swap of give_up fails; where it
//             raises after, it finds the word unscheduled. Both are read-modify-writes of this word, so there is no
//             store-then-load race to fence against; nor is there one at a shard, where a sender's claim and the
//             consumer's disarming are read-modify-writes of the shard's word.
// Progress    wait-free.
// Allocation  none.
// Checked by  model_checks: push_vs_park.*.sharded, wake_across_shards (I1, I2, E2), schedule_once.*.sharded (I1,
//             E1), control_starts.sharded (I1, E1), control_lane_immune.alone.sharded (I2, E2).
#pragma once

#include <atomic>
#include <cstdint>

#include <jacquard/queue/lane.hpp>
#include <jacquard/sync/native.hpp>
#include <jacquard/sync/policy.hpp>

namespace jacquard {

template <sync::policy Sync = sync::native>
class basic_shard_gate {
 public:
  /// What may be raised; both may be.
  enum news : std::uint32_t { nothing = 0, letters = 8, control = gate::control };

  explicit basic_shard_gate(bool starts_scheduled)
      : word_(starts_scheduled ? scheduled : std::uint32_t{0}) {}
  basic_shard_gate(const basic_shard_gate&) = delete;
  basic_shard_gate& operator=(const basic_shard_gate&) = delete;

  /// Any thread, once what it raises can be found. True where the caller must start the consumer.
  [[nodiscard]] bool raise(news what) noexcept {
    return (word_.fetch_or(what | scheduled, std::memory_order::acq_rel) & scheduled) ==
           0;  // E1 acquire, E2 release
  }

  /// Consumer only: what was raised since it last asked.
  [[nodiscard]] news hear() noexcept {
    if (!is_raised()) return nothing;
    const std::uint32_t before =
        word_.fetch_and(~raised, std::memory_order::acquire);  // E2 acquire
    return static_cast<news>(before & raised);
  }

  /// Consumer only, which has heard, looked at every shard and disarmed it: gives the mailbox up. False where
  /// something was raised meanwhile.
  [[nodiscard]] bool give_up() noexcept {
    std::uint32_t seen = word_.load(std::memory_order::relaxed);  // the compare-and-swap decides
    return (seen & raised) == 0 &&
           word_.compare_exchange_strong(seen, seen & ~scheduled,
                                         std::memory_order::release,   // E1 release
                                         std::memory_order::relaxed);  // looks again
  }

  /// The consumer that gave up and was not started. True where it owns the mailbox again; false where a sender is
  /// about to start it.
  [[nodiscard]] bool resume() noexcept {
    // Relaxed: the same thread gave it up.
    return (word_.fetch_or(scheduled, std::memory_order::relaxed) & scheduled) == 0;
  }

  /// Any thread. True for the first call.
  [[nodiscard]] bool close() noexcept {
    // Relaxed: only says who was first. The shards' own words refuse the senders.
    return (word_.fetch_or(closed, std::memory_order::relaxed) & closed) == 0;
  }

  /// Consumer only. Whether hear would hear something.
  [[nodiscard]] bool is_raised() const noexcept {
    return (word_.load(std::memory_order::relaxed) & raised) != 0;  // a hint; give_up decides
  }

 private:
  static constexpr std::uint32_t scheduled = gate::scheduled;
  static constexpr std::uint32_t closed = gate::closed;
  static constexpr std::uint32_t raised = letters | control;

  sync::atomic<Sync, std::uint32_t> word_;
};

}  // namespace jacquard
