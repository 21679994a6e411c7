// seeded_bugs/beyond_relacy.hpp: bugs that the C++20 memory model allows to bite and that Relacy cannot
// see. Each is registered for the explorer, and relacy_litmus/ shows that Relacy passes it.
#pragma once

#include <atomic>
#include <cstdint>

#include <jacquard/sync/policy.hpp>

namespace jacquard::bugs {

/// Believes that a compare-exchange looks at the newest value. A failing one is a load like any other, and
/// nothing orders x before the flag here.
template <sync::policy Sync>
class stale_compare_exchange {
 public:
  static constexpr unsigned thread_count = 2;

  void thread(unsigned index) {
    if (index == 0) {
      x_.store(1, std::memory_order::relaxed);
      flag_.store(1, std::memory_order::relaxed);
    } else if (flag_.load(std::memory_order::relaxed) == 1) {
      std::uint32_t expected = 1;
      const bool taken = x_.compare_exchange_strong(expected, 5, std::memory_order::relaxed,
                                                    std::memory_order::relaxed);
      Sync::require(taken, "the flag is up, so x is 1");
    }
  }

 private:
  sync::atomic<Sync, std::uint32_t> x_{0};
  sync::atomic<Sync, std::uint32_t> flag_{0};
};

/// Relies on the release sequences of C++11: since C++20 a plain store by the releasing thread ends one.
template <sync::policy Sync>
class release_sequence_of_cpp11 {
 public:
  static constexpr unsigned thread_count = 2;

  void thread(unsigned index) {
    if (index == 0) {
      page_.with_mut([](int& text) { text = 7; });
      state_.store(1, std::memory_order::release);
      state_.store(2, std::memory_order::relaxed);
    } else if (state_.load(std::memory_order::acquire) == 2) {
      page_.with([](const int& text) { (void)text; });
    }
  }

 private:
  sync::cell<Sync, int> page_{0};
  sync::atomic<Sync, std::uint32_t> state_{0};
};

/// Believes that what is read is at most one store behind.
template <sync::policy Sync>
class two_stores_back {
 public:
  static constexpr unsigned thread_count = 2;

  void thread(unsigned index) {
    if (index == 0) {
      for (std::uint32_t value = 1; value <= 3; ++value)
        x_.store(value, std::memory_order::relaxed);
      flag_.store(1, std::memory_order::relaxed);
    } else if (flag_.load(std::memory_order::relaxed) == 1) {
      Sync::require(x_.load(std::memory_order::relaxed) >= 2, "the flag is up, so x is nearly 3");
    }
  }

 private:
  sync::atomic<Sync, std::uint32_t> x_{0};
  sync::atomic<Sync, std::uint32_t> flag_{0};
};

/// Believes that of two writers one is last for both words.
template <sync::policy Sync>
class crossed_writes {
 public:
  static constexpr unsigned thread_count = 2;

  void thread(unsigned index) {
    words_[index].store(1, std::memory_order::relaxed);
    words_[1 - index].store(2, std::memory_order::relaxed);
  }
  void after() {
    const bool both = words_[0].load(std::memory_order::relaxed) == 1 &&
                      words_[1].load(std::memory_order::relaxed) == 1;
    Sync::require(!both, "the last writer of one word is the last writer of the other");
  }

 private:
  sync::atomic<Sync, std::uint32_t> words_[2];
};

}  // namespace jacquard::bugs
