// jacquard/env/native_frames.hpp: the process's coroutine frames, through the calling thread's magazines.
//
// It stands here, not in messaging/, because it is what the native environment adds to the frame pool: threads
// that own magazines, and the variable JACQUARD_POOL_CAPACITY.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <new>

#include <jacquard/memory/never_destroyed.hpp>
#include <jacquard/memory/slab.hpp>
#include <jacquard/messaging/frame_pool.hpp>

namespace jacquard {

/// The pool's capacity: how many free frames it keeps for reuse. JACQUARD_POOL_CAPACITY, in [1, 100000000];
/// 10000 where it is not set, and, with one line on stderr, where it says anything else. Read once.
[[nodiscard]] inline std::uint64_t pool_capacity() noexcept {
  static const std::uint64_t capacity = [] {
    const char* const text = std::getenv("JACQUARD_POOL_CAPACITY");
    if (text == nullptr) return pool_capacity_default;
    const std::uint64_t value = parse_pool_capacity(text);
    if (value != 0) return value;
    std::fprintf(stderr, "jacquard: JACQUARD_POOL_CAPACITY=%s: must be in [1, %llu]; using %llu\n",
                 text, static_cast<unsigned long long>(pool_capacity_max),
                 static_cast<unsigned long long>(pool_capacity_default));
    return pool_capacity_default;
  }();
  return capacity;
}

/// Coroutine frames. A frame may be given back by another thread than the one that took it.
class native_frames {
 public:
  /// Frames up to this size are pooled, in steps of `step`; larger ones come from operator new.
  static constexpr std::size_t pooled_max = 1024;
  static constexpr std::size_t step = 64;

 private:
  template <std::size_t Size>
  class size_class {
   public:
    using depot = basic_frame_depot<Size>;

    static void* take() {
      void* const memory = thread_magazine<size_class>::take();
      if (memory != nullptr) mark_used(memory, Size);
      return memory;
    }
    static void give(void* memory) {
      thread_magazine<size_class>::give(memory);
      mark_free<typename depot::block>(memory, Size);
    }

    static depot& all() {
      static never_destroyed<depot> home([] { return depot(budget()); });
      return *home;
    }
  };

  static basic_frame_budget<>& budget() {
    static never_destroyed<basic_frame_budget<>> shared(
        [] { return basic_frame_budget<>(pool_capacity()); });
    return *shared;
  }

  // The size is known where a coroutine is called, so this folds to one of its lines.
  template <class F>
  static decltype(auto) with_class(std::size_t size, F&& use) {
    switch ((size - 1) / step) {
      case 0:
        return use(size_class<1 * step>{});
      case 1:
        return use(size_class<2 * step>{});
      case 2:
        return use(size_class<3 * step>{});
      case 3:
        return use(size_class<4 * step>{});
      case 4:
        return use(size_class<5 * step>{});
      case 5:
        return use(size_class<6 * step>{});
      case 6:
        return use(size_class<7 * step>{});
      case 7:
        return use(size_class<8 * step>{});
      case 8:
        return use(size_class<9 * step>{});
      case 9:
        return use(size_class<10 * step>{});
      case 10:
        return use(size_class<11 * step>{});
      case 11:
        return use(size_class<12 * step>{});
      case 12:
        return use(size_class<13 * step>{});
      case 13:
        return use(size_class<14 * step>{});
      case 14:
        return use(size_class<15 * step>{});
      default:
        return use(size_class<16 * step>{});
    }
  }

 public:
  /// Throws std::bad_alloc where memory is out.
  [[nodiscard]] static void* take(std::size_t size) {
    if (size > pooled_max) [[unlikely]]
      return ::operator new(size);
    void* const memory = with_class(size, [](auto pool) { return pool.take(); });
    if (memory == nullptr) [[unlikely]]
      throw std::bad_alloc();
    return memory;
  }
  /// `size` as it was taken.
  static void give(void* memory, std::size_t size) noexcept {
    if (size > pooled_max) [[unlikely]]
      return ::operator delete(memory, size);
    with_class(size, [memory](auto pool) { pool.give(memory); });
  }
};

}  // namespace jacquard
