// jacquard/messaging/sleeper.hpp: a thread that waits on its own stack, and may leave as soon as it is woken.
//
// A waker hands out a permit and then calls the kernel with the permit's address. The sleeper may see the permit
// first, return, and end the life of the word that the waker is still naming. So it waits until the waker has
// let go.
//
// Shape       a parker, and a word: 0 the waker may still touch this, 1 it has let go
// Invariants  I1  A sleep that answers true was ended by exactly one wake, and nobody touches the sleeper any more.
// Ordering    E1  wake -> sleep   the waker's last touch.
//             (What the waker did before: the parker's E1.)
// Progress    wake is wait-free but for the kernel; sleep blocks, and at its end spins for as long as the waker
//             is in the kernel.
// Allocation  none.
// Checked by  model_checks: channel_exactly_once, channel_close, channel_deadline, where sleepers are on the
//             stack (I1, E1).
#pragma once

#include <atomic>
#include <cstdint>

#include <jacquard/queue/parker.hpp>
#include <jacquard/sync/native.hpp>
#include <jacquard/sync/policy.hpp>

namespace jacquard {

template <sync::policy Sync = sync::native>
class basic_sleeper {
 public:
  basic_sleeper() = default;
  basic_sleeper(const basic_sleeper&) = delete;
  basic_sleeper& operator=(const basic_sleeper&) = delete;

  /// Once. The sleeper may be gone when this returns.
  void wake() noexcept {
    parker_.unpark();
    let_go_.store(1, std::memory_order::release);  // E1 release
  }

  /// Owner only. False at the deadline, where it was not woken.
  [[nodiscard]] bool sleep(sync::deadline until = sync::deadline::never()) {
    if (!parker_.park(until)) return false;
    Sync::await([this] { return let_go_.load(std::memory_order::acquire) != 0; });  // E1 acquire
    return true;
  }

 private:
  basic_parker<Sync> parker_;
  sync::atomic<Sync, std::uint32_t> let_go_{0};
};

using sleeper = basic_sleeper<>;

}  // namespace jacquard
