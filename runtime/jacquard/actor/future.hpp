// jacquard/actor/future.hpp: a value that comes later, in a pooled slot of one cache line.
//
// Shape       state_   generation | awaited, ready, claimed. One word decides who completes the slot.
//             A promise is {slot, generation}: weak, copyable, 16 bytes. It may outlive the future: the
//             slot's memory belongs to the pool and its generation has moved on.
// Invariants  I1  Exactly one of reply, failure, time-out and cancel completes a future.
//             I2  A promise of an earlier generation completes nothing, and says so.
//             I3  A waiter that registered is woken exactly once, or completed the future itself.
//             I4  A slot goes back to its pool once, with no value in it.
// Ordering    E1  complete -> wait, take   the value, or why there is none.
//             E2  await -> complete        who waits, and how to wake it.
//             (What the slot's last owner did with it: the pool's E1. It reaches the completer with the promise,
//             by whatever carried that: a mailbox's E1.)
// Progress    complete, cancel and the take of a ready value are wait-free but for a generation that moves;
//             wait blocks. Dropping a future that is being completed waits for the completer's two steps.
// Allocation  the pool's: none while no more futures are alive than ever before.
// Source      late replies die by generation: process aliases of Erlang/OTP 24 (EEP 53), without a flush.
// Checked by  model_checks: future_reply_vs_timeout (I1, I3, E1, E2), future_reuse (I2, I4).
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>

#include <jacquard/actor/task.hpp>
#include <jacquard/memory/node_pool.hpp>
#include <jacquard/queue/parker.hpp>
#include <jacquard/queue/raw_slot.hpp>
#include <jacquard/sync/native.hpp>
#include <jacquard/sync/policy.hpp>

namespace jacquard {

/// How a future ended.
enum class [[nodiscard]] reply_status : std::uint8_t{
    ready,        // there is a value
    timed_out,    // the waiter gave up at its deadline
    cancelled,    // the future's owner gave it up
    target_down,  // who should have answered ended first
    failed,       // who should have answered failed
};

[[nodiscard]] constexpr const char* to_string(reply_status status) noexcept {
  switch (status) {
    case reply_status::ready:
      return "ready";
    case reply_status::timed_out:
      return "timed_out";
    case reply_status::cancelled:
      return "cancelled";
    case reply_status::target_down:
      return "target_down";
    case reply_status::failed:
      return "failed";
  }
  return "unknown";
}

template <class T, sync::policy Sync>
class basic_future;
template <class T, sync::policy Sync>
class basic_promise;

/// Where futures of one type live. Destroyed after every future and every promise that may still be used.
template <class T, sync::policy Sync = sync::native>
class basic_future_pool {
 public:
  /// Room for `at_first` futures is made with the pool; it grows when more are alive at once.
  explicit basic_future_pool(std::uint32_t at_first = 64) : slots_(at_first) {}
  basic_future_pool(const basic_future_pool&) = delete;
  basic_future_pool& operator=(const basic_future_pool&) = delete;

  /// A pending future; invalid where memory is out. Any thread.
  [[nodiscard]] basic_future<T, Sync> make() noexcept {
    const auto at = slots_.acquire();
    return at == decltype(slots_)::none ? basic_future<T, Sync>{}
                                        : basic_future<T, Sync>{*this, at};
  }

  /// Completions that came too late, and were dropped.
  [[nodiscard]] std::uint64_t late() const noexcept { return late_.count(); }

 private:
  friend class basic_future<T, Sync>;
  friend class basic_promise<T, Sync>;

  static constexpr std::uint64_t claimed = 1;  // somebody completes it, or did
  static constexpr std::uint64_t ready = 2;    // the outcome can be read
  static constexpr std::uint64_t awaited = 4;  // a waiter is registered
  static constexpr unsigned generation_shift = 3;

