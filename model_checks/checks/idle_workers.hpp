// checks/idle_workers.hpp: work that was made visible before notify is found, and nobody sleeps through it.
//
// Claims   idle_workers, idle_workers_stay: I1, I2, E1, E3  idle_workers_timer: I3, E1
//          idle_workers_hand_over: I3, E1, E2
// Threads  0     makes Pieces of work visible, one after the other
//          1, 2  workers: search, take a piece, or sleep
//
// A piece is a flag that a worker takes by exchange. Whoever took a piece leaves when all are taken; the last
// one says so and wakes the others.
#pragma once

#include <array>
#include <cstdint>

#include <jacquard/actor/idle_workers.hpp>

namespace jacquard::checks {

/// The pieces of work, and how both kinds of workers below take them.
template <sync::policy Sync, unsigned Pieces>
class idle_workers_pieces {
 public:
  void offer(basic_idle_workers<Sync>& idle) {
    for (auto& piece : pieces_) {
      piece.store(1, std::memory_order::relaxed);
      idle.notify();
    }
  }
  bool take() {
    for (auto& piece : pieces_) {
      if (piece.load(std::memory_order::relaxed) != 0 &&
          piece.exchange(0, std::memory_order::relaxed) != 0) {
        return true;
      }
    }
    return false;
  }
  bool any() const {
    for (const auto& piece : pieces_) {
      if (piece.load(std::memory_order::relaxed) != 0) return true;
    }
    return false;
  }

 private:
  std::array<sync::atomic<Sync, std::uint32_t>, Pieces> pieces_{};
};

/// Workers who search on until all pieces are taken.
template <sync::policy Sync, unsigned Workers, unsigned Pieces>
class idle_workers {
 public:
  static constexpr unsigned thread_count = 1 + Workers;

  void thread(unsigned index) { index == 0 ? pieces_.offer(idle_) : work(index - 1); }

  // Work that sleeps with the workers is a deadlock: the engine says so.
  void after() {
    Sync::require(taken_.load(std::memory_order::relaxed) == Pieces, "I1: work was lost");
  }

 private:
  void work(std::uint32_t who) {
    for (bool searching = false; taken_.load(std::memory_order::relaxed) != Pieces;) {
      if (!searching) searching = idle_.try_search();
      if (pieces_.take()) {
        if (searching) idle_.begin(true, [this](bool) { return has_work(); });
        searching = false;
        if (taken_.fetch_add(1, std::memory_order::relaxed) + 1 == Pieces) idle_.notify_all();
        continue;
      }
      searching =
          idle_.sleep(who, searching, [this](bool) { return has_work(); }) != waking::working;
    }
  }
  bool has_work() { return pieces_.any() || taken_.load(std::memory_order::relaxed) == Pieces; }

  idle_workers_pieces<Sync, Pieces> pieces_;
  sync::atomic<Sync, std::uint32_t> taken_{0};
  basic_idle_workers<Sync> idle_{Workers};
};

/// Two pieces for two workers, of whom none comes back from the piece that it took: the other one is the other's, who
/// is asleep or about to be. Worker 1 goes to sleep at once.
template <sync::policy Sync>
class idle_workers_stay {
 public:
  static constexpr unsigned thread_count = 3;

  void thread(unsigned index) { index == 0 ? pieces_.offer(idle_) : work(index - 1); }

 private:
  void work(std::uint32_t who) {
    bool searching = who == 0 && idle_.try_search();
    bool took = who == 0 && pieces_.take();
    while (!took) {
      searching =
          idle_.sleep(who, searching, [this](bool) { return pieces_.any(); }) != waking::working;
      took = pieces_.take();
    }
    if (searching) idle_.begin(true, [this](bool) { return pieces_.any(); });
  }

  idle_workers_pieces<Sync, 2> pieces_;
  basic_idle_workers<Sync> idle_{2};
};

/// Thread 0 starts a timer; the workers fire it. A worker that sleeps on without a deadline is a deadlock.
template <sync::policy Sync, unsigned Workers>
class idle_workers_timer {
 public:
  static constexpr unsigned thread_count = 1 + Workers;

  void thread(unsigned index) {
    if (index == 0) {
      due_.store(1, std::memory_order::relaxed);
      return idle_.notify_timer(1);
    }
    for (bool searching = false; fired_.load(std::memory_order::relaxed) == 0;) {
      if (due_.load(std::memory_order::relaxed) == 1 &&
          due_.exchange(never, std::memory_order::relaxed) == 1) {
        fired_.store(1, std::memory_order::relaxed);
        idle_.notify_all();
        return;
      }
      searching = idle_.sleep(
                      index - 1, searching,
                      [this](bool) { return fired_.load(std::memory_order::relaxed) != 0; },
                      [this] { return due_.load(std::memory_order::relaxed); }) != waking::working;
    }
  }

 private:
  static constexpr std::int64_t never = sync::deadline::never().ns;
  sync::atomic<Sync, std::int64_t> due_{never};
  sync::atomic<Sync, std::uint32_t> fired_{0};
  basic_idle_workers<Sync> idle_{Workers};
};

/// Two workers and a timer. Thread 0 makes a piece of work that never ends: who takes it leaves the timer to the
/// other. Where that one sleeps on without a deadline, it is a deadlock.
template <sync::policy Sync, class Idle = basic_idle_workers<Sync>>
class idle_workers_hand_over {
 public:
  static constexpr unsigned thread_count = 3;

  void thread(unsigned index) {
    if (index > 0) return serve(index - 1);
    work_.store(offered, std::memory_order::relaxed);
    idle_.notify();
  }
  void after() {
    Sync::require(work_.load(std::memory_order::relaxed) == taken, "I1: work was lost");
    Sync::require(has_fired(), "I3: nobody saw to the timer");
  }

 private:
  void serve(std::uint32_t who) {
    for (bool searching = false;;) {
      std::uint32_t seen = offered;
      if (work_.load(std::memory_order::relaxed) == offered &&
          work_.compare_exchange_strong(seen, taken, std::memory_order::relaxed,
                                        std::memory_order::relaxed)) {
        idle_.begin(
            searching, [this](bool) { return looks_again(); }, [this] { return due(); });
        if (has_fired()) idle_.notify_all();  // the other has nothing left to wait for
        return;
      }
      if (has_fired() && work_.load(std::memory_order::relaxed) == taken) return;
      bool keeps = false;
      searching = idle_.sleep(
                      who, searching, [this](bool) { return looks_again(); },
                      [&] {
                        keeps = due() != never;
                        return due();
                      }) != waking::working;
      if (keeps && !searching) fired_.store(1, std::memory_order::relaxed);
    }
  }
  // Work to take, or the end.
  [[nodiscard]] bool looks_again() {
    const std::uint32_t seen = work_.load(std::memory_order::relaxed);
    return seen == offered || (seen == taken && has_fired());
  }
  [[nodiscard]] bool has_fired() { return fired_.load(std::memory_order::relaxed) != 0; }
  [[nodiscard]] std::int64_t due() { return has_fired() ? never : 1; }

  static constexpr std::uint32_t none = 0, offered = 1, taken = 2;
  static constexpr std::int64_t never = sync::deadline::never().ns;
  sync::atomic<Sync, std::uint32_t> work_{none};
  sync::atomic<Sync, std::uint32_t> fired_{0};
  Idle idle_{2};
};

}  // namespace jacquard::checks
