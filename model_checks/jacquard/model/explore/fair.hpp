// jacquard/model/explore/fair.hpp: threads that go on for ever and get nowhere, although each has its turn.
//
// A search of every execution cannot end where threads step aside for each other again and again: there are
// executions of any length. Once one has grown long, interleavings are tried in which the threads take turns in
// a fixed order, for ever; each read sees the newest write. If the steps of such a run come to repeat (the same
// threads, places, words and values), and go on repeating until a thread has made `fair_steps_max` of them,
// that is reported as a livelock.
//
// Claim      "these steps repeated so many times while everybody had a turn": evidence, and no proof. A loop that
//            gives up after a number of rounds that it counts in private, beyond what is run here, looks the same.
// Not seen   a cycle that only other orders of the threads or a weak memory have, one in which a word counts on
//            or new objects are made. The search then ends at its limit, truncated.
// Checked by model_checks/explore_tests/fair.test.cpp, the seeded bug steps_aside_for_ever
#pragma once

#include <jacquard/model/explore/worker.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace jacquard::model::explorer {

/// Whose steps come first, and whose follow over and over. A thread that cannot make its step loses its turn.
struct turns {
  std::vector<unsigned> head;   // threads, from 1
  std::vector<unsigned> round;  // every thread of the check occurs
};

/// As a schedule: "explore:fair;HEAD;ROUND", a digit for each step.
[[nodiscard]] std::string to_string(const turns& t);
[[nodiscard]] bool is_fair_schedule(const std::string& text) noexcept;
/// Throws std::invalid_argument, naming the place, where the text is none, or leaves one of `threads` out of its round.
[[nodiscard]] turns turns_from(const std::string& text, unsigned threads);

/// Runs `one` as `t` says: to its end, or until a thread has made `fair_steps_max` steps, and says what was found
/// by `one.has_failed()`. The graph of a livelock is cut after its second round.
void run_in_turns(worker& one, const turns& t);

/// Tries orders of turns until something is found or all of them together have made `steps_max` steps; the same ones
/// for the same seed. The run that found it, or null.
[[nodiscard]] std::unique_ptr<worker> look_for_livelock(const body_operations& operations,
                                                        const run_options& options,
                                                        std::size_t steps_max);

inline constexpr std::size_t fair_steps_at_first =
    400'000;  // for look_for_livelock, when an execution has grown long
inline constexpr std::size_t fair_steps_at_last = 4'000'000;  // when the search would give up

}  // namespace jacquard::model::explorer
