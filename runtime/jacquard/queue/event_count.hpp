// jacquard/queue/event_count.hpp: many threads sleep until a condition may have changed, and a
// thread that changes it pays one load when nobody sleeps.
//
//   waiter                                    notifier
//     const auto key = events.prepare();        make the condition true
//     if (condition) events.cancel();           events.notify_one();
//     else events.wait(key, deadline);
//
// Shape       one 32-bit word: epoch (20 bits) | waiters (12 bits). The kernel sleeps on the same word.
// Invariants  I1  A waiter that prepared before the condition was made true, and did not see it true,
//                 returns from wait once the notifier has notified.
//             I2  With no waiter a notify writes nothing.
// Ordering    E1  notify's fence <-> prepare's fence   store buffering: the notifier's change and the
//                 waiter's registration cannot both be missed. One of the two is seen.
//             The epoch itself carries nothing: who returns from wait looks at the condition again,
//             by the condition's own edges, and prepares again if it is still false.
// Progress    prepare and cancel are wait-free; notify is wait-free but for the kernel; wait blocks.
// Allocation  none.
// Bounds      4,095 waiters at once. A waiter that sleeps through 2^20 epochs between its look at the
//             word and the kernel's would miss one; it sleeps until the next.
// Source      the eventcount of Vyukov and folly; here in one word, which the futex compares.
// Checked by  model_checks: event_count (I1, I2, E1).
#pragma once

#include <atomic>
#include <cstdint>

#include <jacquard/sync/native.hpp>
#include <jacquard/sync/policy.hpp>

namespace jacquard {

template <sync::policy Sync = sync::native>
class basic_event_count {
 public:
  /// The epoch at which a waiter registered.
  struct key {
    std::uint32_t epoch;
  };

  basic_event_count() = default;
  basic_event_count(const basic_event_count&) = delete;
  basic_event_count& operator=(const basic_event_count&) = delete;

  /// Registers the caller as a waiter. It must look at its condition next, then cancel or wait.
  [[nodiscard]] key prepare() {
    const std::uint32_t before =
        word_.fetch_add(one_waiter, std::memory_order::relaxed);  // E1 orders it
    Sync::require((before & waiters_mask) != waiters_mask,
                  "an event count holds 4095 waiters at most");
    Sync::fence(std::memory_order::seq_cst);  // E1
    return {.epoch = before & ~waiters_mask};
  }

  /// Ends what prepare began, without sleeping.
  void cancel() noexcept {
    word_.fetch_sub(one_waiter, std::memory_order::relaxed);
  }  // only a number

  /// Sleeps until a notify after `prepare`; false at the deadline. Ends what prepare began.
  [[nodiscard]] bool wait(key registered, sync::deadline until = sync::deadline::never()) {
    for (bool in_time = true;;) {
      const std::uint32_t seen = word_.load(std::memory_order::relaxed);  // the caller looks again
      const bool notified = (seen & ~waiters_mask) != registered.epoch;
      if (notified || !in_time) {
        cancel();
        return notified;
      }
      in_time = Sync::wait(word_, seen, until) == sync::wait_status::changed;
    }
  }

  /// For who tells only where somebody waits: the change that waiters look for was made before.
  [[nodiscard]] bool has_waiters() const noexcept {
    Sync::fence(std::memory_order::seq_cst);                              // E1
    return (word_.load(std::memory_order::relaxed) & waiters_mask) != 0;  // E1 orders it
  }
  /// Wakes a waiter, if there is one.
  void notify_one() {
    notify([this] { Sync::wake_one(word_); });
  }
  /// Wakes every waiter.
  void notify_all() {
    notify([this] { Sync::wake_all(word_); });
  }

 private:
  static constexpr std::uint32_t one_waiter = 1;
  static constexpr std::uint32_t waiters_mask = 0xfff;
  static constexpr std::uint32_t one_epoch = 0x1000;

  template <class Wake>
  void notify(Wake&& wake) {
    if (!has_waiters()) return;
    word_.fetch_add(one_epoch, std::memory_order::relaxed);  // the waiter looks again
    wake();
  }

  sync::atomic<Sync, std::uint32_t> word_{0};
};

using event_count = basic_event_count<>;

}  // namespace jacquard
