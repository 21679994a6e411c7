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
  std::vector<const scenario*> stories;
  for (const scenario& each : scenarios()) {
    const bool fits =
        entry.stories.empty() ? !each.has_actors() : each.name.starts_with(entry.stories);
    if (fits) stories.push_back(&each);
  }
  if (by_point && entry.stories.empty()) stories = {scenario_named("head_of_line.ring")};
  std::bitset<point_count> seen;
  while (result.seeds < seeds_max) {
    const scenario& story = *stories[result.seeds % stories.size()];
    ++result.seeds;
    result.what = generate(story, result.seeds);
    const verified judged = run_twice(result.what, {.broken = entry.which});
    if (!judged.holds()) {
      result.caught_by = signature(judged);
      return result;
    }
    seen |= judged.first.seen;
    if (by_point && result.seeds == judged_from) {
      if (!unseen(story, seen).empty()) result.caught_by = "sometimes";
      return result;
    }
  }
  return result;
}

}  // namespace jacquard::sim
