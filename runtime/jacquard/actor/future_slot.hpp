// jacquard/actor/future_slot.hpp: the word that decides how a future ends, and the room for its value: one
// cache line.
//
// Shape       state_  generation | timed, taken, how it ended, settled, claimed, awaited
//             timer_  the link of the time-out that may end it; the owner's, while its generation says `timed`
//             pending -> awaited -> claimed -> settled -> pending of the next generation
//                     \____________/      /          /
//                      \______ given up _/__________/
//             A free slot is pending in a generation that nobody knows yet.
// Invariants  I1  Exactly one of reply, failure, time-out and cancel settles a generation.
//             I2  Who knows an earlier generation settles nothing, and is told so.
//             I3  A waiter that registered is woken exactly once, or settled the slot itself.
//             I4  A slot is free once in a generation, with no value in it.
// Ordering    E1  settle -> look        the value, or why there is none.
//             E2  register -> settle    who waits, and how to wake it.
//             (What the slot's last owner did with it: the depot's mutex. It reaches who settles with the promise,
//             by whatever carried that: a mailbox's E1.)
// Progress    settle, give_up, look and release are wait-free, but for release and register of a slot that is
//             being settled: they wait for the settler's two steps. settle costs one read-modify-write,
//             with its expected value at hand; nothing else that a future does on its way costs one.
// Allocation  none.
// Checked by  model_checks: future.reply, future.reply_vs_timeout, future.reply_vs_failure, future.polled,
//             future.awaited (I1, I3, E1, E2), future.reuse (I2, I4).
#pragma once

#include <atomic>
#include <cstdint>
#include <type_traits>
#include <utility>

#include <jacquard/actor/reply_status.hpp>
#include <jacquard/actor/task.hpp>
#include <jacquard/queue/parker.hpp>
#include <jacquard/queue/raw_slot.hpp>
#include <jacquard/sync/native.hpp>
#include <jacquard/sync/policy.hpp>

namespace jacquard {

/// `Home` is the slot's pool.
template <class T, class Home, sync::policy Sync = sync::native>
class alignas(64) basic_future_slot {
  static_assert(std::is_nothrow_move_constructible_v<T>,
                "an answer is moved into its future, and that move must not throw");

 public:
  /// A generation of the slot, in the state in which it begins.
  using generation = std::uint64_t;

  basic_future_slot() = default;
  basic_future_slot(const basic_future_slot&) = delete;
  basic_future_slot& operator=(const basic_future_slot&) = delete;

  [[nodiscard]] Home& home() const noexcept { return *home_; }

  // The depot's, while the slot is free.
  void belongs_to(Home& home) noexcept { home_ = &home; }
  [[nodiscard]] basic_future_slot* next_free() const noexcept {
    return links_.with([](const links& now) { return static_cast<basic_future_slot*>(now.first); });
  }
  void next_free(basic_future_slot* next) noexcept {
    links_.with_mut([&](links& now) { now.first = next; });
  }

  /// Who took it from the pool: the generation that begins.
  [[nodiscard]] generation begin() const noexcept {
    return state_.load(std::memory_order::relaxed);  // the pool brought it
  }

  /// The owner, before anybody else knows of the slot: the generation has a time-out, to be let go of at its end.
  /// Which generation it is now.
  generation time(generation mine, std::uint32_t link) noexcept {
    timer_.with_mut([&](std::uint32_t& mine_now) { mine_now = link; });
    state_.store(mine | timed, std::memory_order::relaxed);  // seen by this thread alone
    return mine | timed;
  }
  /// Likewise, where there is none after all.
  generation untime(generation mine) noexcept {
    state_.store(mine & ~timed, std::memory_order::relaxed);  // seen by this thread alone
    return mine & ~timed;
  }

  /// Any thread. False where that generation is settled already, or gone. `put` puts the value in `room`.
  template <class Put>
  bool settle(generation mine, reply_status how, Put&& put) noexcept {
    generation seen = mine;
    if (state_.compare_exchange_strong(seen, mine | claimed,
                                       std::memory_order::relaxed,     // nobody has registered
                                       std::memory_order::relaxed)) {  // decides by value alone
      put(value_);
      // Nobody else writes what is claimed: no read-modify-write.
      state_.store(mine | settled_as(how), std::memory_order::release);  // E1 release
      return true;
    }
    do {
      if ((seen & ~awaited) != mine) return false;
    } while (
        !state_.compare_exchange_strong(seen, mine | claimed,
                                        std::memory_order::acquire,    // E2 acquire
                                        std::memory_order::relaxed));  // decides by value alone
    // Once it is settled the slot may be somebody else's: who waits is read before.
    const links who =
        (seen & awaited) == 0 ? links{} : links_.with([](const links& now) { return now; });
    put(value_);
    state_.store(mine | settled_as(how), std::memory_order::release);  // E1 release
    if ((seen & awaited) != 0) wake(who);
    return true;
  }
  /// As settle, where nobody else knows of the slot yet.
  template <class Put>
  void settle_alone(generation mine, reply_status how, Put&& put) noexcept {
    put(value_);
    state_.store(mine | settled_as(how), std::memory_order::relaxed);  // seen by this thread alone
  }

