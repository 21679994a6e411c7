// jacquard/mailbox/sharded_mailbox.hpp: one consumer, and senders that do not all meet in one word.
//
// In a ring mailbox every send is a compare-and-swap of the same word. Its cache line passes from processor to
// processor once a message, so senders that run at the same time get, all together, what one line can do. Here a sender
// is bound to one of several shards, each a ring mailbox with places, control word, counters and waiting senders of its
// own, and one consumer sweeps them all.
//
// Shape       shards_   ring mailboxes, inline; their consumer is this mailbox's
//             gate_     who runs the consumer; touched when a shard goes from idle to having something
//             control_  control messages: one small ring for all
//             next_     the shard that the consumer looks at first
//             parker_   where a consumer thread sleeps
// Invariants  I1  What is accepted is handed out once, or reaches the dead-letter hook once.
//             I2  Messages of one sender come out in the order they went in. A sender is a thread that uses `send`, or
//                 whoever uses one `sender`. Between senders of different shards there is no order, not even where
//                 one message was the cause of the other.
//             I3  The consumer is started once each time the mailbox goes from idle to having something to do. No
//                 message sleeps with an idle consumer, whichever shard it is in.
//             I4  Once any send was told `closed`, or any close returned, every send that begins is told `closed`, in
//                 every shard; what was accepted before can be received. (Who finds one shard closed closes the others
//                 before he says so. The instant is when the last shard closes.)
//             I5  At most `options.capacity` messages wait in a shard, `capacity()`, which is as many times the number of
//                 shards, in all. A sender is refused for want of room when its shard is full, though others have room.
//             I6  Control messages come first, and no overflow touches them.
//             I7  A sender blocked for room is woken when its shard has room, or the mailbox closes.
//             I8  The counters balance, and each is the sum of the shards'.
//             I9  The sweep goes on where it stopped, and a shard that it looks at hands out one message at least if it
//                 has any: after (Shards - 1) x limit messages of other shards at most.
// Ordering    the shards' (sequence_ring, event_count), the gate's E1-E2, the control ring's, the parker's E1.
// Progress    send and try_send as the ring mailbox's, and the first send to a shard that was idle is one wait-free step
//             at the gate more. A sender that stops between claim and publish holds up what was sent after it in its
//             shard only. receive looks at every shard at most once; try_idle is wait-free.
// Allocation  the places, when constructed. None after.
// Bounds      1 to 64 shards.
// Checked by  model_checks, over two shards: the mailboxes' own checks `*.sharded` (I1 I2 I3 I5 I6 I7 I8), and
//             wake_across_shards (I3), close_across_shards (I1 I3 I4); property_tests: property.mailbox (I1-I8), property.sharded_mailbox (I1-I9),
//             native.mailbox_histories (I1-I5).
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <concepts>
#include <cstdint>
#include <type_traits>
#include <utility>

#include <jacquard/mailbox/ring_mailbox.hpp>
#include <jacquard/queue/parker.hpp>
#include <jacquard/queue/shard_gate.hpp>
#include <jacquard/sync/native.hpp>
#include <jacquard/sync/policy.hpp>
#include <jacquard/sync/thread_number.hpp>

namespace jacquard {

/// What a ring mailbox must have where its consumer has others beside it. Not for users.
template <class T, sync::policy Sync>
class mailbox_shard : public basic_ring_mailbox<T, no_control, Sync> {
 public:
  using basic_ring_mailbox<T, no_control, Sync>::basic_ring_mailbox;

  /// Any thread. As close, and leaves the consumer's start to the caller.
  close_result seal() {
    const close_result sealed = this->lane_.close();
    if (sealed.first && blocks()) this->space_.notify_all();
    return sealed;
  }

  // The consumer.

