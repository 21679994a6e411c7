// jacquard/queue/parker.hpp: one thread sleeps until it is handed a permit.
//
// Shape       one word: 0 no permit, 1 a permit.
// Invariants  I1  A permit ends exactly one park.
//             I2  A park that began before the permit was handed out does not sleep through it.
// Ordering    E1  unpark -> park   whatever the permit stands for: the waker's writes.
// Progress    unpark is wait-free but for the kernel's wake-up; park blocks.
// Allocation  none.
// Checked by  model_checks: parker (I1, I2, E1).
#pragma once

#include <atomic>
#include <cstdint>

#include <jacquard/sync/native.hpp>
#include <jacquard/sync/policy.hpp>

namespace jacquard {

template <sync::policy Sync = sync::native>
class basic_parker {
 public:
  basic_parker() = default;
  basic_parker(const basic_parker&) = delete;
  basic_parker& operator=(const basic_parker&) = delete;

  /// Hands out the permit. The previous one must have been taken.
  void unpark() noexcept {
    permit_.store(1, std::memory_order::release);  // E1 release
    Sync::wake_one(permit_);
  }

  /// Owner only. Sleeps until there is a permit and takes it; false at the deadline, with no permit
  /// taken.
  [[nodiscard]] bool park(sync::deadline until = sync::deadline::never()) {
    while (permit_.load(std::memory_order::acquire) == 0) {  // E1 acquire
      if (Sync::wait(permit_, 0, until) == sync::wait_status::timed_out) {
        if (permit_.load(std::memory_order::acquire) != 0) break;  // E1 acquire
        return false;
      }
    }
    permit_.store(
        0, std::memory_order::relaxed);  // only the next unpark, which this owner causes, follows
    return true;
  }

 private:
  sync::atomic<Sync, std::uint32_t> permit_{0};
};

using parker = basic_parker<>;

}  // namespace jacquard
