// checks/idle_workers.hpp: work that was made visible before notify is found, and nobody sleeps through it.
//
// Claims   I1, I2, E1
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

template <sync::policy Sync, unsigned Workers, unsigned Pieces>
class idle_workers {
 public:
  static constexpr unsigned thread_count = 1 + Workers;

  void thread(unsigned index) { index == 0 ? offer() : work(index - 1); }

  // Work that sleeps with the workers is a deadlock: the engine says so.
  void after() {
    Sync::require(taken_.load(std::memory_order::relaxed) == Pieces, "I1: work was lost");
  }

 private:
  void offer() {
    for (auto& piece : pieces_) {
      piece.store(1, std::memory_order::relaxed);
      idle_.notify();
    }
  }

  void work(std::uint32_t who) {
    for (bool searching = false; taken_.load(std::memory_order::relaxed) != Pieces;) {
      if (!searching) searching = idle_.try_search();
      if (take()) {
        if (searching) idle_.found();
        searching = false;
        if (taken_.fetch_add(1, std::memory_order::relaxed) + 1 == Pieces) idle_.notify_all();
        continue;
      }
      searching = idle_.sleep(who, searching, [this] { return has_work(); });
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
  bool has_work() {
    for (auto& piece : pieces_) {
      if (piece.load(std::memory_order::relaxed) != 0) return true;
    }
    return taken_.load(std::memory_order::relaxed) == Pieces;
  }

  std::array<sync::atomic<Sync, std::uint32_t>, Pieces> pieces_{};
  sync::atomic<Sync, std::uint32_t> taken_{0};
  basic_idle_workers<Sync> idle_{Workers};
};

}  // namespace jacquard::checks
