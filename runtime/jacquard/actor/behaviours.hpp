// jacquard/actor/behaviours.hpp: actors that handle the same messages differently from time to time, and that keep
// messages for later.
//
//   struct client {
//     using messages = jacquard::messages<connected, request, lost>;
//     struct offline { void on(jacquard::context<client>& here, const connected&); };   // become<online>, unstash_all
//     struct online  { void on(jacquard::context<client>& here, const request&); };
//     using states = jacquard::states<offline, online>;                // it begins in the first
//     static constexpr std::uint32_t stash_capacity = 100;
//     void on(jacquard::context<client>& here, const lost&);           // in every state that has no own handler
//   };
//
// What the present state does not handle goes to the actor's own handler; where there is none, it is stashed: here a
// request that comes while it is offline.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <new>
#include <tuple>
#include <type_traits>
#include <utility>

#include <jacquard/actor/message.hpp>
#include <jacquard/memory/zeroize.hpp>

namespace jacquard {

template <class A>
class context;

/// An actor's states, the first first. The first is default constructible.
template <class... S>
struct states {};

/// What became of a message that a handler wanted to keep.
enum class [[nodiscard]] stash_result : std::uint8_t{
    stashed,  // it comes back with unstash_all; what the handler returns for it is not sent
    full,     // stash_capacity messages are there; the handler handles this one
    nothing,  // no message is being handled: an answer came, or the actor starts
};

namespace detail {

template <class A>
concept has_states = requires {
  typename A::states;
};
template <class A>
concept has_stash = requires {
  { A::stash_capacity } -> std::convertible_to<std::uint32_t>;
};

/// T, an actor or one of its states, has a handler for M.
template <class T, class A, class M>
concept handles = requires(T& who, context<A>& here, M&& message) {
  who.on(here, std::move(message));
};

template <class A, class M, class List>
struct state_list;
template <class A, class M, class... S>
struct state_list<A, M, states<S...>> {
  static constexpr bool some = (handles<S, A, M> || ...);
  static constexpr bool all = (handles<S, A, M> && ...);
};

template <class A, class M>
consteval bool explain_handler() {
  if constexpr (!has_states<A>) {
    static_assert(handles<A, A, M>,
                  "an actor has a handler `on(context&, ...)` for every message that it lists");
  } else {
    using list = state_list<A, M, typename A::states>;
    static_assert(handles<A, A, M> || list::some,
                  "an actor or one of its states has a handler `on(context&, ...)` for every "
                  "message that it lists");
    static_assert(
        handles<A, A, M> || list::all || has_stash<A>,
        "a state that does not handle every message needs a stash: static constexpr std::uint32_t "
        "stash_capacity = ...;");
  }
  return true;
}

/// The present state, and the one that a running handler chose.
template <class List>
class state_room;
template <class... S>
class state_room<states<S...>> {
  static_assert(sizeof...(S) >= 1 && sizeof...(S) < 255, "an actor has 1 to 254 states");
  static_assert((std::is_nothrow_destructible_v<S> && ...), "a state's destructor must not throw");

 public:
  template <class State>
  static constexpr bool has = (std::is_same_v<S, State> || ...);

  void begin() {
    using first = std::tuple_element_t<0, std::tuple<S...>>;
    static_assert(std::is_default_constructible_v<first>,
                  "an actor begins in its first state, which is default constructible");
    become<first>();
    settle();
  }
  template <class State, class... Args>
  void become(Args&&... args) {
    leave(chosen_, 1 - side_);
    ::new (static_cast<void*>(rooms_[1 - side_])) State(std::forward<Args>(args)...);
    chosen_ = index_of<State>();
  }
  // After the handler.
  void settle() noexcept {
    if (chosen_ == none) return;
    leave(present_, side_);
    side_ = 1 - side_;
    present_ = std::exchange(chosen_, none);
  }
  void end() noexcept {
    leave(chosen_, 1 - side_);
    leave(present_, side_);
  }
  // After end.
  void wipe() noexcept { zeroize(rooms_, sizeof(rooms_)); }
  /// Calls `use(state)` with the present state.
  template <class F>
  void with(F&& use) {
    std::uint16_t at = 0;
    (void)((at++ == present_ && (use(room<S>(side_)), true)) || ...);
  }

 private:
  static constexpr std::uint16_t none = 0xffff;

  template <class State>
  static constexpr std::uint16_t index_of() {
    std::uint16_t at = 0;
    (void)((std::is_same_v<S, State> || (++at, false)) || ...);
    return at;
  }
  template <class State>
  State& room(unsigned side) noexcept {
    return *std::launder(reinterpret_cast<State*>(rooms_[side]));
  }
  void leave(std::uint16_t& which, unsigned side) noexcept {
    std::uint16_t at = 0;
    (void)((at++ == which && (room<S>(side).~S(), true)) || ...);
    which = none;
  }

  std::uint16_t present_ = none;
  std::uint16_t chosen_ = none;
  unsigned side_ = 0;
  alignas(S...) std::byte rooms_[2][std::max({sizeof(S)...})];
};

struct no_states {
  void begin() const noexcept {}
  void settle() const noexcept {}
  void end() const noexcept {}
  void wipe() const noexcept {}
};

/// Letters that are kept for later, newest first.
struct stash_room {
  letter* newest = nullptr;
  std::uint32_t count = 0;
  bool at_hand = false;  // a letter is being handled
  bool keep = false;     // that one
};
struct no_stash {};

template <class A>
struct states_of {
  using type = no_states;
};
template <has_states A>
struct states_of<A> {
  using type = state_room<typename A::states>;
};

}  // namespace detail

}  // namespace jacquard
