// jacquard/queue/sequence_ring.hpp: many senders, one consumer, a fixed number of places, and the
// consumer's wake-up in the same word as the next place.
//
// Shape       tail_   lap | index | control | scheduled | closed: the gate. One word, every sender's
//                     compare-and-swap
//             guess_  what a recent sender made of tail_. A sender starts from it, because a load of tail_
//                     waits for the compare-and-swap before it, and everything after the load with it.
//                     A wrong guess costs a compare-and-swap that fails.
//             head_   lap | index: the oldest message nobody has claimed
//             cells_  state + room for a message; in lap L the state is
//                     L (free), L | 1 (a message), L + lap_ (free for the next lap), where L is the lap's
//                     field of a position, left in its place: nothing is shifted on the way
//             A position is a lap and an index, not a number taken modulo the capacity, so the bound is
//             exact for every capacity from 1 and there is no division.
// Invariants  I1  A message that was pushed is handed out exactly once: popped or evicted.
//             I2  Messages of one sender come out in the order they went in.
//             I3  Each change of the gate from unscheduled to scheduled is reported to exactly one
//                 caller, who must start the consumer. No message sleeps with an idle consumer.
//             I4  After close every push is refused; what was pushed before can be popped.
//             I5  At most `capacity` messages wait, and a push is refused only when so many do, or
//                 when the place it needs is being vacated at this moment.
// Ordering    E1  push's state -> pop's, evict's state   the message.
//             E2  pop's, evict's state -> push's state   the place: the message was moved out of it.
//             E3  try_idle -> push, raise, close         the consumer's own state. Whoever finds the
//                 gate unscheduled may run the consumer on another thread.
//             E4  raise -> try_idle                      what was announced: a control message.
//             Claim, close and wake-up are one word, so there is no store-then-load race to fence
//             against.
// Progress    push and evict are lock-free. pop, try_idle, raise and close are wait-free, pop of an
//             evicting ring lock-free. A sender that stops between claim and publish holds up what was
//             sent after it: pop says empty and try_idle says more, so the consumer can let others run.
// Allocation  the cells, when constructed. None after.
// Source      the per-cell sequence of Vyukov's bounded queue; the one-word gate is our own.
// Checked by  model_checks: loom_mailbox_basic (I1, E1), batch_order (I2), push_vs_park (I3),
//             close_vs_push (I4), loom_backpressure_consistency (I5, E2), payload_race_free (E1-E3),
//             control_lane_immune (E4), drop_oldest (I1, I5); property_tests.
#pragma once

#include <atomic>
#include <bit>
#include <cstdint>
#include <utility>

#include <jacquard/queue/lane.hpp>
#include <jacquard/queue/raw_slot.hpp>
#include <jacquard/sync/native.hpp>
#include <jacquard/sync/policy.hpp>

namespace jacquard {

template <class T, sync::policy Sync = sync::native>
class basic_sequence_ring {
 public:
  using value_type = T;
  static constexpr bool can_evict = true;
  static constexpr bool can_be_unbounded = false;

  /// `capacity` places; `starts_scheduled`: the consumer owns the ring from the start; `evicts`:
  /// senders may call `evict`.
  basic_sequence_ring(std::uint32_t capacity, bool starts_scheduled, bool evicts)
      : capacity_(capacity),
        index_mask_((word{1} << std::bit_width(capacity - 1)) - 1),
        indices_(index_mask_ << flag_bits),
        last_(word{capacity - 1} << flag_bits),
        lap_(indices_ + flags + 1),
        laps_(~(lap_ - 1)),
        wrap_(lap_ - last_),
        evicts_(evicts),
        cells_(Sync::template create_array<place>(capacity)),
        tail_(starts_scheduled ? scheduled : word{0}),
        guess_(starts_scheduled ? scheduled : word{0}) {
    Sync::require(cells_ != nullptr, "memory for the ring's places");
  }
  ~basic_sequence_ring() { Sync::destroy_array(cells_, capacity_); }
  basic_sequence_ring(const basic_sequence_ring&) = delete;
  basic_sequence_ring& operator=(const basic_sequence_ring&) = delete;

  /// Any thread. Moves from `message` only where it is queued.
  [[gnu::always_inline]] push_result push(T& message) noexcept {
    word seen = guess_.load(std::memory_order::relaxed);  // the compare-and-swap decides
    push_result result;
    if (try_push(message, seen, result)) [[likely]]
      return result;
    // A small plain message goes there as a copy. So its own address is taken nowhere, and the compiler keeps
    // it in registers until it is written into its place.
    if constexpr (small_and_plain<T>) {
      T copy(message);
      return push_again(copy, seen);
    } else {
      return push_again(message, seen);
    }
  }

