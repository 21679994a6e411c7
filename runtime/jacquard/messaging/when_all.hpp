// jacquard/messaging/when_all.hpp: joins several strands. All have ended when it returns or throws, so what
// they refer to in the joiner's frame outlives them; the first exception, in the order given, is thrown.
#pragma once

#include <cstddef>
#include <exception>
#include <optional>
#include <span>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <jacquard/messaging/strand.hpp>

namespace jacquard {

/// Joins strands of one type: their results in the order given. Allocates the vector.
template <class T>
requires(!std::is_void_v<T>) strand<std::vector<T>> when_all(std::span<spawned<T>> children) {
  std::vector<T> results;
  results.reserve(children.size());
  std::exception_ptr first;
  for (spawned<T>& child : children) {
    try {
      results.push_back(co_await child);
    } catch (...) {
      if (first == nullptr) first = std::current_exception();
    }
  }
  if (first != nullptr) std::rethrow_exception(first);
  co_return results;
}

/// Joins strands that return nothing.
inline strand<void> when_all(std::span<spawned<void>> children) {
  std::exception_ptr first;
  for (spawned<void>& child : children) {
    try {
      co_await child;
    } catch (...) {
      if (first == nullptr) first = std::current_exception();
    }
  }
  if (first != nullptr) std::rethrow_exception(first);
}

namespace detail {

template <class T>
strand<void> join_into(spawned<T>& child, std::optional<T>& result, std::exception_ptr& first) {
  try {
    result.emplace(co_await child);
  } catch (...) {
    if (first == nullptr) first = std::current_exception();
  }
}

template <std::size_t Index, class Children, class Results>
strand<void> join_each(Children& children, Results& results, std::exception_ptr& first) {
  if constexpr (Index < std::tuple_size_v<Results>) {
    co_await join_into(std::get<Index>(children), std::get<Index>(results), first);
    co_await join_each<Index + 1>(children, results, first);
  }
  co_return;
}

}  // namespace detail

/// Joins strands of different types, each of which returns something.
template <class... T>
requires(sizeof...(T) > 1 &&
         (!std::is_void_v<T> && ...)) strand<std::tuple<T...>> when_all(spawned<T>&... children) {
  std::tuple<spawned<T>&...> all(children...);
  std::tuple<std::optional<T>...> results;
  std::exception_ptr first;
  co_await detail::join_each<0>(all, results, first);
  if (first != nullptr) std::rethrow_exception(first);
  co_return std::apply(
      [](std::optional<T>&... each) { return std::tuple<T...>(std::move(*each)...); }, results);
}

}  // namespace jacquard
