// jacquard/memory/zeroize.hpp: forgetting: zeros that the optimizer may not leave out.
#pragma once

#include <cstddef>
#include <cstring>

namespace jacquard {

/// Writes zeros over `size` bytes, also where nobody will read them again: a plain memset before the end of
/// an object's life is a dead store, which compilers remove. Nothing is allocated; size 0 is allowed.
///
/// Source: the compiler barrier of Linux' memzero_explicit: the empty statement takes the address and may read
/// all memory, so the zeros must be there before it. No instruction is spent on it.
inline void zeroize(void* memory, std::size_t size) noexcept {
  if (size == 0) return;
  std::memset(memory, 0, size);
  // tidy allows threads: a barrier for the compiler alone; nothing is shared.
  asm volatile("" : : "r"(memory) : "memory");
}

}  // namespace jacquard