  /// Any thread, in an evicting ring. Takes the oldest message out of the way, if the ring is full
  /// and that message is published and nobody's yet; gives it to `dead`.
  template <class F>
  evict_result evict(F&& dead) noexcept {
    const word tail =
        tail_.load(std::memory_order::relaxed);          // validated by the claim of head_ below
    word head = head_.load(std::memory_order::relaxed);  // likewise
    if (position(tail) != position(head) + lap_) return evict_result::not_full;
    place& room = cells_[index_of(head)];
    const word full = free_in(head) | 1;
    if (room.state.load(std::memory_order::acquire) != full)
      return evict_result::busy;  // E1 acquire
    // While head_ stands still tail_ cannot pass it by a lap, so a claim from `head` is one from a
    // full ring.
    if (!head_.compare_exchange_strong(head, next(head),
                                       std::memory_order::relaxed,  // E1, E2 do the rest
                                       std::memory_order::relaxed)) {
      return evict_result::not_full;
    }
    dead(vacate(room, full));
    return evict_result::evicted;
  }

  /// Consumer only. Hands up to `limit` messages to `take`, oldest first; how many were published.
  /// A message's place is free again before `take` sees the message.
  template <class F>
  [[gnu::always_inline]] std::uint32_t pop(std::uint32_t limit, F&& take) noexcept {
    return evicts_ ? pop_against_eviction(limit, take) : pop_alone(limit, take);
  }

  /// Consumer only. Whether pop would hand something out now; in an evicting ring, a moment's answer.
  [[nodiscard]] bool has_next() const noexcept {
    const word head = head_.load(std::memory_order::relaxed);  // the consumer's own; E3 hands it on
    const word state =
        cells_[index_of(head)].state.load(std::memory_order::relaxed);  // pop acquires
    return state == (free_in(head) | 1);
  }

  /// Consumer only, after try_idle said more: returns once pop or try_idle would say something new.
  /// Waits for a sender that stands between claim and publish.
  void await_change() {
    const word head = head_.load(std::memory_order::relaxed);  // the consumer's own, or a guess
    const place& room = cells_[index_of(head)];
    const word full = free_in(head) | 1;
    Sync::await([&] {
      return room.state.load(std::memory_order::relaxed) >= full ||  // pop acquires
             position(tail_.load(std::memory_order::relaxed)) ==
                 position(head) ||                                     // only looked at
             (tail_.load(std::memory_order::relaxed) & control) != 0;  // try_idle acquires
    });
  }

  /// Consumer only, after pop found nothing: gives the ring up.
  idle_result try_idle() noexcept {
    word seen = tail_.load(std::memory_order::relaxed);  // validated by the compare-and-swap
    if ((seen & control) != 0) {
      tail_.fetch_and(~control, std::memory_order::acquire);  // E4 acquire
      return idle_result::more;
    }
    const word head = head_.load(std::memory_order::relaxed);  // stale: looks again
    if (position(seen) != position(head)) return idle_result::more;
    if ((seen & closed) != 0) return idle_result::finished;
    return tail_.compare_exchange_strong(seen, seen & ~scheduled,
                                         std::memory_order::release,  // E3 release
                                         std::memory_order::relaxed)  // receive again
               ? idle_result::idle
               : idle_result::more;
  }

  /// Any thread. Announces something outside the ring; true where the caller must start the
  /// consumer.
  [[nodiscard]] bool raise() noexcept {
    return (tail_.fetch_or(control | scheduled, std::memory_order::acq_rel) & scheduled) ==
           0;  // E3 acquire, E4 release
  }

  /// The consumer that gave the ring up and was not started. True where it owns the ring again;
  /// false where a sender is about to start it.
  [[nodiscard]] bool resume() noexcept {
    // Relaxed: the same thread gave it up.
    return (tail_.fetch_or(scheduled, std::memory_order::relaxed) & scheduled) == 0;
  }

  /// Any thread.
  close_result close() noexcept {
    const word before =
        tail_.fetch_or(closed | scheduled, std::memory_order::acquire);  // E3 acquire
    return {.first = (before & closed) == 0, .must_schedule = (before & scheduled) == 0};
  }

  /// Consumer only: what receive took is settled. A ring frees each place as it takes the message.
  void settle() noexcept {}

  /// Whether the consumer owns the ring or is being started. Stale where a sender starts it at this moment.
  [[nodiscard]] bool is_scheduled() const noexcept {
    return (tail_.load(std::memory_order::relaxed) & scheduled) != 0;  // a hint; try_idle decides
  }
  /// Consumer only. Whether no place is claimed; where one is and has_next() says no, a sender stands between claim
  /// and publish.
  [[nodiscard]] bool is_empty() const noexcept {
    return position(tail_.load(std::memory_order::relaxed)) ==  // only looked at
           position(head_.load(std::memory_order::relaxed));    // the consumer's own, or a guess
  }
  [[nodiscard]] bool is_closed() const noexcept {
    return (tail_.load(std::memory_order::relaxed) & closed) != 0;  // a hint; push decides
  }
  [[nodiscard]] std::uint32_t capacity() const noexcept { return capacity_; }
  /// Messages ever pushed, and ever popped or evicted.
  [[nodiscard]] std::uint64_t pushed() const noexcept {
    return count(tail_.load(std::memory_order::relaxed));  // a statistic
  }
  [[nodiscard]] std::uint64_t taken() const noexcept {
    return count(head_.load(std::memory_order::relaxed));  // a statistic
  }

