// jacquard/actor/answered.hpp: what became of a question: the answer, or why there is none.
#pragma once

#include <optional>
#include <utility>

#include <jacquard/actor/future.hpp>
#include <jacquard/actor/reply_status.hpp>
#include <jacquard/sync/native.hpp>

namespace jacquard {

/// A value, or the reason why there is none.
template <class T>
class answered {
 public:
  /// Of a future that has ended. It takes the value out.
  explicit answered(future<T>& ended) noexcept : status_(ended.status()) {
    if (status_ == reply_status::ready) value_.emplace(ended.take());
  }
  explicit answered(reply_status why) noexcept : status_(why) {
    sync::native::require(why != reply_status::ready, "a missing answer has a reason");
  }
  answered(const answered&) = default;
  answered(answered&&) noexcept = default;
  answered& operator=(const answered&) = default;
  answered& operator=(answered&&) noexcept = default;
  // Not defaulted: a small trivial one would come back in registers, and g++ 12 takes the part of the optional that
  // has no value for an uninitialised one.
  ~answered() {}

  [[nodiscard]] reply_status status() const noexcept { return status_; }
  [[nodiscard]] explicit operator bool() const noexcept { return value_.has_value(); }
  /// Where there is a value.
  [[nodiscard]] T& operator*() & noexcept { return *value_; }
  [[nodiscard]] const T& operator*() const& noexcept { return *value_; }
  [[nodiscard]] T&& operator*() && noexcept { return std::move(*value_); }
  [[nodiscard]] T* operator->() noexcept { return &*value_; }

 private:
  reply_status status_;
  std::optional<T> value_;
};

}  // namespace jacquard
