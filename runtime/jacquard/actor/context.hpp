// jacquard/actor/context.hpp: what a handler sees. tidy allows cards: it is a view; cell.hpp has the card.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>

#include <jacquard/actor/actor_ref.hpp>
#include <jacquard/actor/actor_timer.hpp>
#include <jacquard/actor/answered.hpp>
#include <jacquard/actor/behaviours.hpp>
#include <jacquard/actor/cell.hpp>

namespace jacquard {

namespace detail {
template <class A, class T, class Handler>
class continuation;
}  // namespace detail

/// What a handler may do besides its own work. Lives while the handler runs.
template <class A>
class context {
 public:
  [[nodiscard]] actor_ref<A> self() const noexcept { return {home_, home_.generation()}; }
  [[nodiscard]] actor_system& system() const noexcept {
    return *home_.apart_->system.load(std::memory_order::relaxed);  // the running actor's own
  }
  [[nodiscard]] const std::string& name() const noexcept { return home_.name(); }
  /// Sends this actor a message later, or again and again: see actor_system::send_after and send_every.
  template <class M>
  timer_handle send_after(std::chrono::nanoseconds delay, M message) {
    return system().send_after(self(), delay, std::move(message));
  }
  template <class M>
  timer_handle send_every(std::chrono::nanoseconds period, M message) {
    return system().send_every(self(), period, std::move(message));
  }

  /// What all its states share.
  [[nodiscard]] A& actor() const noexcept { return home_.behaviour(); }

  /// Once this handler returns, the actor is in state S, constructed from `args` now. The last one counts. What the
  /// constructor throws is thrown.
  template <class S, class... Args>
  void become(Args&&... args) {
    static_assert(detail::has_states<A>,
                  "an actor that becomes something lists its states: using states = "
                  "jacquard::states<...>;");
    if constexpr (detail::has_states<A>) {
      static_assert(decltype(home_.states_)::template has<S>,
                    "become names one of the actor's states");
      home_.states_.template become<S>(std::forward<Args>(args)...);
    }
  }
  /// Keeps the message that is being handled for later, as it is when the handler returns. Never waits, allocates
  /// nothing.
  stash_result stash() noexcept {
    static_assert(detail::has_stash<A>,
                  "an actor that stashes says how much: static constexpr std::uint32_t "
                  "stash_capacity = ...;");
    if constexpr (detail::has_stash<A>) {
      if (!home_.stash_.at_hand) return stash_result::nothing;
      if (home_.stash_.count >= A::stash_capacity) return stash_result::full;
      home_.stash_.keep = true;
      return stash_result::stashed;
    }
    return stash_result::full;
  }
  /// Puts back what was stashed before this message, to be handled next, in the order in which it came. How many.
  std::uint32_t unstash_all() noexcept { return home_.unstash_all(); }
  /// How many messages are stashed.
  [[nodiscard]] std::uint32_t stashed() const noexcept {
    if constexpr (detail::has_stash<A>) return home_.stash_.count;
    return 0;
  }

  /// Ends this actor after what it has accepted.
  void stop() noexcept { home_.draining_ = home_.needs_look_ = true; }

  /// Calls `handler` with the answer, or why there is none, when the future has ended: as a call in this actor's own
  /// turn, on whatever worker runs it then, after what it has accepted by then. Never after it has ended; so a
  /// handler may keep `this`. It takes (answered<T>) or (context<A>&, answered<T>); what it throws is the actor's
  /// failure. False where memory is out: nothing will be called. The handler is destroyed without a call, by
  /// whoever completes the future, where the actor has ended.
  template <class T, class Handler>
  [[nodiscard]] bool then(future<T> answer, Handler&& handler) noexcept {
    return detail::continuation<A, T, std::remove_cvref_t<Handler>>::begin(
        home_, std::move(answer), std::forward<Handler>(handler));
  }

  /// Asks and waits for the answer, in the handler: it holds its worker until then, or until the deadline. Inline where
  /// the other actor is idle. `would_deadlock`, and nothing was sent, where the other actor waits for this one, over
  /// however many others, or where no worker would be left to answer. Prefer `then` where answers take time.
  template <class B, asks M>
  answered<typename M::reply> call(const actor_ref<B>& whom, M message,
                                   sync::deadline until = sync::deadline::never()) noexcept;
  /// As call, with a time after which nobody wants the answer: `call(whom, question, {.timeout = 50ms})`.
  template <class B, asks M>
  answered<typename M::reply> call(const actor_ref<B>& whom, M message,
                                   const send_options& how) noexcept;

 private:
  template <class B, asks M>
  answered<typename M::reply> call_until(const actor_ref<B>& whom, M& message, sync::deadline until,
                                         const send_options* how) noexcept;

  friend class actor_cell<A>;
  explicit context(actor_cell<A>& home) noexcept : home_(home) {}
  actor_cell<A>& home_;
};

}  // namespace jacquard