 private:
  using word = std::uint64_t;

  static constexpr word scheduled = gate::scheduled;
  static constexpr word closed = gate::closed;
  static constexpr word control = gate::control;
  static constexpr unsigned flag_bits = gate::bits;
  static constexpr word flags = gate::all;
  static constexpr std::size_t line = 64;

  struct place {
    sync::atomic<Sync, word> state{0};
    sync::cell<Sync, raw_slot<T>> message;
  };

  [[nodiscard]] word index_of(word at) const noexcept { return (at >> flag_bits) & index_mask_; }
  [[nodiscard]] static word position(word at) noexcept { return at & ~flags; }
  // A free place's state in the lap of `at`.
  [[nodiscard]] word free_in(word at) const noexcept { return at & laps_; }
  [[nodiscard]] word count(word at) const noexcept { return at / lap_ * capacity_ + index_of(at); }
  [[nodiscard]] word next(word at) const noexcept {
    return at + ((at & indices_) == last_ ? wrap_ : word{1} << flag_bits);
  }

  // One try from `seen`. True where it came to a result; otherwise `seen` is newer.
  [[gnu::always_inline]] bool try_push(T& message, word& seen, push_result& result) noexcept {
    if ((seen & closed) != 0) {
      result = push_result::closed;
      return true;
    }
    place& room = cells_[index_of(seen)];
    const word free = free_in(seen);
    if (room.state.load(std::memory_order::acquire) != free) {  // E2 acquire
      const word now = tail_.load(std::memory_order::relaxed);  // is the guess still the gate?
      result = push_result::full;
      return std::exchange(seen, now) == now;
    }
    const word then = next(seen) | scheduled;
    if (!tail_.compare_exchange_weak(seen, then,
                                     std::memory_order::acquire,     // E3 acquire
                                     std::memory_order::relaxed)) {  // a guess again
      return false;
    }
    guess_.store(then, std::memory_order::relaxed);  // the next sender's first look
    room.message.with_mut([&](raw_slot<T>& slot) { slot.put(std::move(message)); });
    room.state.store(free | 1, std::memory_order::release);  // E1 release
    result = (seen & scheduled) != 0 ? push_result::queued : push_result::queued_schedule;
    return true;
  }
  [[gnu::noinline]] push_result push_again(T& message, word seen) noexcept {
    push_result result;
    while (!try_push(message, seen, result)) {
    }
    return result;
  }

  template <class F>
  [[gnu::always_inline]] std::uint32_t pop_alone(std::uint32_t limit, F& take) noexcept {
    word head = head_.load(std::memory_order::relaxed);  // the consumer's own; E3 hands it on
    std::uint32_t count = 0;
    for (; count < limit; ++count) {
      place& room = cells_[index_of(head)];
      const word full = free_in(head) | 1;
      if (room.state.load(std::memory_order::acquire) != full) break;  // E1 acquire
      head = next(head);
      take(vacate(room, full));
    }
    if (count != 0) head_.store(head, std::memory_order::relaxed);  // others read it as a statistic
    return count;
  }

  template <class F>
  std::uint32_t pop_against_eviction(std::uint32_t limit, F& take) noexcept {
    word head = head_.load(std::memory_order::relaxed);  // a guess; the claim decides
    std::uint32_t count = 0;
    while (count < limit) {
      place& room = cells_[index_of(head)];
      const word full = free_in(head) | 1;
      if (room.state.load(std::memory_order::acquire) != full) {  // E1 acquire
        const word now = head_.load(std::memory_order::relaxed);  // evicted meanwhile?
        if (now == head) break;
        head = now;
      } else if (head_.compare_exchange_weak(
                     head, next(head), std::memory_order::relaxed,  // E1, E2 order
                     std::memory_order::relaxed)) {                 // the message; this claims it
        take(vacate(room, full));
        head = next(head);
        ++count;
      }
    }
    return count;
  }

  T vacate(place& room, word full) noexcept {
    T message = room.message.with_mut([](raw_slot<T>& slot) { return slot.take(); });
    room.state.store(full - 1 + lap_, std::memory_order::release);  // E2 release
    return message;
  }

  const std::uint32_t capacity_;
  const word index_mask_;
  const word indices_;  // the index's bits in a position
  const word last_;     // the last index, there
  const word lap_;      // one lap
  const word laps_;     // the lap's bits in a position
  const word wrap_;     // from the last index to the next lap's first
  const bool evicts_;
  place* const cells_;
  alignas(line) sync::atomic<Sync, word> tail_;
  sync::atomic<Sync, word> guess_;
  alignas(line) sync::atomic<Sync, word> head_{0};
};

}  // namespace jacquard
