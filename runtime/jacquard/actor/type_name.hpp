// jacquard/actor/type_name.hpp: what a message is called in reports, without run-time type information.
#pragma once

#include <concepts>
#include <string_view>

namespace jacquard {

namespace detail {

template <class T>
constexpr std::string_view spelled() noexcept {
  const std::string_view all = __PRETTY_FUNCTION__;
  const std::size_t first = all.find("T = ") + 4;
  return all.substr(first, all.find_first_of(";]", first) - first);
}

}  // namespace detail

/// The message's own `static constexpr name`, or its type as the compiler spells it.
template <class M>
[[nodiscard]] constexpr std::string_view message_name() noexcept {
  if constexpr (requires {
                  { M::name } -> std::convertible_to<std::string_view>;
                }) {
    return M::name;
  } else {
    return detail::spelled<M>();
  }
}

}  // namespace jacquard
