// jacquard/queue/linked_lane.hpp: many senders, one consumer that takes everything at once, nodes
// from a pool; bounded or not.
//
// Shape       gate_  newest node | raised | count | control, closed, scheduled
//                    The count is of messages accepted and not yet settled; of an unbounded lane without
//                    marks, of those that the consumer has not taken.
//                    raised: the high-water mark was reached, and no push has found the low one since.
//             Nodes hang newest to oldest. The consumer takes the whole list, turns it round and
//             hands it out; `settle` gives the places and the nodes back.
// Invariants  I1  A message that was pushed is handed out exactly once.
//             I2  Messages of one sender come out in the order they went in.
//             I3  Each change of the gate from unscheduled to scheduled is reported to exactly one
//                 caller, who must start the consumer. No message sleeps with an idle consumer.
//             I4  After close every push is refused; what was pushed before can be popped.
//             I5  The count in the gate never exceeds the capacity, and a push is refused only at it
//                 (or where memory is out).
//             I6  A push says alarm where it, and no other, brings the count to the high-water mark: for the first
//                 time, or for the first since the count was at the low mark or below. Count and `raised` are one
//                 word, so this is exact between any number of senders.
// Ordering    E1  push -> pop   the message and the node's link. Each later push is a
//                 read-modify-write, so it carries on the release sequence of the earlier ones: one
//                 acquire of the newest node covers all below it.
//             E3  try_idle -> push, raise, close   the consumer's own state.
//             E4  raise -> try_idle                what was announced: a control message.
//             (What a node's last owner did with it: the pool's E1.)
// Progress    push is lock-free (where the pool need not grow); pop, settle, try_idle, raise and close
//             are wait-free. A sender that stops holds nobody up: a message exists when its push does.
// Allocation  the pool's: none once it has as many nodes as ever wait at once, plus one a sender.
// Bounds      2^29 - 1 messages wait at most, also where unbounded; a push beyond that is refused.
// Source      the take-all inbox of the C++ Actor Framework, here with count and gate in the same word.
// Checked by  model_checks: loom_mailbox_basic (I1, E1), batch_order (I2), push_vs_park (I3),
//             close_vs_push (I4), loom_backpressure_consistency (I5), payload_race_free (E1, E3),
//             control_lane_immune (E4), high_water (I6); property_tests (I6).
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <utility>

#include <jacquard/memory/node_pool.hpp>
#include <jacquard/queue/lane.hpp>
#include <jacquard/queue/raw_slot.hpp>
#include <jacquard/sync/native.hpp>
#include <jacquard/sync/policy.hpp>

namespace jacquard {

template <class T, sync::policy Sync = sync::native>
class basic_linked_lane {
 public:
  using value_type = T;
  static constexpr bool can_evict = false;
  static constexpr bool can_be_unbounded = true;
  static constexpr bool has_marks = true;

  basic_linked_lane(std::uint32_t capacity, bool starts_scheduled, bool /*evicts*/,
                    water_marks marks = {})
      : capacity_(capacity),
        keeps_count_(capacity != unbounded || marks.any()),
        marks_(marks),
        count_max_(std::min<word>(capacity, gate_count >> gate::bits)),
        heed_from_((marks.any() ? std::min<word>(count_max_, marks.high - 1) : count_max_)
                   << gate::bits),
        pool_(std::min(capacity, nodes_at_first)),
        gate_(starts_scheduled ? gate::scheduled : word{0}) {}
  basic_linked_lane(const basic_linked_lane&) = delete;
  basic_linked_lane& operator=(const basic_linked_lane&) = delete;

  /// Any thread. Moves from `message` only where it is queued.
  push_result push(T& message) {
    word seen = gate_.load(std::memory_order::relaxed);  // a guess; the compare-and-swap decides
    if (const push_result refusal = refused(seen); refusal != push_result::queued) return refusal;
    const link fresh = pool_.acquire();
    if (fresh == pool::none) return push_result::full;
    node& home = pool_[fresh];
    home.message.with_mut([&](raw_slot<T>& slot) { slot.put(std::move(message)); });
    for (;;) {
      home.next.store(newest(seen), std::memory_order::relaxed);  // E1 publishes it
      word others = ((seen & ~gate_newest) + one) | gate::scheduled;
      bool alarm = false;
      if (must_heed(seen)) [[unlikely]] {
        const water_level level = marks_.with_one_more((seen & gate_raised) != 0, count(seen));
        others = level.raised ? others | gate_raised : others & ~gate_raised;
        alarm = level.alarm;
      }
      const word with_it = (word{fresh} << newest_shift) | others;
      if (gate_.compare_exchange_weak(seen, with_it,
                                      std::memory_order::acq_rel,     // E1 release, E3 acquire
                                      std::memory_order::relaxed)) {  // a guess again
        const push_result queued =
            (seen & gate::scheduled) != 0 ? push_result::queued : push_result::queued_schedule;
        return alarm ? with_alarm(queued) : queued;
      }
      if (const push_result refusal = refused(seen); refusal != push_result::queued) {
        message = home.message.with_mut([](raw_slot<T>& slot) { return slot.take(); });
        pool_.release(fresh, fresh);
        return refusal;
      }
    }
  }

