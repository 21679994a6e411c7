// jacquard/actor/idle_workers.hpp: who searches, who sleeps, and whom to wake.
//
// A worker without work of its own first searches (looks into the others' queues), then sleeps. Whoever makes
// work visible calls `notify`: it wakes one sleeper, unless somebody is searching already and will find
// the work. A searcher that finds some and was the last one searching passes the call on. So one piece of work
// costs at most one wake-up, and an idle system none.
//
// Shape       state_    searching | sleeping: two counts in one word
//             stack_    the sleepers, newest last: the one whose cache is warmest is woken
// Invariants  I1  Work that was made visible before notify is found: by a searcher, by a sleeper that notify
//                 wakes, or by a worker that looks once more before it sleeps.
//             I2  A worker that sleeps is woken by exactly one permit.
// Ordering    E1  notify's fence <-> sleep's fence   store buffering: the notifier's work and the worker's
//                 going to sleep cannot both be missed.
// Progress    notify is one fence and one load unless it wakes somebody; then it takes a mutex, as sleep does.
// Allocation  when constructed.
// Source      the searching / parked counts of Go's and tokio's schedulers.
// Checked by  model_checks: idle_workers (I1, I2, E1).
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include <jacquard/queue/parker.hpp>
#include <jacquard/sync/native.hpp>
#include <jacquard/sync/policy.hpp>

namespace jacquard {

template <sync::policy Sync = sync::native>
class basic_idle_workers {
 public:
  explicit basic_idle_workers(std::uint32_t workers)
      : workers_(workers), parkers_(Sync::template create_array<basic_parker<Sync>>(workers)) {
    Sync::require(parkers_ != nullptr, "memory for the workers' parkers");
    stack_.reserve(workers);
  }
  ~basic_idle_workers() { Sync::destroy_array(parkers_, workers_); }
  basic_idle_workers(const basic_idle_workers&) = delete;
  basic_idle_workers& operator=(const basic_idle_workers&) = delete;

  /// Any thread, after it made work visible.
  void notify() {
    Sync::fence(std::memory_order::seq_cst);                             // E1
    const std::uint32_t seen = state_.load(std::memory_order::relaxed);  // E1 orders it
    if (searching(seen) != 0 || sleeping(seen) == 0) return;
    std::uint32_t who;
    {
      sync::lock_guard<Sync> guard(mutex_);
      if (stack_.empty() || searching(state_.load(std::memory_order::relaxed)) != 0)
        return;  // under mutex_
      who = stack_.back();
      stack_.pop_back();
      state_.fetch_add(one_searching - one_sleeping,
                       std::memory_order::relaxed);  // E1, or the mutex
    }
    parkers_[who].unpark();
  }

  /// Wakes everybody; each is then searching.
  void notify_all() {
    for (;;) {
      std::uint32_t who;
      {
        sync::lock_guard<Sync> guard(mutex_);
        if (stack_.empty()) return;
        who = stack_.back();
        stack_.pop_back();
        state_.fetch_add(one_searching - one_sleeping,
                         std::memory_order::relaxed);  // the mutex orders it
      }
      parkers_[who].unpark();
    }
  }

  /// A worker begins to search. False where half of the workers do already: then it may sleep at once.
  [[nodiscard]] bool try_search() noexcept {
    if (2 * searching(state_.load(std::memory_order::relaxed)) >= workers_) return false;  // a hint
    state_.fetch_add(one_searching,
                     std::memory_order::relaxed);  // notify trusts it only before its sleep
    return true;
  }

  /// A searching worker found work. Passes the call on where it was the last to search.
  void found() {
    const std::uint32_t before =
        state_.fetch_sub(one_searching, std::memory_order::relaxed);  // notify's fence follows
    if (searching(before) == 1) notify();
  }

  /// Worker `who` sleeps, unless `has_work()`, which looks into every queue, says otherwise. `searched`: it
  /// was searching. True where it is searching when this returns; false at the deadline or for `has_work`.
  template <class Look>
  [[nodiscard]] bool sleep(std::uint32_t who, bool searched, Look&& has_work,
                           sync::deadline until = sync::deadline::never()) {
    {
      sync::lock_guard<Sync> guard(mutex_);
      stack_.push_back(who);
      state_.fetch_add(one_sleeping - (searched ? one_searching : 0u),
                       std::memory_order::relaxed);  // E1
    }
    Sync::fence(std::memory_order::seq_cst);  // E1
    if (!has_work() && parkers_[who].park(until)) return true;
    {
      sync::lock_guard<Sync> guard(mutex_);
      const auto mine = std::find(stack_.begin(), stack_.end(), who);
      if (mine != stack_.end()) {
        stack_.erase(mine);
        state_.fetch_sub(one_sleeping, std::memory_order::relaxed);  // the mutex orders it
        return false;
      }
    }
    (void)parkers_[who].park();  // somebody took it off the stack: the permit is coming
    return true;
  }

  /// How many sleep and search now: for statistics and tests.
  [[nodiscard]] std::uint32_t sleepers() const noexcept {
    return sleeping(state_.load(std::memory_order::relaxed));  // a statistic
  }

 private:
  static constexpr std::uint32_t one_sleeping = 1;
  static constexpr std::uint32_t one_searching = 1u << 16;

  static constexpr std::uint32_t sleeping(std::uint32_t state) noexcept { return state & 0xffffu; }
  static constexpr std::uint32_t searching(std::uint32_t state) noexcept { return state >> 16; }

  const std::uint32_t workers_;
  basic_parker<Sync>* const parkers_;
  sync::atomic<Sync, std::uint32_t> state_{0};
  typename Sync::mutex mutex_;
  std::vector<std::uint32_t> stack_;  // guarded by mutex_
};

}  // namespace jacquard
