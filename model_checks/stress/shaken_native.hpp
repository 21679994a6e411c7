// stress/shaken_native.hpp: the policy that ships, and a hesitation before each of its operations.
//
// actor_system, scheduler and actor_cell are written on sync::native and take no other policy. So this file takes its
// place: included before everything else of the runtime, it names the real policy `native_unshaken` and puts one of
// the same shape where `native` was. The sources of the runtime are compiled as they stand, with a yield or a pause
// between any two of their steps. `native` is in an inline namespace, so that nothing compiled here is taken for, or
// merged with, code that was compiled with the real one.
#pragma once

#include <linux/futex.h>
#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <bit>
#include <cerrno>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <mutex>
#include <new>
#include <source_location>
#include <thread>
#include <utility>

#include <jacquard/sync/policy.hpp>

#define native native_unshaken
#include <jacquard/sync/native.hpp>
#undef native

#include <stress/run.hpp>
#include <stress/shake.hpp>

namespace jacquard::sync {
inline namespace shaken {

struct native : native_unshaken {
  template <class T>
  class atomic : public std::atomic<T> {
    using base = std::atomic<T>;

   public:
    using base::base;

    T load(std::memory_order order) const noexcept {
      stress::shake();
      return base::load(order);
    }
    void store(T desired, std::memory_order order) noexcept {
      stress::shake();
      base::store(desired, order);
    }
    T exchange(T desired, std::memory_order order) noexcept {
      stress::shake();
      return base::exchange(desired, order);
    }
    bool compare_exchange_weak(T& expected, T desired, std::memory_order success,
                               std::memory_order failure) noexcept {
      stress::shake();
      return base::compare_exchange_weak(expected, desired, success, failure);
    }
    bool compare_exchange_strong(T& expected, T desired, std::memory_order success,
                                 std::memory_order failure) noexcept {
      stress::shake();
      return base::compare_exchange_strong(expected, desired, success, failure);
    }
    T fetch_add(T n, std::memory_order order) noexcept requires std::integral<T> {
      stress::shake();
      return base::fetch_add(n, order);
    }
    T fetch_sub(T n, std::memory_order order) noexcept requires std::integral<T> {
      stress::shake();
      return base::fetch_sub(n, order);
    }
    T fetch_or(T bits, std::memory_order order) noexcept requires std::integral<T> {
      stress::shake();
      return base::fetch_or(bits, order);
    }
    T fetch_and(T bits, std::memory_order order) noexcept requires std::integral<T> {
      stress::shake();
      return base::fetch_and(bits, order);
    }
  };

  class mutex {
   public:
    void lock() {
      stress::shake();
      mutex_.lock();
    }
    void unlock() {
      mutex_.unlock();
      stress::shake();
    }

   private:
    native_unshaken::mutex mutex_;
  };

  static void fence(std::memory_order order) noexcept {
    stress::shake();
    native_unshaken::fence(order);
  }
  static void fence_light() noexcept {
    stress::shake();
    native_unshaken::fence_light();
  }
  static void fence_heavy() noexcept {
    stress::shake();
    native_unshaken::fence_heavy();
  }
  static void spin_hint() noexcept { stress::shake(); }
  template <class Condition>
  static void await(Condition&& condition) {
    while (!condition()) {
      stress::shake();
      std::this_thread::yield();
    }
  }
  static void wake_one(std::atomic<std::uint32_t>& word) noexcept {
    stress::shake();
    native_unshaken::wake_one(word);
  }
  static void wake_all(std::atomic<std::uint32_t>& word) noexcept {
    stress::shake();
    native_unshaken::wake_all(word);
  }
  /// A claim of the runtime's own ends the run, with its seed.
  static void require(bool holds, const char* claim,
                      std::source_location at = std::source_location::current()) noexcept {
    stress::require(holds, claim, at);
  }
};

static_assert(explain_policy<native>());

}  // namespace shaken
}  // namespace jacquard::sync
