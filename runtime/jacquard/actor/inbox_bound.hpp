// jacquard/actor/inbox_bound.hpp: how many letters may wait in an inbox, counted beside it. Actors without a
// bound have none of this.
//
// Shape       claimed_  places that were ever taken: by a sender, before it pushes
//             taken_    places that were ever given back: by the consumer, when it takes a letter out
//             taking_   overflow::drop_oldest: held by whoever takes letters out, since senders do, too
//             pinned_   senders in the middle of something that needs the actor to be there
//             It belongs to a cell and outlives its actors: who comes late for one counts itself out again.
// Invariants  I1  At most `capacity` places are taken: claimed - taken <= capacity, always.
//             I2  A place that was taken is given back once, by the consumer or by its claimer.
//             I3  A sender that waits for room is woken when a place is given back or the inbox closes.
//             I4  While an actor is pinned it does not end.
// Ordering    E1  unpin -> wait_until_unpinned   what the sender did with the actor's things.
//             The brief lock's E1: who takes letters out, and who pins. The event count's E1: I3.
//             The counters carry nothing: letters travel by the inbox's E1.
// Progress    claim is lock-free, give_back wait-free; wait blocks; pin waits for a few dozen instructions.
// Allocation  none.
// Checked by  model_checks: inbox_bound (I1, I2), inbox_bound.block (I3), inbox_bound.evict (I1, I2, I4, E1);
//             actor_inbox.test.cpp on real threads (I1-I4).
#pragma once

#include <atomic>
#include <cstdint>

#include <jacquard/actor/undelivered.hpp>
#include <jacquard/mailbox/mailbox.hpp>
#include <jacquard/messaging/brief_lock.hpp>
#include <jacquard/queue/event_count.hpp>
#include <jacquard/sync/native.hpp>
#include <jacquard/sync/policy.hpp>

namespace jacquard {

template <sync::policy Sync = sync::native>
class basic_inbox_bound {
 public:
  basic_inbox_bound() = default;
  basic_inbox_bound(const basic_inbox_bound&) = delete;
  basic_inbox_bound& operator=(const basic_inbox_bound&) = delete;

  /// Before there is an actor. `capacity` in [1, capacity_max].
  void set(std::uint32_t capacity, jacquard::overflow policy, std::uint64_t block_ns) noexcept {
    capacity_.store(capacity, std::memory_order::relaxed);  // the inbox's E3 publishes all three
    policy_.store(static_cast<std::uint32_t>(policy), std::memory_order::relaxed);  // likewise
    block_ns_.store(block_ns, std::memory_order::relaxed);                          // likewise
  }
  [[nodiscard]] std::uint32_t capacity() const noexcept {
    return capacity_.load(std::memory_order::relaxed);  // set before there was a sender
  }
  [[nodiscard]] jacquard::overflow policy() const noexcept {
    return static_cast<jacquard::overflow>(
        policy_.load(std::memory_order::relaxed));  // set before there was a sender
  }
  [[nodiscard]] std::uint64_t block_ns() const noexcept {
    return block_ns_.load(std::memory_order::relaxed);  // set before there was a sender
  }

  /// Any thread. True where the caller has a place now: it pushes, or unclaims.
  [[nodiscard]] bool claim() noexcept {
    std::uint64_t seen = claimed_.load(std::memory_order::relaxed);  // a guess
    do {
      // An old figure of what was taken makes the inbox look fuller than it is, never emptier.
      const std::uint64_t taken = taken_.load(std::memory_order::relaxed);
      if (static_cast<std::int64_t>(seen - taken) >= static_cast<std::int64_t>(capacity()))
        return false;
    } while (!claimed_.compare_exchange_weak(seen, seen + 1,
                                             std::memory_order::relaxed,  // a number; see the card
                                             std::memory_order::relaxed));  // a guess again
    return true;
  }
  /// The claimer, whose letter was refused.
  void unclaim() noexcept {
    claimed_.fetch_sub(1, std::memory_order::relaxed);  // a number
    wake_one();
  }
  /// Whoever takes letters out, for one that has a place. One at a time: no read-modify-write.
  void give_back() noexcept {
    const std::uint64_t taken = taken_.load(std::memory_order::relaxed);  // its only writer
    taken_.store(taken + 1, std::memory_order::relaxed);                  // a number
    wake_one();
  }

  /// Any thread. Waits for a place until `until`: accepted, closed or deadline. `is_closed` is looked at
  /// before each sleep.
  template <class IsClosed>
  [[nodiscard]] send_result wait(sync::deadline until, IsClosed&& is_closed) {
    for (bool in_time = true; in_time;) {
      const auto registered = space_.prepare();
      const bool closed = is_closed();
      if (closed || claim()) {
        space_.cancel();
        return closed ? send_result::closed : send_result::accepted;
      }
      in_time = space_.wait(registered, until);
    }
    return claim() ? send_result::accepted : send_result::deadline;
  }
  /// After the inbox closed.
  void wake_all() {
    if (policy() == overflow::block) space_.notify_all();
  }

  /// While it lives, its thread is the only one that takes letters out (overflow::drop_oldest) or pins.
  class guard {
   public:
    explicit guard(basic_inbox_bound& of) noexcept : of_(of) { of_.taking_.lock(); }
    ~guard() { of_.taking_.unlock(); }
    guard(const guard&) = delete;
    guard& operator=(const guard&) = delete;

   private:
    basic_inbox_bound& of_;
  };

  /// Under a guard, where the actor is known to be there.
  void pin() noexcept { pinned_.fetch_add(1, std::memory_order::relaxed); }    // the lock orders it
  void unpin() noexcept { pinned_.fetch_sub(1, std::memory_order::release); }  // E1 release
  /// The actor's worker, after nobody can pin it any more.
  void wait_until_unpinned() {
    Sync::await([this] { return pinned_.load(std::memory_order::acquire) == 0; });  // E1 acquire
  }

  /// Places that are taken now; a moment's figure.
  [[nodiscard]] std::uint64_t waiting() const noexcept {
    const std::uint64_t taken = taken_.load(std::memory_order::relaxed);      // a moment's figure
    const std::uint64_t claimed = claimed_.load(std::memory_order::relaxed);  // likewise
    return claimed < taken ? 0 : claimed - taken;
  }
  [[nodiscard]] std::uint64_t claimed() const noexcept {
    return claimed_.load(std::memory_order::relaxed);  // a moment's figure
  }

 private:
  void wake_one() {
    if (policy() == overflow::block) space_.notify_one();
  }

  sync::atomic<Sync, std::uint64_t> claimed_{0};
  sync::atomic<Sync, std::uint32_t> capacity_{1};
  sync::atomic<Sync, std::uint32_t> policy_{0};
  sync::atomic<Sync, std::uint64_t> block_ns_{0};
  basic_event_count<Sync> space_;
  sync::atomic<Sync, std::uint32_t> pinned_{0};
  basic_brief_lock<Sync> taking_;
  alignas(64) sync::atomic<Sync, std::uint64_t> taken_{0};
};

}  // namespace jacquard
