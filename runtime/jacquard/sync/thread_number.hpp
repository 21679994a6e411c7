// jacquard/sync/thread_number.hpp: a small number for the running thread, for who divides threads among a few places.
//
// `this_thread()` is a thread's identity, and natively an address: its low bits are alike in all threads, and hashed
// they fall on the same place as often as chance has it. Numbers that are given out in turn fill the places evenly.
#pragma once

#include <atomic>
#include <cstdint>

#include <jacquard/sync/native.hpp>
#include <jacquard/sync/policy.hpp>

namespace jacquard::sync {

namespace thread_number_detail {
inline std::atomic<std::uint32_t> given{0};

// A word of the thread's own and a branch; one read-modify-write in a thread's life.
[[nodiscard]] inline std::uint32_t native_number() noexcept {
  constinit static thread_local std::uint32_t mine = 0;
  if (mine == 0) [[unlikely]]
    mine = given.fetch_add(1, std::memory_order::relaxed) + 1;
  return mine;
}
}  // namespace thread_number_detail

/// The same number in each call of one thread, and consecutive ones in threads that ask for theirs one after the
/// other. Two threads may have the same number (after 2^32 threads). Any thread; wait-free; no allocation.
template <policy S>
[[nodiscard]] std::uint32_t thread_number() noexcept {
  if constexpr (std::same_as<S, native>) {
    return thread_number_detail::native_number();
  } else {
    return static_cast<std::uint32_t>(
        S::this_thread());  // such a policy numbers its threads in a row
  }
}

}  // namespace jacquard::sync
