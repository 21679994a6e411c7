// jacquard/model/explore/cycle.hpp: the steps that an interleaving came to repeat.
#pragma once

#include <jacquard/model/explore/graph.hpp>

#include <cstddef>
#include <string>

namespace jacquard::model::explorer {

/// The steps at the end of an interleaving that repeat. None where `events` is 0.
struct cycle {
  std::size_t begin = 0;   // the first event that belongs to it
  std::size_t events = 0;  // of one round
  std::size_t times = 0;   // so many rounds there are
};
/// Of what `g` is, in the order of its events: the same threads, places, words and values, at least 100 times over at
/// the end. Linear in the number of events.
[[nodiscard]] cycle cycle_of(const graph& g);

/// "thread 0 at a.hpp:7, a.hpp:9; thread 1 at ...": where the threads are in that round.
[[nodiscard]] std::string whereabouts(const graph& g, const cycle& c);

}  // namespace jacquard::model::explorer
