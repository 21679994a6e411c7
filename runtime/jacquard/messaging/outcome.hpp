// jacquard/messaging/outcome.hpp: how a strand ended: with a value, with an exception, or not yet.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

namespace jacquard {

/// Room for a value or an exception. Trivially destructible on purpose: it stands in awaiters, which live in
/// coroutine frames across a suspension. Whoever owns it calls `take` or `drop` where something is in it.
template <class T>
class outcome {
  static_assert(std::is_void_v<T> || std::is_object_v<T>,
                "a strand returns a value or nothing; return a pointer instead of a reference");
  static_assert(std::is_void_v<T> || std::is_nothrow_move_constructible_v<T>,
                "a strand's result must not throw when it is moved");

 public:
  struct nothing {};
  using value_type = std::conditional_t<std::is_void_v<T>, nothing, T>;

  outcome() noexcept {}
  outcome(const outcome&) = delete;
  outcome& operator=(const outcome&) = delete;

  [[nodiscard]] bool is_set() const noexcept { return kind_ != kind::none; }
  [[nodiscard]] bool is_error() const noexcept { return kind_ == kind::error; }

  template <class... Args>
  void set_value(Args&&... args) {
    ::new (static_cast<void*>(room_)) value_type(std::forward<Args>(args)...);
    kind_ = kind::value;
  }
  void set_error(std::exception_ptr error) noexcept {
    ::new (static_cast<void*>(room_)) std::exception_ptr(std::move(error));
    kind_ = kind::error;
  }

  /// Moves what is here into `other`, which is empty.
  void move_to(outcome& other) noexcept {
    if (kind_ == kind::value) other.set_value(std::move(value()));
    if (kind_ == kind::error) other.set_error(std::move(error()));
    drop();
  }

  /// The value; throws where it is an exception. One of the two is here.
  T take() {
    if (kind_ == kind::error) std::rethrow_exception(take_error());
    if constexpr (std::is_void_v<T>) {
      kind_ = kind::none;
    } else {
      T result = std::move(value());
      drop();
      return result;
    }
  }
  [[nodiscard]] std::exception_ptr take_error() noexcept {
    std::exception_ptr thrown = std::move(error());
    drop();
    return thrown;
  }

  void drop() noexcept {
    if (kind_ == kind::value) std::destroy_at(&value());
    if (kind_ == kind::error) std::destroy_at(&error());
    kind_ = kind::none;
  }

 private:
  enum class kind : std::uint8_t { none, value, error };

  value_type& value() noexcept { return *std::launder(reinterpret_cast<value_type*>(room_)); }
  std::exception_ptr& error() noexcept {
    return *std::launder(reinterpret_cast<std::exception_ptr*>(room_));
  }

  alignas(value_type) alignas(
      std::exception_ptr) std::byte room_[std::max(sizeof(value_type), sizeof(std::exception_ptr))];
  kind kind_ = kind::none;
};

static_assert(std::is_trivially_destructible_v<outcome<int>>);

}  // namespace jacquard
