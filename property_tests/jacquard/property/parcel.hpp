// jacquard/property/parcel.hpp: a message that can be tracked: move-only, with an id, a size in bytes, and a
// ledger that knows how many are alive.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <jacquard/mailbox/mailbox.hpp>
#include <jacquard/sync/native.hpp>
#include <utility>

namespace jacquard::property {

/// Counts parcels. Outlives them. Thread-safe.
struct parcel_ledger {
  std::atomic<std::int64_t> objects{0};   // constructed and not destroyed, moved-from ones too
  std::atomic<std::int64_t> contents{0};  // made and not destroyed; a move is neither
};

/// A message with contents, or the shell of one that was moved from (id 0). Destroying one twice, or what
/// never was one, ends the program.
class parcel {
 public:
  /// `id` is not 0. `bytes` is what payload_bytes reports; nothing of that size is allocated.
  parcel(parcel_ledger& ledger, std::uint64_t id, std::size_t bytes = sizeof(std::uint64_t))
      : ledger_(&ledger), id_(id), bytes_(bytes) {
    ledger_->objects.fetch_add(1, std::memory_order::relaxed);   // only counted
    ledger_->contents.fetch_add(1, std::memory_order::relaxed);  // only counted
  }
  parcel(parcel&& other) noexcept
      : ledger_(other.ledger_), id_(std::exchange(other.id_, 0)), bytes_(other.bytes_) {
    ledger_->objects.fetch_add(1, std::memory_order::relaxed);  // only counted
  }
  parcel& operator=(parcel&& other) noexcept {
    if (this == &other) return *this;
    discard();
    id_ = std::exchange(other.id_, 0);
    bytes_ = other.bytes_;
    return *this;
  }
  parcel(const parcel&) = delete;
  parcel& operator=(const parcel&) = delete;
  ~parcel() {
    sync::native::require(mark_ == alive, "a parcel is destroyed once");
    discard();
    mark_ = dead;
    ledger_->objects.fetch_sub(1, std::memory_order::relaxed);  // only counted
  }

  /// 0 where its contents were moved out.
  [[nodiscard]] std::uint64_t id() const noexcept { return id_; }
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

 private:
  static constexpr std::uint32_t alive = 0xa11'fe11u;
  static constexpr std::uint32_t dead = 0xdead'dead;

  void discard() noexcept {
    if (id_ != 0) ledger_->contents.fetch_sub(1, std::memory_order::relaxed);  // only counted
    id_ = 0;
  }

  parcel_ledger* ledger_;
  std::uint64_t id_;
  std::size_t bytes_;
  volatile std::uint32_t mark_ = alive;  // volatile: the last store is for whoever comes too late
};

/// A control message. Distinct from every message by its type.
struct signal {
  std::uint64_t id = 0;
};

}  // namespace jacquard::property

template <>
struct jacquard::payload_bytes<jacquard::property::parcel> {
  [[nodiscard]] static std::size_t of(const property::parcel& message) noexcept {
    return message.bytes();
  }
};
