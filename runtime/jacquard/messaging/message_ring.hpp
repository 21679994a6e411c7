// jacquard/messaging/message_ring.hpp: messages in a row, first in, first out, for one owner at a time.
#pragma once

#include <bit>
#include <cstdint>
#include <utility>

#include <jacquard/mailbox/mailbox.hpp>
#include <jacquard/queue/raw_slot.hpp>
#include <jacquard/sync/policy.hpp>

namespace jacquard {

/// Holds up to `capacity` messages (0 holds none), or, `unbounded`, doubles its room when it is full and keeps
/// what it has grown to. Not for two threads at once.
template <class T, sync::policy Sync>
class message_ring {
 public:
  explicit message_ring(std::uint32_t capacity) : capacity_(capacity) {
    if (capacity_ == 0) return;
    const bool room = make(capacity_ == unbounded ? first_places : std::bit_ceil(capacity_));
    Sync::require(room, "memory for the channel's messages");
  }
  ~message_ring() {
    while (!is_empty()) (void)pop();
    if (places_ != nullptr) Sync::destroy_array(places_, mask_ + 1);
  }
  message_ring(const message_ring&) = delete;
  message_ring& operator=(const message_ring&) = delete;

  [[nodiscard]] bool is_empty() const noexcept { return pushed_ == popped_; }
  [[nodiscard]] std::uint64_t size() const noexcept { return pushed_ - popped_; }
  [[nodiscard]] std::uint32_t capacity() const noexcept { return capacity_; }

  /// False, and nothing is moved, where there is no room (or, unbounded, no memory).
  [[nodiscard]] bool push(T& message) noexcept {
    if (size() >= capacity_) return false;
    if (size() > mask_ && !grow()) return false;  // only an unbounded one has fewer places
    places_[pushed_++ & mask_].put(std::move(message));
    return true;
  }
  /// There is one.
  [[nodiscard]] T pop() noexcept { return places_[popped_++ & mask_].take(); }

 private:
  static constexpr std::uint64_t first_places = 64;

  bool make(std::uint64_t count) {
    places_ = Sync::template create_array<raw_slot<T>>(count);
    if (places_ == nullptr) return false;
    mask_ = count - 1;
    return true;
  }
  [[gnu::noinline]] bool grow() noexcept {
    raw_slot<T>* const old = places_;
    const std::uint64_t old_mask = mask_;
    if (!make(2 * (old_mask + 1))) {
      places_ = old;
      return false;
    }
    for (std::uint64_t i = popped_; i != pushed_; ++i) {
      places_[i & mask_].put(old[i & old_mask].take());
    }
    Sync::destroy_array(old, old_mask + 1);
    return true;
  }

  const std::uint32_t capacity_;
  raw_slot<T>* places_ = nullptr;
  std::uint64_t mask_ = 0;  // places - 1
  std::uint64_t pushed_ = 0;
  std::uint64_t popped_ = 0;
};

}  // namespace jacquard
