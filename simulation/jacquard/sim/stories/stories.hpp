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
world_maker make_ten_thousand;
world_maker make_timers;

/// Senders that are no actors are called so.
inline constexpr std::uint32_t outside = 1'000'000;

/// Puts the cells of actors A in order, so that runs of one process take the same ones. While no A is alive, and no other
/// thread runs any: then the cells are this thread's magazine's and the depot's, one stack together.
template <class A>
void orders_cells() {
  using cell = actor_cell<A>;
  std::vector<cell*> made;
  cell::process::all().for_each([&](cell& each) { made.push_back(&each); });
  std::vector<void*> taken;
  while (taken.size() < made.size()) taken.push_back(cell::shelf::take());
  std::sort(taken.begin(), taken.end(), std::less<>());
  // The first that was made is taken first, so it goes back last.
  for (auto each = made.rbegin(); each != made.rend(); ++each) {
    if (std::binary_search(taken.begin(), taken.end(), static_cast<void*>(*each), std::less<>()))
      cell::shelf::give(*each);
  }
}

}  // namespace jacquard::sim
