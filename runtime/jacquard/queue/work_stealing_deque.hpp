// jacquard/queue/work_stealing_deque.hpp: one owner pushes and pops at the bottom, thieves take from the top.
//
// Shape       slots_ in a ring; bottom_ the owner's end, top_ the thieves'. Both only grow, but for the step
//             that the owner takes back when it pops.
// Invariants  I1  An item that was pushed is popped or stolen, exactly once.
//             I2  The owner takes the newest, a thief the oldest.
// Ordering    E1  push's bottom -> steal's bottom     what the item points to. pop's first store of bottom
//                 carries it on: in C++20 a relaxed store would end push's release sequence.
//             E2  pop's fence <-> steal's fence       store buffering: owner and thief cannot both miss that
//                 they are after the same last item. One of them sees the other, and top_ decides. The owner's is
//                 light and a thief's heavy; two thieves meet at top_ alone.
// Progress    push and pop are wait-free, steal is lock-free (it loses only to somebody who wins) but for its
//             fence, which is a system call: look first.
// Allocation  the slots, inside the object. A full deque says so; the scheduler then uses the injector.
// Source      Chase and Lev, SPAA 2005; orders after Lê, Pop, Cohen and Zappa Nardelli, PPoPP 2013. Theirs
//             grows; this one is bounded, so no array is ever replaced under a thief.
// Checked by  model_checks: work_stealing_deque (I1, I2, E1, E2).
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

#include <jacquard/sync/native.hpp>
#include <jacquard/sync/policy.hpp>

namespace jacquard {

enum class [[nodiscard]] steal_status : std::uint8_t{
    stolen, empty,
    lost,  // somebody else took it: others may remain
};

/// `Item` is a pointer. `Capacity` is a power of two.
template <class Item, std::size_t Capacity, sync::policy Sync = sync::native>
class basic_work_stealing_deque {
  static_assert(std::has_single_bit(Capacity), "the capacity is a power of two");

 public:
  basic_work_stealing_deque() = default;
  basic_work_stealing_deque(const basic_work_stealing_deque&) = delete;
  basic_work_stealing_deque& operator=(const basic_work_stealing_deque&) = delete;

  /// Owner only. False where the deque is full.
  [[nodiscard]] bool push(Item item) noexcept {
    const index bottom = bottom_.load(std::memory_order::relaxed);  // the owner's own
    const index top = top_.load(std::memory_order::relaxed);  // an old top only says full too early
    if (bottom - top >= static_cast<index>(Capacity)) return false;
    slot(bottom).store(item, std::memory_order::relaxed);   // E1 publishes it
    bottom_.store(bottom + 1, std::memory_order::release);  // E1 release
    return true;
  }

  /// Owner only. The newest item, or null.
  [[nodiscard]] Item pop() noexcept {
    const index bottom = bottom_.load(std::memory_order::relaxed) - 1;  // the owner's own
    bottom_.store(bottom, std::memory_order::release);                  // E1 release
    Sync::fence_light();                                                // E2
    index top = top_.load(std::memory_order::relaxed);                  // E2 orders it
    if (top > bottom) {
      bottom_.store(bottom + 1, std::memory_order::relaxed);  // as it was; nothing is below it
      return nullptr;
    }
    Item item = slot(bottom).load(std::memory_order::relaxed);  // the owner's own store
    if (top == bottom) {  // the last one: whoever moves top_ has it
      if (!top_.compare_exchange_strong(top, top + 1, std::memory_order::relaxed,  // E2 orders it
                                        std::memory_order::relaxed)) {
        item = nullptr;
      }
      bottom_.store(bottom + 1, std::memory_order::relaxed);  // as it was; nothing is below it
    }
    return item;
  }

  /// Owner only. What pop would return, if there is anything; else anything.
  [[nodiscard]] Item newest() noexcept {
    return slot(bottom_.load(std::memory_order::relaxed) - 1)
        .load(std::memory_order::relaxed);  // its own
  }

  /// Any thread. The oldest item.
  steal_status steal(Item& item) noexcept {
    index top = top_.load(std::memory_order::relaxed);              // the claim below validates it
    Sync::fence_heavy();                                            // E2
    const index bottom = bottom_.load(std::memory_order::acquire);  // E1 acquire
    if (top >= bottom) return steal_status::empty;
    const Item oldest = slot(top).load(std::memory_order::relaxed);  // the claim below validates it
    if (!top_.compare_exchange_strong(top, top + 1, std::memory_order::relaxed,  // E2 orders it
                                      std::memory_order::relaxed)) {
      return steal_status::lost;
    }
    item = oldest;
    return steal_status::stolen;
  }

  /// Any thread; a moment's figures. As long as `oldest` is the same and there is an item, it is the same item.
  struct glance {
    std::int64_t oldest;
    std::int64_t items;
  };
  [[nodiscard]] glance look() const noexcept {
    const index top = top_.load(std::memory_order::relaxed);       // a hint
    return {top, bottom_.load(std::memory_order::relaxed) - top};  // a hint
  }
  [[nodiscard]] bool looks_empty() const noexcept {
    return top_.load(std::memory_order::relaxed) >=
           bottom_.load(std::memory_order::relaxed);  // a hint
  }

 private:
  using index = std::int64_t;
  static constexpr std::size_t line = 64;

  sync::atomic<Sync, Item>& slot(index at) noexcept {
    return slots_[static_cast<std::size_t>(at) & (Capacity - 1)];
  }

  alignas(line) sync::atomic<Sync, index> top_{0};
  alignas(line) sync::atomic<Sync, index> bottom_{0};
  std::array<sync::atomic<Sync, Item>, Capacity> slots_{};
};

}  // namespace jacquard
