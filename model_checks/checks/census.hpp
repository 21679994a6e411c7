// checks/census.hpp: who waits until nobody is alive returns when that is so, and not before.
//
// Claims   I1, I2, E1 of census.hpp
// Threads  0  a worker: the first actor begins a second one and ends; then the second ends here, unless it was taken
//          1  a worker that takes the second actor where it finds it; it ends there
//          2  waits until it is empty, and looks at what the actors left
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include <jacquard/actor/census.hpp>

namespace jacquard::checks {

/// `First`: where the first actor ends; 2: as on a thread that is no worker.
template <sync::policy Sync, class Census = basic_census<Sync>, std::uint32_t First = 0>
class census {
 public:
  static constexpr unsigned thread_count = 3;

  void before() { census_.began(2); }  // by a thread that is no worker
  void thread(unsigned index) {
    if (index == 2) {
      (void)census_.wait_until_empty();
      for (unsigned i = 0; i < 2; ++i) {
        Sync::require(ended_[i].load(std::memory_order::relaxed) == 1,  // E1 shows it
                      "I1: it was said to be empty while an actor was alive");
        left_[i].with([](const std::uint32_t& what) { Sync::require(what == 1, "E1: stale"); });
      }
      return;
    }
    if (index == 0) {
      census_.began(0);
      second_.store(1, std::memory_order::release);
      end(0, First);
    }
    if (second_.exchange(0, std::memory_order::acquire) == 1) end(1, index);
  }
  // A waiter that sleeps for ever is a deadlock: the engine says so.

 private:
  void end(unsigned which, std::uint32_t at) {
    left_[which].with_mut([](std::uint32_t& what) { what = 1; });
    ended_[which].store(1, std::memory_order::relaxed);  // likewise
    census_.ended(at);
  }

  Census census_{2};
  sync::atomic<Sync, std::uint32_t> second_{0};
  std::array<sync::atomic<Sync, std::uint32_t>, 2> ended_{};
  std::array<sync::cell<Sync, std::uint32_t>, 2> left_{};  // race-checked
};

}  // namespace jacquard::checks
