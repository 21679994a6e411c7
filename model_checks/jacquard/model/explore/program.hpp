// jacquard/model/explore/program.hpp: what the search explores.
//
// A program is a set of threads that the search runs again and again from the start. It has no memory of
// its own between two restarts; whatever it does must follow from the values that `perform` gave it.
#pragma once

#include <jacquard/model/explore/event.hpp>

namespace jacquard::model::explorer {

class search;

class program {
 public:
  virtual ~program() = default;
  /// How many threads there may be, at most threads_max. Constant.
  [[nodiscard]] virtual unsigned threads() const = 0;
  /// The threads that run from the start, as a bit mask; the others wait for a spawn event. Constant.
  [[nodiscard]] virtual std::uint32_t started() const = 0;
  /// Puts every thread back to its beginning.
  virtual void restart(search& engine) = 0;
  /// Runs one thread until it finishes, blocks for good, or `perform` answers `wait`; then the same
  /// operation is asked again when the thread runs next.
  virtual void run(search& engine, unsigned thread) = 0;

  /// Looks at the state between two steps of an interleaving; may say that something is wrong there.
  virtual void look(search& engine) { (void)engine; }

  /// A name for a location that another instance of the same program understands, and back. Work moves
  /// between searches by these names.
  [[nodiscard]] virtual std::uint64_t name_of(location_id where) const { return where; }
  [[nodiscard]] virtual location_id named(std::uint64_t name) {
    return static_cast<location_id>(name);
  }
};

}  // namespace jacquard::model::explorer