  // A task that waits, and where it should go on; or, without one, a thread in the parker.
  struct waiter {
    task* work = nullptr;
    executor* where = nullptr;
  };

  struct alignas(64) slot {
    sync::atomic<Sync, std::uint32_t> next{0};  // the pool's
    basic_parker<Sync> parker;
    sync::atomic<Sync, std::uint64_t> state{0};
    sync::cell<Sync, waiter> who;
    sync::cell<Sync, reply_status> status;
    sync::cell<Sync, raw_slot<T>> value;
  };

  basic_node_pool<slot, Sync> slots_;
  typename Sync::tally late_;
};

/// The right to complete a future, once. Copies share that right.
template <class T, sync::policy Sync = sync::native>
class basic_promise {
 public:
  basic_promise() = default;

  /// Any thread. False where the future was completed before: the value is dropped and counted as late.
  bool fulfil(T&& value) const noexcept {
    return complete(reply_status::ready, [&](slot& there) {
      there.value.with_mut([&](raw_slot<T>& room) { room.put(std::move(value)); });
    });
  }
  /// Any thread. Completes the future without a value; `why` is not `ready`.
  bool fail(reply_status why) const noexcept {
    Sync::require(why != reply_status::ready, "a failure has a reason");
    return complete(why, [](slot&) {});
  }

 private:
  friend class basic_future<T, Sync>;
  using pool = basic_future_pool<T, Sync>;
  using slot = typename pool::slot;

  basic_promise(pool& home, std::uint32_t at, std::uint64_t generation) noexcept
      : home_(&home), at_(at), generation_(static_cast<std::uint32_t>(generation)) {}

  template <class Put>
  bool complete(reply_status how, Put&& put) const noexcept {
    if (home_ == nullptr) return false;
    slot& there = home_->slots_[at_];
    if (!claim(there)) {
      home_->late_.add(1);
      return false;
    }
    put(there);
    there.status.with_mut([&](reply_status& status) { status = how; });
    const std::uint64_t before =
        there.state.fetch_or(pool::ready, std::memory_order::acq_rel);  // E1 release, E2 acquire
    if ((before & pool::awaited) != 0) {
      const typename pool::waiter who =
          there.who.with([](const typename pool::waiter& registered) { return registered; });
      if (who.work != nullptr) {
        who.where->schedule(*who.work, urgency::next);
      } else {
        there.parker.unpark();
      }
    }
    return true;
  }

  // True for the one caller that may complete this generation.
  bool claim(slot& there) const noexcept {
    std::uint64_t seen = there.state.load(std::memory_order::relaxed);  // the claim validates it
    while (static_cast<std::uint32_t>(seen >> pool::generation_shift) == generation_ &&
           (seen & pool::claimed) == 0) {
      if (there.state.compare_exchange_weak(seen, seen | pool::claimed,
                                            std::memory_order::relaxed,  // excludes; E1, E2 order
                                            std::memory_order::relaxed)) {
        return true;
      }
    }
    return false;
  }

  pool* home_ = nullptr;
  std::uint32_t at_ = 0;
  std::uint32_t generation_ = 0;
};

/// The value to come. One owner; move-only; to be used by one thread (or strand) at a time.
template <class T, sync::policy Sync = sync::native>
class basic_future {
 public:
  basic_future() = default;
  basic_future(basic_future&& other) noexcept
      : home_(std::exchange(other.home_, nullptr)), at_(other.at_), promised_(other.promised_) {}
  basic_future& operator=(basic_future&& other) noexcept {
    if (this != &other) {
      drop();
      home_ = std::exchange(other.home_, nullptr);
      at_ = other.at_;
      promised_ = other.promised_;
    }
    return *this;
  }
  ~basic_future() { drop(); }

  [[nodiscard]] bool valid() const noexcept { return home_ != nullptr; }
  [[nodiscard]] basic_promise<T, Sync> promise() const noexcept { return promised_; }

