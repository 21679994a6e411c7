// jacquard/model/perturbed/engine.hpp: runs a check on real threads, seed after seed.
//
// `iterations_max` executions (2,000 by default) from `seed` on, each with its own draw of yields and
// pauses. An execution that makes no step for five seconds is a deadlock, one that steps for twenty seconds
// without an end a livelock. A schedule is "seed:<n>": that seed again and again until it fails.
#pragma once

#include <jacquard/model/body.hpp>
#include <jacquard/model/check.hpp>

namespace jacquard::model {

/// Runs the check that `operations` describes. One to sixteen threads. The threads of a run that failed stay
/// asleep until the program ends; their memory is not given back.
[[nodiscard]] certificate run_perturbed(const body_operations& operations,
                                        const run_options& options);

/// Runs `Body` on real threads.
template <check_body Body>
[[nodiscard]] certificate run_perturbed(const run_options& options) {
  return run_perturbed(operations_of<Body>(), options);
}

}  // namespace jacquard::model
