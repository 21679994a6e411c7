// jacquard/sim/shrink.hpp: from a plan that fails to the smallest that fails the same way.
//
// Shape       Rounds until nothing gets smaller: earlier and rounder times; fewer messages; fewer
//             producers; faults removed in halves, then one at a time. Keyed randomness makes each
//             step mean what it says: removing one fault leaves every other draw where it was.
// Invariants  I1  Every plan that is kept fails with the signature of the first (see `signature`).
//             I2  The result was run twice, and is reproducible, unless the signature is "determinism".
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include <jacquard/sim/run.hpp>

namespace jacquard::sim {

struct shrink_options {
  std::uint32_t runs_max = 2000;
  /// Called after each candidate: runs so far, faults and messages of the best.
  std::function<void(std::uint32_t runs, const plan& best)> progress;
};

struct shrunk {
  plan smallest;
  std::string signature;
  std::string detail;  // of the smallest plan's violation
  std::uint32_t runs = 0;
  bool out_of_runs = false;  // runs_max ended it: smaller may exist
};

/// Requires that `failing` fails under `options`; throws std::invalid_argument where it holds.
[[nodiscard]] shrunk shrink(const plan& failing, const run_options& options,
                            const shrink_options& limits = {});

}  // namespace jacquard::sim
