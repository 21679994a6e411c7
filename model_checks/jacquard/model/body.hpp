// jacquard/model/body.hpp: a check without its type, as an engine runs it.
//
// An engine is compiled once, not once per check: what differs between two checks is six functions.
#pragma once

#include <cstddef>
#include <new>
#include <source_location>

#include <jacquard/model/check.hpp>

namespace jacquard::model {

/// How to make, run and destroy one check. `before`, `after` and `invariant` may be null.
struct body_operations {
  const char* name = "";  // the check's type, in words: whose checkpoint a file is
  unsigned threads = 0;
  unsigned spawned_threads =
      0;  // that each of them, and the main thread, may start (explorer only)
  std::size_t size = 0;
  std::size_t alignment = 0;
  void (*construct)(void* room) = nullptr;
  void (*destroy)(void* body) = nullptr;
  void (*before)(void* body) = nullptr;
  void (*thread)(void* body, unsigned index) = nullptr;
  void (*after)(void* body) = nullptr;
  void (*invariant)(void* body) = nullptr;
};

/// The operations of one check class.
template <check_body Body>
[[nodiscard]] constexpr body_operations operations_of() noexcept {
  body_operations made{
      .name = std::source_location::current().function_name(),
      .threads = Body::thread_count,
      .size = sizeof(Body),
      .alignment = alignof(Body),
      .construct = [](void* room) { ::new (room) Body(); },
      .destroy = [](void* body) { static_cast<Body*>(body)->~Body(); },
      .thread = [](void* body, unsigned index) { static_cast<Body*>(body)->thread(index); },
  };
  if constexpr (requires { Body::spawned_threads; }) made.spawned_threads = Body::spawned_threads;
  if constexpr (has_before<Body>)
    made.before = [](void* body) { static_cast<Body*>(body)->before(); };
  if constexpr (has_after<Body>) made.after = [](void* body) { static_cast<Body*>(body)->after(); };
  if constexpr (has_invariant<Body>) {
    made.invariant = [](void* body) { static_cast<Body*>(body)->invariant(); };
  }
  return made;
}

}  // namespace jacquard::model
