// checks/frame_pool.hpp: a frame's block has one owner at a time, and goes back to the system once, or never.
//
// Claims   I1, I2
// Threads  0, 1  each takes blocks and gives them back; the pool may keep fewer than they have
#pragma once

#include <array>
#include <cstdint>

#include <jacquard/messaging/frame_pool.hpp>

namespace jacquard::checks {

template <sync::policy Sync, std::uint64_t Capacity, unsigned Blocks>
class frame_pool {
 public:
  static constexpr unsigned thread_count = 2;

  void thread(unsigned /*index*/) {
    basic_magazine<depot, Sync> mine(home_);
    std::array<void*, Blocks> taken{};
    for (void*& block : taken) {
      block = mine.take();
      Sync::require(block != nullptr, "I1: a depot that can grow has a block");
    }
    // The links in a block are race-checked: two owners at once are a data race. Blocks are nodes to a model: one
    // that is freed twice, or kept by nobody and not freed, is seen.
    for (void* const block : taken) mine.give(block);
  }
  void after() {
    // What the budget misses is what the depot keeps: once that is taken out, it is as it was at first.
    const std::uint64_t room_at_rest = room();
    Sync::require(room_at_rest <= Capacity, "I2: the budget has grown");
    std::array<typename depot::chain, Capacity> kept;
    for (std::uint64_t i = room_at_rest; i < Capacity; ++i) kept[i] = home_.take_chain();
    Sync::require(room() == Capacity, "I2: the budget counts blocks that the depot does not keep");
    for (const auto& chain : kept) home_.give_chain(chain);
  }

 private:
  std::uint64_t room() {
    std::uint64_t count = 0;
    while (count <= Capacity && budget_.keep(1)) ++count;
    for (std::uint64_t i = 0; i < count; ++i) budget_.give_back(1);
    return count;
  }

  // Chains of one: every block goes through the depot.
  using depot = basic_frame_depot<1024, Sync, 1>;
  basic_frame_budget<Sync> budget_{Capacity};
  depot home_{budget_};
};

}  // namespace jacquard::checks
