#include "gate/paired.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace jacquard::gate {

namespace {

interval as_ratios(const interval& logs) {
  return {
      .estimate = std::exp(logs.estimate), .low = std::exp(logs.low), .high = std::exp(logs.high)};
}

decision decide(const interval& d, const paired_limits& limits, bool last) {
  const double limit = std::log(limits.limit);
  if (d.high < limit) return decision::pass;
  if (limits.rule == paired_rule::budget) {
    return d.low > limit ? decision::fail : decision::undecided;
  }
  const double floor = last ? 0.0 : std::log(limits.floor);
  return d.estimate > limit && d.low > floor ? decision::fail : decision::undecided;
}

}  // namespace

paired_verdict judge_paired(std::span<const double> differences, const paired_limits& limits) {
  paired_verdict verdict;
  for (const std::size_t look : looks) {
    verdict.blocks_wanted = look;
    if (differences.size() < look) break;
    const interval d = hodges_lehmann(differences.first(look), look_alpha);
    const bool last = look == looks.back();
    verdict.what = decide(d, limits, last);
    verdict.blocks = look;
    verdict.ratio = as_ratios(d);
    if (verdict.what != decision::undecided || last) {
      verdict.blocks_wanted = 0;
      return verdict;
    }
  }
  if (verdict.blocks == 0 && !differences.empty()) {
    verdict.blocks = differences.size();
    verdict.ratio = as_ratios(hodges_lehmann(differences, look_alpha));
  }
  return verdict;
}

std::string void_because(std::span<const double> null_differences) {
  if (null_differences.empty()) return "the A/A arm has no blocks";
  const double band = std::log(1.02);
  const interval d = hodges_lehmann(null_differences, look_alpha);
  if (std::abs(d.estimate) <= band && d.low <= band && d.high >= -band) return {};
  const interval shown = as_ratios(d);
  return fmt::format("A/A: the same code against itself shows {:.3f} [{:.3f}, {:.3f}], beyond 2 %",
                     shown.estimate, shown.low, shown.high);
}

bool stands_beside(std::span<const double> differences, std::span<const double> null_differences,
                   const paired_limits& limits, const paired_verdict& said) {
  const auto first = [](std::span<const double> all, std::size_t count) {
    return all.first(std::min(all.size(), count));
  };
  if (void_because(first(null_differences, said.blocks)).empty()) return true;
  if (said.what == decision::undecided) return false;
  for (const std::size_t look : looks) {
    if (look < said.blocks) continue;
    if (look > differences.size() || look > null_differences.size()) break;
    const interval null = hodges_lehmann(null_differences.first(look), look_alpha);
    const double reach = null_margin * std::max(std::abs(null.low), std::abs(null.high));
    const double against = said.what == decision::pass ? reach : -reach;
    interval moved = hodges_lehmann(differences.first(look), look_alpha);
    moved.estimate += against;
    moved.low += against;
    moved.high += against;
    if (decide(moved, limits, look == looks.back()) == said.what) return true;
  }
  return false;
}

}  // namespace jacquard::gate
