#include <jacquard/sim/hunt.hpp>

namespace jacquard::sim {

std::vector<point> unseen(const scenario& story, const std::bitset<point_count>& seen) {
  std::vector<point> missing;
  for (const point wanted : story.sometimes) {
    if (!seen.test(static_cast<std::size_t>(wanted))) missing.push_back(wanted);
  }
  return missing;
}

hunted hunt(const canary_entry& entry, std::uint32_t seeds_max) {
  hunted result;
  const bool by_point = entry.caught_by == "sometimes";
  const scenario& watched = *scenario_named("head_of_line.ring");
  std::bitset<point_count> seen;
  while (result.seeds < seeds_max) {
    const scenario& story = by_point ? watched : scenarios()[result.seeds % scenarios().size()];
    ++result.seeds;
    result.what = generate(story, result.seeds);
    const verified judged = run_twice(result.what, {.broken = entry.which});
    if (!judged.holds()) {
      result.caught_by = signature(judged);
      return result;
    }
    seen |= judged.first.seen;
    if (by_point && result.seeds == judged_from) {
      if (!unseen(watched, seen).empty()) result.caught_by = "sometimes";
      return result;
    }
  }
  return result;
}

}  // namespace jacquard::sim
