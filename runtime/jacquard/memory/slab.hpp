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

#include <jacquard/memory/never_destroyed.hpp>
#include <jacquard/memory/thread_end.hpp>
#include <jacquard/sync/native.hpp>
#include <jacquard/sync/policy.hpp>

namespace jacquard {

/// Chains of free blocks of `Size` bytes, aligned to 16; where Size is a multiple of 64, to 64: such a block shares no
/// line with another.
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
  static constexpr std::size_t block_alignment = Size % 64 == 0 ? 64 : 16;

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
    alignas(block_alignment) std::byte room[std::size_t{ChainLength} * SlabChains][Size];
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

/// What a magazine holds. Constant to make and trivial to destroy, and closed at first: it has no block and no room,
/// which are the two unlikely cases anyway. So a thread's own needs no look at whether it is there.
template <class Depot>
class magazine_shelf {
 public:
  constexpr magazine_shelf() = default;

  void open() noexcept { room_ = Depot::chain_length; }
  /// Everything goes home.
  void close(Depot& home) {
    room_ = 0;
    home.give_chain(std::exchange(spare_, {}));
    home.give_chain(std::exchange(loaded_, {}));
  }

  [[nodiscard]] bool has_block() const noexcept { return loaded_.count != 0; }
  [[nodiscard]] bool has_room() const noexcept { return loaded_.count != room_; }
  /// There is a block.
  [[nodiscard]] void* take() {
    void* const taken = Depot::end(loaded_);
    __builtin_prefetch(loaded_.first, 1);  // the next one is written soon, and may have been away
    return taken;
  }
  /// There is room.
  void give(void* memory) { Depot::add(loaded_, memory); }

  /// There is no block. False where memory is out.
  bool load(Depot& home) {
    if (spare_.count == 0) spare_ = home.take_chain();
    std::swap(loaded_, spare_);
    return has_block();
  }
  /// There is no room, and it is open.
  void unload(Depot& home) {
    if (spare_.count != 0) home.give_chain(spare_);
    spare_ = std::exchange(loaded_, {});
  }

 private:
  typename Depot::chain loaded_{};
  std::uint32_t room_ = 0;  // blocks that `loaded_` may have
  typename Depot::chain spare_{};
};

/// One thread's blocks of one depot. Returns what it holds when it is destroyed; the depot outlives it.
template <class Depot, sync::policy Sync = sync::native>
class basic_magazine {
 public:
  explicit basic_magazine(Depot& home) : home_(home) { shelf_.open(); }
  ~basic_magazine() { shelf_.close(home_); }
  basic_magazine(const basic_magazine&) = delete;
  basic_magazine& operator=(const basic_magazine&) = delete;

  /// A block's memory, or null where memory is out.
  [[nodiscard]] void* take() {
    if (!shelf_.has_block() && !shelf_.load(home_)) [[unlikely]]
      return nullptr;
    return shelf_.take();
  }

  /// Memory that some magazine of the same depot gave out.
  void give(void* memory) {
    if (!shelf_.has_room()) [[unlikely]]
      shelf_.unload(home_);
    shelf_.give(memory);
  }

 private:
  Depot& home_;
  magazine_shelf<Depot> shelf_;
};

/// The calling thread's magazine of a depot that the whole process shares. `Home` has a type `depot` and
/// `static depot& all()`, whose result is never destroyed: threads may end after main does.
template <class Home>
class thread_magazine {
 public:
  /// A block's memory, or null where memory is out.
  [[nodiscard, gnu::always_inline]] static void* take() {
    if (here_.has_block()) [[likely]]
      return here_.take();
    return take_slowly();
  }
  /// Memory that some thread's magazine gave out.
  [[gnu::always_inline]] static void give(void* memory) {
    if (here_.has_room()) [[likely]]
      return here_.give(memory);
    give_slowly(memory);
  }

 private:
  using depot = typename Home::depot;

  [[gnu::noinline]] static void* take_slowly() {
    depot& home = Home::all();
    if (!is_open()) return basic_magazine<depot>(home).take();
    return here_.load(home) ? here_.take() : nullptr;
  }
  [[gnu::noinline]] static void give_slowly(void* memory) {
    depot& home = Home::all();
    if (!is_open()) return basic_magazine<depot>(home).give(memory);
    if (!here_.has_room()) here_.unload(home);
    here_.give(memory);
  }

  // False for the thread's last uses, by objects that end after its magazine did. Those go to the depot each time.
  static bool is_open() {
    if (open_) return true;
    if (!thread_end::add(ending_)) return false;
    here_.open();
    return open_ = true;
  }
  static void close() {
    open_ = false;
    here_.close(Home::all());
  }

  // Plain values, which outlive the thread's objects.
  // tidy allows threads: a magazine is a thread's own; no other thread looks at it.
  constinit inline static thread_local magazine_shelf<depot> here_{};
  // tidy allows threads: likewise.
  constinit inline static thread_local thread_end::duty ending_{.run = &thread_magazine::close};
  // tidy allows threads: likewise.
  constinit inline static thread_local bool open_ = false;
};

/// The process's blocks of `Size` bytes for one purpose (`Tag`), through the calling thread's magazine.
/// Blocks of one tag and size are never used for anything else. Any thread; never given back to the
/// system.
template <std::size_t Size, class Tag = void>
class slab_of {
 public:
  using depot = basic_depot<Size>;

  [[nodiscard, gnu::always_inline]] static void* take() { return thread_magazine<slab_of>::take(); }
  [[gnu::always_inline]] static void give(void* memory) { thread_magazine<slab_of>::give(memory); }

  static depot& all() {
    static never_destroyed<depot> home([] { return depot(); });
    return *home;
  }
};

}  // namespace jacquard