  /// As receive, but for the mark that `enter` leaves.
  template <class Visitor>
  [[gnu::always_inline]] std::uint32_t take(std::uint32_t limit, Visitor& visitor) {
    const std::uint32_t taken = this->lane_.pop(limit, visitor);
    if (taken != 0 && blocks()) {
      if (taken == 1) this->space_.notify_one();
      if (taken > 1) this->space_.notify_all();
    }
    return taken;
  }
  /// Whoever is blocked for room here from now on, and is `thread`, would wait for himself. 0: nobody.
  void enter(std::uintptr_t thread) {
    this->receiver_.store(thread, std::memory_order::relaxed);  // read by that thread
  }
  /// As try_idle. A shard that was disarmed, and that nobody has sent to since, is left alone: its line, which belongs
  /// to its senders, is not written. Whoever sends to it now comes to the gate.
  [[nodiscard]] idle_result disarm() {
    return this->lane_.is_scheduled() ? this->lane_.try_idle() : idle_result::idle;
  }
  [[nodiscard]] bool has_next() const { return this->lane_.has_next(); }
  /// Not has_next, and a sender stands between claim and publish.
  [[nodiscard]] bool is_held_up() const { return !this->lane_.is_empty(); }

  [[nodiscard]] bool blocks() const noexcept { return this->options_.overflow == overflow::block; }
};

/// A bounded mailbox of `Shards` rings. Every overflow policy, each shard for itself. A send is one compare-and-swap on
/// its shard's word, and one update of the gate's where the shard was idle; a receive none.
/// `options.capacity` is a shard's. Memory: Shards x (some 450 bytes + capacity x (message + 8 bytes, rounded up to the
/// message's alignment)).
///
/// Lifetime: destroyed when no other thread is inside a member or may still enter one.
template <class T, std::uint32_t Shards, class C = no_control, sync::policy Sync = sync::native,
          class Gate = basic_shard_gate<Sync>>
class basic_sharded_mailbox {
  static_assert(Shards >= 1 && Shards <= 64, "a sharded mailbox has 1 to 64 shards");
  using shard_type = mailbox_shard<T, Sync>;

 public:
  using message_type = T;
  using control_type = C;
  using options_type = mailbox_options<T>;

  static constexpr std::uint32_t shards = Shards;
  static constexpr bool has_control = !std::same_as<C, no_control>;
  static constexpr bool has_marks = false;
  /// Control messages that one receive hands out at most, so that they cannot starve the others.
  static constexpr std::uint32_t control_batch = shard_type::control_batch;

  /// Null where this kind of mailbox can be set up so, otherwise a sentence that names option and range.
  [[nodiscard]] static constexpr const char* problem(const options_type& options) noexcept {
    return shard_type::problem(options);
  }

  /// Ends the program where `problem(options)` names one.
  explicit basic_sharded_mailbox(const options_type& options = {})
      : basic_sharded_mailbox(options, std::make_integer_sequence<std::uint32_t, Shards>{}) {}
  basic_sharded_mailbox(const basic_sharded_mailbox&) = delete;
  basic_sharded_mailbox& operator=(const basic_sharded_mailbox&) = delete;

  // Senders: any thread. The running thread's number says which shard: threads that were numbered one after the other
  // use one shard after the other.

  /// As ring_mailbox: by the overflow policy; overflow::block waits for room in the shard for `options.block_for`.
  [[gnu::always_inline]] send_result send(message_type&& message) {
    return told(mine().send(std::move(message)));
  }
  /// As send, and overflow::block waits until `until`.
  send_result send(message_type&& message, sync::deadline until) {
    return told(mine().send(std::move(message), until));
  }
  /// As send, and never waits: overflow::block answers busy where there is no room in the shard.
  send_result try_send(message_type&& message) { return told(mine().try_send(std::move(message))); }

  /// A way in by one shard, whoever uses it: for senders that are no threads (a strand may be resumed by another one),
  /// and for who knows better than a thread's number which shard is whose. Two words, copied freely; the mailbox outlives
  /// it. Its messages keep their order where it is used by one thread after the other.
  class sender {
   public:
    send_result send(message_type&& message) const {
      return box_->told(at_->send(std::move(message)));
    }
    send_result send(message_type&& message, sync::deadline until) const {
      return box_->told(at_->send(std::move(message), until));
    }
    send_result try_send(message_type&& message) const {
      return box_->told(at_->try_send(std::move(message)));
    }

   private:
    friend basic_sharded_mailbox;
    sender(basic_sharded_mailbox& box, shard_type& at) noexcept : box_(&box), at_(&at) {}
    basic_sharded_mailbox* box_;
    shard_type* at_;
  };
  /// The way in of sender `number`: shard `number` modulo `Shards`.
  [[nodiscard]] sender sender_of(std::uint32_t number) noexcept {
    return sender(*this, shards_[number % Shards]);
  }

