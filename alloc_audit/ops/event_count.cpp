// Operations of the event count: prepare, cancel, notify, and two threads that wait for each other.
#include <jacquard/queue/event_count.hpp>

#include <atomic>
#include <thread>

#include "ops/op.hpp"

namespace jacquard::audit {
namespace {

std::uint64_t notify(std::uint64_t n) {
  event_count events;
  std::uint64_t done = 0;
  for (; done < n; ++done) {
    (void)events.prepare();
    events.cancel();
    events.notify_one();
    events.notify_all();
  }
  return done;
}

// Two threads take turns; each sleeps while it is the other's.
std::uint64_t wait(std::uint64_t n) {
  event_count events;
  std::atomic<std::uint64_t> turn{0};
  const auto play = [&](std::uint64_t parity) {
    for (;;) {
      const auto key = events.prepare();
      const std::uint64_t now = turn.load(std::memory_order::acquire);
      if (now >= 2 * n || now % 2 == parity) {
        events.cancel();
        if (now >= 2 * n) return;
        turn.store(now + 1, std::memory_order::release);
        events.notify_all();
      } else {
        (void)events.wait(key);
      }
    }
  };
  std::thread other([&] { play(1); });
  play(0);
  other.join();
  return turn.load(std::memory_order::acquire) / 2;
}

const registered all[] = {{"event_count.notify", notify}, {"event_count.wait", wait}};

}  // namespace
}  // namespace jacquard::audit
