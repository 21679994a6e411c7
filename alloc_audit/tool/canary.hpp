// tool/canary.hpp: what the audit must see before anything else that it says is worth reading.
#pragma once

#include <string>
#include <vector>

#include "tool/measure.hpp"

namespace jacquard::audit {

/// An operation of known cost and the judgement of what was measured of it.
struct canary {
  std::string operation;
  std::string expects;  // in words
  bool native_too;      // the interposed program must agree
  /// Empty where the canary was seen; otherwise what was seen instead.
  std::string (*missed)(const measurement& seen, double tolerance);
};

[[nodiscard]] const std::vector<canary>& canaries();

}  // namespace jacquard::audit
