// jacquard/sim/trace.hpp: a run as a picture: the trace-event JSON that Perfetto (ui.perfetto.dev) and
// chrome://tracing open.
//
// One track an entity. Slices are sends and handlings, counters are what waits, arrows lead from a send to
// its handling, instants are faults and violations.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <jacquard/sim/time.hpp>

namespace jacquard::sim {

class trace {
 public:
  /// Every track belongs to one process of this name.
  explicit trace(std::string_view title);

  void names_track(std::uint32_t track, std::string_view name);
  void slice(std::uint32_t track, std::string_view name, nanoseconds begin, nanoseconds end);
  void counter(std::string_view name, nanoseconds at, std::uint64_t value);
  /// An arrow from the slice that encloses `at` on `track`; `id` names it.
  void arrow_from(std::uint32_t track, nanoseconds at, std::uint64_t id);
  void arrow_to(std::uint32_t track, nanoseconds at, std::uint64_t id);
  void instant(std::uint32_t track, std::string_view name, nanoseconds at);

  /// The whole file. `digest` and `seed` are kept beside the events, so that two files can be compared.
  [[nodiscard]] std::string to_json(std::uint64_t seed, std::uint64_t digest) const;

 private:
  void add(std::string_view event);

  std::string events_;
};

}  // namespace jacquard::sim
