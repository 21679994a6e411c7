// jacquard/sim/stories/stories.hpp: who makes the worlds of the actor stories.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include <jacquard/sim/actor_world.hpp>

namespace jacquard::sim {

using world_maker = std::unique_ptr<actor_world>(const scenario& story, const plan& what,
                                                 const run_options& options);
world_maker make_bank;
world_maker make_chat;
world_maker make_fan;
world_maker make_ping_pong;
world_maker make_pipeline;
world_maker make_shutdown;
world_maker make_strands;
world_maker make_timers;

/// Senders that are no actors are called so.
inline constexpr std::uint32_t outside = 1'000'000;

/// Puts the cells of actors A in order, so that runs of one process take the same ones. While no A is alive.
template <class A>
void orders_cells() {
  auto& cells = actor_cell<A>::cells();
  std::uint32_t count = 0;
  cells.for_each([&](auto&) { ++count; });
  std::vector<std::uint32_t> taken;
  for (std::uint32_t i = 0; i < count; ++i) taken.push_back(cells.acquire());
  std::sort(taken.begin(), taken.end(), std::greater<>());
  for (const std::uint32_t each : taken) cells.release(each, each);
}

}  // namespace jacquard::sim
