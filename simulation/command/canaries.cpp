// jacquard sim canaries: mailboxes broken on purpose; a check that misses one is broken itself.
#include <fmt/core.h>

#include <jacquard/sim/hunt.hpp>

#include "sim_command.hpp"

namespace jacquard::sim::tool {

using command::outcome;

outcome run_canaries(std::uint32_t seeds, const command::shared_options& shared) {
  if (seeds < 1 || seeds > 100'000) {
    command::refuse(fmt::format("--seeds: {} is out of range; allowed: [1, 100000]", seeds));
  }
  std::vector<std::string> names;
  for (const canary_entry& entry : canaries()) names.emplace_back(entry.name);
  if (shared.list) {
    for (const std::string& name : names) fmt::print("{}\n", name);
    return outcome::held;
  }
  const std::vector<std::string> chosen = command::select(names, shared.filter, "canaries");
  command::reporter out(shared);
  std::size_t missed = 0;
  for (const std::string& name : chosen) {
    const canary_entry* entry = nullptr;
    for (const canary_entry& candidate : canaries()) {
      if (candidate.name == name) entry = &candidate;
    }
    const hunted result = hunt(*entry, seeds);
    const std::string& caught = result.caught_by;
    const std::string where = repeat_of(result.what, "", entry->which);
    const bool right = caught == entry->caught_by;
    missed += right ? 0 : 1;
    command::row row{
        .name = name,
        .verdict = right ? "holds" : "BROKEN",
        .figure = static_cast<double>(result.seeds),
        .unit = "seeds",
        .detail = right ? fmt::format("{}: caught by {}; {}", entry->what, caught, where)
                        : fmt::format("{}: {} must catch it, and {}", entry->what, entry->caught_by,
                                      caught.empty() ? "nothing did" : caught + " did; " + where)};
    row.more = {{"caught_by", caught}, {"expected", entry->caught_by}};
    out.add(row);
  }
  out.say(fmt::format("{} canaries, {} missed", chosen.size(), missed));
  out.finish();
  return missed == 0 ? outcome::held : outcome::found;
}

}  // namespace jacquard::sim::tool
