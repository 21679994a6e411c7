// jacquard/messaging/join_word.hpp: who takes a strand's result, and who ends its frame: one word on which
// the strand and its joiner meet.
//
// Shape       one word: running | done | abandoned | the address of a waiter
// Invariants  I1  Exactly one of the two ends the frame: the joiner, where it waits or finds the strand done;
//                 the strand, where it was abandoned before it finished.
//             I2  A waiter that `wait` accepted is told exactly once; one that it refused finds the result.
// Ordering    E1  finish -> is_done, wait, abandon   the result, and everything the strand did.
//             E2  wait, abandon -> waiting, finish   the waiter, and everything the joiner did to the frame.
// Progress    wait-free.
// Allocation  none.
// Checked by  model_checks: strand_join (I1, I2, E1, E2); frame_pool.test.cpp on real threads, which TSan reads.
#pragma once

#include <atomic>
#include <cstdint>

#include <jacquard/sync/native.hpp>
#include <jacquard/sync/policy.hpp>

namespace jacquard {

template <class Waiter, sync::policy Sync = sync::native>
class basic_join_word {
  static_assert(alignof(Waiter) > 2, "states are no waiter's address");

 public:
  /// What the strand finds when it finishes.
  enum class meeting : std::uint8_t {
    kept,       // nobody waits yet: the joiner will take the result and end the frame
    abandoned,  // nobody will: the strand ends its frame
    waited,     // `waiting()` waits: the strand hands it the result, and it ends the frame
  };

  basic_join_word() = default;
  basic_join_word(const basic_join_word&) = delete;
  basic_join_word& operator=(const basic_join_word&) = delete;

  /// Before the strand starts: `first` waits from the beginning.
  void begin_waited(Waiter& first) noexcept {
    word_.store(address(first), std::memory_order::relaxed);  // what starts the strand orders it
  }
  /// Before the strand starts: nobody will join it.
  void begin_abandoned() noexcept {
    word_.store(abandoned_state, std::memory_order::relaxed);  // what starts the strand orders it
  }

  /// Joiner only.
  [[nodiscard]] bool is_done() const noexcept {
    return word_.load(std::memory_order::acquire) == done_state;  // E1 acquire
  }
  /// Joiner only. False where the strand is done: then `fresh` is not kept.
  [[nodiscard]] bool wait(Waiter& fresh) noexcept {
    std::uintptr_t running = running_state;
    return word_.compare_exchange_strong(running, address(fresh),
                                         std::memory_order::release,   // E2 release
                                         std::memory_order::acquire);  // E1 acquire
  }
  /// Joiner only. False where the strand is done: then the joiner ends the frame.
  [[nodiscard]] bool abandon() noexcept {
    std::uintptr_t running = running_state;
    return word_.compare_exchange_strong(running, abandoned_state,
                                         std::memory_order::release,   // E2 release
                                         std::memory_order::acquire);  // E1 acquire
  }

  /// Strand only. Who waits now, or null.
  [[nodiscard]] Waiter* waiting() const noexcept {
    const std::uintptr_t seen = word_.load(std::memory_order::acquire);  // E2 acquire
    return seen > abandoned_state ? reinterpret_cast<Waiter*>(seen) : nullptr;
  }
  /// Strand only, once, as the last thing it does with its frame where the answer is `kept`.
  [[nodiscard]] meeting finish() noexcept {
    if (waiting() != nullptr) return meeting::waited;  // it stays: no read-modify-write
    std::uintptr_t seen = running_state;
    if (word_.compare_exchange_strong(seen, done_state,
                                      std::memory_order::release,     // E1 release
                                      std::memory_order::acquire)) {  // E2 acquire
      return meeting::kept;
    }
    return seen == abandoned_state ? meeting::abandoned : meeting::waited;
  }

 private:
  static constexpr std::uintptr_t running_state = 0;
  static constexpr std::uintptr_t done_state = 1;
  static constexpr std::uintptr_t abandoned_state = 2;

  static std::uintptr_t address(Waiter& of) noexcept {
    return reinterpret_cast<std::uintptr_t>(&of);
  }

  sync::atomic<Sync, std::uintptr_t> word_{running_state};
};

}  // namespace jacquard
