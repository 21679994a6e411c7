// jacquard/actor/inbox_bound.hpp: how many letters may wait in an inbox, and at how many there is an alarm, counted
// beside it. Actors without a bound and without a mark have none of this.
//
// Shape       claimed_  places that were ever taken: by a sender, before it pushes; and above them whether the
//                       high-water mark was reached, and no claim has found the low one since
//             taken_    places that were ever given back: by the consumer, when it takes a letter out
//             taking_   overflow::drop_oldest: held by whoever takes letters out, since senders do, too
//             pinned_   senders in the middle of something that needs the actor to be there
//             It belongs to a cell and outlives its actors: who comes late for one counts itself out again.
// Invariants  I1  At most `capacity` places are taken: claimed - taken <= capacity, always.
//             I2  A place that was taken is given back once, by the consumer or by its claimer.
//             I3  A sender that waits for room is woken when a place is given back or the inbox closes.
//             I4  While an actor is pinned it does not end.
//             I5  A claim says alarm where it, and no other, brings the places that are taken to the high-water mark:
//                 for the first time, or for the first since so few were taken as the low mark says. There is one order
//                 of all claims and all places given back, the same for everybody, in which that is so.
//                 A place counts from its claim on: the alarm is no later than the message, and as many messages early
//                 as senders are in the middle of a send. (A sender that finds its actor gone takes the alarm back that it
//                 caused; the cell's next actor may have a second one for that crossing.)
// Ordering    E1  unpin -> wait_until_unpinned   what the sender did with the actor's things.
//             E2  claim -> claim   how many places the earlier one saw given back: the later one sees no fewer (I5).
//                 Claims are read-modify-writes of one word, so each carries on the release sequence of those before.
//             The brief lock's E1: who takes letters out, and who pins. The event count's E1: I3.
//             But for that the counters carry nothing: letters travel by the inbox's E1.
// Progress    claim is lock-free, give_back wait-free; wait blocks; pin waits for a few dozen instructions.
// Allocation  none.
// Checked by  model_checks: inbox_bound (I1, I2), inbox_bound.block (I3), inbox_bound.evict (I1, I2, I4, E1),
//             inbox_high_water (I5, E2); actor_inbox.test.cpp (I1-I4), actor_high_water.test.cpp (I5) on real threads.
#pragma once

#include <atomic>
#include <cstdint>

#include <jacquard/actor/undelivered.hpp>
#include <jacquard/mailbox/high_water.hpp>
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

  /// Before there is an actor. `capacity` in [1, capacity_max], or `unbounded`.
  void set(std::uint32_t capacity, jacquard::overflow policy, std::uint64_t block_ns,
           water_marks marks = {}) noexcept {
    capacity_.store(capacity, std::memory_order::relaxed);  // the inbox's E3 publishes all four
    policy_.store(static_cast<std::uint32_t>(policy), std::memory_order::relaxed);  // likewise
    block_ns_.store(block_ns, std::memory_order::relaxed);                          // likewise
    marks_.store(word{marks.high} << 32 | marks.low, std::memory_order::relaxed);   // likewise
    if (is_raised(claimed_.load(std::memory_order::relaxed))) lower_alarm();        // likewise
  }
  [[nodiscard]] water_marks marks() const noexcept {
    const word both = marks_.load(std::memory_order::relaxed);  // set before there was a sender
    return {.high = static_cast<std::uint32_t>(both >> 32),
            .low = static_cast<std::uint32_t>(both)};
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

  /// Any thread. True where the caller has a place now: it pushes, or unclaims. `alarm`: it tells of it, too.
  [[nodiscard]] bool claim(bool& alarm) noexcept {
    const water_marks here = marks();
    return here.any() ? claim_marked(here, alarm) : claim();
  }
  /// The same, where there are no marks.
  [[nodiscard]] bool claim() noexcept {
    word seen = claimed_.load(std::memory_order::relaxed);  // a guess
    do {
      // An old figure of what was taken makes the inbox look fuller than it is, never emptier.
      const word taken = taken_.load(std::memory_order::relaxed);
      if (less(places_of(seen), taken) >= capacity()) return false;
    } while (!claimed_.compare_exchange_weak(seen, seen + 1,
                                             std::memory_order::relaxed,  // a number; see the card
                                             std::memory_order::relaxed));  // a guess again
    return true;
  }
  /// Whoever was told of an alarm, and finds the actor gone: whoever lives there next has its own.
  void lower_alarm() noexcept {
    claimed_.fetch_and(~raised, std::memory_order::relaxed);  // its own moment; carries E2 on
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
  /// before each sleep. `alarm` as claim says.
  template <class IsClosed>
  [[nodiscard]] send_result wait(sync::deadline until, bool& alarm, IsClosed&& is_closed) {
    for (bool in_time = true; in_time;) {
      const auto registered = space_.prepare();
      const bool closed = is_closed();
      if (closed || claim(alarm)) {
        space_.cancel();
        return closed ? send_result::closed : send_result::accepted;
      }
      in_time = space_.wait(registered, until);
    }
    return claim(alarm) ? send_result::accepted : send_result::deadline;
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
    const word taken = taken_.load(std::memory_order::relaxed);  // a moment's figure
    return less(claimed(), taken);
  }
  [[nodiscard]] std::uint64_t claimed() const noexcept {
    return places_of(claimed_.load(std::memory_order::relaxed));  // a moment's figure
  }

 private:
  using word = std::uint64_t;
  static constexpr word raised = word{1} << 63;

  [[nodiscard]] static bool is_raised(word seen) noexcept { return (seen & raised) != 0; }
  [[nodiscard]] static word places_of(word seen) noexcept { return seen & ~raised; }
  // The figures are of different moments.
  [[nodiscard]] static word less(word claimed, word taken) noexcept {
    return claimed < taken ? 0 : claimed - taken;
  }

  [[gnu::noinline]] bool claim_marked(water_marks here, bool& alarm) noexcept {
    word seen = claimed_.load(std::memory_order::acquire);  // E2 acquire
    for (;;) {
      const word taken = taken_.load(std::memory_order::relaxed);  // no less than E2 brought
      const word waiting = less(places_of(seen), taken);
      if (waiting >= capacity()) return false;
      const water_level level = here.with_one_more(is_raised(seen), waiting);
      if (claimed_.compare_exchange_weak(seen, (places_of(seen) + 1) | (level.raised ? raised : 0),
                                         std::memory_order::release,     // E2 release
                                         std::memory_order::acquire)) {  // E2 acquire
        alarm = level.alarm;
        return true;
      }
    }
  }

  void wake_one() {
    if (policy() == overflow::block) space_.notify_one();
  }

  sync::atomic<Sync, word> claimed_{0};
  sync::atomic<Sync, std::uint32_t> capacity_{1};
  sync::atomic<Sync, std::uint32_t> policy_{0};
  sync::atomic<Sync, std::uint64_t> block_ns_{0};
  sync::atomic<Sync, word> marks_{0};  // high | low
  basic_event_count<Sync> space_;
  sync::atomic<Sync, std::uint32_t> pinned_{0};
  basic_brief_lock<Sync> taking_;
  alignas(64) sync::atomic<Sync, word> taken_{0};
};

}  // namespace jacquard
