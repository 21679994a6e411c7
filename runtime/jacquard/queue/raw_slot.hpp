// jacquard/queue/raw_slot.hpp: room for one T that may or may not be there. Its owner knows which.
#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

namespace jacquard {

/// A copy of such a T is as good as the T, and is cheap on a path that is seldom taken.
template <class T>
inline constexpr bool small_and_plain = std::is_trivially_copyable_v<T> && sizeof(T) <= 256;

/// Uninitialised storage. `put` begins a T's life and `take` ends it; the caller keeps them in
/// turn.
template <class T>
class raw_slot {
 public:
  void put(T&& value) noexcept { std::construct_at(object(), std::move(value)); }
  [[nodiscard]] T take() noexcept {
    T* const there = std::launder(object());
    T value = std::move(*there);
    std::destroy_at(there);
    return value;
  }

 private:
  T* object() noexcept { return reinterpret_cast<T*>(bytes_); }

  alignas(T) std::byte bytes_[sizeof(T)];
};

}  // namespace jacquard
