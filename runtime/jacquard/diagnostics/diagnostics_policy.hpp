// jacquard/diagnostics/diagnostics_policy.hpp: whether a program keeps a registry of its strands. One type, chosen once.
//
// The CMake option JACQUARD_DIAGNOSTICS (default ON) chooses `default_diagnostics`; no other file asks for the macro.
// Code that must have the one or the other names it: basic_strand_registry<diagnostics_off>.
#pragma once

#include <type_traits>

#ifndef JACQUARD_DIAGNOSTICS
#define JACQUARD_DIAGNOSTICS 1
#endif

namespace jacquard {

/// Strands that are spawned by a registry can be listed.
struct diagnostics_on {
  static constexpr bool lists_strands = true;
};
/// A registry is empty, holds nothing and does nothing: its spawn is jacquard::spawn.
struct diagnostics_off {
  static constexpr bool lists_strands = false;
};

using default_diagnostics =
    std::conditional_t<JACQUARD_DIAGNOSTICS != 0, diagnostics_on, diagnostics_off>;

}  // namespace jacquard
