// jacquard/actor/time_out.hpp: a timer that ends a future, and who gives its memory back.
//
// Shape       a pooled timer with {slot, generation}, as a promise has. Two hold it: the future's owner, who lets go of it,
//             and the wheel, which fires or drops it. The last one gives it back to its pool.
// Invariants  I1  A time-out ends the generation that it was made for, or nothing: it settles as a promise does.
//             I2  After `let_go` has returned, it ends no future any more, or is doing so already, in the generation that it
//                 was made for.
//             I3  It is given back once, by the last of the two, and not while the other one looks at it.
// Ordering    E1  let go (either) -> give back   that the other one has let go.
//             shared_wheel's mutex: what was set before the start, for who fires; the slot's E1 and E2.
// Progress    start and let_go take a wheel's mutex for a few dozen instructions.
// Allocation  none once the pool is warm.
// Checked by  model_checks: time_out.reply, time_out.down, time_out.cancel, time_out.drop, time_out.awaited (I1, I3),
//             time_out.again (I1, I2, I3), time_out.drop_again (I1, I2, I3, E1); ask_timeout.test.cpp; alloc_audit: actor.ask_timeout, actor.ask_timed_out
//             and others of ops/ask_limits.cpp (Allocation).
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include <jacquard/actor/shared_wheel.hpp>
#include <jacquard/actor/task.hpp>
#include <jacquard/memory/never_destroyed.hpp>
#include <jacquard/memory/node_pool.hpp>
#include <jacquard/sync/native.hpp>
#include <jacquard/sync/policy.hpp>

namespace jacquard {

/// What a time-out ends: a slot in one generation, and how. `end` may come too late, and then does nothing.
struct ends_later {
  void* slot = nullptr;
  std::uint64_t generation = 0;
  void (*end)(void* slot, std::uint64_t generation) noexcept = nullptr;
};

template <sync::policy Sync = sync::native>
class basic_time_out final : public basic_shared_timer<Sync> {
 public:
  using pool = basic_node_pool<basic_time_out, Sync>;
  using wheel = basic_shared_wheel<Sync>;

  basic_time_out() noexcept {
    this->fire = &basic_time_out::end;
    this->drop = this->fired = &basic_time_out::wheel_lets_go;
  }

  /// A time-out of the caller's own; null where memory is out.
  [[nodiscard]] static basic_time_out* take(pool& from) {
    const auto index = from.acquire();
    if (index == pool::none) return nullptr;
    basic_time_out& fresh = from[index];
    fresh.index = index;
    fresh.pool_ = &from;
    return &fresh;
  }

  /// The owner, once, before anybody else knows of it: ends `what` after `delay`, unless the owner lets go before.
  /// `due_ns` says when, on the wheel's clock. False where the wheel is closed: the time-out has been given back.
  [[nodiscard]] bool start(wheel& on, std::chrono::nanoseconds delay, const ends_later& what,
                           std::int64_t& due_ns) {
    what_.with_mut([&](ends_later& mine) { mine = what; });
    started_ = this->generation();
    holders_.store(2, std::memory_order::relaxed);  // the wheel's mutex brings it
    if (on.start_after(*this, delay.count(), due_ns) != start_result::refused) return true;
    give_back();
    return false;
  }

  /// The owner, once, at any time after its start. Where it has not fired, it is given back at once.
  void let_go() noexcept {
    // The wheel has forgotten it: there is nobody else to count.
    if (basic_shared_timer<Sync>::take_back(*this, started_)) return give_back();
    one_less();
  }

 private:
  static task* end(basic_shared_timer<Sync>& self) noexcept {
    const ends_later what =
        static_cast<basic_time_out&>(self).what_.with([](const ends_later& mine) { return mine; });
    what.end(what.slot, what.generation);
    return nullptr;
  }
  static void wheel_lets_go(basic_shared_timer<Sync>& self) noexcept {
    static_cast<basic_time_out&>(self).one_less();
  }
  void one_less() noexcept {
    if (holders_.load(std::memory_order::acquire) != 1 &&          // E1 acquire
        holders_.fetch_sub(1, std::memory_order::acq_rel) != 1) {  // E1 acquire, E1 release
      return;
    }
    give_back();
  }
  void give_back() noexcept { pool_->release(this->index, this->index); }

  pool* pool_ = nullptr;
  sync::cell<Sync, ends_later> what_;
  std::uint32_t started_ = 0;  // the owner's: which start of the timer
  sync::atomic<Sync, std::uint32_t> holders_{0};
};

using time_out = basic_time_out<>;

/// The process's time-outs. Never destroyed: a wheel may look at one at any time.
[[nodiscard]] inline time_out::pool& time_outs() {
  static never_destroyed<time_out::pool> all([] { return time_out::pool(64); });
  return *all;
}

}  // namespace jacquard
