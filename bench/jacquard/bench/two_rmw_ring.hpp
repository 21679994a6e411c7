// jacquard/bench/two_rmw_ring.hpp: the yardstick: a bounded ring with a sequence number in each
// slot and a read-modify-write at both ends, as a multi-consumer queue needs.
//
// Shape       slot i in lap L: turn 2L free, 2L + 1 full. Senders claim by compare-and-swap on
// tail_,
//             consumers on head_. Slots begin on their own cache line.
// Ordering    full's release -> pop's acquire: the value. free's release -> push's acquire: the
// room.
//             tail_ and head_ only hand out positions, so relaxed is enough for them.
// Progress    lock-free until a claimed slot's owner stops.
// Allocation  none; the slots are inline.
// Source      the scheme of Vyukov's bounded queue, which rigtorp's MPMCQueue also follows; written
// anew. Checked by  rounds.test.cpp, and the judge in every round.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <new>
#include <utility>

namespace jacquard::bench {

/// `Capacity` is a power of two.
template <class T, std::size_t Capacity>
class two_rmw_ring {
  static_assert(std::has_single_bit(Capacity));

 public:
  bool try_push(T&& value) noexcept {
    std::uint64_t at = tail_.load(std::memory_order::relaxed);
    for (;;) {
      slot& room = slots_[at % Capacity];
      if (room.turn.load(std::memory_order::acquire) == 2 * (at / Capacity)) {
        if (tail_.compare_exchange_weak(at, at + 1, std::memory_order::relaxed)) {
          room.value = std::move(value);
          room.turn.store(2 * (at / Capacity) + 1, std::memory_order::release);
          return true;
        }
      } else {
        const std::uint64_t before = at;
        at = tail_.load(std::memory_order::relaxed);
        if (at == before) return false;
      }
    }
  }

  bool try_pop(T& into) noexcept {
    std::uint64_t at = head_.load(std::memory_order::relaxed);
    for (;;) {
      slot& oldest = slots_[at % Capacity];
      if (oldest.turn.load(std::memory_order::acquire) == 2 * (at / Capacity) + 1) {
        if (head_.compare_exchange_weak(at, at + 1, std::memory_order::relaxed)) {
          into = std::move(oldest.value);
          oldest.turn.store(2 * (at / Capacity) + 2, std::memory_order::release);
          return true;
        }
      } else {
        const std::uint64_t before = at;
        at = head_.load(std::memory_order::relaxed);
        if (at == before) return false;
      }
    }
  }

 private:
  struct alignas(64) slot {
    std::atomic<std::uint64_t> turn{0};
    T value{};
  };

  std::array<slot, Capacity> slots_;
  alignas(128) std::atomic<std::uint64_t> tail_{0};
  alignas(128) std::atomic<std::uint64_t> head_{0};
};

}  // namespace jacquard::bench
