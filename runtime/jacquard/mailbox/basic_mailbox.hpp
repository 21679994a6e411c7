// jacquard/mailbox/basic_mailbox.hpp: what ring, linked and locked mailboxes have in common:
// overflow policies, the control lane, waiting, counters, dead letters. The lane below it is the
// queue.
//
// Shape       lane_     messages, and the gate: who runs the consumer
//             control_  control messages: a small ring of its own, never touched by overflow
//             parker_   where a consumer thread sleeps
//             space_    where senders of overflow::block sleep
// Invariants  I1-I5 of the lane, and
//             I6  A receive that begins after a control message was sent hands it out before any message
//                 (of at most control_batch; then it is the next receive's turn).
//             I7  A sender blocked for room is woken when room appears or the mailbox closes.
//             I8  sent == received + dropped_newest + dropped_oldest + undelivered, and what is dropped
//                 or left at destruction reaches the dead-letter hook once.
//             I9  on_high_water is called, and counted, once for each alarm that the lane says (the lane's I6), by the
//                 sender that it says it to.
// Ordering    the lane's E1-E4, the control ring's E1-E2, the parker's E1, the event count's E1.
// Progress    send and try_send as the lane's push (drop_oldest tries a bounded number of times, then
//             says busy); only overflow::block waits. receive and try_idle as the lane's. wait_receive
//             blocks.
// Allocation  when constructed; a linked lane also when its pool grows.
// Checked by  model_checks: control_lane_immune (I6), block_deadline (I7), loom_shutdown_no_drop and
//             drop_oldest (I8), high_water (I9), and the lane's; property_tests (I6, I8, I9).
#pragma once

#include <algorithm>
#include <atomic>
#include <concepts>
#include <cstdint>
#include <type_traits>
#include <utility>

#include <jacquard/mailbox/mailbox.hpp>
#include <jacquard/queue/event_count.hpp>
#include <jacquard/queue/lane.hpp>
#include <jacquard/queue/parker.hpp>
#include <jacquard/queue/raw_slot.hpp>
#include <jacquard/queue/sequence_ring.hpp>
#include <jacquard/sync/native.hpp>
#include <jacquard/sync/policy.hpp>

namespace jacquard {

/// A mailbox over a lane. Users name ring_mailbox, linked_mailbox or locked_mailbox.
///
/// Lifetime: destroyed when no other thread is inside a member or may still enter one.
///
/// send and receive are always inlined: their common path is some forty instructions, and a message that is
/// built at the call goes from registers into its place.
template <class Lane, class C = no_control, sync::policy Sync = sync::native>
requires lane<Lane>
class basic_mailbox {
 public:
  using message_type = typename Lane::value_type;
  using control_type = C;
  using options_type = mailbox_options<message_type>;

  static constexpr bool has_control = !std::same_as<C, no_control>;
  /// Whether options.high_water means something.
  static constexpr bool has_marks = lane_with_marks<Lane>;
  /// Control messages that one receive hands out at most, so that they cannot starve the others.
  static constexpr std::uint32_t control_batch = 16;

  /// Null where this kind of mailbox can be set up so, otherwise a sentence that names option and
  /// range.
  [[nodiscard]] static constexpr const char* problem(const options_type& options) noexcept {
    if (const char* const general = jacquard::problem(options)) return general;
    if (!Lane::can_be_unbounded && options.capacity == unbounded) {
      return "capacity must be in [1, 1048576]: only a linked_mailbox can be unbounded";
    }
    if (!Lane::can_evict && options.overflow == overflow::drop_oldest) {
      return "overflow::drop_oldest needs a ring_mailbox or a locked_mailbox";
    }
    if (!has_marks && options.high_water.has_value()) {
      return "high_water needs a linked_mailbox or a locked_mailbox";
    }
    return nullptr;
  }

  /// Ends the program where `problem(options)` names one.
  explicit basic_mailbox(const options_type& options = {})
      : options_(checked(options)), lane_(made(options)), control_(options.control_capacity) {}

