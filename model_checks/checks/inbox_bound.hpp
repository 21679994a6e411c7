// checks/inbox_bound.hpp: no more letters wait than the bound allows, who waits for room gets it, and an actor
// does not end under a sender that pinned it.
//
// Claims   inbox_bound: I1, I2     inbox_bound_block: I3     inbox_bound_evict: I1, I2     inbox_bound_pin: I4, E1
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include <jacquard/actor/inbox.hpp>
#include <jacquard/actor/inbox_bound.hpp>

namespace jacquard::checks {

/// A bound that counts by itself how many places are taken. `Bound` is basic_inbox_bound or a broken one.
template <sync::policy Sync, class Bound>
class watched_bound {
 public:
  void set(std::uint32_t capacity, overflow policy) {
    capacity_ = capacity;
    bound.set(capacity, policy, 0);
  }
  bool claim() {
    if (!bound.claim()) return false;
    // After the claim here, before giving back there: never more than are claimed.
    Sync::require(inside_.fetch_add(1, std::memory_order::relaxed) < capacity_,
                  "I1: more places are taken than there are");
    return true;
  }
  void give_back() {
    Sync::require(inside_.fetch_sub(1, std::memory_order::relaxed) != 0,
                  "I2: a place was given back twice");
    bound.give_back();
  }
  [[nodiscard]] bool is_empty() const { return inside_.load(std::memory_order::relaxed) == 0; }

  Bound bound;

 private:
  std::uint32_t capacity_ = 1;
  sync::atomic<Sync, std::uint32_t> inside_{0};
};

/// Senders claim, push, and run the consumer when told to; capacity 1. One that finds no room goes without.
/// `Evict`: it takes the oldest out itself, as overflow::drop_oldest does, and tries again.
template <sync::policy Sync, unsigned Senders, bool Evict, class Bound = basic_inbox_bound<Sync>>
class inbox_bound {
 public:
  static constexpr unsigned thread_count = Senders;

  void before() {
    places_.set(1, Evict ? overflow::drop_oldest : overflow::reject);
    inbox_.reopen(false);
  }
  void thread(unsigned index) {
    bool has_place = places_.claim();
    if (Evict && !has_place && take()) has_place = places_.claim();
    if (!has_place) return;
    accepted_[index] = true;
    if (inbox_.push(posts_[index]) == push_result::queued_schedule) consume();
  }
  void after() {
    std::uint32_t accepted = 0;
    for (const bool each : accepted_) accepted += each ? 1 : 0;
    Sync::require(taken_.load(std::memory_order::relaxed) == accepted && places_.is_empty(),
                  "I2: a letter was accepted and not taken out once");
    Sync::require(places_.bound.waiting() == 0, "I2: a place was not given back");
  }

 private:
  struct alignas(8) post {
    sync::cell<Sync, post*> next{nullptr};
  };

  bool take() {
    const auto taken = [this] {
      if ((Evict ? inbox_.take_out() : inbox_.take()) == nullptr) return false;
      places_.give_back();
      taken_.fetch_add(1, std::memory_order::relaxed);
      return true;
    };
    if constexpr (!Evict) return taken();
    const typename Bound::guard held(places_.bound);
    return taken();
  }
  idle_result try_idle() {
    if constexpr (!Evict) return inbox_.try_idle();
    const typename Bound::guard held(places_.bound);
    return inbox_.try_idle();
  }
  void consume() {
    for (;;) {
      if (take()) continue;
      if (try_idle() == idle_result::idle) return;
    }
  }

  watched_bound<Sync, Bound> places_;
  basic_inbox<post, Sync> inbox_;
  std::array<post, Senders> posts_;
  std::array<bool, Senders> accepted_{};  // each thread its own
  sync::atomic<Sync, std::uint32_t> taken_{0};
};

/// Thread 0 waits for room; thread 1 gives a place back, or closes. One that sleeps for ever is a deadlock: the
/// engine says so.
template <sync::policy Sync, bool Closes>
class inbox_bound_block {
 public:
  static constexpr unsigned thread_count = 2;

  void before() {
    bound_.set(1, overflow::block, 0);
    (void)bound_.claim();
  }
  void thread(unsigned index) {
    if (index == 0) {
      bool alarm = false;
      const send_result found = bound_.wait(sync::deadline::never(), alarm, [this] {
        return closed_.load(std::memory_order::relaxed) != 0;  // the event count's E1 orders it
      });
      Sync::require(found == (Closes ? send_result::closed : send_result::accepted),
                    "I3: woken for nothing");
      return;
    }
    if (Closes) {
      closed_.store(1, std::memory_order::relaxed);  // the event count's E1 orders it
      bound_.wake_all();
    } else {
      bound_.give_back();
    }
  }

 private:
  basic_inbox_bound<Sync> bound_;
  sync::atomic<Sync, std::uint32_t> closed_{0};
};

/// Thread 0 pins the actor and uses what is the actor's; thread 1 ends it.
template <sync::policy Sync, class Bound = basic_inbox_bound<Sync>>
class inbox_bound_pin {
 public:
  static constexpr unsigned thread_count = 2;

  void thread(unsigned index) {
    if (index == 0) {
      {
        const typename Bound::guard held(bound_);
        if (tenant_.load(std::memory_order::relaxed) != 1) return;
        bound_.pin();
      }
      things_.with_mut([](std::uint32_t& used) { ++used; });
      bound_.unpin();
      return;
    }
    {
      const typename Bound::guard held(bound_);
      tenant_.store(2, std::memory_order::relaxed);  // the guard orders it
    }
    bound_.wait_until_unpinned();
    things_.with_mut([](std::uint32_t& used) { used = 0; });
  }

 private:
  Bound bound_;
  sync::atomic<Sync, std::uint32_t> tenant_{1};
  sync::cell<Sync, std::uint32_t> things_{0u};
};

}  // namespace jacquard::checks
