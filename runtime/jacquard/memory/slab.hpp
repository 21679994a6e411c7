// jacquard/memory/slab.hpp: blocks of one size, taken and returned by any thread, mostly without touching
// anything shared.
//
// Shape       depot     chains of free blocks, `chain_length` each, behind one mutex
//             magazine  a thread's own: one chain in use and one spare. A block that was taken here and is
//                       returned there travels home a whole chain at a time.
// Invariants  I1  A block has one owner: a taker, a magazine, or the depot.
//             I2  A magazine holds two chains at most, so what a thread keeps for itself is bounded.
//             I3  Memory is kept until the depot is destroyed: a block is always a block.
// Ordering    the depot's mutex hands chains over; within a magazine there is one thread.
// Progress    take and give are wait-free but for one in `chain_length` times, which takes the mutex.
// Allocation  one slab of `slab_chains` chains when the depot is empty. None otherwise.
// Source      magazines and depot: Bonwick and Adams, USENIX 2001.
// Checked by  model_checks: slab (I1); slab.test.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

#include <jacquard/sync/native.hpp>
#include <jacquard/sync/policy.hpp>

namespace jacquard {

/// Chains of free blocks of `Size` bytes, aligned to 16.
template <std::size_t Size, sync::policy Sync = sync::native, std::uint32_t ChainLength = 32,
          std::uint32_t SlabChains = 8>
class basic_depot {
  static_assert(Size % 16 == 0, "blocks keep each other aligned");

 public:
  /// A free block. What it says is true only while it is free.
  struct block {
    sync::cell<Sync, block*> next;
    // Of the first block of a chain in the depot:
    sync::cell<Sync, block*> next_chain;
    sync::cell<Sync, std::uint32_t> length;
  };
  static constexpr std::uint32_t chain_length = ChainLength;

  /// Free blocks in a row, newest first.
  struct chain {
    block* first = nullptr;
    std::uint32_t count = 0;
  };

  basic_depot() = default;
  ~basic_depot() {
    if constexpr (!std::is_trivially_destructible_v<block>) {  // a model's cells are counted
      for (chain rest = take_free(); rest.first != nullptr; rest = take_free()) {
        for (std::uint32_t i = 0; i < rest.count; ++i) end(rest);
      }
    }
    while (slabs_ != nullptr) {
      slab* const older = slabs_->older;
      Sync::destroy(slabs_);
      slabs_ = older;
    }
  }
  basic_depot(const basic_depot&) = delete;
  basic_depot& operator=(const basic_depot&) = delete;

  /// Any thread. A chain of at most chain_length blocks; empty where memory is out.
  [[nodiscard]] chain take_chain() {
    sync::lock_guard<Sync> guard(mutex_);
    if (chains_ == nullptr && !grow()) return {};
    return take_free();
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

  /// Any thread. A chain comes home.
  void give_chain(chain home) {
    if (home.count == 0) return;
    sync::lock_guard<Sync> guard(mutex_);
    push(home);
  }

 private:
  struct slab {
    slab* older = nullptr;
    alignas(16) std::byte room[std::size_t{ChainLength} * SlabChains][Size];
  };
  static_assert(Size >= sizeof(block), "a free block holds its links");

  // Guarded by mutex_, or alone.
  chain take_free() {
    if (chains_ == nullptr) return {};
    block* const first = chains_;
    chains_ = first->next_chain.with([](block* const& next) { return next; });
    return {.first = first, .count = first->length.with([](const std::uint32_t& n) { return n; })};
  }

  void push(chain added) {
    added.first->length.with_mut([&](std::uint32_t& length) { length = added.count; });
    added.first->next_chain.with_mut([&](block*& next) { next = chains_; });
    chains_ = added.first;
  }

  bool grow() {
    slab* const fresh = Sync::template create<slab>();
    if (fresh == nullptr) return false;
    fresh->older = std::exchange(slabs_, fresh);
    for (std::uint32_t c = 0; c < SlabChains; ++c) {
      block* first = nullptr;
      for (std::uint32_t i = 0; i < ChainLength; ++i) {
        block* const here = ::new (fresh->room[c * ChainLength + i]) block;
        here->next.with_mut([&](block*& next) { next = first; });
        first = here;
      }
      push({.first = first, .count = ChainLength});
    }
    return true;
  }

  typename Sync::mutex mutex_;
  block* chains_ = nullptr;  // guarded by mutex_
  slab* slabs_ = nullptr;    // guarded by mutex_
};

/// One thread's blocks of one depot. Returns what it holds when it is destroyed; the depot outlives it.
template <class Depot, sync::policy Sync = sync::native>
class basic_magazine {
 public:
  explicit basic_magazine(Depot& home) : home_(home) {}
  ~basic_magazine() {
    home_.give_chain(spare_);
    home_.give_chain(loaded_);
  }
  basic_magazine(const basic_magazine&) = delete;
  basic_magazine& operator=(const basic_magazine&) = delete;

