// seeded_bugs/broken_policies.hpp: a policy with one thing wrong. The mailboxes above it are the ones that
// ship, so what is tried is whether their checks would notice.
#pragma once

#include <atomic>
#include <cstdint>
#include <source_location>

#include <jacquard/sync/policy.hpp>

namespace jacquard::bugs {

using here = std::source_location;

/// Forgets to wake who sleeps.
template <sync::policy S>
struct without_wake : S {
  template <class Word>
  static void wake_one(Word&, here = here::current()) {}
};

/// Goes to sleep without comparing: a permit that came a moment earlier is slept through.
template <sync::policy S>
struct without_compare : S {
  template <class Word>
  static sync::wait_status wait(const Word& word, std::uint32_t, sync::deadline until,
                                here at = here::current()) {
    return S::wait(word, word.load(std::memory_order::relaxed, at), until, at);
  }
};

/// Has no fences.
template <sync::policy S>
struct without_fences : S {
  static void fence(std::memory_order, here = here::current()) {}
  static void fence_light(here = here::current()) {}
  static void fence_heavy(here = here::current()) {}
};

/// Has a light fence where a heavy one belongs.
template <sync::policy S>
struct light_for_heavy : S {
  static void fence_heavy(here at = here::current()) { S::fence_light(at); }
};

/// Publishes without release.
template <sync::policy S>
struct unordered_stores : S {
  template <class T>
  class atomic : public S::template atomic<T> {
   public:
    using S::template atomic<T>::atomic;
    void store(T desired, std::memory_order, here at = here::current()) {
      S::template atomic<T>::store(desired, std::memory_order::relaxed, at);
    }
  };
};

/// Takes without acquire.
template <sync::policy S>
struct unordered_loads : S {
  template <class T>
  class atomic : public S::template atomic<T> {
   public:
    using S::template atomic<T>::atomic;
    T load(std::memory_order, here at = here::current()) const {
      return S::template atomic<T>::load(std::memory_order::relaxed, at);
    }
  };
};

}  // namespace jacquard::bugs
