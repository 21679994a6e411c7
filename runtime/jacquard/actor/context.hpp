// jacquard/actor/context.hpp: what a handler sees. tidy allows cards: it is a view; cell.hpp has the card.
#pragma once

#include <atomic>
#include <chrono>
#include <string>
#include <type_traits>
#include <utility>

#include <jacquard/actor/actor_ref.hpp>
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
    return *home_.system_.load(std::memory_order::relaxed);  // the running actor's own
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
  /// Ends this actor after what it has accepted.
  void stop() noexcept { home_.draining_ = true; }

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

 private:
  friend class actor_cell<A>;
  explicit context(actor_cell<A>& home) noexcept : home_(home) {}
  actor_cell<A>& home_;
};

}  // namespace jacquard
