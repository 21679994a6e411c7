// seeded_bugs/broken_buffers.hpp: the buffers that ship, over a policy whose counting is wrong.
#pragma once

#include <atomic>
#include <cstdint>
#include <source_location>

#include <checks/buffer.hpp>
#include <seeded_bugs/broken_policies.hpp>

namespace jacquard::bugs {

/// An owner that lets go does not say what it has done: the last one may overwrite what is still being read.
template <sync::policy S>
struct unordered_counts : S {
  template <class T>
  class atomic : public S::template atomic<T> {
   public:
    using S::template atomic<T>::atomic;
    T fetch_sub(T n, std::memory_order, here at = here::current()) {
      return S::template atomic<T>::fetch_sub(n, std::memory_order::relaxed, at);
    }
  };
};

/// Counts down by a load and a store: two owners see each other, and neither is the last.
template <sync::policy S>
struct torn_counts : S {
  template <class T>
  class atomic : public S::template atomic<T> {
   public:
    using S::template atomic<T>::atomic;
    T fetch_sub(T n, std::memory_order, here at = here::current()) {
      const T before = this->load(std::memory_order::acquire, at);
      this->store(before - n, std::memory_order::release, at);
      return before;
    }
  };
};

}  // namespace jacquard::bugs
