// checks/ask_fast_reply.hpp: an answer that comes while the question is still being sent is not lost: whoever asks
// makes the place for the answer before anybody can see the question.
//
// Claims   I1, I3, E1 of future
// Threads  0  asks: makes the future, publishes its promise, waits without a deadline
//          1  answers at once
#pragma once

#include <atomic>
#include <cstdint>

#include <jacquard/actor/future.hpp>

namespace jacquard::checks {

template <sync::policy Sync>
class ask_fast_reply {
 public:
  static constexpr unsigned thread_count = 2;

  void thread(unsigned index) {
    if (index == 0) {
      auto answer = pool_.make();
      question_.with_mut([&](promise& asked) { asked = answer.promise(); });
      published_.store(1, std::memory_order::release);
      const reply_status how = answer.wait();
      Sync::require(how == reply_status::ready && answer.take() == 42, "I1: the answer is another");
    } else {
      Sync::await([this] { return published_.load(std::memory_order::acquire) == 1; });
      const promise asked = question_.with([](const promise& known) { return known; });
      Sync::require(asked.fulfil(42u), "I1: nobody waits for the answer");
    }
  }

 private:
  using promise = basic_promise<std::uint32_t, Sync>;
  basic_future_pool<std::uint32_t, Sync> pool_{1};
  sync::cell<Sync, promise> question_;
  sync::atomic<Sync, std::uint32_t> published_{0};
};

}  // namespace jacquard::checks
