// checks/channel_exchange.hpp: a channel hands each message over once, in order, and nobody sleeps through it.
//
// Claims   channel_brief_lock: I1, E1 of the lock
//          channel_exactly_once, channel_order: I1, I2, I3     channel_close: I1, I4
//          channel_deadline: I1, I3
// Bound    plain threads, which park; strands take the same steps under the lock and are resumed instead.
#pragma once

#include <chrono>
#include <cstdint>

#include <jacquard/messaging/brief_lock.hpp>
#include <jacquard/messaging/channel.hpp>

namespace jacquard::checks {

/// Each thread adds one under the lock.
template <sync::policy Sync, unsigned Threads>
class channel_brief_lock {
 public:
  static constexpr unsigned thread_count = Threads;

  void thread(unsigned /*index*/) {
    lock_.lock();
    count_.with_mut([](unsigned& count) { ++count; });
    lock_.unlock();
  }
  void after() {
    Sync::require(count_.with([](const unsigned& count) { return count; }) == Threads,
                  "I1: two threads were inside the lock at once");
  }

 private:
  basic_brief_lock<Sync> lock_;
  sync::cell<Sync, unsigned> count_{0u};
};

/// What the checks below share: numbered letters, whose content a model watches.
template <sync::policy Sync, unsigned Letters, class Lock = typename Sync::mutex>
class channel_post {
 protected:
  explicit channel_post(std::uint32_t capacity) : channel_({.capacity = capacity}) {}

  using letter = sync::cell<Sync, unsigned>;

  letter* written(unsigned number) {
    letters_[number].with_mut([&](unsigned& content) { content = number + 1; });
    return &letters_[number];
  }
  static unsigned read(letter* got) {
    return got->with([](const unsigned& content) { return content; }) - 1;
  }

  letter letters_[Letters];
  basic_channel<letter*, Sync, Lock> channel_;
};

/// Senders send one letter each; as many receivers receive one each.
template <sync::policy Sync, unsigned Senders, unsigned Receivers, std::uint32_t Capacity,
          class Lock = typename Sync::mutex>
class channel_exactly_once : channel_post<Sync, Senders, Lock> {
  static_assert(Senders % Receivers == 0);

 public:
  static constexpr unsigned thread_count = Senders + Receivers;

  channel_exactly_once() : channel_post<Sync, Senders, Lock>(Capacity) {}

  void thread(unsigned index) {
    if (index < Senders) {
      Sync::require(this->channel_.wait_send(this->written(index)) == send_result::accepted,
                    "I4: refused although it is open");
      return;
    }
    for (unsigned i = 0; i < Senders / Receivers; ++i) {
      auto got = this->channel_.wait_receive();
      Sync::require(got.status() == receive_status::message, "I3: told that nothing comes");
      got_[index - Senders] |= 1u << this->read(*got);
    }
  }
  void after() {
    unsigned all = 0;
    for (const unsigned each : got_) {
      Sync::require((all & each) == 0, "I1: a letter was received twice");
      all |= each;
    }
    Sync::require(all == (1u << Senders) - 1, "I1: a letter was lost");
  }

 private:
  unsigned got_[Receivers] = {};  // each receiver's own
};

/// One sender sends two letters; one receiver takes both, in their order.
template <sync::policy Sync, std::uint32_t Capacity>
class channel_order : channel_post<Sync, 2> {
 public:
  static constexpr unsigned thread_count = 2;

  channel_order() : channel_post<Sync, 2>(Capacity) {}

  void thread(unsigned index) {
    for (unsigned i = 0; i < 2; ++i) {
      if (index == 0) {
        Sync::require(this->channel_.wait_send(this->written(i)) == send_result::accepted,
                      "I4: refused although it is open");
      } else {
        auto got = this->channel_.wait_receive();
        Sync::require(got && this->read(*got) == i, "I2: the second letter came first");
      }
    }
  }
};

/// Thread 0 sends until it is refused, at most twice; thread 1 receives until it is told that nothing comes;
/// thread 2 closes.
template <sync::policy Sync, std::uint32_t Capacity>
class channel_close : channel_post<Sync, 2> {
 public:
  static constexpr unsigned thread_count = 3;

  channel_close() : channel_post<Sync, 2>(Capacity) {}

  void thread(unsigned index) {
    if (index == 2) {
      Sync::require(this->channel_.close(), "I4: somebody else closed it");
    } else if (index == 1) {
      for (auto got = this->channel_.wait_receive(); got; got = this->channel_.wait_receive()) {
        Sync::require(this->read(*got) == received_, "I2: the second letter came first");
        ++received_;
      }
    } else {
      while (accepted_ < 2 &&
             this->channel_.wait_send(this->written(accepted_)) == send_result::accepted) {
        ++accepted_;
      }
    }
  }
  void after() {
    Sync::require(accepted_ == received_, "I4: what was accepted and what was received differ");
    Sync::require(this->channel_.try_send(this->written(0)) == send_result::closed,
                  "I4: accepted after close");
  }

 private:
  unsigned accepted_ = 0;  // thread 0's
  unsigned received_ = 0;  // thread 1's
};

/// Both may give up; what the sender hands over arrives, and what it keeps does not.
template <sync::policy Sync, std::uint32_t Capacity>
class channel_deadline : channel_post<Sync, 1> {
 public:
  static constexpr unsigned thread_count = 2;

  channel_deadline() : channel_post<Sync, 1>(Capacity) {}

  void thread(unsigned index) {
    const sync::deadline soon = Sync::after(std::chrono::milliseconds(1));
    if (index == 0) {
      accepted_ = this->channel_.wait_send(this->written(0), soon) == send_result::accepted;
    } else if (auto got = this->channel_.wait_receive(soon)) {
      received_ = this->read(*got) == 0;
    }
  }
  void after() {
    if (accepted_ && !received_) received_ = static_cast<bool>(this->channel_.try_receive());
    Sync::require(accepted_ == received_, "I1: a letter was given up and received, or lost");
  }

 private:
  bool accepted_ = false;  // thread 0's
  bool received_ = false;  // thread 1's
};

}  // namespace jacquard::checks