  /// Sends a control message: accepted, busy (options.control_capacity of them wait) or closed.
  template <class Control>
  requires(has_control&& std::same_as<std::remove_cvref_t<Control>, C> &&
           !std::is_lvalue_reference_v<Control>) send_result send_control(Control&& message) {
    const push_result pushed = is_closed() ? push_result::closed : control_.ring.push(message);
    if (pushed == push_result::queued) {
      if (gate_.raise(Gate::control)) schedule();
      return send_result::accepted;
    }
    control_refused_.add(1);
    return pushed == push_result::closed ? send_result::closed : send_result::busy;
  }

  /// Refuses every later send, in every shard, and wakes who waits. What was accepted can still be received. True for
  /// the call that closed it.
  bool close() {
    const bool first = gate_.close();
    seal_all();
    return first;
  }

  // The consumer: the thread that owns the mailbox now.

  /// Hands out control messages (16 at most), then up to `limit` messages: shard by shard from where the last receive
  /// stopped, a shard's oldest first, without waiting. `limit` is in [1, 64]. `visitor` takes message_type&&, and C&&
  /// where there is a control lane; it must not throw, and must not receive from the same mailbox. A message's place is
  /// free once receive returns.
  template <class Visitor>
  requires receives<Visitor, message_type, C>
  [[gnu::always_inline]] receipt receive(std::uint32_t limit, Visitor&& visitor) {
    Sync::require(limit >= 1 && limit <= batch_max, "receive: limit must be in [1, 64]");
    receipt got;
    const bool blocks = shards_[0].blocks();
    if (blocks) enter(Sync::this_thread());
    if constexpr (has_control) got.control = control_.ring.pop(control_batch, visitor);
    std::uint32_t at = next_.with([](const std::uint32_t& next) { return next; });
    for (std::uint32_t looked = 0; looked < Shards && got.messages < limit; ++looked) {
      got.messages += shards_[at].take(limit - got.messages, visitor);
      at = at + 1 == Shards ? 0 : at + 1;
    }
    next_.with_mut([&](std::uint32_t& next) { next = at; });
    if (blocks) enter(0);
    return got;
  }

