// checks/event_count.hpp: a notify that changed the condition and a waiter that registers do not miss each
// other.
//
// Claims   I1, E1
// Threads  0..n-1  waiters: until the condition holds
//          n       the notifier: makes the condition true, then notifies
#pragma once

#include <jacquard/queue/event_count.hpp>

namespace jacquard::checks {

template <sync::policy Sync, unsigned Waiters>
class event_count {
 public:
  static constexpr unsigned thread_count = Waiters + 1;

  void thread(unsigned index) {
    if (index == Waiters) {
      ready_.store(1, std::memory_order::relaxed);  // the event count's E1 orders it
      Waiters > 1 ? events_.notify_all() : events_.notify_one();
    } else {
      wait();
    }
  }

  // A waiter that sleeps for ever is a deadlock: the engine says so.

 private:
  void wait() {
    for (;;) {
      const auto registered = events_.prepare();
      if (ready_.load(std::memory_order::relaxed) == 1) {  // the event count's E1 orders it
        events_.cancel();
        return;
      }
      (void)events_.wait(registered);
    }
  }

  basic_event_count<Sync> events_;
  sync::atomic<Sync, std::uint32_t> ready_{0};
};

}  // namespace jacquard::checks
