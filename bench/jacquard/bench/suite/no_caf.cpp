// Built without CAF: its arms are not run, and say why.
#include <jacquard/bench/suite/catalogue.hpp>

namespace jacquard::bench::suite {

arm caf_arm(const std::string&) {
  return {.name = "caf", .run = {}, .missing = "built without CAF (libcaf-dev)", .who = role::peer};
}

}  // namespace jacquard::bench::suite