  ~basic_mailbox() {
    (void)lane_.pop(~std::uint32_t{0}, [this](message_type&& message) {
      dead_letter(std::move(message), drop_reason::shutdown);
    });
    lane_.settle();
  }
  basic_mailbox(const basic_mailbox&) = delete;
  basic_mailbox& operator=(const basic_mailbox&) = delete;

  // Senders: any thread.

  /// Sends by the overflow policy; overflow::block waits for room for `options.block_for`.
  [[gnu::always_inline]] send_result send(message_type&& message) {
    if (is_too_large(message)) return refuse(send_result::too_large);
    const push_result pushed = lane_.push(message);
    if (pushed == push_result::queued) [[likely]]
      return send_result::accepted;
    return send_out_of_line(message, pushed, nullptr);
  }

  /// As send, and overflow::block waits until `until`.
  send_result send(message_type&& message, sync::deadline until) {
    if (is_too_large(message)) return refuse(send_result::too_large);
    const push_result pushed = lane_.push(message);
    if (pushed == push_result::queued) [[likely]]
      return send_result::accepted;
    return send_out_of_line(message, pushed, &until);
  }

  /// As send, and never waits: overflow::block answers busy where there is no room.
  send_result try_send(message_type&& message) {
    if (is_too_large(message)) return refuse(send_result::too_large);
    const push_result pushed = lane_.push(message);
    if (pushed != push_result::full) return settle_push(pushed);
    if (options_.overflow == overflow::block) return refuse(send_result::busy);
    return overflowed(message);
  }

  /// Sends a control message: accepted, busy (options.control_capacity of them wait) or closed.
  template <class Control>
  requires(has_control&& std::same_as<std::remove_cvref_t<Control>, C> &&
           !std::is_lvalue_reference_v<Control>) send_result send_control(Control&& message) {
    const push_result pushed =
        lane_.is_closed() ? push_result::closed : control_.ring.push(message);
    if (pushed == push_result::queued) {
      if (lane_.raise()) schedule();
      return send_result::accepted;
    }
    control_refused_.add(1);
    return pushed == push_result::closed ? send_result::closed : send_result::busy;
  }

  /// Refuses every later send and wakes who waits. What was accepted can still be received. True
  /// for the call that closed it.
  bool close() {
    const close_result closed = lane_.close();
    if (closed.must_schedule) schedule();
    if (closed.first && options_.overflow == overflow::block) space_.notify_all();
    return closed.first;
  }

  // The consumer: the thread that owns the mailbox now.

  /// Hands out control messages (16 at most), then up to `limit` messages, oldest first, without
  /// waiting. `limit` is in [1, 64]. `visitor` takes message_type&&, and C&& where there is a
  /// control lane; it must not throw, and must not receive from the same mailbox. A message's place
  /// is free once receive returns.
  template <class Visitor>
  requires receives<Visitor, message_type, C>
  [[gnu::always_inline]] receipt receive(std::uint32_t limit, Visitor&& visitor) {
    Sync::require(limit >= 1 && limit <= batch_max, "receive: limit must be in [1, 64]");
    receipt got;
    const bool blocks = options_.overflow == overflow::block;
    if (blocks)
      receiver_.store(Sync::this_thread(), std::memory_order::relaxed);  // read by that thread
    if constexpr (has_control) got.control = control_.ring.pop(control_batch, visitor);
    got.messages = lane_.pop(limit, visitor);
    lane_.settle();
    if (blocks) {
      receiver_.store(0, std::memory_order::relaxed);  // read by that thread
      if (got.messages == 1) space_.notify_one();
      if (got.messages > 1) space_.notify_all();
    }
    return got;
  }

  /// Gives the mailbox up where there is nothing to receive. After `idle` the caller owns it no
  /// more: the schedule hook will start a consumer, exactly once. After `more` it owns it still.
  idle_result try_idle() {
    if constexpr (has_control) {  // its announcement may have been looked at, and not all received
      if (control_.ring.has_next()) return idle_result::more;
    }
    const idle_result result = lane_.try_idle();
    if constexpr (has_control) {
      if (result == idle_result::finished) {
        (void)control_.ring.close();
        if (control_.ring.pushed() != control_.ring.taken()) return idle_result::more;
      }
    }
    return result;
  }

