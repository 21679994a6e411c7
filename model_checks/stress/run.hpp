// stress/run.hpp: runs a world of real actors, strands or timers, seed after seed, until one does not balance.
//
// A world is a function of a seed: it makes a system with workers, sets threads on it, ends it, and requires what must
// have come out. The seed decides what is done and where threads hesitate; the machine decides the rest. So a seed
// narrows a failure down and does not replay it exactly.
#pragma once

#include <cstdint>
#include <source_location>

#include <jacquard/model/check.hpp>

namespace jacquard::stress {

using world = void (*)(std::uint64_t seed);

/// A claim about the run. Where it does not hold, the run is over: the calling thread does not return.
void require(bool holds, const char* claim,
             std::source_location at = std::source_location::current()) noexcept;

/// True once a claim was broken: whoever hesitates then sleeps for ever.
[[nodiscard]] bool has_failed() noexcept;

/// Runs `what` on the calling process, one run after the other: `iterations_max` of them (200 by default), from `seed`
/// on. A run that takes two minutes is a deadlock. After a failure its threads stay where they are until the program
/// ends. Where a sanitizer ends the program, the seed is said last.
[[nodiscard]] model::certificate run(const model::run_options& options, world what,
                                     const char* name);

/// Adds a world to the engine `stress`. `expect`: a seeded bug, and what must be found.
bool add(const char* name, const char* claims, world what,
         model::failure_kind expect = model::failure_kind::none);

}  // namespace jacquard::stress
