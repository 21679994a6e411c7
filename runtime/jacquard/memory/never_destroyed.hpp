// jacquard/memory/never_destroyed.hpp: an object of the process that is there for whoever ends last.
//
//   static pool& all() {
//     static never_destroyed<pool> here([] { return pool(64); });
//     return *here;
//   }
//
// A static object is destroyed while threads may still use it, and one that is made by `new` is not; but then memory
// may be out where nobody can say so, such as a send that does not throw. This one is static storage, and its
// destructor does nothing.
#pragma once

#include <cstddef>
#include <new>
#include <type_traits>

namespace jacquard {

/// Room for a T, made where this is made. Nothing is allocated but by T's constructor; T's destructor is not called.
template <class T>
class never_destroyed {
 public:
  /// `make()` returns the T, which is built in place.
  template <class Make>
  requires std::is_same_v<std::invoke_result_t<Make&>, T>
  explicit never_destroyed(Make&& make) noexcept(noexcept(make())) {
    ::new (static_cast<void*>(room_)) T(make());
  }
  never_destroyed(const never_destroyed&) = delete;
  never_destroyed& operator=(const never_destroyed&) = delete;

  [[nodiscard]] T& operator*() noexcept { return *std::launder(reinterpret_cast<T*>(room_)); }

 private:
  alignas(T) std::byte room_[sizeof(T)];
};

}  // namespace jacquard