  /// Consumer only. Hands up to `limit` messages to `take`, oldest first; how many there were.
  template <class F>
  std::uint32_t pop(std::uint32_t limit, F&& take) {
    std::uint32_t count = 0;
    for (; count < limit; ++count) {
      const link oldest = next_oldest();
      if (oldest == pool::none) break;
      take(pool_[oldest].message.with_mut([](raw_slot<T>& slot) { return slot.take(); }));
    }
    return count;
  }

  /// Consumer only. The places and nodes of what pop handed out are free again.
  void settle() noexcept {
    const consumer_state spent = consumer_.with_mut([](consumer_state& mine) {
      const consumer_state copy = mine;
      mine.spent_first = mine.spent_last = pool::none;
      mine.spent = 0;
      return copy;
    });
    if (spent.spent == 0) return;
    taken_.store(spent.taken, std::memory_order::relaxed);  // a statistic
    pool_.release(spent.spent_first, spent.spent_last);
    if (!keeps_count_) return;
    gate_.fetch_sub(spent.spent << gate::bits,
                    std::memory_order::relaxed);  // a number; the pool has its E1
  }

  /// Consumer only, after pop found nothing: gives the lane up.
  idle_result try_idle() noexcept {
    word seen = gate_.load(std::memory_order::relaxed);  // validated by the compare-and-swap
    if ((seen & gate::control) != 0) {
      gate_.fetch_and(~gate::control, std::memory_order::acquire);  // E4 acquire
      return idle_result::more;
    }
    const bool holds =
        consumer_.with([](const consumer_state& mine) { return mine.oldest != pool::none; });
    if (holds || newest(seen) != pool::none) return idle_result::more;
    if ((seen & gate::closed) != 0) return idle_result::finished;
    return gate_.compare_exchange_strong(seen, seen & ~gate::scheduled,
                                         std::memory_order::release,  // E3 release
                                         std::memory_order::relaxed)  // receive again
               ? idle_result::idle
               : idle_result::more;
  }

  /// Consumer only, after try_idle said more. What makes it say so can be had at once.
  void await_change() noexcept {}

  /// Any thread. Announces something outside the lane; true where the caller must start the
  /// consumer.
  [[nodiscard]] bool raise() noexcept {
    return (gate_.fetch_or(gate::control | gate::scheduled, std::memory_order::acq_rel) &
            gate::scheduled) == 0;  // E3 acquire, E4 release
  }

  /// The consumer that gave the lane up and was not started. True where it owns the lane again.
  [[nodiscard]] bool resume() noexcept {
    // Relaxed: the same thread gave it up.
    return (gate_.fetch_or(gate::scheduled, std::memory_order::relaxed) & gate::scheduled) == 0;
  }

  /// Any thread.
  close_result close() noexcept {
    const word before =
        gate_.fetch_or(gate::closed | gate::scheduled, std::memory_order::acquire);  // E3 acquire
    return {.first = (before & gate::closed) == 0,
            .must_schedule = (before & gate::scheduled) == 0};
  }

  [[nodiscard]] bool is_closed() const noexcept {
    return (gate_.load(std::memory_order::relaxed) & gate::closed) != 0;  // a hint; push decides
  }
  [[nodiscard]] std::uint32_t capacity() const noexcept { return capacity_; }
  /// Messages ever pushed, and ever handed out and settled.
  [[nodiscard]] std::uint64_t pushed() const noexcept {
    // A statistic, both of them.
    const word settled = (keeps_count_ ? taken_ : held_).load(std::memory_order::relaxed);
    return settled + count(gate_.load(std::memory_order::relaxed));  // a statistic
  }
  [[nodiscard]] std::uint64_t taken() const noexcept {
    return taken_.load(std::memory_order::relaxed);  // a statistic
  }