  /// Owner only. True once it is settled.
  [[nodiscard]] bool is_settled() const noexcept { return is_settled(look()); }
  /// Owner only. A look at it, for the next two.
  [[nodiscard]] generation look() const noexcept {
    return state_.load(std::memory_order::acquire);  // E1 acquire
  }
  static constexpr bool is_settled(generation seen) noexcept { return (seen & settled) != 0; }
  /// Where it is settled.
  static constexpr reply_status status_of(generation seen) noexcept {
    return static_cast<reply_status>((seen >> status_shift) & status_mask);
  }
  /// Owner only, when it is settled.
  reply_status status() const noexcept {
    const generation seen = look();
    Sync::require(is_settled(seen), "a pending future has no status");
    return status_of(seen);
  }

  /// Owner only. Settles it with `why` and no value; false where it is settled or being settled.
  bool give_up(generation mine, reply_status why) noexcept {
    return turn(mine, mine | settled_as(why));
  }
  /// Owner only. Returns when somebody who is settling it is done.
  void await_settled() const {
    Sync::await([this] { return is_settled(); });
  }

  /// Owner only, once. Registers who waits: a task, or this thread where `work` is null. False where it is
  /// settled: nobody will be woken.
  [[nodiscard]] bool await(generation mine, task* work, executor* where) {
    links_.with_mut([&](links& now) { now = {.first = work, .second = where}; });
    generation seen = mine;
    if (state_.compare_exchange_strong(seen, mine | awaited,
                                       std::memory_order::release,     // E2 release
                                       std::memory_order::relaxed)) {  // look follows
      return true;
    }
    await_settled();
    return false;
  }
  /// Owner only. Takes the registration back; false where the waiter is being woken, or was.
  [[nodiscard]] bool forget(generation mine) noexcept {
    generation seen = mine | awaited;
    return state_.compare_exchange_strong(seen, mine,
                                          std::memory_order::relaxed,   // the owner's own
                                          std::memory_order::relaxed);  // look follows
  }
  /// The registered thread: sleeps until it is woken; false at the deadline.
  [[nodiscard]] bool park(sync::deadline until = sync::deadline::never()) {
    return parker_.park(until);
  }

  /// Owner only, once, where it ended `ready`.
  [[nodiscard]] T take() noexcept {
    const generation seen = look();
    Sync::require((seen & ending) == settled, "only a ready future has a value, once");
    state_.store(seen | taken, std::memory_order::relaxed);  // the owner's own
    return value_.with_mut([](raw_slot<T>& room) { return room.take(); });
  }

  /// Owner only. Lets go of the time-out, where the generation has one still.
  void stop_timer(generation mine) noexcept {
    if ((mine & timed) == 0) return;
    const std::uint32_t link =
        timer_.with_mut([](std::uint32_t& now) { return std::exchange(now, 0u); });
    if (link != 0) home_->let_go_of_timer(link);
  }

  /// Owner only. Ends the generation, whatever its state; the slot is the pool's from now on.
  void release(generation mine) {
    const generation seen = look();
    if ((seen & (settled | taken | timed)) == (settled | taken)) [[likely]] {
      state_.store(mine + one_generation, std::memory_order::relaxed);  // the pool hands it on
      return;
    }
    release_with_care(mine, seen);
  }

 private:
  static constexpr generation awaited = 1;  // a waiter is registered
  static constexpr generation claimed = 2;  // somebody settles it
  static constexpr generation settled = 4;  // how it ended can be read
  static constexpr unsigned status_shift = 3;
  static constexpr generation status_mask = 7;
  static constexpr generation taken = 64;   // the value is gone
  static constexpr generation timed = 128;  // the owner has a time-out to let go of
  static constexpr generation one_generation = 256;
  static constexpr generation ending = settled | status_mask << status_shift | taken;
  static_assert(static_cast<generation>(reply_status::ready) == 0);

  // While it is awaited: the task and the executor, or neither. While it is free: the next free slot.
  struct links {
    void* first = nullptr;
    void* second = nullptr;
  };

  static constexpr generation settled_as(reply_status how) noexcept {
    return settled | static_cast<generation>(how) << status_shift;
  }

  // Owner only. From pending or awaited; false where somebody settles it, or did.
  bool turn(generation mine, generation then) noexcept {
    generation seen = mine;
    while (!state_.compare_exchange_strong(
        seen, then,
        std::memory_order::relaxed,     // whoever it excludes reads nothing but this word
        std::memory_order::relaxed)) {  // decides by value alone
      if ((seen & ~awaited) != mine) return false;
    }
    return true;
  }

  // It is pending, has no value or one that nobody took, or has a time-out.
  [[gnu::noinline]] void release_with_care(generation mine, generation seen) {
    stop_timer(mine);
    const generation then = (mine & ~timed) + one_generation;
    if ((seen & settled) == 0) {
      if (turn(mine, then)) return;
      await_settled();
      seen = look();
    }
    if ((seen & ending) == settled) (void)take();
    state_.store(then, std::memory_order::relaxed);  // the pool hands it on
  }

  void wake(const links& who) noexcept {
    if (who.first == nullptr) return parker_.unpark();
    static_cast<executor*>(who.second)->schedule(*static_cast<task*>(who.first), urgency::next);
  }

  sync::atomic<Sync, generation> state_{0};
  Home* home_ = nullptr;  // never changes once the pool has the slot
  sync::cell<Sync, links> links_;
  basic_parker<Sync> parker_;
  sync::cell<Sync, std::uint32_t> timer_;
  sync::cell<Sync, raw_slot<T>> value_;
};

}  // namespace jacquard
