// jacquard/model/relacy/engine.hpp: runs a check under the Relacy Race Detector.
//
// Searches (`run_options.search`): full    every interleaving and every value Relacy can offer
//                                  bound   at most `context_bound` switches away from a thread that can run
//                                  random  `iterations_max` seeded schedules, from `seed` on
// A schedule is "full:<digits>", "bound2:<digits>" or "random:<seed>": the choices made, in base 36, with
// the zeros at the end left out.
#pragma once

#include <jacquard/model/body.hpp>
#include <jacquard/model/check.hpp>

namespace jacquard::model {

/// Runs the check that `operations` describes. Two to nine threads. Not thread-safe: Relacy is one global.
/// Throws std::invalid_argument where an option is out of range.
[[nodiscard]] certificate run_relacy(const body_operations& operations, const run_options& options);

/// Runs `Body` under Relacy.
template <check_body Body>
[[nodiscard]] certificate run_relacy(const run_options& options) {
  return run_relacy(operations_of<Body>(), options);
}

}  // namespace jacquard::model
