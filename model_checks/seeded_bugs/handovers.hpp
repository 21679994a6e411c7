// seeded_bugs/handovers.hpp: what is handed over is not ready, or nobody is told.
#pragma once

#include <atomic>
#include <cstdint>

#include <jacquard/queue/event_count.hpp>
#include <jacquard/sync/policy.hpp>

namespace jacquard::bugs {

/// The reader goes by the claim of a place, not by its publication.
template <sync::policy Sync>
class unpublished_read {
 public:
  static constexpr unsigned thread_count = 2;

  void thread(unsigned index) {
    if (index == 0) {
      claimed_.fetch_add(1, std::memory_order::acq_rel);
      place_.with_mut([](int& letter) { letter = 7; });
      published_.store(1, std::memory_order::release);
    } else if (claimed_.load(std::memory_order::acquire) ==
               1) {  // published_ is the word to look at
      place_.with([](const int& letter) { (void)letter; });
    }
  }

 private:
  sync::atomic<Sync, std::uint32_t> claimed_{0};
  sync::atomic<Sync, std::uint32_t> published_{0};
  sync::cell<Sync, int> place_{0};
};

/// A node is published before its fields are visible.
template <sync::policy Sync>
class published_too_early {
 public:
  static constexpr unsigned thread_count = 2;

  void thread(unsigned index) {
    if (index == 0) {
      current_.store(Sync::template create<node>(), std::memory_order::relaxed);
    } else if (node* const seen = current_.load(std::memory_order::relaxed); seen != nullptr) {
      (void)seen->content.load(std::memory_order::relaxed);
    }
  }
  void after() { Sync::destroy(current_.load(std::memory_order::relaxed)); }

 private:
  struct node {
    sync::atomic<Sync, std::uint32_t> content{7};
  };
  sync::atomic<Sync, node*> current_{nullptr};
};

/// A request is published before its sender has registered for the answer: one that comes at once finds nobody, and
/// is dropped. The sender waits for ever.
template <sync::policy Sync>
class published_before_registered {
 public:
  static constexpr unsigned thread_count = 2;

  void thread(unsigned index) {
    if (index == 0) {
      published_.store(1, std::memory_order::release);
      pending_.store(1, std::memory_order::release);
      while (answered_.load(std::memory_order::acquire) == 0) {
        (void)Sync::wait(answered_, 0, sync::deadline::never());
      }
    } else {
      Sync::await([this] { return published_.load(std::memory_order::acquire) == 1; });
      if (pending_.load(std::memory_order::acquire) == 1) {
        answered_.store(1, std::memory_order::release);
        Sync::wake_one(answered_);
      }
    }
  }

 private:
  sync::atomic<Sync, std::uint32_t> published_{0};
  sync::atomic<Sync, std::uint32_t> pending_{0};
  sync::atomic<Sync, std::uint32_t> answered_{0};
};

/// A waiter registers and sleeps without looking at its condition again.
template <sync::policy Sync>
class park_without_second_look {
 public:
  static constexpr unsigned thread_count = 2;

  void thread(unsigned index) {
    if (index == 1) {
      ready_.store(1, std::memory_order::relaxed);
      events_.notify_one();
    } else if (ready_.load(std::memory_order::relaxed) == 0) {
      const auto registered = events_.prepare();
      (void)events_.wait(registered);  // ready_ may have become true before prepare
    }
  }

 private:
  basic_event_count<Sync> events_;
  sync::atomic<Sync, std::uint32_t> ready_{0};
};

/// Two threads each wait for the other to go first.
template <sync::policy Sync>
class two_polite_threads {
 public:
  static constexpr unsigned thread_count = 2;

  void thread(unsigned index) {
    Sync::await([&] { return went_[1 - index].load(std::memory_order::acquire) == 1; });
    went_[index].store(1, std::memory_order::release);
  }

 private:
  sync::atomic<Sync, std::uint32_t> went_[2];
};

/// Two threads raise a flag before they go on. Each lowers its own when it sees the other's, and tries again: in step,
/// they do so for ever.
template <sync::policy Sync>
class steps_aside_for_ever {
 public:
  static constexpr unsigned thread_count = 2;

  void thread(unsigned index) {
    for (;;) {
      raised_[index].store(1, std::memory_order::seq_cst);
      if (raised_[1 - index].load(std::memory_order::seq_cst) == 0) break;
      raised_[index].store(0, std::memory_order::seq_cst);
      Sync::spin_hint();
    }
    raised_[index].store(0, std::memory_order::seq_cst);
  }

 private:
  sync::atomic<Sync, std::uint32_t> raised_[2];
};

/// Two mutexes, taken in opposite order.
template <sync::policy Sync>
class crossed_locks {
 public:
  static constexpr unsigned thread_count = 2;

  void thread(unsigned index) {
    sync::lock_guard<Sync> outer(locks_[index]);
    sync::lock_guard<Sync> inner(locks_[1 - index]);
  }

 private:
  typename Sync::mutex locks_[2];
};

}  // namespace jacquard::bugs
