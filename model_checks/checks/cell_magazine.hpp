// checks/cell_magazine.hpp: cells go from thread to thread by magazines: each has one tenant at a time, and knows of every
// one that it had, in a part of it that lies apart.
//
// Claims   I1 of object_depot.hpp, for cells that are used again with what their last owner left in them
// Threads  0, 1  each moves into cells and out again; chains of two, so that cells go through the depot in pairs
#pragma once

#include <atomic>
#include <cstdint>

#include <jacquard/memory/object_depot.hpp>
#include <jacquard/memory/slab.hpp>

namespace jacquard::checks {

template <sync::policy Sync>
class cell_magazine {
 public:
  static constexpr unsigned thread_count = 2;

  void thread(unsigned) {
    basic_magazine<depot, Sync> mine(cells_);
    for (unsigned round = 0; round < 2; ++round) {
      auto* const home = static_cast<cell*>(mine.take());
      Sync::require(home != nullptr, "I1: a depot that can grow has a cell");
      Sync::require(!home->lived_in.exchange(true, std::memory_order::relaxed),  // decides by value
                    "I1: a cell has two tenants");
      home->apart_->tenants.with_mut([](std::uint32_t& count) { ++count; });
      home->lived_in.store(false, std::memory_order::relaxed);  // likewise
      mine.give(home);
    }
  }
  void after() {
    std::uint32_t all = 0;
    cells_.for_each([&](cell& each) {
      all += each.apart_->tenants.with([](const std::uint32_t& n) { return n; });
    });
    Sync::require(all == 4, "I1: a cell has forgotten a tenant");
  }

 private:
  struct particulars {
    sync::cell<Sync, std::uint32_t> tenants{0u};
  };
  struct cell {
    using apart = particulars;
    void belongs_to(cell_magazine&, particulars& mine) { apart_ = &mine; }
    cell* next_free() const {
      return next_.with([](cell* const& next) { return next; });
    }
    void next_free(cell* next) {
      next_.with_mut([&](cell*& mine) { mine = next; });
    }
    sync::atomic<Sync, bool> lived_in{false};
    particulars* apart_ = nullptr;

   private:
    sync::cell<Sync, cell*> next_{nullptr};
  };
  using depot = basic_object_depot<cell, cell_magazine, Sync, 2>;
  depot cells_{*this, 2};
};

}  // namespace jacquard::checks
