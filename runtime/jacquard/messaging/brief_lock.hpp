// jacquard/messaging/brief_lock.hpp: a lock for sections of a few dozen instructions.
//
// Shape       one word: 0 free, 1 held.
// Invariants  I1  At most one thread is between lock and unlock.
// Ordering    E1  unlock -> lock   everything that was done under the lock.
// Progress    blocking. Who finds it held spins for about a microsecond, then yields the processor between
//             looks: a holder that lost its processor gets it back.
// Allocation  none.
// Why         a mutex that can put threads to sleep needs a read-modify-write to unlock, this one a store:
//             half the price where nobody competes. Not for sections that call the system or unknown code.
// Checked by  channel.test.cpp on real threads (I1, E1); model_checks: channel_brief_lock.
#pragma once

#include <atomic>
#include <cstdint>

#include <jacquard/sync/native.hpp>
#include <jacquard/sync/policy.hpp>

namespace jacquard {

template <sync::policy Sync = sync::native>
class basic_brief_lock {
 public:
  basic_brief_lock() = default;
  basic_brief_lock(const basic_brief_lock&) = delete;
  basic_brief_lock& operator=(const basic_brief_lock&) = delete;

  void lock() noexcept {
    while (word_.exchange(1, std::memory_order::acquire) != 0) [[unlikely]] {  // E1 acquire
        Sync::await(
            [this] { return word_.load(std::memory_order::relaxed) == 0; });  // exchange decides
      }
  }
  void unlock() noexcept { word_.store(0, std::memory_order::release); }  // E1 release

 private:
  sync::atomic<Sync, std::uint32_t> word_{0};
};

/// No lock: for what only one thread uses.
struct no_lock {
  void lock() const noexcept {}
  void unlock() const noexcept {}
};

}  // namespace jacquard
