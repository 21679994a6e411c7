// jacquard/messaging/frame_pool.hpp: memory for coroutine frames: blocks in sizes of 64 bytes that go round
// between threads, and back to the system where more are free than the pool may keep.
//
// Shape       frame_depot   chains of free blocks of one size behind one mutex. A thread's magazine
//                           (jacquard/memory/slab.hpp) takes and gives whole chains.
//             frame_budget  how many free blocks all depots keep together.
// Invariants  I1  A block has one owner: a taker, a magazine, or the depot.
//             I2  The depots keep at most `capacity` free blocks together. What exceeds it goes back to the
//                 system at once. (A magazine keeps up to two chains of each size besides.)
//             I3  A free block is not touched by its last owner: AddressSanitizer is told so.
// Ordering    the depot's mutex hands chains over; the budget is a number and orders nothing.
// Progress    a take or give of a magazine is wait-free but for one in `chain_length` times, which locks.
// Allocation  one for each block when a depot is empty. None once as many blocks exist as live at a time, if
//             those that are free at a time fit into the capacity.
// Source      magazines and depot: Bonwick and Adams, USENIX 2001.
// Checked by  model_checks: frame_pool (I1, I2); frame_pool.test.cpp (I1-I3) on real threads, which TSan and
//             ASan read.
#pragma once

#include <atomic>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <utility>

#include <jacquard/memory/slab.hpp>
#include <jacquard/sync/native.hpp>
#include <jacquard/sync/policy.hpp>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#endif

namespace jacquard {

inline constexpr std::uint64_t pool_capacity_default = 10'000;
inline constexpr std::uint64_t pool_capacity_max = 100'000'000;

/// The number that `text` says, or 0 where it is not one in [1, pool_capacity_max].
[[nodiscard]] inline std::uint64_t parse_pool_capacity(const char* text) noexcept {
  const char* const end = text + std::strlen(text);
  std::uint64_t value = 0;
  const auto [stop, error] = std::from_chars(text, end, value);
  return error == std::errc{} && stop == end && value <= pool_capacity_max ? value : 0;
}

/// How many free blocks the depots that share it may still keep.
template <sync::policy Sync = sync::native>
class basic_frame_budget {
 public:
  explicit basic_frame_budget(std::uint64_t capacity) noexcept
      : left_(static_cast<std::int64_t>(capacity)) {}

  /// Any thread. True where `count` more free blocks may be kept.
  [[nodiscard]] bool keep(std::uint32_t count) noexcept {
    const std::int64_t wanted = count;
    if (left_.fetch_sub(wanted, std::memory_order::relaxed) >= wanted) return true;  // a number
    give_back(count);
    return false;
  }
  /// Any thread. `count` blocks that were kept are in use again.
  void give_back(std::uint32_t count) noexcept {
    left_.fetch_add(count, std::memory_order::relaxed);  // a number
  }

 private:
  sync::atomic<Sync, std::int64_t> left_;
};

/// Free blocks of `Size` bytes, each allocated by itself. What basic_magazine asks of a depot.
template <std::size_t Size, sync::policy Sync = sync::native, std::uint32_t ChainLength = 32>
class basic_frame_depot {
 public:
  /// A free block. What it says is true only while it is free.
  struct block {
    sync::cell<Sync, block*> next;
    // Of the first block of a chain in the depot:
    sync::cell<Sync, block*> next_chain;
    sync::cell<Sync, std::uint32_t> length;
  };
  struct chain {
    block* first = nullptr;
    std::uint32_t count = 0;
  };
  static constexpr std::uint32_t chain_length = ChainLength;

  explicit basic_frame_depot(basic_frame_budget<Sync>& budget) : budget_(budget) {}
  ~basic_frame_depot() {
    while (chains_ != nullptr) free_all(pop());
  }
  basic_frame_depot(const basic_frame_depot&) = delete;
  basic_frame_depot& operator=(const basic_frame_depot&) = delete;

  /// Any thread. A chain of at most chain_length blocks; empty where memory is out.
  [[nodiscard]] chain take_chain() {
    chain kept;
    {
      sync::lock_guard<Sync> guard(mutex_);
      if (chains_ != nullptr) kept = pop();
    }
    if (kept.count != 0) {
      budget_.give_back(kept.count);
      return kept;
    }
    return fresh_chain();
  }

  /// Any thread. A chain comes home, or leaves for good.
  void give_chain(chain home) {
    if (home.count == 0) return;
    if (!budget_.keep(home.count)) return free_all(home);
    home.first->length.with_mut([&](std::uint32_t& length) { length = home.count; });
    sync::lock_guard<Sync> guard(mutex_);
    home.first->next_chain.with_mut([&](block*& next) { next = chains_; });
    chains_ = home.first;
  }

  /// Takes the first block out of a chain and ends its life as a free block: it is memory.
  static void* end(chain& from) {
    block* const first = from.first;
    from.first = first->next.with([](block* const& next) { return next; });
    --from.count;
    std::destroy_at(first);
    return first;
  }
  /// Makes a free block of memory that `end` gave out, first of a chain.
  static void add(chain& to, void* memory) {
    block* const returned = ::new (memory) block;
    returned->next.with_mut([&](block*& next) { next = to.first; });
    to.first = returned;
    ++to.count;
  }

 private:
  struct alignas(16) room {
    std::byte bytes[Size];
  };
  static_assert(Size >= sizeof(block), "a free block holds its links");

  chain fresh_chain() {
    chain fresh;
    while (fresh.count < ChainLength) {
      room* const memory = Sync::template create<room>();
      if (memory == nullptr) break;
      block* const here = ::new (static_cast<void*>(memory)) block;
      here->next.with_mut([&](block*& next) { next = fresh.first; });
      fresh = {.first = here, .count = fresh.count + 1};
    }
    return fresh;
  }
  static void free_all(chain gone) {
    while (gone.count > 0) Sync::destroy(static_cast<room*>(end(gone)));
  }
  // Under mutex_, or alone.
  chain pop() {
    block* const first = chains_;
    chains_ = first->next_chain.with([](block* const& next) { return next; });
    return {.first = first, .count = first->length.with([](const std::uint32_t& n) { return n; })};
  }

  basic_frame_budget<Sync>& budget_;
  typename Sync::mutex mutex_;
  block* chains_ = nullptr;  // guarded by mutex_
};

/// Tells AddressSanitizer that the part of a block that holds no link is nobody's, or somebody's again.
template <class Block>
void mark_free([[maybe_unused]] void* memory, [[maybe_unused]] std::size_t size) noexcept {
#if defined(__SANITIZE_ADDRESS__)
  ASAN_POISON_MEMORY_REGION(static_cast<std::byte*>(memory) + sizeof(Block), size - sizeof(Block));
#endif
}
inline void mark_used([[maybe_unused]] void* memory, [[maybe_unused]] std::size_t size) noexcept {
#if defined(__SANITIZE_ADDRESS__)
  ASAN_UNPOISON_MEMORY_REGION(memory, size);
#endif
}

}  // namespace jacquard
