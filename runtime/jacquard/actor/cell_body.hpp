// jacquard/actor/cell_body.hpp: how a cell runs its actor. tidy allows cards: the card is in cell.hpp.
//
// The bodies stand here because they need the whole system and the context of a handler.
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <type_traits>
#include <utility>

#include <jacquard/actor/actor_system.hpp>
#include <jacquard/actor/cell.hpp>
#include <jacquard/actor/context.hpp>
#include <jacquard/actor/message.hpp>

namespace jacquard {

template <class A>
void actor_cell<A>::run_batch() noexcept {
  context<A> here(*this);
  if constexpr (requires(A & a) { a.started(here); }) {
    if (!started_) {
      started_ = true;
      try {
        behaviour().started(here);
      } catch (...) {
        failure_ = std::current_exception();
      }
    }
  }
  for (std::uint32_t handled = 0;; ++handled) {
    if (failure_ != nullptr) return end(exit_reason::failed);
    if (inbox_.take_orders()) {
      if (ordered(order::kill)) return end(exit_reason::killed);
      if (ordered(order::stop)) draining_ = true;
    }
    if (draining_ && !inbox_.is_closed()) inbox_.close();
    if (handled == batch_) {
      where_.load(std::memory_order::relaxed)->schedule(*this, urgency::later);  // the actor's own
      return;
    }
    if (letter* const next_one = inbox_.take()) {
      handle(*next_one);
      continue;
    }
    switch (inbox_.try_idle()) {
      case idle_result::idle:
        return;  // another worker may run it already
      case idle_result::finished:
        return end(exit_reason::normal);
      case idle_result::more:
        break;
    }
  }
}

template <class A>
void actor_cell<A>::handle(letter& next_one) noexcept {
  if (next_one.generation != generation()) return discard(next_one);
  [&]<class... M>(messages<M...>) {
    std::uint16_t kind = 0;
    (void)((kind++ == next_one.kind && (handle_as<M>(next_one), true)) || ...);
  }(typename A::messages{});
}

template <class A>
template <class M>
void actor_cell<A>::handle_as(letter& next_one) {
  static_assert(
      requires(A & a, context<A> & c, M && m) { a.on(c, std::move(m)); },
      "an actor has a handler `on(context&, ...)` for every message that it lists");
  context<A> here(*this);
  if (!next_one.asked) {
    auto& told = static_cast<told_letter<M>&>(next_one);
    try {
      behaviour().on(here, std::move(told.message));
    } catch (...) {
      failure_ = std::current_exception();
    }
    destroy_letter(told);
    return;
  }
  if constexpr (asks<M>) {
    auto& asked = static_cast<asked_letter<M>&>(next_one);
    const auto reply_to = asked.reply_to;
    try {
      (void)reply_to.fulfil(behaviour().on(here, std::move(asked.message)));
    } catch (...) {
      failure_ = std::current_exception();
      (void)reply_to.fail(reply_status::failed);
    }
    destroy_letter(asked);
  }
}

template <class A>
void actor_cell<A>::discard(letter& dead) noexcept {
  actor_system* const home = system_.load(std::memory_order::relaxed);  // the running actor's own
  home->dead_letters_.add(1);
  [&]<class... M>(messages<M...>) {
    std::uint16_t kind = 0;
    const auto drop = [&]<class Message>(std::type_identity<Message>) {
      if (!dead.asked) {
        destroy_letter(static_cast<told_letter<Message>&>(dead));
      } else if constexpr (asks<Message>) {
        auto& asked = static_cast<asked_letter<Message>&>(dead);
        const auto reply_to = asked.reply_to;
        destroy_letter(asked);
        (void)reply_to.fail(reply_status::target_down);
      }
      return true;
    };
    (void)((kind++ == dead.kind && drop(std::type_identity<M>{})) || ...);
  }(typename A::messages{});
}

template <class A>
void actor_cell<A>::end(exit_reason why) noexcept {
  inbox_.close();
  if constexpr (requires(A & a) { a.stopped(why); }) behaviour().stopped(why);
  behaviour().~A();
  while (letter* const rest = inbox_.take()) discard(*rest);
  // From here a reference of this generation finds nobody; a letter that is still on its way is recognised by
  // whoever lives here next.
  actor_system* const home = system_.load(std::memory_order::relaxed);  // the running actor's own
  const std::uint32_t next_generation = generation() + 1;
  generation_.store(next_generation, std::memory_order::relaxed);  // a hint for senders
  orders_.store(std::uint64_t{next_generation} << order_bits,
                std::memory_order::relaxed);       // orders for this generation find nobody: I3
  live_.store(false, std::memory_order::relaxed);  // a hint
  home->leave(*this, why, std::exchange(failure_, nullptr));
  name_.clear();
  started_ = false;
  auto& all = cells();
  const auto mine = index_;
  all.release(mine, mine);
  home->one_less();
}

}  // namespace jacquard
