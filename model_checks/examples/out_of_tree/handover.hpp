// A user's own class: one writer hands one value to one reader, without a lock. It has a bug.
#pragma once

#include <atomic>
#include <cstdint>

#include <jacquard/sync/native.hpp>
#include <jacquard/sync/policy.hpp>

namespace office {

template <class T, jacquard::sync::policy Sync = jacquard::sync::native>
class basic_handover {
 public:
  /// The writer, once.
  void put(T value) {
    value_.with_mut([&](T& room) { room = value; });
    ready_.store(1, std::memory_order::relaxed);  // the bug: nothing publishes the value
  }

  /// The reader. False while there is nothing.
  [[nodiscard]] bool take(T& value) {
    if (ready_.load(std::memory_order::acquire) == 0) return false;
    value = value_.with([](const T& room) { return room; });
    return true;
  }

 private:
  jacquard::sync::cell<Sync, T> value_;
  jacquard::sync::atomic<Sync, std::uint32_t> ready_{0};
};

}  // namespace office
