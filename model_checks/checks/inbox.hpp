// checks/inbox.hpp: an actor's inbox hands out each letter once, starts its consumer once for each wake-up, and
// the consumer's own state goes with it from worker to worker.
//
// Claims   I1, I2, I3, E1, E3, E4
// Threads  each sends a letter (thread 0 raises an order as well) and runs the consumer when told to
#pragma once

#include <array>
#include <cstdint>

#include <jacquard/actor/inbox.hpp>

namespace jacquard::checks {

template <sync::policy Sync, unsigned Senders, bool Order>
class inbox {
 public:
  static constexpr unsigned thread_count = Senders;

  void before() { inbox_.reopen(false); }

  void thread(unsigned index) {
    for (std::uint32_t i = 0; i < 2; ++i) {
      post& mine = posts_[2 * index + i];
      mine.content.with_mut([&](std::uint32_t& content) { content = 2 * index + i; });
      switch (inbox_.push(mine)) {
        case push_result::queued_schedule:
          consume();
          break;
        case push_result::queued:
          break;
        case push_result::full:
        case push_result::closed:
          Sync::require(false, "I4: refused although it is open");
      }
    }
    if (Order && index == 0) {
      order_.store(1, std::memory_order::relaxed);
      if (inbox_.raise()) consume();
    }
  }

  void after() {
    Sync::require(
        seen_.with([](const std::uint32_t& bits) { return bits; }) == (1u << 2 * Senders) - 1,
        "I1: a letter was lost");
    Sync::require(!Order || ordered_.with([](const bool& done) { return done; }),
                  "E4: an order was announced and not seen");
  }

 private:
  struct alignas(8) post {
    sync::cell<Sync, post*> next{nullptr};
    sync::cell<Sync, std::uint32_t> content;
  };

  // Only one thread at a time is here: what it touches is the actor's own.
  void consume() {
    for (;;) {
      if (inbox_.take_orders() && order_.load(std::memory_order::relaxed) != 0) {
        ordered_.with_mut([](bool& done) { done = true; });
      }
      if (post* const next_one = inbox_.take()) {
        const std::uint32_t content =
            next_one->content.with([](const std::uint32_t& number) { return number; });
        seen_.with_mut([&](std::uint32_t& bits) {
          Sync::require((bits >> content & 1u) == 0, "I1: a letter was handed out twice");
          Sync::require(content % 2 == 0 || (bits >> (content - 1) & 1u) != 0,
                        "I2: a sender's second letter came before its first");
          bits |= 1u << content;
        });
        continue;
      }
      switch (inbox_.try_idle()) {
        case idle_result::idle:
          return;
        case idle_result::more:
          break;
        case idle_result::finished:
          Sync::require(false, "I4: it is open");
      }
    }
  }

  std::array<post, std::size_t{2} * Senders> posts_;
  basic_inbox<post, Sync> inbox_;
  sync::atomic<Sync, std::uint32_t> order_{0};
  sync::cell<Sync, std::uint32_t> seen_{0u};
  sync::cell<Sync, bool> ordered_{false};
};

}  // namespace jacquard::checks
