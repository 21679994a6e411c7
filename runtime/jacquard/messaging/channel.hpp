// jacquard/messaging/channel.hpp: many senders, many receivers, strands and threads alike; bounded, unbounded
// or without room at all, where a sender and a receiver meet.
//
//   channel<job> jobs({.capacity = 64});
//   co_await jobs.send(std::move(job));                           // waits while it is full
//   while (auto job = co_await jobs.receive()) work(*job);        // ends when it is closed and drained
//   jobs.close();
//
// Shape       a ring of messages, a list of waiting receivers, a list of waiting senders, closed or not, and whether
//             the high-water mark was reached: all behind one lock. A waiter stands in the frame or on the stack of who waits.
// Invariants  I1  A message that was accepted is received exactly once, or destroyed with the channel.
//             I2  Messages are received in the order in which they were accepted; waiting senders are
//                 accepted, and waiting receivers served, first come, first served.
//             I3  Nobody waits while it could go on: no receiver while there is a message, no sender while
//                 there is room or a receiver.
//             I4  After close no message is accepted; those accepted before are received; whoever waits is
//                 told: senders keep their message, receivers learn that nothing will come.
//             I5  No more than `capacity` messages are in the ring.
//             I6  on_high_water is called, and counted, once for each message that brings the ring to the high-water
//                 mark: for the first time, or for the first since the ring was at the low mark or below. Its sender
//                 calls it, without the lock.
// Ordering    the lock: everything before a send happens before its receive, also through the ring. A waiter
//             that was served is woken through its executor or its sleeper, which order what it finds.
// Progress    blocking for a few dozen instructions: moves of one message. Nobody is woken under the lock.
// Allocation  the ring, when constructed; unbounded, one larger ring each time the number of messages doubles
//             its record. None per message.
// Why         a lock-free ring hands a message over with two compare-and-swaps, one for each end; this lock costs
//             the same two read-modify-writes, and waiting, closing, meeting without room and deadlines become
//             a matter of reading the code. With the lock held by nobody else they cost about 10 ns a message.
//             `Lock` may be Sync::mutex where threads outnumber processors and hold long, or no_lock where one
//             worker or one manual_executor runs everybody (local_channel).
// Bounds      select over several channels and cancellation of a waiting strand are not there. A send or a receive
//             that need not wait does not yield to other strands; `co_await yield()` does.
// Checked by  channel.test.cpp (I1-I6) by hand, in seeded orders, and on real threads, which TSan reads;
//             model_checks: channel_exactly_once (I1, I3), channel_order (I2), channel_close (I4),
//             channel_deadline (I1, I3), channel_high_water (I6).
#pragma once

#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>

#include <jacquard/mailbox/mailbox.hpp>
#include <jacquard/messaging/brief_lock.hpp>
#include <jacquard/messaging/message_ring.hpp>
#include <jacquard/messaging/sleeper.hpp>
#include <jacquard/messaging/strand.hpp>
#include <jacquard/queue/raw_slot.hpp>
#include <jacquard/sync/native.hpp>
#include <jacquard/sync/policy.hpp>

namespace jacquard {

/// Why a receive returned.
enum class [[nodiscard]] receive_status : std::uint8_t{
    message,   // there is one
    empty,     // try_receive: nothing now
    closed,    // nothing will come any more
    deadline,  // wait_receive: nothing came in time
};

/// A message, or why there is none. Move-only.
template <class T>
class [[nodiscard]] received {
 public:
  explicit received(receive_status why) noexcept : status_(why) {}
  explicit received(T&& message) noexcept
      : message_(std::move(message)), status_(receive_status::message) {}
  received(received&&) noexcept = default;
  received& operator=(received&&) noexcept = default;
  // Not defaulted: a trivial one would have small results travel in registers, put together from pieces in
  // memory that the processor cannot forward. It costs more than the rest of a receive.
  ~received() {}

  [[nodiscard]] explicit operator bool() const noexcept { return message_.has_value(); }
  [[nodiscard]] T& operator*() noexcept { return *message_; }
  [[nodiscard]] T* operator->() noexcept { return &*message_; }
  receive_status status() const noexcept { return status_; }