  /// A block's memory, or null where memory is out.
  [[nodiscard]] void* take() {
    if (loaded_.count == 0) [[unlikely]] {
      if (spare_.count == 0) spare_ = home_.take_chain();
      std::swap(loaded_, spare_);
      if (loaded_.count == 0) return nullptr;
    }
    return Depot::end(loaded_);
  }

  /// Memory that some magazine of the same depot gave out.
  void give(void* memory) {
    if (loaded_.count == Depot::chain_length) [[unlikely]] {
      if (spare_.count != 0) home_.give_chain(spare_);
      spare_ = std::exchange(loaded_, {});
    }
    Depot::add(loaded_, memory);
  }

 private:
  Depot& home_;
  typename Depot::chain loaded_;
  typename Depot::chain spare_;
};

/// The calling thread's magazine of a depot that the whole process shares. `Home` has a type `depot` and
/// `static depot& all()`, whose result is never destroyed: threads may end after main does.
template <class Home>
class thread_magazine {
 public:
  using magazine = basic_magazine<typename Home::depot>;

  /// Calls `use` with the magazine.
  template <class F>
  static auto with(F&& use) {
    if (here_ != nullptr) [[likely]] {
      return use(*here_);
    }
    return with_new(use);
  }

 private:
  // The thread's first use; or its last ones, by objects that end after its magazine did. Those go to the depot
  // each time: what a destructor leaves in an object need not be there any more.
  template <class F>
  [[gnu::noinline]] static auto with_new(F& use) {
    if (ended_) {
      magazine once(Home::all());
      return use(once);
    }
    // tidy allows threads: a magazine is a thread's own; no other thread looks at it.
    static thread_local struct owner {
      explicit owner(typename Home::depot& from) : own(from) { here_ = &own; }
      ~owner() {
        here_ = nullptr;
        ended_ = true;
      }
      magazine own;
    } owned(Home::all());
    return use(owned.own);
  }

  // tidy allows threads: likewise; plain values, which outlive the thread's objects.
  inline static thread_local magazine* here_ = nullptr;
  // tidy allows threads: likewise.
  inline static thread_local bool ended_ = false;
};

/// The process's blocks of `Size` bytes for one purpose (`Tag`), through the calling thread's magazine.
/// Blocks of one tag and size are never used for anything else. Any thread; never given back to the
/// system.
template <std::size_t Size, class Tag = void>
class slab_of {
 public:
  using depot = basic_depot<Size>;

  [[nodiscard]] static void* take() {
    return thread_magazine<slab_of>::with([](auto& mine) { return mine.take(); });
  }
  static void give(void* memory) {
    thread_magazine<slab_of>::with([&](auto& mine) { mine.give(memory); });
  }

  static depot& all() {
    static depot& home = *new depot;
    return home;
  }
};

}  // namespace jacquard