  /// True once it is completed: `take` will not wait.
  [[nodiscard]] bool is_ready() const noexcept {
    return (here().state.load(std::memory_order::acquire) & pool::ready) != 0;  // E1 acquire
  }

  /// Waits until it is completed, or completes it as timed out at the deadline. A plain thread only.
  reply_status wait(sync::deadline until = sync::deadline::never()) {
    slot& there = here();
    if (is_ready()) return status();
    if (!await({})) return status();
    if (there.parker.park(until)) return status();
    if (promised_.claim(there)) return give_up(reply_status::timed_out);
    (void)there.parker.park();  // a completer has claimed it and is about to wake us
    return status();
  }

  /// Registers a task to be scheduled when the future is completed. False where it is completed already:
  /// nothing will be scheduled. Once, and not together with `wait`.
  [[nodiscard]] bool await(task& work, executor& where) {
    return await({.work = &work, .where = &where});
  }

  /// Gives up: completes it with `why`, unless it is completed already.
  reply_status cancel(reply_status why = reply_status::cancelled) {
    slot& there = here();
    if (promised_.claim(there)) return give_up(why);
    await_ready(there);
    return status();
  }

  /// The value of a future that ended `ready`. Once.
  [[nodiscard]] T take() {
    Sync::require(status() == reply_status::ready, "only a ready future has a value");
    slot& there = here();
    T value = there.value.with_mut([](raw_slot<T>& room) { return room.take(); });
    there.status.with_mut(
        [](reply_status& status) { status = reply_status::cancelled; });  // it is empty
    return value;
  }

  /// How a completed future ended.
  reply_status status() const {
    Sync::require(is_ready(), "a pending future has no status");
    return here().status.with([](const reply_status& status) { return status; });
  }

 private:
  friend class basic_future_pool<T, Sync>;
  using pool = basic_future_pool<T, Sync>;
  using slot = typename pool::slot;

  basic_future(pool& home, std::uint32_t at) noexcept : home_(&home), at_(at) {
    const std::uint64_t state =
        here().state.load(std::memory_order::relaxed);  // the pool's E1 brought it
    promised_ = basic_promise<T, Sync>(home, at, state >> pool::generation_shift);
  }

  [[nodiscard]] slot& here() const noexcept {
    Sync::require(home_ != nullptr, "an invalid future is not used");
    return home_->slots_[at_];
  }

  bool await(typename pool::waiter registered) {
    slot& there = here();
    there.who.with_mut([&](typename pool::waiter& who) { who = registered; });
    const std::uint64_t before = there.state.fetch_or(
        pool::awaited, std::memory_order::release);  // E2 release; status acquires what is ready
    return (before & pool::ready) == 0;
  }

  // Only for who claimed it.
  reply_status give_up(reply_status why) {
    slot& there = here();
    there.status.with_mut([&](reply_status& status) { status = why; });
    there.state.fetch_or(pool::ready, std::memory_order::relaxed);  // read by this thread
    return why;
  }

  static void await_ready(slot& there) {
    Sync::await([&] {
      return (there.state.load(std::memory_order::relaxed) & pool::ready) != 0;  // status acquires
    });
  }

  void drop() {
    if (home_ == nullptr) return;
    if (cancel() == reply_status::ready) (void)take();
    slot& there = here();
    const std::uint64_t next = promised_.generation_ + std::uint64_t{1};
    there.state.store((next & 0xffff'ffffu) << pool::generation_shift,
                      std::memory_order::relaxed);  // the pool's E1 publishes it
    home_->slots_.release(at_, at_);
    home_ = nullptr;
  }

  pool* home_ = nullptr;
  std::uint32_t at_ = 0;
  basic_promise<T, Sync> promised_;
};

template <class T>
using future_pool = basic_future_pool<T>;
template <class T>
using future = basic_future<T, sync::native>;
template <class T>
using promise = basic_promise<T, sync::native>;

}  // namespace jacquard
