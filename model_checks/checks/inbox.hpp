// checks/inbox.hpp: an actor's inbox hands out each letter once, starts its consumer once for each wake-up, and
// the consumer's own state goes with it from worker to worker.
//
// Claims   inbox: I1, I2, I3, E1, E3     inbox_order: I1, I3, E3, E4     inbox_reopened: I1, I4, E3
//          inbox_reused: I1, I5, E1, E3
#pragma once

#include <array>
#include <cstdint>
#include <utility>

#include <jacquard/actor/inbox.hpp>

namespace jacquard::checks {

/// What the checks below share: letters, and a consumer that one thread at a time runs.
template <sync::policy Sync>
struct alignas(8) inbox_post {
  sync::cell<Sync, inbox_post*> next{nullptr};
  sync::cell<Sync, std::uint32_t> content;
};
template <sync::policy Sync, unsigned Letters, template <class, class> class Inbox = basic_inbox>
class inbox_consumer {
 protected:
  using post = inbox_post<Sync>;

  push_result push(std::uint32_t number) {
    post& mine = posts_[number];
    mine.content.with_mut([&](std::uint32_t& content) { content = number; });
    return inbox_.push(mine);
  }

  // Only one thread at a time is here: what it touches is the actor's own.
  void consume() {
    consume([](post&) {});
  }
  // `give_back` gets each letter once the inbox lets go of it.
  template <class F>
  void consume(F give_back) {
    post* held = nullptr;
    for (;;) {
      if (post* const next_one = inbox_.take()) {
        if (held != nullptr && !inbox_.keeps(*held)) give_back(*std::exchange(held, nullptr));
        const std::uint32_t content =
            next_one->content.with([](const std::uint32_t& number) { return number; });
        seen_.with_mut([&](std::uint32_t& bits) {
          Sync::require((bits >> content & 1u) == 0, "I1: a letter was handed out twice");
          Sync::require(content % 2 == 0 || (bits >> (content - 1) & 1u) != 0,
                        "I2: a sender's second letter came before its first");
          bits |= 1u << content;
        });
        if (inbox_.keeps(*next_one)) {
          held = next_one;
        } else {
          give_back(*next_one);
        }
        continue;
      }
      if (inbox_.take_orders() && order_.load(std::memory_order::relaxed) != 0) {
        ordered_.with_mut([](bool& done) { done = true; });
      }
      switch (inbox_.try_idle()) {
        case idle_result::idle:
          if (held != nullptr) give_back(*held);
          return;
        case idle_result::more:
          break;
        case idle_result::finished:
          Sync::require(false, "I4: it is open");
      }
    }
  }

  std::array<post, Letters> posts_;
  Inbox<post, Sync> inbox_;
  sync::atomic<Sync, std::uint32_t> order_{0};
  sync::cell<Sync, std::uint32_t> seen_{0u};  // which letters, by number
  sync::cell<Sync, bool> ordered_{false};
};

/// The inbox of an actor from which senders may take a letter too: its gate names none that was handed out.
template <class Letter, class Sync>
class inbox_taken_out : public basic_inbox<Letter, Sync> {
 public:
  [[nodiscard]] Letter* take() noexcept { return this->take_out(); }
};

/// Each thread sends two letters, and runs the consumer when told to.
template <sync::policy Sync, unsigned Senders, template <class, class> class Inbox = basic_inbox>
class inbox : inbox_consumer<Sync, 2 * Senders, Inbox> {
 public:
  static constexpr unsigned thread_count = Senders;

  void before() { this->inbox_.reopen(false); }
  void thread(unsigned index) {
    for (std::uint32_t i = 0; i < 2; ++i) {
      const push_result pushed = this->push(2 * index + i);
      Sync::require(pushed != push_result::closed, "I4: refused although it is open");
      if (pushed == push_result::queued_schedule) this->consume();
    }
  }
  void after() {
    Sync::require(
        this->seen_.with([](const std::uint32_t& bits) { return bits; }) == (1u << 2 * Senders) - 1,
        "I1: a letter was lost");
  }
};

/// Thread 0 gives an order, thread 1 sends two letters; each runs the consumer when told to.
template <sync::policy Sync>
class inbox_order : inbox_consumer<Sync, 2> {
 public:
  static constexpr unsigned thread_count = 2;

  void before() { this->inbox_.reopen(false); }
  void thread(unsigned index) {
    if (index == 0) {
      this->order_.store(1, std::memory_order::relaxed);
      if (this->inbox_.raise()) this->consume();
      return;
    }
    for (std::uint32_t i = 0; i < 2; ++i) {
      if (this->push(i) == push_result::queued_schedule) this->consume();
    }
  }
  void after() {
    Sync::require(this->seen_.with([](const std::uint32_t& bits) { return bits; }) == 3,
                  "I1: a letter was lost");
    Sync::require(this->ordered_.with([](const bool& done) { return done; }),
                  "E4: an order was announced and not seen");
  }
};

/// Thread 0 sends a letter and, once that letter has come back, the same one again; thread 1 sends one of its own.
template <sync::policy Sync, template <class, class> class Inbox = basic_inbox>
class inbox_reused : inbox_consumer<Sync, 3, Inbox> {
 public:
  static constexpr unsigned thread_count = 2;

  void before() { this->inbox_.reopen(false); }
  void thread(unsigned index) {
    send(2 * index);
    if (index == 0 && back_.load(std::memory_order::acquire) != 0) {  // as the slab's free list
      again_ = true;
      post& mine = this->posts_[0];
      mine.content.with_mut([](std::uint32_t& content) { content = 1; });
      if (this->inbox_.push(mine) == push_result::queued_schedule) run();
    }
  }
  void after() {
    const std::uint32_t bits = this->seen_.with([](const std::uint32_t& seen) { return seen; });
    Sync::require(bits == (again_ ? 7u : 5u), "I5: a letter that was sent again was lost");
  }

 private:
  using post = typename inbox_consumer<Sync, 3, Inbox>::post;

  void send(unsigned number) {
    if (this->push(number) == push_result::queued_schedule) run();
  }
  void run() {
    this->consume([this](post& letter) {
      if (&letter == &this->posts_[0]) back_.store(1, std::memory_order::release);  // likewise
    });
  }

  sync::atomic<Sync, std::uint32_t> back_{0};
  bool again_ = false;  // thread 0's
};

/// Thread 0 opens an inbox for somebody new; thread 1 has an old address. What it sends is refused, or handed
/// to a consumer that sees what the new owner brought along.
template <sync::policy Sync>
class inbox_reopened : inbox_consumer<Sync, 1> {
 public:
  static constexpr unsigned thread_count = 2;

  void thread(unsigned index) {
    if (index == 0) {
      this->seen_.with_mut([](std::uint32_t& bits) { bits = 2; });  // the new owner's state
      this->inbox_.reopen(false);
      return;
    }
    const push_result pushed = this->push(0);
    if (pushed == push_result::queued_schedule) this->consume();
    accepted_ = pushed != push_result::closed;
  }
  void after() {
    Sync::require(
        this->seen_.with([](const std::uint32_t& bits) { return bits; }) == (accepted_ ? 3u : 2u),
        "I1: a letter was accepted and lost");
  }

 private:
  bool accepted_ = false;  // thread 1's
};

}  // namespace jacquard::checks
