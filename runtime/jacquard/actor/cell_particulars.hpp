// jacquard/actor/cell_particulars.hpp: what a cell keeps that no message touches. tidy allows cards: the card is in
// cell.hpp.
//
// It lies apart from its cell, so that cells lie dense: two lines with all that a message touches, and the actor.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <string>

#include <jacquard/actor/limits.hpp>
#include <jacquard/actor/shared_wheel.hpp>
#include <jacquard/sync/native.hpp>

namespace jacquard {

class actor_system;

/// What processors move between their caches. [bytes]
inline constexpr std::size_t memory_line = 64;

struct alignas(memory_line) cell_particulars {
  std::unique_ptr<const std::string> name;  // null: it has none
  sync::atomic<sync::native, actor_system*> system{nullptr};
  sync::atomic<sync::native, std::uint64_t> orders{0};
  sync::atomic<sync::native, limits*> places{nullptr};
  sync::atomic<sync::native, shared_wheel*> timers_on{nullptr};
  timer_group timers;
  sync::atomic<sync::native, std::uint64_t> handled{0};
  std::exception_ptr failure;  // running only
};
static_assert(sizeof(cell_particulars) == memory_line, "a cell's particulars are one line");

}  // namespace jacquard