  /// Gives the mailbox up where there is nothing to receive. After `idle` the caller owns it no more: the schedule hook
  /// will start a consumer, exactly once. After `more` it owns it still.
  idle_result try_idle() {
    if constexpr (has_control) {  // its announcement may have been heard, and not all received
      if (control_.ring.has_next()) return idle_result::more;
    }
    // Heard first: what was raised before this can be found below; what is raised after this keeps give_up from it.
    if ((gate_.hear() & Gate::control) != 0) return idle_result::more;
    bool all_finished = true;
    for (shard_type& each : shards_) {
      const idle_result result = each.disarm();
      if (result == idle_result::more) return result;
      all_finished = all_finished && result == idle_result::finished;
    }
    // Closed and empty is for ever, so it need not have been so of all shards at one moment.
    if (all_finished) return finish();
    return gate_.give_up() ? idle_result::idle : idle_result::more;
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
          await_change();
          break;
        case idle_result::idle:
          if (parker_.park(until)) break;
          if (gate_.resume()) {
            got.timed_out = true;
            return got;
          }
          (void)parker_.park();  // a sender is about to hand out the permit
          break;
      }
    }
  }

  // Anybody.

  /// The shards' counters, read one after the other, added up.
  [[nodiscard]] mailbox_counters counters() const {
    mailbox_counters all;
    for (const shard_type& each : shards_) add(all, each.counters());
    if constexpr (has_control) {
      all.control_received = control_.ring.taken();
      all.control_sent = control_.ring.pushed();
      all.control_undelivered = all.control_sent - all.control_received;
      all.control_refused = control_refused_.count();
    }
    return all;
  }
  /// Messages that may wait in all: `options.capacity` in each shard.
  [[nodiscard]] std::uint32_t capacity() const noexcept { return Shards * shards_[0].capacity(); }
  /// Messages that wait; a moment's figure.
  [[nodiscard]] std::uint64_t size() const {
    std::uint64_t all = 0;
    for (const shard_type& each : shards_) all += each.size();
    return all;
  }
  [[nodiscard]] bool is_closed() const {
    return std::ranges::all_of(shards_, [](const shard_type& each) { return each.is_closed(); });
  }

 protected:  // for broken ones, which must be caught
  [[nodiscard]] shard_type& mine() noexcept {
    return shards_[sync::thread_number<Sync>() % Shards];
  }
  // A sender that was told `closed` may tell another one, who then finds his shard closed, too (I4).
  [[gnu::always_inline]] send_result told(send_result result) {
    if (result == send_result::closed) [[unlikely]]
      seal_all();
    return result;
  }

 private:
  struct no_ring {
    explicit no_ring(std::uint32_t /*capacity*/) noexcept {}
  };
  struct control_ring {
    // Always scheduled: its gate is not used.
    explicit control_ring(std::uint32_t capacity) : ring(capacity, true, false) {}
    basic_sequence_ring<C, Sync> ring;
  };

  template <std::uint32_t... I>
  basic_sharded_mailbox(const options_type& options, std::integer_sequence<std::uint32_t, I...>)
      : schedule_(options.schedule),
        gate_(options.schedule.call == nullptr),
        control_(options.control_capacity),
        shards_{make_shard<I>(options, *this)...} {}

  // As options say, but that its consumer is started by way of the gate.
  template <std::uint32_t I>
  static shard_type make_shard(options_type options, basic_sharded_mailbox& box) {
    options.schedule = {.call = &came_to_life, .who = &box};
    return shard_type(options);
  }
  static void came_to_life(void* box) noexcept {
    static_cast<basic_sharded_mailbox*>(box)->raise_letters();
  }
  void raise_letters() {
    if (gate_.raise(Gate::letters)) schedule();
  }
  void schedule() {
    if (schedule_.call != nullptr) {
      schedule_.call(schedule_.who);
    } else {
      parker_.unpark();
    }
  }

  // The gate is told once all are closed, so a consumer that is started to hear of the end hears of it.
  [[gnu::noinline]] void seal_all() {
    bool must_raise = false;
    for (shard_type& each : shards_) {
      if (!each.is_closed()) must_raise |= each.seal().must_schedule;
    }
    if (must_raise) raise_letters();
  }

  void enter(std::uintptr_t thread) {
    for (shard_type& each : shards_) each.enter(thread);
  }

  idle_result finish() {
    if constexpr (has_control) {
      (void)control_.ring.close();
      if (control_.ring.pushed() != control_.ring.taken()) return idle_result::more;
    }
    return idle_result::finished;
  }

  // Consumer only, after try_idle said more: returns once receive or try_idle would say something new. Waits for a
  // sender that stands between claim and publish, but not while another shard has something.
  void await_change() {
    Sync::await([this] {
      bool held_up = false;
      for (const shard_type& each : shards_) {
        if (each.has_next()) return true;
        held_up = held_up || each.is_held_up();
      }
      return !held_up || gate_.is_raised();
    });
  }

  static void add(mailbox_counters& all, const mailbox_counters& one) noexcept {
    all.sent += one.sent;
    all.received += one.received;
    all.dropped_newest += one.dropped_newest;
    all.dropped_oldest += one.dropped_oldest;
    all.undelivered += one.undelivered;
    all.refused_busy += one.refused_busy;
    all.refused_closed += one.refused_closed;
    all.refused_too_large += one.refused_too_large;
    all.refused_deadline += one.refused_deadline;
    all.refused_would_deadlock += one.refused_would_deadlock;
  }

  const schedule_hook schedule_;
  Gate gate_;
  basic_parker<Sync> parker_;
  [[no_unique_address]] std::conditional_t<has_control, control_ring, no_ring> control_;
  typename Sync::tally control_refused_;

 protected:
  // The consumer's, which writes it often, and senders the gate; E1 of shard_gate hands it on.
  alignas(64) sync::cell<Sync, std::uint32_t> next_{0};
  std::array<shard_type, Shards> shards_;
};

/// As ring_mailbox, for senders that run at the same time on many processors. Choose it where they stall each other in a
/// ring; `Shards` need not exceed the processors that send at the same time.
template <class T, std::uint32_t Shards, class C = no_control>
using sharded_mailbox = basic_sharded_mailbox<T, Shards, C>;

static_assert(mailbox<sharded_mailbox<int, 4>>);

}  // namespace jacquard
