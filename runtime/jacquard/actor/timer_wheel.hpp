// jacquard/actor/timer_wheel.hpp: timers of one worker, on wheels within wheels.
//
// A timer knows its deadline to the nanosecond and never fires before it. Wheel k has 64 slots of 64^k
// nanoseconds; eleven wheels span every 64-bit time, so there is no list of far timers and no tick: nothing
// happens between two deadlines, and `next_expiry` says how long a worker may sleep.
//
// Shape       slots_[wheel][slot]: an intrusive list, oldest start first, and the earliest deadline in it.
//             occupied_[wheel]: one bit a slot. A timer stands on the wheel of the highest digit (base 64) in
//             which its deadline differs from now_, in the slot of that digit.
// Invariants  I1  A timer that was started fires exactly once (a periodic one: once for each period that ended,
//                 or once for several that ended together), unless it was cancelled.
//             I2  No timer fires before its deadline; timers fire in the order of their deadlines, and of
//                 their starts where deadlines are equal.
//             I3  After cancel, and from the start of the fire of a one-shot timer, the wheel holds no reference
//                 to it: its owner may end its life.
//             I4  now_ is not after any pending deadline. So the first occupied slot of the lowest occupied
//                 wheel holds the earliest.
//             I5  A periodic timer fires on the grid start + k * period: lateness does not add up, and
//                 periods that were missed are counted, not replayed.
// Progress    start and cancel are O(1). A timer moves to a lower wheel at most ten times in its life, and only
//             in an advance that has reached its slot's earliest deadline.
// Allocation  none. The owner brings the timer.
// Bounds      one owner: no member may be called by two threads at once. next_expiry is exact, but where the
//             earliest timer of a slot with more than 64 was cancelled: then it may be too early, once.
// Source      the hierarchical timing wheels of Varghese and Lauck (SOSP 1987); the digit rule as in tokio's
//             and the Linux kernel's wheels, here down to a nanosecond.
// Checked by  timer_wheel.test.cpp: sentences, and any history against a sorted list (I1-I5).
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>

#include <jacquard/sync/native.hpp>

namespace jacquard {

class timer_wheel;

/// No timer is pending.
inline constexpr std::int64_t no_expiry = std::numeric_limits<std::int64_t>::max();

/// What is known when a timer fires.
struct expiry {
  std::int64_t deadline_ns;  // when it was due
  std::int64_t now_ns;       // what `advance` was told
  std::uint64_t periods;     // 1; more where a periodic timer missed some
};

/// A timer. Its owner derives from it or holds one, and keeps it where it is while it is pending. It belongs to
/// at most one wheel at a time.
class timer {
 public:
  /// Must not throw. May start and cancel any timer of the same wheel, this one too; may destroy this one,
  /// where it is not periodic or was cancelled. Must not advance the wheel.
  using fire_function = void (*)(timer& self, const expiry& what) noexcept;

  explicit timer(fire_function fire) noexcept : fire_(fire) {}
  ~timer() { sync::native::require(!is_pending(), "a timer is not destroyed while it is pending"); }
  timer(const timer&) = delete;
  timer& operator=(const timer&) = delete;

  [[nodiscard]] bool is_pending() const noexcept { return wheel_ != idle; }
  /// When it is due, or was last.
  [[nodiscard]] std::int64_t deadline_ns() const noexcept { return deadline_; }

 private:
  friend class timer_wheel;
  static constexpr std::uint8_t idle = 0xff;

  timer* next_ = nullptr;
  timer* previous_ = nullptr;
  fire_function fire_;
  std::int64_t deadline_ = 0;
  std::int64_t period_ = 0;  // 0: fires once
  std::uint64_t place_ =
      0;  // the deadline as the wheel counts, or the next moment where that is past
  std::uint8_t wheel_ = idle;
  std::uint8_t slot_ = 0;
};

class timer_wheel {
 public:
  static constexpr std::uint64_t no_limit = std::numeric_limits<std::uint64_t>::max();

  /// `now_ns`: the clock when the wheel begins. Any 64-bit time.
  explicit timer_wheel(std::int64_t now_ns = 0) noexcept : now_(counted(now_ns)) {}
  /// Timers that are still pending become idle; they do not fire.
  ~timer_wheel() {
    clear([](timer&) {});
  }
  timer_wheel(const timer_wheel&) = delete;
  timer_wheel& operator=(const timer_wheel&) = delete;

  /// Starts an idle timer that fires once, in the first `advance` to `deadline_ns` or later. Where the deadline
  /// is past, in the next advance. `no_expiry` is no deadline.
  void start(timer& fresh, std::int64_t deadline_ns) noexcept { begin(fresh, deadline_ns, 0); }