  /// As receive, and sleeps while there is nothing. Only where options.schedule is null.
  template <class Visitor>
  requires receives<Visitor, message_type, C> receipt wait_receive(
      std::uint32_t limit, Visitor&& visitor, sync::deadline until = sync::deadline::never()) {
    for (;;) {
      receipt got = receive(limit, visitor);
      if (got.any()) return got;
      switch (try_idle()) {
        case idle_result::finished:
          got.finished = true;
          return got;
        case idle_result::more:
          lane_.await_change();
          break;
        case idle_result::idle:
          if (parker_.park(until)) break;
          if (lane_.resume()) {
            got.timed_out = true;
            return got;
          }
          (void)parker_.park();  // a sender is about to hand out the permit
          break;
      }
    }
  }

  // Anybody.

  [[nodiscard]] mailbox_counters counters() const {
    mailbox_counters now;
    now.dropped_newest = dropped_newest_.count();
    now.dropped_oldest = dropped_oldest_.count();
    const auto [pushed, taken] = books();
    now.received = taken - (taken < now.dropped_oldest ? taken : now.dropped_oldest);
    now.undelivered = pushed - taken;
    now.sent = pushed + now.dropped_newest;
    now.refused_busy = refused_[index(send_result::busy)].count();
    now.refused_closed = refused_[index(send_result::closed)].count();
    now.refused_too_large = refused_[index(send_result::too_large)].count();
    now.refused_deadline = refused_[index(send_result::deadline)].count();
    now.refused_would_deadlock = refused_[index(send_result::would_deadlock)].count();
    now.high_water_alarms = high_water_alarms_.count();
    if constexpr (has_control) {
      now.control_received = control_.ring.taken();
      now.control_sent = control_.ring.pushed();
      now.control_undelivered = now.control_sent - now.control_received;
      now.control_refused = control_refused_.count();
    }
    return now;
  }
  [[nodiscard]] std::uint32_t capacity() const noexcept { return options_.capacity; }
  /// Messages that wait; a moment's figure.
  [[nodiscard]] std::uint64_t size() const {
    const auto [pushed, taken] = books();
    return pushed - taken;
  }
  [[nodiscard]] bool is_closed() const { return lane_.is_closed(); }

 private:
  struct no_ring {
    explicit no_ring(std::uint32_t /*capacity*/) noexcept {}
  };
  struct control_ring {
    // Always scheduled: its gate is not used, the lane's is.
    explicit control_ring(std::uint32_t capacity) : ring(capacity, true, false) {}
    basic_sequence_ring<C, Sync> ring;
  };

  // How often overflow::drop_oldest makes room and loses it again before it says busy.
  static constexpr unsigned evictions_max = 4;

  static const options_type& checked(const options_type& options) {
    const char* const wrong = problem(options);
    Sync::require(wrong == nullptr, wrong != nullptr ? wrong : "");
    return options;
  }
  static Lane made(const options_type& options) {
    const bool starts_scheduled = options.schedule.call == nullptr;
    const bool evicts = options.overflow == overflow::drop_oldest;
    if constexpr (has_marks) {
      return Lane(options.capacity, starts_scheduled, evicts,
                  marks_of(options.high_water, options.low_water));
    } else {
      return Lane(options.capacity, starts_scheduled, evicts);
    }
  }
  static constexpr std::size_t index(send_result result) {
    return static_cast<std::size_t>(result);
  }

  struct tallied {
    std::uint64_t pushed;
    std::uint64_t taken;
  };
  // Where `taken` stood still while `pushed` was read, the two belong together. Where it never does, what
  // is returned is at least possible: no fewer than none wait, and no more than the capacity.
  [[nodiscard]] tallied books() const {
    std::uint64_t taken = lane_.taken();
    std::uint64_t pushed = 0;
    for (unsigned tries = 0; tries < 8; ++tries) {
      pushed = lane_.pushed();
      const std::uint64_t again = lane_.taken();
      if (again == taken && pushed >= taken) return {.pushed = pushed, .taken = taken};
      taken = again;
    }
    return {.pushed = std::clamp(pushed, taken, taken + options_.capacity), .taken = taken};
  }

  [[nodiscard]] bool is_too_large(const message_type& message) const noexcept {
    return payload_bytes<message_type>::of(message) > options_.payload_bytes_max;
  }

