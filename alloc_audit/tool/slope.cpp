#include "tool/slope.hpp"

#include <algorithm>
#include <set>

namespace jacquard::audit {

namespace {

// A count below this per operation is a one-off: at N = 4096 a single block is 0.00024.
constexpr double negligible = 1e-9;

slope of(const std::array<program_point, 3>& at, std::uint64_t program_point::*field,
         std::uint64_t n) {
  return slope_of(at[0].*field, at[1].*field, at[2].*field, n);
}

bool grows(const slope& s) { return s.early > negligible || s.late > negligible; }

}  // namespace

slope slope_of(std::uint64_t at_n, std::uint64_t at_2n, std::uint64_t at_3n,
               std::uint64_t n) noexcept {
  const auto per_operation = [n](std::uint64_t less, std::uint64_t more) {
    return (static_cast<double>(more) - static_cast<double>(less)) / static_cast<double>(n);
  };
  return {.early = per_operation(at_n, at_2n), .late = per_operation(at_2n, at_3n)};
}

cost cost_of(const std::array<profile, 3>& runs, std::uint64_t n) {
  const std::array<program_point, 3> totals{runs[0].total(), runs[1].total(), runs[2].total()};
  cost sum{.allocations = of(totals, &program_point::blocks, n),
           .bytes = of(totals, &program_point::bytes, n),
           .live_bytes = of(totals, &program_point::live_bytes, n),
           .live_blocks = of(totals, &program_point::live_blocks, n),
           .peak_bytes = of(totals, &program_point::peak_bytes, n),
           .stacks = {}};

  std::set<std::string> keys;
  for (const profile& run : runs) {
    for (const auto& [key, point] : run.points) keys.insert(key);
  }
  for (const std::string& key : keys) {
    std::array<program_point, 3> at;
    for (std::size_t i = 0; i < at.size(); ++i) {
      const auto found = runs[i].points.find(key);
      if (found != runs[i].points.end()) at[i] = found->second;
    }
    const slope allocations = of(at, &program_point::blocks, n);
    if (!grows(allocations)) continue;
    sum.stacks.push_back({.allocations = allocations,
                          .bytes = of(at, &program_point::bytes, n),
                          .frames = leading_frames(key, 6)});
  }
  std::stable_sort(sum.stacks.begin(), sum.stacks.end(),
                   [](const stack_cost& a, const stack_cost& b) {
                     return a.allocations.worst() > b.allocations.worst();
                   });
  return sum;
}

}  // namespace jacquard::audit
