// checks/work_stealing_deque.hpp: each item is had once, by the owner or by a thief, and what it points to can
// be read.
//
// Claims   I1, E1, E2
// Threads  0  the owner: pushes Items, pops until empty
//          1, 2  thieves: steal until they have looked Looks times
#pragma once

#include <array>
#include <cstdint>

#include <jacquard/queue/work_stealing_deque.hpp>

namespace jacquard::checks {

template <sync::policy Sync, unsigned Items, unsigned Thieves, unsigned Looks>
class work_stealing_deque {
 public:
  static constexpr unsigned thread_count = 1 + Thieves;

  void thread(unsigned index) { index == 0 ? own() : steal(index); }

  void after() {
    std::array<unsigned, Items> times{};
    for (const auto& each : had_) {
      for (std::uint32_t i = 0; i < Items; ++i) times[i] += each >> i & 1u;
    }
    for (const unsigned each : times)
      Sync::require(each == 1, "I1: an item was lost, or had twice");
  }

 private:
  using item = sync::cell<Sync, std::uint32_t>;

  void own() {
    for (std::uint32_t i = 0; i < Items; ++i) {
      items_[i].with_mut([i](std::uint32_t& number) { number = i; });
      Sync::require(deque_.push(&items_[i]), "there is room");
    }
    while (item* const mine = deque_.pop()) take(0, *mine);
  }
  void steal(unsigned index) {
    for (unsigned look = 0; look < Looks; ++look) {
      item* theirs = nullptr;
      if (deque_.steal(theirs) != steal_status::stolen) continue;
      Sync::require(theirs != nullptr, "E1: an item was stolen before it was there");
      take(index, *theirs);
    }
  }
  void take(unsigned index, item& one) {
    const std::uint32_t number = one.with([](const std::uint32_t& n) { return n; });
    Sync::require((had_[index] >> number & 1u) == 0, "I1: an item was had twice");
    had_[index] |= 1u << number;
  }

  std::array<item, Items> items_;
  basic_work_stealing_deque<item*, 4, Sync> deque_;
  std::array<std::uint32_t, thread_count> had_{};  // each thread's own
};

}  // namespace jacquard::checks