  send_result refuse(send_result why) {
    refused_[index(why)].add(1);
    return why;
  }

  void schedule() {
    if (options_.schedule.call != nullptr) {
      options_.schedule.call(options_.schedule.who);
    } else {
      parker_.unpark();
    }
  }

  void dead_letter(message_type&& message, drop_reason why) {
    if (options_.dead_letter.call != nullptr) {
      options_.dead_letter.call(options_.dead_letter.who, std::move(message), why);
    } else {
      const message_type gone = std::move(message);  // its life ends here, in every case
      (void)gone;
    }
  }

  // Not for `full`.
  send_result settle_push(push_result pushed) {
    if (pushed == push_result::closed) return refuse(send_result::closed);
    if (must_schedule(pushed)) schedule();
    if (is_alarm(pushed)) {
      high_water_alarms_.add(1);
      if (options_.on_high_water.call != nullptr)
        options_.on_high_water.call(options_.on_high_water.who);
    }
    return send_result::accepted;
  }

  // As the lane's push: a copy keeps the message itself out of memory.
  send_result send_out_of_line(message_type& message, push_result pushed,
                               const sync::deadline* until) {
    if constexpr (small_and_plain<message_type>) {
      message_type copy(message);
      return send_slowly(copy, pushed, until);
    } else {
      return send_slowly(message, pushed, until);
    }
  }
  [[gnu::noinline]] send_result send_slowly(message_type& message, push_result pushed,
                                            const sync::deadline* until) {
    if (pushed != push_result::full) return settle_push(pushed);
    if (options_.overflow == overflow::block) {
      return wait_for_room(message, until != nullptr ? *until : Sync::after(options_.block_for));
    }
    return overflowed(message);
  }

  // Full, and not overflow::block.
  send_result overflowed(message_type& message) {
    switch (options_.overflow) {
      case overflow::drop_newest:
        dropped_newest_.add(1);
        dead_letter(std::move(message), drop_reason::newest);
        return send_result::dropped;
      case overflow::drop_oldest:
        return displace(message);
      case overflow::reject:
      case overflow::block:
        break;
    }
    return refuse(send_result::busy);
  }

  send_result displace(message_type& message) {
    if constexpr (Lane::can_evict) {
      for (unsigned tries = 0; tries < evictions_max; ++tries) {
        const evict_result evicted = lane_.evict([this](message_type&& oldest) {
          dropped_oldest_.add(1);
          dead_letter(std::move(oldest), drop_reason::oldest);
        });
        if (evicted == evict_result::busy) break;
        const push_result pushed = lane_.push(message);
        if (pushed != push_result::full) return settle_push(pushed);
      }
    }
    return refuse(send_result::busy);
  }

  send_result wait_for_room(message_type& message, sync::deadline until) {
    if (receiver_.load(std::memory_order::relaxed) ==
        Sync::this_thread()) {  // only its own value matters
      return refuse(send_result::would_deadlock);
    }
    for (bool in_time = true; in_time;) {
      const auto registered = space_.prepare();
      const push_result pushed = lane_.push(message);
      if (pushed != push_result::full) {
        space_.cancel();
        return settle_push(pushed);
      }
      in_time = space_.wait(registered, until);
    }
    const push_result last = lane_.push(message);
    return last != push_result::full ? settle_push(last) : refuse(send_result::deadline);
  }

 protected:  // a shard is a mailbox whose consumer has others (sharded_mailbox.hpp)
  const options_type options_;
  Lane lane_;

 private:
  [[no_unique_address]] std::conditional_t<has_control, control_ring, no_ring> control_;
  basic_parker<Sync> parker_;

 protected:
  basic_event_count<Sync> space_;
  // The thread inside receive, while overflow::block; 0: none.
  sync::atomic<Sync, std::uintptr_t> receiver_{0};

 private:
  typename Sync::tally dropped_newest_;
  typename Sync::tally dropped_oldest_;
  typename Sync::tally control_refused_;
  typename Sync::tally high_water_alarms_;
  typename Sync::tally refused_[index(send_result::would_deadlock) + 1];
};

}  // namespace jacquard
