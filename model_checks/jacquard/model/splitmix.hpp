// jacquard/model/splitmix.hpp: the draws of engines that sample.
#pragma once

#include <cstdint>

namespace jacquard::model {

/// The next draw of `state` (splitmix64: Steele, Lea and Flood, OOPSLA 2014): the same seed gives the same draws on
/// every machine.
inline std::uint64_t splitmix(std::uint64_t& state) noexcept {
  std::uint64_t z = (state += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

}  // namespace jacquard::model