  /// Starts an idle timer that fires at `first_ns` and every `period_ns` > 0 after it, until it is cancelled.
  void start_periodic(timer& fresh, std::int64_t first_ns, std::int64_t period_ns) noexcept {
    sync::native::require(period_ns > 0, "a period must be positive");
    begin(fresh, first_ns, period_ns);
  }

  /// True where the timer was pending. It is idle afterwards and the wheel has forgotten it.
  bool cancel(timer& pending) noexcept {
    if (!pending.is_pending()) return false;
    unlink(pending);
    return true;
  }

  /// Fires what is due at `now_ns`, which must not go back, but no more than `fires_max` times; what is left
  /// is due at once (next_expiry() <= now_ns). Timers that are started meanwhile wait for the next
  /// advance. Returns how often it fired.
  std::uint64_t advance(std::int64_t now_ns, std::uint64_t fires_max = no_limit) noexcept {
    const std::uint64_t until = counted(now_ns);
    sync::native::require(until >= now_, "a wheel's clock does not go back");
    sync::native::require(now_ns != no_expiry, "a wheel's clock stays before the end of time");
    sync::native::require(!advancing_, "a timer's fire must not advance its wheel");
    advancing_ = true;
    advanced_to_ = until;
    std::uint64_t fires = 0;
    while (size_ > 0) {
      const position at = first();
      const std::uint64_t due = earliest(at);
      if (due > until) break;
      if (at.wheel == 0 && fires == fires_max) break;
      now_ = due;
      if (at.wheel > 0) {
        spread(at);
      } else {
        fire(*slots_[0][at.slot].oldest, now_ns);
        ++fires;
      }
    }
    settle(until);
    advancing_ = false;
    return fires;
  }

  /// When the earliest pending timer is due, as `advance` counts; `no_expiry` where none is pending.
  [[nodiscard]] std::int64_t next_expiry() noexcept {
    return size_ == 0 ? no_expiry : shown(earliest(first()));
  }

  /// Makes every pending timer idle and hands it to `drop`, which may destroy it.
  template <class F>
  void clear(F&& drop) noexcept {
    while (size_ > 0) {
      const position at = first();
      timer& gone = *slots_[at.wheel][at.slot].oldest;
      unlink(gone);
      drop(gone);
    }
  }

  /// How many timers are pending.
  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

 private:
  static constexpr unsigned digit_bits = 6;
  static constexpr unsigned slots = 1u << digit_bits;
  static constexpr unsigned wheels = (64 + digit_bits - 1) / digit_bits;
  static constexpr unsigned scan_max = 64;

  struct slot_list {
    timer* oldest = nullptr;
    timer* newest = nullptr;
    std::uint64_t earliest = 0;  // not after any place in the list
    bool exact = true;           // and the place of one of them
  };
  struct position {
    unsigned wheel;
    unsigned slot;
  };

  // Signed time in the order of unsigned numbers.
  static constexpr std::uint64_t counted(std::int64_t ns) noexcept {
    return static_cast<std::uint64_t>(ns) ^ (std::uint64_t{1} << 63);
  }
  static constexpr std::int64_t shown(std::uint64_t place) noexcept {
    return static_cast<std::int64_t>(place ^ (std::uint64_t{1} << 63));
  }

  void begin(timer& fresh, std::int64_t deadline_ns, std::int64_t period_ns) noexcept {
    sync::native::require(!fresh.is_pending(), "a timer is started while it is idle");
    sync::native::require(deadline_ns != no_expiry, "a deadline lies before the end of time");
    fresh.deadline_ = deadline_ns;
    fresh.period_ = period_ns;
    // Inside an advance, what is due at once waits for the next: two timers that restart each other must not
    // keep the worker here.
    const std::uint64_t soonest = advancing_ ? advanced_to_ + 1 : now_;
    fresh.place_ = std::max(counted(deadline_ns), soonest);
    link(fresh);
  }

  void link(timer& fresh) noexcept {
    const std::uint64_t differs = fresh.place_ ^ now_;
    const unsigned wheel =
        differs == 0 ? 0u : (static_cast<unsigned>(std::bit_width(differs)) - 1) / digit_bits;
    const unsigned slot = static_cast<unsigned>(fresh.place_ >> (wheel * digit_bits)) % slots;
    slot_list& list = slots_[wheel][slot];
    fresh.wheel_ = static_cast<std::uint8_t>(wheel);
    fresh.slot_ = static_cast<std::uint8_t>(slot);
    fresh.next_ = nullptr;
    fresh.previous_ = list.newest;
    if (list.oldest == nullptr) {
      list = {.oldest = &fresh, .newest = &fresh, .earliest = fresh.place_, .exact = true};
      occupied_[wheel] |= std::uint64_t{1} << slot;
    } else {
      list.newest->next_ = &fresh;
      list.newest = &fresh;
      if (fresh.place_ <= list.earliest) {
        list.earliest = fresh.place_;
        list.exact = true;
      }
    }
    ++size_;
  }

