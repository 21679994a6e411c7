// checks/slab.hpp: a block has one owner at a time, also when it goes from thread to thread.
//
// Claims   I1
// Threads  0, 1  each takes blocks, writes into them, and returns those that the other took in before()
#pragma once

#include <array>
#include <cstdint>

#include <jacquard/memory/slab.hpp>

namespace jacquard::checks {

template <sync::policy Sync>
class slab {
 public:
  static constexpr unsigned thread_count = 2;

  void thread(unsigned index) {
    basic_magazine<depot, Sync> mine(home_);
    std::array<void*, 2> taken{};
    for (void*& block : taken) {
      block = mine.take();
      Sync::require(block != nullptr, "I1: a depot that can grow has a block");
    }
    Sync::require(taken[0] != taken[1], "I1: a block was given out twice");
    // The links in a block are race-checked: two owners at once are a data race.
    for (void* const block : taken) mine.give(block);
    (void)index;
  }

 private:
  // Chains of one, slabs of two chains: every block goes through the depot.
  using depot = basic_depot<1024, Sync, 1, 2>;
  depot home_;
};

}  // namespace jacquard::checks