 private:
  using word = std::uint64_t;

  struct node {
    sync::atomic<Sync, std::uint32_t> next{0};
    sync::cell<Sync, raw_slot<T>> message;
  };
  using pool = basic_node_pool<node, Sync>;
  using link = typename pool::link;

  // What only the consumer touches; E3 hands it on. `spent` nodes wait for settle.
  struct consumer_state {
    link oldest = pool::none;
    link spent_first = pool::none;
    link spent_last = pool::none;
    word spent = 0;
    word taken = 0;
  };

  static constexpr unsigned newest_shift = 33;  // the pool has fewer than 2^31 nodes
  static constexpr word gate_newest = ~word{0} << newest_shift;
  static constexpr word gate_raised = word{1} << 32;  // above the count: see must_heed
  static constexpr word gate_count = (gate_raised - 1) & ~gate::all;
  static constexpr word one = word{1} << gate::bits;
  static constexpr std::uint32_t nodes_at_first = 64;
  static constexpr std::size_t line = 64;

  [[nodiscard]] static link newest(word seen) noexcept {
    return static_cast<link>(seen >> newest_shift);
  }
  [[nodiscard]] static word count(word seen) noexcept { return (seen & gate_count) >> gate::bits; }

  // It is full, or one more reaches the high-water mark, or that was reached before.
  [[nodiscard]] bool must_heed(word seen) const noexcept {
    return (seen & (gate_raised | gate_count)) >= heed_from_;
  }
  // `queued` where nothing stands in the way.
  [[nodiscard]] push_result refused(word seen) const noexcept {
    if ((seen & gate::closed) != 0) return push_result::closed;
    if (!must_heed(seen)) [[likely]]
      return push_result::queued;
    return count(seen) >= count_max_ ? push_result::full : push_result::queued;
  }

  // Moves the oldest message's node from the list to the spent ones. Oldest first, so that the
  // freshest node is the next to be used again.
  link next_oldest() {
    const bool empty =
        consumer_.with([](const consumer_state& mine) { return mine.oldest == pool::none; });
    if (empty && !take_all()) return pool::none;
    const consumer_state before = consumer_.with([](const consumer_state& mine) { return mine; });
    node& home = pool_[before.oldest];
    const link after = home.next.load(std::memory_order::relaxed);    // E1 brought it
    home.next.store(before.spent_first, std::memory_order::relaxed);  // the pool's E1 publishes it
    consumer_.with_mut([&](consumer_state& mine) {
      mine.oldest = after;
      if (mine.spent_first == pool::none) mine.spent_last = before.oldest;
      mine.spent_first = before.oldest;
      ++mine.spent;
      ++mine.taken;
    });
    return before.oldest;
  }

  bool take_all() {
    if (newest(gate_.load(std::memory_order::relaxed)) == pool::none) return false;  // a hint
    // Where there is no bound and no mark to keep, the count is taken along, and settle need not touch the gate.
    const word mask = keeps_count_ ? ~gate_newest : ~(gate_newest | gate_count);
    const word seen = gate_.fetch_and(mask, std::memory_order::acquire);  // E1 acquire
    if (!keeps_count_) {
      const word held = held_.load(std::memory_order::relaxed) + count(seen);  // the consumer's own
      held_.store(held, std::memory_order::relaxed);                           // a statistic
    }
    link at = newest(seen);
    link oldest = pool::none;
    while (at != pool::none) {
      node& here = pool_[at];
      const link older = here.next.load(std::memory_order::relaxed);  // E1 brought it
      here.next.store(oldest, std::memory_order::relaxed);            // the consumer's own now
      oldest = at;
      at = older;
    }
    consumer_.with_mut([&](consumer_state& mine) { mine.oldest = oldest; });
    return true;
  }

  const std::uint32_t capacity_;
  const bool keeps_count_;
  const water_marks marks_;
  const word count_max_;
  const word heed_from_;  // as it stands in the gate
  pool pool_;
  alignas(line) sync::atomic<Sync, word> gate_;
  alignas(line) sync::cell<Sync, consumer_state> consumer_;
  sync::atomic<Sync, word> taken_{0};
  sync::atomic<Sync, word> held_{0};  // messages that take_all took, where the count goes along
};

}  // namespace jacquard
