// jacquard/actor/actor_timer.hpp: a message that is sent later, or again and again.
//
// Shape       a pooled timer, and a slab's block with the actor, its generation and the message. The timer is on the
//             actor's own wheel and in its group, so that they end together.
// Invariants  I1  A message reaches the actor it was meant for, or nobody: it is told with that actor's generation.
//             I2  What was cancelled, and what is pending when its actor ends, is destroyed at once, on the
//                 thread that cancels or ends.
//             I3  It is due by the clock of its actor's system, and that system's sleepers are told, whoever starts it:
//                 the caller's own system may be another.
// Ordering    cell.hpp's E6 (which wheel) and E7 (a start and an end), the wheel's mutex (everything else).
// Progress    as shared_wheel.
// Allocation  none once the pools are warm.
// Checked by  model_checks: timer.group (I2), timer.cancel_vs_fire; actor_timers.test.cpp (I1-I3);
//             alloc_audit: timer.start_cancel, timer.fire (Allocation).
#pragma once

#include <atomic>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <new>
#include <type_traits>
#include <utility>

#include <jacquard/actor/cell.hpp>
#include <jacquard/actor/message.hpp>
#include <jacquard/actor/shared_wheel.hpp>
#include <jacquard/memory/never_destroyed.hpp>
#include <jacquard/memory/node_pool.hpp>
#include <jacquard/memory/slab.hpp>
#include <jacquard/sync/native.hpp>

namespace jacquard {

/// One start of a timer. 16 bytes, weak, copyable; safe for ever, as a reference to an actor is.
class timer_handle {
 public:
  timer_handle() = default;

  /// Any thread. True where this call ended the timer: it does not fire any more, and its message is destroyed.
  /// (A periodic one that is firing at this moment is destroyed right after it.) False where it has fired for
  /// the last time, was cancelled before, or its actor has ended.
  bool cancel() const { return at_ != nullptr && shared_timer::cancel(*at_, generation_); }

  /// False where nothing was started: the actor was gone, or memory was out.
  [[nodiscard]] bool valid() const noexcept { return at_ != nullptr; }
  friend bool operator==(const timer_handle&, const timer_handle&) = default;

 private:
  template <class A, class M>
  friend class message_timer;
  timer_handle(shared_timer& at, std::uint32_t generation) noexcept
      : at_(&at), generation_(generation) {}

  shared_timer* at_ = nullptr;
  std::uint32_t generation_ = 0;
};

namespace detail {

/// A timer with something to do. Pooled; the memory is a timer for ever.
struct pooled_timer final : shared_timer {
  void* content = nullptr;

  using pool = basic_node_pool<pooled_timer>;
  static pool& all() {
    static never_destroyed<pool> timers([] { return pool(64); });
    return *timers;
  }
};

}  // namespace detail

/// Makes timers that tell an A an M.
template <class A, class M>
class message_timer {
 public:
  /// Starts one, due `delay` after now by the clock of the actor's system. `period` 0: it fires once, and moves the
  /// message; otherwise it copies it each time. Invalid where the actor is gone or memory is out; the message is lost
  /// then.
  static timer_handle start(actor_cell<A>& to, std::uint32_t generation,
                            std::chrono::nanoseconds delay, std::chrono::nanoseconds period,
                            M&& message) {
    static_assert(understands<A, M>, "this actor does not list that message in its `messages`");
    shared_wheel* const wheel = to.timers_on();
    if (wheel == nullptr || to.generation() != generation) return {};
    auto& timers = detail::pooled_timer::all();
    const auto index = timers.acquire();
    if (index == detail::pooled_timer::pool::none) return {};
    void* const memory = take_block();
    if (memory == nullptr) {
      timers.release(index, index);
      return {};
    }
    detail::pooled_timer& fresh = timers[index];
    fresh.index = index;
    fresh.content = ::new (memory) message_timer(to, generation, std::move(message));
    fresh.fire = &message_timer::fire;
    fresh.drop = fresh.fired = &message_timer::release;
    const timer_handle handle(fresh, fresh.generation());
    const auto is_there = [&] { return to.is_there(generation); };
    if (wheel->start_after(fresh, &to.timers(), delay.count(), period.count(), is_there) !=
        start_result::refused) {
      return handle;
    }
    release(fresh);
    return {};
  }

 private:
  message_timer(actor_cell<A>& to, std::uint32_t generation, M&& message) noexcept
      : home_(to), generation_(generation), message_(std::move(message)) {}

  static message_timer& of(shared_timer& self) noexcept {
    return *static_cast<message_timer*>(static_cast<detail::pooled_timer&>(self).content);
  }

  static task* fire(shared_timer& self) noexcept {
    message_timer& me = of(self);
    if (!self.is_periodic()) {
      me.tell(std::move(me.message_));
    } else if constexpr (std::copy_constructible<M>) {
      me.tell(M(me.message_));
    }
    return nullptr;
  }
  void tell(M&& message) noexcept {
    if (home_.tell(std::move(message), generation_) == send_result::busy) home_.refused_timer();
  }

  static void release(shared_timer& self) noexcept {
    auto& timer = static_cast<detail::pooled_timer&>(self);
    message_timer& me = of(self);
    me.~message_timer();
    give_block(&me);
    detail::pooled_timer::all().release(timer.index, timer.index);
  }

  // A function's, for a class's size is not known inside it.
  static void* take_block() {
    static_assert(alignof(message_timer) <= 16, "a message is aligned to 16 bytes at most");
    return slab_of<detail::slab_size(sizeof(message_timer)), detail::pooled_timer>::take();
  }
  static void give_block(void* memory) {
    slab_of<detail::slab_size(sizeof(message_timer)), detail::pooled_timer>::give(memory);
  }

  actor_cell<A>& home_;
  const std::uint32_t generation_;
  M message_;
};

}  // namespace jacquard
