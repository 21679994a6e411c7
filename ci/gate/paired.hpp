// gate/paired.hpp: is the candidate worse than the base? Three answers, in as few blocks as that takes.
//
// The unit is a block: base and candidate one after the other, in random order, on the same core. What is
// judged is d = ln(candidate / base), worse being positive. Looks are taken at 15, 25, 41 and 61 blocks,
// each bound wrong with probability 0.001 at most; between looks nothing is decided.
//
//   regression (more than `limit` is a loss, less is noise that may be tolerated)
//     FAIL       estimate > ln limit and lower bound > ln floor; at the last look, lower bound > 0
//     PASS       upper bound < ln limit
//   budget (a ratio that must stay below `limit`)
//     FAIL       lower bound > ln limit
//     PASS       upper bound < ln limit
//   otherwise more blocks; none left: UNDECIDED. Never PASS for want of data.
//
// An A/A arm that differs from its own copy takes a verdict back, unless the verdict would be the same with every
// ratio moved against it by five times the most that the copy may differ. So a control can turn PASS and FAIL
// into VOID and nothing into anything else.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "gate/statistics.hpp"

namespace jacquard::gate {

inline constexpr std::array<std::size_t, 4> looks{15, 25, 41, 61};
inline constexpr double look_alpha = 0.001;
/// How many times the A/A arm's own bound two other arms are allowed to differ for no reason of theirs.
inline constexpr double null_margin = 5.0;

enum class paired_rule : std::uint8_t { regression, budget };

struct paired_limits {
  paired_rule rule = paired_rule::regression;
  double limit = 1.10;  // as a ratio, > 1 for a regression, > 0 for a budget
  double floor = 1.03;  // regression: what the lower bound must exceed before the last look
};

enum class decision : std::uint8_t { pass, fail, undecided };

/// What the blocks said, and how many of them were needed.
struct paired_verdict {
  decision what = decision::undecided;
  std::size_t blocks = 0;         // looked at
  std::size_t blocks_wanted = 0;  // where undecided and more would help: the next look; otherwise 0
  interval ratio;                 // candidate / base, as ratios
};

/// Judges differences d in the order of their blocks. Requires every d to be finite.
[[nodiscard]] paired_verdict judge_paired(std::span<const double> differences,
                                          const paired_limits& limits);

/// Empty where base against its own copy shows nothing; otherwise why this run's timings are void: the
/// estimate is beyond 2 %, or the interval excludes 0 by more than 2 %.
[[nodiscard]] std::string void_because(std::span<const double> null_differences);

/// True where `said`, which judge_paired made of `differences`, need not be taken back: the A/A arm shows nothing,
/// or PASS or FAIL stays what it is with the differences moved against it by null_margin times the A/A arm's
/// larger bound, at the same look or a later one. False for an undecided verdict beside an A/A arm that differs.
[[nodiscard]] bool stands_beside(std::span<const double> differences,
                                 std::span<const double> null_differences,
                                 const paired_limits& limits, const paired_verdict& said);

}  // namespace jacquard::gate
