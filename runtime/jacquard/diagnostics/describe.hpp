// jacquard/diagnostics/describe.hpp: reports in words, a line an actor and a line a strand.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <jacquard/diagnostics/actor_report.hpp>
#include <jacquard/diagnostics/strand_registry.hpp>

namespace jacquard {

/// "teller  bank::account  busy, 812 handled, 3 waiting"
[[nodiscard]] inline std::string describe(const actor_facts& one) {
  std::string text = one.name.empty() ? "-" : one.name;
  text.append("  ").append(one.type).append("  ").append(to_string(one.activity));
  if (one.handled) text += ", " + std::to_string(*one.handled) + " handled";
  if (one.inbox) text += ", " + std::to_string(one.inbox->waiting) + " waiting";
  if (one.inbox && one.inbox->high_water_alarms != 0)
    text += ", " + std::to_string(one.inbox->high_water_alarms) + " high-water alarms";
  return text;
}

/// "feed  number 12, 340 ms old"
[[nodiscard]] inline std::string describe(const strand_facts& one) {
  return std::string(one.name) + "  number " + std::to_string(one.number) + ", " +
         std::to_string(one.age.count() / 1'000'000) + " ms old";
}

/// The whole: totals, actors, strands.
[[nodiscard]] inline std::string describe(const actor_report& actors,
                                          const std::vector<strand_facts>& strands) {
  std::string text = "jacquard: " + std::to_string(actors.actors.size()) + " actors, " +
                     std::to_string(actors.totals.spawned) + " spawned, " +
                     std::to_string(actors.totals.ended) + " ended, " +
                     std::to_string(actors.totals.failed) + " failed, " +
                     std::to_string(actors.totals.dead_letters) + " dead letters\n";
  for (const actor_facts& one : actors.actors) text += "actor   " + describe(one) + "\n";
  for (const strand_facts& one : strands) text += "strand  " + describe(one) + "\n";
  return text;
}

}  // namespace jacquard
