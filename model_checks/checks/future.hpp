// checks/future.hpp: exactly one of reply, time-out and drop ends a future, and a promise of an earlier
// generation ends none.
//
// Claims   reply_vs_timeout: I1, I3, E1, E2      reuse: I2, I4
#pragma once

#include <cstdint>

#include <jacquard/actor/future.hpp>

namespace jacquard::checks {

/// Thread 0 waits (with a deadline, where Timed); thread 1 answers; thread 2, where Rivals is 2, fails it.
template <sync::policy Sync, bool Timed, unsigned Rivals>
class future_reply_vs_timeout {
 public:
  static constexpr unsigned thread_count = 1 + Rivals;

  void before() { promised_ = future_.promise(); }
  void thread(unsigned index) {
    switch (index) {
      case 0:
        wait();
        break;
      case 1:
        answered_ = promised_.fulfil(42u);
        break;
      default:
        failed_ = promised_.fail(reply_status::failed);
        break;
    }
  }
  void after() {
    const unsigned winners = (answered_ ? 1u : 0u) + (failed_ ? 1u : 0u) + (timed_out_ ? 1u : 0u);
    Sync::require(winners == 1, "I1: not exactly one ended the future");
    Sync::require(answered_ == (value_ == 42), "I1: the value is not the winner's");
  }

 private:
  void wait() {
    const auto until = Timed ? Sync::after(std::chrono::nanoseconds{1}) : sync::deadline::never();
    const reply_status how = future_.wait(until);
    timed_out_ = how == reply_status::timed_out;
    if (how == reply_status::ready) value_ = future_.take();
    Sync::require(Timed || !timed_out_, "nobody times out without a deadline");
  }

  basic_future_pool<std::uint32_t, Sync> pool_{1};
  basic_future<std::uint32_t, Sync> future_ = pool_.make();
  basic_promise<std::uint32_t, Sync> promised_;
  std::uint32_t value_ = 0;  // each is one thread's
  bool answered_ = false;
  bool failed_ = false;
  bool timed_out_ = false;
};

/// Thread 0 drops its future and makes another in the same slot; thread 1 answers the first one.
template <sync::policy Sync>
class future_reuse {
 public:
  static constexpr unsigned thread_count = 2;

  void before() {
    first_ = pool_.make();
    old_ = first_.promise();
  }
  void thread(unsigned index) {
    if (index == 1) {
      (void)old_.fulfil(1u);
      return;
    }
    first_ = {};
    second_ = pool_.make();
    Sync::require(second_.promise().fulfil(2u), "I2: an old promise ended a new future");
    Sync::require(second_.wait() == reply_status::ready, "I1: it was fulfilled");
    Sync::require(second_.take() == 2, "I2: a new future got an old answer");
  }

 private:
  basic_future_pool<std::uint32_t, Sync> pool_{1};
  basic_future<std::uint32_t, Sync> first_;
  basic_future<std::uint32_t, Sync> second_;
  basic_promise<std::uint32_t, Sync> old_;
};

}  // namespace jacquard::checks