  void unlink(timer& pending) noexcept {
    slot_list& list = slots_[pending.wheel_][pending.slot_];
    (pending.previous_ != nullptr ? pending.previous_->next_ : list.oldest) = pending.next_;
    (pending.next_ != nullptr ? pending.next_->previous_ : list.newest) = pending.previous_;
    if (list.oldest == nullptr) {
      occupied_[pending.wheel_] &= ~(std::uint64_t{1} << pending.slot_);
    } else if (pending.place_ == list.earliest && pending.wheel_ > 0) {
      list.exact = false;  // on wheel 0 all places of a slot are the same
    }
    pending.next_ = pending.previous_ = nullptr;
    pending.wheel_ = timer::idle;
    --size_;
  }

  // Where the earliest timer is (I4). There is one.
  [[nodiscard]] position first() const noexcept {
    unsigned wheel = 0;
    while (occupied_[wheel] == 0) ++wheel;
    return {.wheel = wheel, .slot = static_cast<unsigned>(std::countr_zero(occupied_[wheel]))};
  }

  // The earliest place in a slot, or, in a long list whose earliest was cancelled, something before it.
  [[nodiscard]] std::uint64_t earliest(position at) noexcept {
    slot_list& list = slots_[at.wheel][at.slot];
    if (!list.exact) {
      std::uint64_t least = list.oldest->place_;
      const timer* each = list.oldest->next_;
      for (unsigned seen = 1; each != nullptr && seen < scan_max; ++seen, each = each->next_) {
        least = std::min(least, each->place_);
      }
      if (each == nullptr) {
        list.earliest = least;
        list.exact = true;
      }
    }
    return list.earliest;
  }

  // now_ has reached the slot's earliest place: its timers part by their next digits. The order in the list,
  // which is the order of starts, is kept on every lower slot.
  void spread(position at) noexcept {
    timer* each = std::exchange(slots_[at.wheel][at.slot], slot_list{}).oldest;
    occupied_[at.wheel] &= ~(std::uint64_t{1} << at.slot);
    while (each != nullptr) {
      timer* const after = each->next_;
      --size_;
      link(*each);
      each = after;
    }
  }

  // Nothing is due up to `until`, or the limit was reached. now_ must not stand inside an occupied slot of a
  // higher wheel, or a new timer would be put before older ones that are due earlier (I4).
  void settle(std::uint64_t until) noexcept {
    if (size_ > 0) {
      const position at = first();
      if (earliest(at) <= until) return;
      now_ = until;
      if (begins(at) <= until) spread(at);
    }
    now_ = until;
  }

  // The first moment of a slot that is to come.
  [[nodiscard]] std::uint64_t begins(position at) const noexcept {
    const unsigned low_bits = at.wheel * digit_bits;
    const std::uint64_t high =
        at.wheel + 1 == wheels ? 0u : now_ >> (low_bits + digit_bits) << (low_bits + digit_bits);
    return high | std::uint64_t{at.slot} << low_bits;
  }

  void fire(timer& due, std::int64_t now_ns) noexcept {
    expiry what{.deadline_ns = due.deadline_, .now_ns = now_ns, .periods = 1};
    unlink(due);
    if (due.period_ > 0) again(due, what);
    due.fire_(due, what);
  }

  // Puts a periodic timer on the first point of its grid after now. Where that is past the end of time it
  // stays idle.
  void again(timer& due, expiry& what) noexcept {
    const auto period = static_cast<std::uint64_t>(due.period_);
    const std::uint64_t late = counted(what.now_ns) - counted(due.deadline_);
    what.periods = late / period + 1;
    const std::uint64_t from_now = period - late % period;
    if (from_now >= counted(no_expiry) - counted(what.now_ns)) return;
    begin(due, shown(counted(what.now_ns) + from_now), due.period_);
  }

  std::uint64_t now_;
  std::uint64_t advanced_to_ = 0;
  std::uint64_t size_ = 0;
  bool advancing_ = false;
  std::array<std::uint64_t, wheels> occupied_{};
  std::array<std::array<slot_list, slots>, wheels> slots_{};
};

}  // namespace jacquard
