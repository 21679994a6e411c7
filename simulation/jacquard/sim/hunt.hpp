// jacquard/sim/hunt.hpp: how long it takes to catch a canary.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <jacquard/sim/canary.hpp>
#include <jacquard/sim/run.hpp>

namespace jacquard::sim {

/// A scenario's `sometimes` points are judged where it had this many seeds; below, a miss says nothing.
inline constexpr std::uint32_t judged_from = 60;

/// The points that `story` must see in some run, and `seen` has not.
[[nodiscard]] std::vector<point> unseen(const scenario& story,
                                        const std::bitset<point_count>& seen);

struct hunted {
  std::string caught_by;    // a check, "determinism" or "sometimes"; empty: it got away
  std::uint32_t seeds = 0;  // that it took
  plan what;                // the plan that caught it; for "sometimes", the last of them
};

/// Runs seeds 1, 2, ... over the canary's scenarios in turn, each twice, until something catches the canary or
/// `seeds_max` are used up. A canary that only a missing point can give away is given `judged_from` seeds
/// of one scenario: its own, or head_of_line.ring.
[[nodiscard]] hunted hunt(const canary_entry& entry, std::uint32_t seeds_max);

}  // namespace jacquard::sim
