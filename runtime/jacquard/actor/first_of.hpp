// jacquard/actor/first_of.hpp: waits for the first of several futures, and lets go of the others.
//
// Shape       word_  how many futures have ended, and whether the waiter sleeps. It stands in the waiter's frame as the
//             executor of each future; the futures stay their owner's, those that have not ended as well.
// Invariants  I1  A waiter that sleeps is woken exactly once, by the first future that ends.
//             I2  When the waiter goes on, no future that it was registered with touches this any more.
// Ordering    E1  schedule -> let_go   that a completer has let go.
//             E2  asleep -> schedule   the waiter's own state, which the first completer makes run.
// Progress    wait-free, but for the end: it waits for completers that are between settling a future and waking
//             its waiter.
// Allocation  none.
// Checked by  model_checks: future.first_of (I1, I2, E1, E2); await_future.test.cpp.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

#include <jacquard/actor/future.hpp>
#include <jacquard/actor/task.hpp>
#include <jacquard/sync/native.hpp>
#include <jacquard/sync/policy.hpp>

namespace jacquard {

template <class T, sync::policy Sync = sync::native>
class basic_first_of final : public executor {
 public:
  using futures = std::span<basic_future<T, Sync>>;

  /// No future in the world.
  static constexpr std::size_t none = static_cast<std::size_t>(-1);

  /// `who` waits and goes on at `where`.
  basic_first_of(futures of, task& who, executor& where) noexcept
      : all_(of), who_(who), where_(where) {}

  /// The waiter, first: registers with every future, up to the first that has ended already. False where there
  /// is one, or no future at all: it need not sleep.
  [[nodiscard]] bool registers() {
    while (registered_ < all_.size() && all_[registered_].await(who_, *this)) ++registered_;
    return registered_ == all_.size() && !all_.empty();
  }
  /// The waiter, before it sleeps, as the last thing that it does. False where a future has ended meanwhile: it
  /// does not sleep, and will not be woken.
  [[nodiscard]] bool asleep() noexcept {
    return word_.fetch_or(sleeping, std::memory_order::release) == 0;  // E2 release
  }
  /// The waiter that wakes by itself, at a deadline. False where a completer is about to wake it: it must not go
  /// on before that.
  [[nodiscard]] bool awake() noexcept {
    return word_.fetch_and(~sleeping, std::memory_order::relaxed) ==
           sleeping;  // let_go orders the rest
  }
  /// The waiter, at last: no future knows of it any more. The first in the row that has ended; none where that
  /// is none, as after a deadline.
  [[nodiscard]] std::size_t let_go() {
    std::uint32_t coming = 0;
    for (std::size_t i = 0; i < registered_; ++i) {
      if (!all_[i].forget()) ++coming;
    }
    Sync::await([&] {
      return word_.load(std::memory_order::acquire) / one_call == coming;  // E1 acquire
    });
    for (std::size_t i = 0; i < all_.size(); ++i) {
      if (all_[i].is_ready()) return i;
    }
    return none;
  }

  /// A future's completer.
  void schedule(task&, urgency when) noexcept override {
    const std::uint32_t before =
        word_.fetch_add(one_call, std::memory_order::acq_rel);  // E1 release, E2 acquire
    if (before == sleeping) where_.schedule(who_, when);
  }

 private:
  static constexpr std::uint32_t sleeping = 1;
  static constexpr std::uint32_t one_call = 2;

  futures all_;
  task& who_;
  executor& where_;
  std::size_t registered_ = 0;
  sync::atomic<Sync, std::uint32_t> word_{0};
};

}  // namespace jacquard
