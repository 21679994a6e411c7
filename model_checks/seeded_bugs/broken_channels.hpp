// seeded_bugs/broken_channels.hpp: a channel over a lock that does not exclude, to be caught by the channel's
// own checks. (Broken policies below it: broken_policies.hpp.)
#pragma once

#include <atomic>
#include <cstdint>

#include <checks/channel_exchange.hpp>
#include <seeded_bugs/broken_policies.hpp>

namespace jacquard::bugs {

/// Looks whether it is free, and takes it in a second step: two threads may look before either takes.
template <sync::policy Sync>
class looks_first {
 public:
  void lock() noexcept {
    Sync::await([this] { return word_.load(std::memory_order::acquire) == 0; });
    word_.store(1, std::memory_order::relaxed);
  }
  void unlock() noexcept { word_.store(0, std::memory_order::release); }

 private:
  sync::atomic<Sync, std::uint32_t> word_{0};
};

}  // namespace jacquard::bugs
