// jacquard/diagnostics/strand_registry.hpp: strands that can be listed: what they are called, and how long they have lived.
//
//   strand_registry strands(world);
//   auto joined = strands.spawn(workers, "feed", feed(source));   // as spawn(workers, feed(source))
//   for (const strand_facts& one : strands.list()) ...
//
// Shape       a ring of entries through `all_`, behind a lock that is held for a few instructions. An entry is in
//             the frame of a strand that calls the one that was given, so it costs one pooled frame. Spawn runs that
//             strand up to where it has entered, on the calling thread; there it gives itself to its executor.
// Invariants  I1  A strand is listed from its spawn, whether or not its worker comes to it, until its body has returned or
//                 thrown, and once.
//             I2  Entering and leaving take the same time however many are listed.
//             I3  Off: nothing is listed, no lock is taken, no clock is read, no frame is added.
// Ordering    the lock's.
// Progress    spawn and the end of a strand take the lock; list takes it for as long as it copies.
// Allocation  none from the system once frames are warm, but for the vector that list returns.
// Bounds      the clock is read once in 64 spawns, so an age is at most as old as the 64th spawn before. A registry
//             outlives its strands.
// Checked by  diagnostics.test.cpp (I1, I3) on one and more workers, under ASan, UBSan and TSan; bench_diagnostics_strand
//             (I2).
#pragma once

#include <chrono>
#include <coroutine>
#include <cstdint>
#include <utility>
#include <vector>

#include <jacquard/actor/task.hpp>
#include <jacquard/diagnostics/diagnostics_policy.hpp>
#include <jacquard/env/environment.hpp>
#include <jacquard/messaging/strand.hpp>
#include <jacquard/sync/native.hpp>
#include <jacquard/sync/policy.hpp>

namespace jacquard {

/// A strand that has not ended.
struct strand_facts {
  const char* name = "";
  std::uint64_t number = 0;           // the n-th that was spawned by its registry, from 1
  std::chrono::nanoseconds age = {};  // by a coarse clock: too old rather than too young
};

template <class Diagnostics = default_diagnostics>
class basic_strand_registry {
 public:
  using Sync = sync::native;

  /// `world` outlives the registry; its clock gives the ages.
  explicit basic_strand_registry(environment& world) noexcept : world_(world) {
    all_.next = all_.previous = &all_;
  }
  ~basic_strand_registry() {
    Sync::require(all_.next == &all_, "a registry of strands outlives its strands");
  }
  basic_strand_registry(const basic_strand_registry&) = delete;
  basic_strand_registry& operator=(const basic_strand_registry&) = delete;

  /// As jacquard::spawn, and listed under `name`, which outlives the strand. Any thread.
  template <class T>
  [[nodiscard]] spawned<T> spawn(executor& where, const char* name, strand<T> fresh,
                                 urgency when = urgency::soon) {
    const auto frame = listed(*this, name, when, std::move(fresh)).release();
    frame.promise().home = &where;
    frame.resume();  // enters, and goes to `where`
    return spawned<T>(frame);
  }

  /// Those that live now, oldest first. Any thread; throws std::bad_alloc.
  [[nodiscard]] std::vector<strand_facts> list() const {
    std::vector<strand_facts> found;
    sync::lock_guard<Sync> guard(mutex_);
    const std::int64_t now = world_.now();  // after every `since_ns`, which is read under the lock
    for (const entry* at = all_.next; at != &all_; at = at->next) {
      found.push_back({.name = at->name,
                       .number = at->number,
                       .age = std::chrono::nanoseconds(now - at->since_ns)});
    }
    return found;
  }

 private:
  static constexpr std::uint64_t spawns_a_clock_read = 64;

  struct entry {
    const char* name = "";
    std::uint64_t number = 0;
    std::int64_t since_ns = 0;
    entry* next = nullptr;
    entry* previous = nullptr;
  };

  // In the ring from its making to its end.
  class membership {
   public:
    membership(basic_strand_registry& home, const char* name) : home_(home) {
      sync::lock_guard<Sync> guard(home_.mutex_);
      if (home_.spawned_ % spawns_a_clock_read == 0) home_.coarse_ns_ = home_.world_.now();
      own_ = {.name = name,
              .number = ++home_.spawned_,
              .since_ns = home_.coarse_ns_,
              .next = &home_.all_,
              .previous = home_.all_.previous};
      home_.all_.previous->next = &own_;
      home_.all_.previous = &own_;
    }
    ~membership() {
      sync::lock_guard<Sync> guard(home_.mutex_);
      own_.previous->next = own_.next;
      own_.next->previous = own_.previous;
    }
    membership(const membership&) = delete;
    membership& operator=(const membership&) = delete;

   private:
    basic_strand_registry& home_;
    entry own_;
  };

  // From the thread that spawns to the executor.
  struct begins_there {
    urgency when;
    bool await_ready() const noexcept { return false; }
    template <strand_promise P>
    void await_suspend(std::coroutine_handle<P> self) const noexcept {
      self.promise().resume_on_executor(when);
    }
    void await_resume() const noexcept {}
  };

  template <class T>
  static strand<T> listed(basic_strand_registry& home, const char* name, urgency when,
                          strand<T> body) {
    const membership here(home, name);
    co_await begins_there{when};
    co_return co_await std::move(body);
  }

  environment& world_;
  mutable typename Sync::mutex mutex_;
  entry all_;                   // guarded by mutex_
  std::uint64_t spawned_ = 0;   // guarded by mutex_
  std::int64_t coarse_ns_ = 0;  // guarded by mutex_
};

/// Nothing is listed; spawn is jacquard::spawn.
template <>
class basic_strand_registry<diagnostics_off> {
 public:
  explicit basic_strand_registry(environment&) noexcept {}
  basic_strand_registry(const basic_strand_registry&) = delete;
  basic_strand_registry& operator=(const basic_strand_registry&) = delete;

  template <class T>
  [[nodiscard]] spawned<T> spawn(executor& where, const char*, strand<T> fresh,
                                 urgency when = urgency::soon) noexcept {
    return jacquard::spawn(where, std::move(fresh), when);
  }
  [[nodiscard]] std::vector<strand_facts> list() const { return {}; }
};

using strand_registry = basic_strand_registry<>;

}  // namespace jacquard
