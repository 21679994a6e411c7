// model_checks/explore_tests/random_program.hpp: small litmus programs drawn from a seed.
//
// Two to four threads, one or two locations, up to `operations_max` operations in all; every kind of
// operation and order, values that depend on registers, branches and assumes.
#pragma once

#include <cstdint>
#include <string>

namespace explore_tests {

[[nodiscard]] std::string random_program(std::uint64_t seed, unsigned operations_max);

}  // namespace explore_tests
