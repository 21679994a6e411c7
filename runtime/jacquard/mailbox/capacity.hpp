// jacquard/mailbox/capacity.hpp: how many messages may wait, in words that every queue shares.
#pragma once

#include <cstdint>

namespace jacquard {

/// `options.capacity` of what never refuses for want of room.
inline constexpr std::uint32_t unbounded = 0xffff'ffffu;

inline constexpr std::uint32_t capacity_max = 1u << 20;

}  // namespace jacquard