 private:
  std::optional<T> message_;
  receive_status status_;
};

struct channel_options {
  /// Messages that may wait, exactly. [0, 1048576], or `unbounded`. 0: a sender waits for a receiver.
  std::uint32_t capacity = 64;
  /// When so many messages wait, on_high_water is called, once; nothing else changes: none is refused, held up or
  /// moved. In [1, capacity], or [1, 268435456] where that is unbounded. Nothing: no alarm.
  std::optional<std::uint32_t> high_water = std::nullopt;
  /// When no more than so many wait, the next time is another alarm. In [0, high_water); nothing: half of it.
  std::optional<std::uint32_t> low_water = std::nullopt;
  high_water_hook on_high_water = {};
};

/// Null where the options are in range, otherwise a sentence that names option and range.
[[nodiscard]] constexpr const char* problem(const channel_options& options) noexcept {
  if (options.capacity > capacity_max && options.capacity != unbounded)
    return "capacity must be in [0, 1048576], or unbounded";
  return problem_of_marks(options.capacity, options.high_water, options.low_water,
                          options.on_high_water);
}

/// `T` moves without throwing.
template <class T, sync::policy Sync = sync::native, class Lock = basic_brief_lock<Sync>>
class basic_channel {
  static_assert(std::is_nothrow_move_constructible_v<T>,
                "a channel moves messages under its lock: their moves must not throw");

 public:
  using value_type = T;

  /// Ends the program where `problem(options)` names one.
  explicit basic_channel(const channel_options& options = {})
      : ring_(checked(options).capacity),
        gauge_(marks_of(options.high_water, options.low_water)),
        on_high_water_(options.on_high_water) {}
  ~basic_channel() {
    Sync::require(receivers_.is_empty() && senders_.is_empty(),
                  "a channel is not destroyed while somebody waits for it");
  }
  basic_channel(const basic_channel&) = delete;
  basic_channel& operator=(const basic_channel&) = delete;

  class send_awaiter;
  class receive_awaiter;

  /// Any strand: `co_await` it. `accepted` or `closed`; `message` is moved from only where it was accepted. It
  /// must live until then: a variable, or a temporary in the same expression.
  [[nodiscard]] send_awaiter send(T&& message) noexcept { return send_awaiter(*this, message); }
  /// Any strand: `co_await` it. A message, or `closed`.
  [[nodiscard]] receive_awaiter receive() noexcept { return receive_awaiter(*this); }

  /// Any thread. `accepted`, `busy` or `closed`.
  send_result try_send(T&& message) {
    to_do after;
    lock_.lock();
    const send_result result = put(message, after);
    lock_.unlock();
    after.be_done();
    return result;
  }
  /// Any thread. A message, `empty` or `closed`.
  received<T> try_receive() {
    raw_slot<T> place;
    waiter* served = nullptr;
    lock_.lock();
    const receive_status status = take(place, served);
    lock_.unlock();
    wake(served);
    return filled(status, place);
  }

  /// Plain threads: sleeps while there is no room. `accepted`, `closed` or `deadline`.
  send_result wait_send(T&& message, sync::deadline until = sync::deadline::never()) {
    basic_sleeper<Sync> here;
    waiter mine{.message = &message, .sleeper = &here};
    to_do after;
    lock_.lock();
    const send_result result = put(message, after);
    if (result == send_result::busy) senders_.append(mine);
    lock_.unlock();
    if (result != send_result::busy) {
      after.be_done();
      return result;
    }
    if (!sleep(senders_, mine, until)) return send_result::deadline;
    return mine.sent;
  }
  /// Plain threads: sleeps while there is no message. A message, `closed` or `deadline`.
  received<T> wait_receive(sync::deadline until = sync::deadline::never()) {
    raw_slot<T> place;
    basic_sleeper<Sync> here;
    waiter mine{.place = &place, .sleeper = &here};
    waiter* served = nullptr;
    lock_.lock();
    receive_status status = take(place, served);
    if (status == receive_status::empty) receivers_.append(mine);
    lock_.unlock();
    if (status != receive_status::empty) {
      wake(served);
    } else {
      status = sleep(receivers_, mine, until) ? mine.got : receive_status::deadline;
    }
    return filled(status, place);
  }

