// stress/shake.hpp: a thread that hesitates where a seed says.
//
// Each thread of a run has a draw of its own, from the run's seed and the thread's number. A thread that was given
// none does not hesitate. Nothing here orders one thread's memory after another's.
#pragma once

#include <cstdint>

namespace jacquard::stress {

/// This thread hesitates from now on, as `seed` and its number say. Seeds differ in how often, too.
void begin_to_shake(std::uint64_t seed) noexcept;
/// The threads that begin from now on are numbered from 0.
void number_threads_anew() noexcept;
/// Maybe yields, maybe pauses. Does not return where the run has failed.
void shake() noexcept;
/// One of [0, count), by this thread's draw. `count` in [1, 2^32].
[[nodiscard]] std::uint32_t pick(std::uint64_t count) noexcept;
[[nodiscard]] inline bool one_in(std::uint32_t n) noexcept { return pick(n) == 0; }

}  // namespace jacquard::stress
