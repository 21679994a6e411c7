// seeded_bugs/broken_futures.hpp: what a future's slot would do without its word, its generation, or its order
// of steps. Each is small: the slot that ships is checked in checks/future.hpp.
#pragma once

#include <atomic>
#include <cstdint>

#include <jacquard/sync/policy.hpp>

namespace jacquard::bugs {

/// A reply and a time-out each look whether the future is pending, and then end it: both may win.
template <sync::policy Sync>
class two_winners {
 public:
  static constexpr unsigned thread_count = 2;

  void thread(unsigned index) {
    if (state_.load(std::memory_order::acquire) != 0) return;
    state_.store(1 + index, std::memory_order::release);
    won_[index] = true;
  }
  void after() { Sync::require(won_[0] != won_[1], "I1: not exactly one ended the future"); }

 private:
  sync::atomic<Sync, std::uint32_t> state_{0};
  bool won_[2] = {};  // each is one thread's
};

/// A slot without a generation: the answer to a question that was given up ends the next one.
template <sync::policy Sync>
class reuse_without_generation {
 public:
  static constexpr unsigned thread_count = 2;

  void thread(unsigned index) {
    if (index == 1) {
      (void)fulfil(1);
      return;
    }
    (void)state_.exchange(pending, std::memory_order::acq_rel);  // dropped, and made again
    Sync::require(fulfil(2), "I2: an old promise ended a new future");
  }

 private:
  static constexpr std::uint32_t pending = 0;

  bool fulfil(std::uint32_t value) {
    std::uint32_t seen = pending;
    return state_.compare_exchange_strong(seen, value, std::memory_order::acq_rel,
                                          std::memory_order::relaxed);
  }
  sync::atomic<Sync, std::uint32_t> state_{pending};
};

/// The completer says that the future is settled and then reads who waits for it: by then the owner may have
/// taken the answer and used the slot again.
template <sync::policy Sync>
class waiter_read_after_publish {
 public:
  static constexpr unsigned thread_count = 2;

  void before() {
    who_.with_mut([](std::uint32_t& who) { who = 1; });
  }
  void thread(unsigned index) {
    if (index == 1) {
      settled_.store(1, std::memory_order::release);
      who_.with([](const std::uint32_t&) {});
    } else if (settled_.load(std::memory_order::acquire) == 1) {
      who_.with_mut([](std::uint32_t& who) { who = 2; });  // the next owner's
    }
  }

 private:
  sync::atomic<Sync, std::uint32_t> settled_{0};
  sync::cell<Sync, std::uint32_t> who_;
};

/// The owner's time-out ends a future whose answer is being put in: the settler does not claim before it writes.
template <sync::policy Sync>
class written_before_claimed {
 public:
  static constexpr unsigned thread_count = 2;

  void thread(unsigned index) {
    if (index == 1) {
      value_.with_mut([](std::uint32_t& value) { value = 42; });
      (void)turn(settled);
    } else if (turn(given_up)) {
      value_.with_mut([](std::uint32_t& value) { value = 7; });  // the slot's next answer
    }
  }

 private:
  static constexpr std::uint32_t settled = 1;
  static constexpr std::uint32_t given_up = 2;

  bool turn(std::uint32_t to) {
    std::uint32_t seen = 0;
    return state_.compare_exchange_strong(seen, to, std::memory_order::acq_rel,
                                          std::memory_order::relaxed);
  }
  sync::atomic<Sync, std::uint32_t> state_{0};
  sync::cell<Sync, std::uint32_t> value_;
};

}  // namespace jacquard::bugs