  /// Any thread. True for the one that closed it. What was accepted can still be received.
  bool close() {
    lock_.lock();
    const bool first = !std::exchange(closed_, true);
    waiter* const told_senders = first ? senders_.take_all() : nullptr;
    waiter* const told_receivers = first ? receivers_.take_all() : nullptr;
    for (waiter* each = told_senders; each != nullptr; each = each->next) {
      each->sent = send_result::closed;
    }
    for (waiter* each = told_receivers; each != nullptr; each = each->next) {
      each->got = receive_status::closed;
    }
    lock_.unlock();
    wake_each(told_senders);
    wake_each(told_receivers);
    return first;
  }

  [[nodiscard]] bool is_closed() const {
    return looked([this] { return closed_; });
  }
  /// Messages that wait in the ring; a moment's figure.
  [[nodiscard]] std::uint64_t size() const {
    return looked([this] { return ring_.size(); });
  }
  [[nodiscard]] std::uint32_t capacity() const noexcept { return ring_.capacity(); }
  /// How often the high-water mark was reached.
  [[nodiscard]] std::uint64_t high_water_alarms() const {
    return looked([this] { return alarms_; });
  }

 private:
  // Somebody who waits. Its fields are guarded by the lock while it is listed, and its owner's after it was
  // woken.
  struct waiter {
    waiter* next = nullptr;
    waiter* previous = nullptr;
    bool is_listed = false;
    send_result sent = send_result::accepted;
    receive_status got = receive_status::message;
    T* message = nullptr;          // a sender's
    raw_slot<T>* place = nullptr;  // a receiver's
    strand_base* who = nullptr;    // null: a thread
    basic_sleeper<Sync>* sleeper = nullptr;
  };

  // First come, first served; leaving from the middle is allowed.
  class waiter_list {
   public:
    [[nodiscard]] bool is_empty() const noexcept { return first_ == nullptr; }
    [[nodiscard]] waiter* first() const noexcept { return first_; }
    void append(waiter& fresh) noexcept {
      fresh.previous = last_;
      (last_ == nullptr ? first_ : last_->next) = &fresh;
      last_ = &fresh;
      fresh.is_listed = true;
    }
    waiter* take_first() noexcept {
      waiter* const oldest = first_;
      remove(*oldest);
      return oldest;
    }
    void remove(waiter& gone) noexcept {
      (gone.previous == nullptr ? first_ : gone.previous->next) = gone.next;
      (gone.next == nullptr ? last_ : gone.next->previous) = gone.previous;
      gone.is_listed = false;
      gone.next = gone.previous = nullptr;
    }
    // All, linked by `next`.
    waiter* take_all() noexcept {
      for (waiter* each = first_; each != nullptr; each = each->next) each->is_listed = false;
      last_ = nullptr;
      return std::exchange(first_, nullptr);
    }

   private:
    waiter* first_ = nullptr;
    waiter* last_ = nullptr;
  };

  // What a sender does after the lock, when the channel may be gone already.
  struct to_do {
    waiter* served = nullptr;
    high_water_hook told = {};  // most often nobody

    void be_done() const {
      wake(served);
      if (told.call != nullptr) [[unlikely]]
        told.call(told.who);
    }
  };

  static const channel_options& checked(const channel_options& options) {
    const char* const wrong = problem(options);
    Sync::require(wrong == nullptr, wrong != nullptr ? wrong : "");
    return options;
  }

  // Under the lock. `busy`: the caller may wait. `after` is to be done after the lock.
  send_result put(T& message, to_do& after) {
    if (closed_) return send_result::closed;
    if (!receivers_.is_empty()) {  // then the ring is empty (I3)
      after.served = receivers_.take_first();
      after.served->place->put(std::move(message));
      return send_result::accepted;
    }
    if (!ring_.push(message)) return send_result::busy;
    if (gauge_.rose_to(ring_.size())) [[unlikely]] {
      ++alarms_;
      after.told = on_high_water_;
    }
    return send_result::accepted;
  }

  // Under the lock. `empty`: the caller may wait.
  receive_status take(raw_slot<T>& place, waiter*& served) {
    if (!ring_.is_empty()) {
      place.put(ring_.pop());
      if (!senders_.is_empty() && ring_.push(*senders_.first()->message))
        served = senders_.take_first();
      return receive_status::message;
    }
    if (!senders_.is_empty()) {
      served = senders_.take_first();
      place.put(std::move(*served->message));
      return receive_status::message;
    }
    return closed_ ? receive_status::closed : receive_status::empty;
  }

  // False where the deadline came first: then nobody served `mine`, and nobody will.
  bool sleep(waiter_list& list, waiter& mine, sync::deadline until) {
    if (mine.sleeper->sleep(until)) return true;
    lock_.lock();
    const bool gave_up = mine.is_listed;
    if (gave_up) list.remove(mine);
    lock_.unlock();
    if (!gave_up) (void)mine.sleeper->sleep();  // it was served: somebody wakes it
    return !gave_up;
  }

  // After the lock. The waiter may be gone when this returns.
  static void wake(waiter* served) {
    if (served == nullptr) return;
    if (served->who != nullptr) {
      served->who->resume_on_executor(urgency::next);
    } else {
      served->sleeper->wake();
    }
  }
  static void wake_each(waiter* told) {
    while (told != nullptr) wake(std::exchange(told, told->next));
  }

  static received<T> filled(receive_status status, raw_slot<T>& place) {
    if (status != receive_status::message) return received<T>(status);
    return received<T>(place.take());
  }

  template <class F>
  auto looked(F&& look) const {
    lock_.lock();
    const auto seen = look();
    lock_.unlock();
    return seen;
  }

  mutable Lock lock_;
  bool closed_ = false;  // this and the rest: guarded by lock_
  waiter_list receivers_;
  waiter_list senders_;
  message_ring<T, Sync> ring_;
  water_gauge gauge_;
  std::uint64_t alarms_ = 0;
  const high_water_hook on_high_water_;
};

// Awaiters take the lock once: what could be done is done, or the strand is listed, in await_suspend.

template <class T, sync::policy Sync, class Lock>
class [[nodiscard]] basic_channel<T, Sync, Lock>::send_awaiter {
 public:
  send_awaiter(basic_channel& on, T& message) noexcept : channel_(on) { mine_.message = &message; }
  bool await_ready() const noexcept { return false; }
  template <strand_promise P>
  bool await_suspend(std::coroutine_handle<P> strand) {
    to_do after;
    channel_.lock_.lock();
    const send_result result = channel_.put(*mine_.message, after);
    if (result == send_result::busy) {
      mine_.who = &strand.promise();
      channel_.senders_.append(mine_);
      channel_.lock_.unlock();
      return true;  // this may be gone
    }
    channel_.lock_.unlock();
    mine_.sent = result;
    after.be_done();
    return false;
  }
  send_result await_resume() const noexcept { return mine_.sent; }

 private:
  basic_channel& channel_;
  waiter mine_;
};

template <class T, sync::policy Sync, class Lock>
class [[nodiscard]] basic_channel<T, Sync, Lock>::receive_awaiter {
 public:
  explicit receive_awaiter(basic_channel& on) noexcept : channel_(on) {}
  bool await_ready() const noexcept { return false; }
  template <strand_promise P>
  bool await_suspend(std::coroutine_handle<P> strand) {
    waiter* served = nullptr;
    channel_.lock_.lock();
    const receive_status status = channel_.take(place_, served);
    if (status == receive_status::empty) {
      mine_.place = &place_;
      mine_.who = &strand.promise();
      channel_.receivers_.append(mine_);
      channel_.lock_.unlock();
      return true;  // this may be gone
    }
    channel_.lock_.unlock();
    mine_.got = status;
    wake(served);
    return false;
  }
  received<T> await_resume() noexcept { return filled(mine_.got, place_); }

 private:
  basic_channel& channel_;
  waiter mine_;
  raw_slot<T> place_;
};

/// For strands and threads anywhere.
template <class T>
using channel = basic_channel<T>;
/// For strands of one worker, or of one manual_executor: no lock at all.
template <class T>
using local_channel = basic_channel<T, sync::native, no_lock>;

}  // namespace jacquard
