// jacquard/actor/cell_body.hpp: how a cell runs its actor. tidy allows cards: the card is in cell.hpp.
//
// The bodies stand here because they need the whole system and the context of a handler.
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>

#include <jacquard/actor/actor_call.hpp>
#include <jacquard/actor/actor_system.hpp>
#include <jacquard/actor/cell.hpp>
#include <jacquard/actor/cell_ask.hpp>
#include <jacquard/actor/context.hpp>
#include <jacquard/actor/continuation.hpp>
#include <jacquard/actor/message.hpp>
#include <jacquard/actor/type_name.hpp>
#include <jacquard/actor/undelivered.hpp>
#include <jacquard/memory/zeroize.hpp>

namespace jacquard {

inline void cell_base::refused_timer() noexcept {
  if (actor_system* const home = apart_->system.load(std::memory_order::relaxed))  // a statistic's
    home->timers_refused_.add(1);
}

[[gnu::noinline]] inline bool cell_base::share_is_over(share& of) noexcept {
  actor_system& home = *apart_->system.load(std::memory_order::relaxed);  // the running actor's own
  const share::verdict verdict =
      of.is_over(home.yield_after_ns_, [&] { return home.now().count(); });
  if (verdict == share::verdict::go_on) return false;
  (verdict == share::verdict::time_used_up ? home.time_yields_ : home.message_yields_).add(1);
  return true;
}

template <class A>
template <bool Evictable>
void actor_cell<A>::run_batch() noexcept {
  context<A> here(*this);
  now_ns_ = 0;
  if constexpr (requires(A & a) { a.started(here); }) {
    if (!started_) {
      started_ = true;
      try {
        behaviour().started(here);
      } catch (...) {
        fail();
      }
      states_.settle();
    }
  }
  share mine(share_, batch_);
  std::uint32_t handled = 0;
  std::uint32_t noted = 0;
  for (;;) {
    if (failed_) [[unlikely]]
      return end(exit_reason::failed);
    if (inbox_.take_orders()) [[unlikely]] {
      if (ordered(order::kill)) return end(exit_reason::killed);
      if (ordered(order::stop)) draining_ = true;
    }
    if (draining_ && !inbox_.is_closed()) close_inbox();
    needs_look_ = false;
    // Letters, until something else needs a look.
    letter* next_one = nullptr;
    do {
      if (handled == mine.stop() && share_is_over(mine)) [[unlikely]] {
        if (counted_) count(handled - noted);
        where_.load(std::memory_order::relaxed)
            ->schedule(*this, urgency::later);  // the actor's own
        return;
      }
      next_one = this->template take_letter<Evictable>();
      if (next_one == nullptr) break;
      free_held();
      handle(*next_one);
      ++handled;
    } while (!needs_look_ && !inbox_.has_orders());
    if (counted_) [[unlikely]]
      count(handled - std::exchange(noted, handled));
    if (next_one != nullptr) continue;
    letter* const held = std::exchange(held_, nullptr);  // idle: the cell may be another worker's
    switch (this->template try_idle<Evictable>()) {
      case idle_result::idle:
        if (held != nullptr) free_letter(*held);
        return;
      case idle_result::finished:
        held_ = held;
        return end(exit_reason::normal);
      case idle_result::more:
        held_ = held;
        break;
    }
  }
}

// Most letters are told, and their label says the rest in one comparison each.
template <class A>
void actor_cell<A>::handle(letter& next_one) noexcept {
  if (next_one.generation != generation() || !handle_plain(next_one)) [[unlikely]]
    handle_marked(next_one);
}

template <class A>
bool actor_cell<A>::handle_plain(letter& next_one) noexcept {
  const std::uint32_t form = next_one.form();
  return [&]<class... M>(messages<M...>) __attribute__((always_inline)) {
    std::uint16_t kind = 0;
    return (handle_if<M>(next_one, form, kind++) || ...);
  }
  (typename A::messages{});
}

template <class A>
template <class M>
bool actor_cell<A>::handle_if(letter& next_one, std::uint32_t form, std::uint16_t kind) noexcept {
  if (form == letter_label{.generation = 0, .kind = kind, .asked = false}.form()) {
    handle_told<M, letter>(next_one);
    return true;
  }
  if constexpr (asks<M>) {
    if (form == letter_label{.generation = 0, .kind = kind, .asked = true}.form()) {
      handle_asked<M, letter>(next_one);
      return true;
    }
  }
  return false;
}

template <class A>
std::int64_t actor_cell<A>::now_ns() noexcept {
  if (now_ns_ == 0)
    now_ns_ =
        apart_->system.load(std::memory_order::relaxed)->now().count();  // the running actor's own
  return now_ns_;
}

template <class A>
[[gnu::noinline]] void actor_cell<A>::handle_marked(letter& next_one) noexcept {
  settle(next_one);
  if (next_one.generation != generation()) return discard(next_one, undelivered_reason::gone);
  const bool dated = (next_one.marks & letter::dated) != 0;
  if (dated && static_cast<dated_letter&>(next_one).expires_ns <= now_ns())
    return discard(next_one, undelivered_reason::expired);
  const bool waits = bounded_ && places().policy() == overflow::block;
  if (waits)
    places().runner.store(sync::native::this_thread(),
                          std::memory_order::relaxed);  // read by this thread
  dated ? dispatch<dated_letter>(next_one) : dispatch<letter>(next_one);
  if (waits) places().runner.store(0, std::memory_order::relaxed);  // likewise
}

template <class A>
template <class Base>
void actor_cell<A>::dispatch(letter& next_one) noexcept {
  [&]<class... M>(messages<M...>) {
    std::uint16_t kind = 0;
    (void)(((kind++ == next_one.kind && (handle_as<M, Base>(next_one), true)) || ...) ||
           (go_on(next_one), true));
  }(typename A::messages{});
}

// A future has ended: what `then` was given is called.
template <class A>
void actor_cell<A>::go_on(letter& back) noexcept {
  auto& letter_back = static_cast<told_letter<detail::continued>&>(back);
  detail::continued what = std::move(letter_back.message);
  finish(letter_back);
  context<A> here(*this);
  try {
    what.resume(&here);
  } catch (...) {
    fail();
  }
  states_.settle();
}

template <class A>
template <class M, class Base>
void actor_cell<A>::handle_as(letter& next_one) noexcept {
  if (!next_one.asked) return handle_told<M, Base>(next_one);
  if constexpr (asks<M>) handle_asked<M, Base>(next_one);
}

template <class A>
template <class M, class Base>
void actor_cell<A>::handle_told(letter& next_one) noexcept {
  static_assert(detail::explain_handler<A, M>());
  context<A> here(*this);
  offer(true);
  auto& told = static_cast<told_letter<M, Base>&>(next_one);
  bool handled = true;
  try {
    handled = with_handler<M>([&](auto& who) {
      (void)who.on(here, std::move(told.message));  // nobody asked
    });
  } catch (...) {
    fail();
  }
  if (!keep(next_one, handled)) finish(told);
}

template <class A>
template <class M, class Base>
void actor_cell<A>::handle_asked(letter& next_one) noexcept {
  static_assert(detail::explain_handler<A, M>());
  context<A> here(*this);
  offer(true);
  auto& asked = static_cast<asked_letter<M, Base>&>(next_one);
  const auto reply_to = asked.reply_to;
  bool handled = true;
  try {
    handled = with_handler<M>([&](auto& who) {
      if constexpr (detail::has_stash<A>) {
        typename M::reply answer = who.on(here, std::move(asked.message));
        if (!stash_.keep) (void)reply_to.fulfil(std::move(answer));
      } else {
        (void)reply_to.fulfil(who.on(here, std::move(asked.message)));
      }
    });
  } catch (...) {
    fail();
    (void)reply_to.fail(reply_status::failed);
  }
  if (!keep(next_one, handled)) finish(asked);
}

template <class A>
template <class M, class F>
bool actor_cell<A>::with_handler(F&& use) {
  if constexpr (!detail::has_states<A>) {
    use(behaviour());
    return true;
  } else {
    bool handled = true;
    states_.with([&]<class State>(State& present) {
      if constexpr (detail::handles<State, A, M>) {
        use(present);
      } else if constexpr (detail::handles<A, A, M>) {
        use(behaviour());
      } else {
        handled = false;
      }
    });
    return handled;
  }
}

template <class A>
bool actor_cell<A>::keep(letter& handled, bool was_handled) noexcept {
  states_.settle();
  offer(false);
  if constexpr (detail::has_stash<A>) {
    if (was_handled && !stash_.keep) return false;
    stash_.keep = false;
    if (stash_.count >= A::stash_capacity) {
      discard(handled, undelivered_reason::stash_full);
      return true;
    }
    handled.marks &= static_cast<std::uint8_t>(~letter::placed);  // its place is free
    handled.next.with_mut([&](letter*& older) { older = stash_.newest; });
    stash_.newest = &handled;
    ++stash_.count;
    return true;
  } else {
    return false;
  }
}

template <class A>
std::uint32_t actor_cell<A>::unstash_all() noexcept {
  if constexpr (detail::has_stash<A>) {
    const std::uint32_t count = std::exchange(stash_.count, 0);
    letter* newest = std::exchange(stash_.newest, nullptr);
    while (newest != nullptr) {
      letter* const older = newest->next.with([](letter* const& link) { return link; });
      put_back(*newest);
      newest = older;
    }
    return count;
  }
  return 0;
}

template <class A>
void actor_cell<A>::discard(letter& dead, undelivered_reason why) noexcept {
  actor_system* const home =
      apart_->system.load(std::memory_order::relaxed);  // an actor's that is there
  if ((dead.marks & letter::placed) != 0) places().lose(why);
  [&]<class... M>(messages<M...>) {
    std::uint16_t kind = 0;
    const auto drop = [&]<class Message>(std::type_identity<Message>) {
      home->report(why, why == undelivered_reason::gone ? std::string_view{} : name(),
                   message_name<Message>());
      (dead.marks & letter::dated) != 0 ? destroy_unread<Message, dated_letter>(dead, why)
                                        : destroy_unread<Message, letter>(dead, why);
      return true;
    };
    (void)((kind++ == dead.kind && drop(std::type_identity<M>{})) || ...);
  }(detail::letters_of<A>{});
}

template <class A>
template <class M, class Base>
void actor_cell<A>::destroy_unread(letter& dead, undelivered_reason why) noexcept {
  if (!dead.asked) {
    finish_unread(static_cast<told_letter<M, Base>&>(dead));
  } else if constexpr (asks<M>) {
    auto& asked = static_cast<asked_letter<M, Base>&>(dead);
    const auto reply_to = asked.reply_to;
    finish_unread(asked);
    (void)reply_to.fail(status_because(why));
  }
}

template <class A>
template <class L>
void actor_cell<A>::finish(L& done) noexcept {
  end_message(done);
  if (inbox_.keeps(done)) {
    held_ = &done;
  } else {
    free_letter_memory<L>(&done);
  }
}

// Of an evictable inbox, which keeps none, also a sender's.
template <class A>
template <class L>
void actor_cell<A>::finish_unread(L& done) noexcept {
  if (!evictable_) return finish(done);
  end_message(done);
  free_letter_memory<L>(&done);
}

template <class A>
template <class L>
void actor_cell<A>::end_message(L& done) noexcept {
  std::destroy_at(&done.message);
  if (amnesia_) [[unlikely]]
    zeroize(static_cast<void*>(&done.message), sizeof(done.message));
}

template <class A>
void actor_cell<A>::free_held() noexcept {
  if (held_ != nullptr && !inbox_.keeps(*held_)) free_letter(*std::exchange(held_, nullptr));
}

template <class A>
void actor_cell<A>::free_letter(letter& held) noexcept {
  const bool dated = (held.marks & letter::dated) != 0;
  if constexpr (detail::one_letter_size<detail::letters_of<A>>::told) {
    if (!dated && !held.asked) [[likely]]
      return slab_of<detail::one_letter_size<detail::letters_of<A>>::bytes>::give(&held);
  }
  [&]<class... M>(messages<M...>) {
    std::uint16_t kind = 0;
    const auto free = [&]<class Message>(std::type_identity<Message>) {
      if (!held.asked) {
        dated ? free_letter_memory<told_letter<Message, dated_letter>>(&held)
              : free_letter_memory<told_letter<Message>>(&held);
      } else if constexpr (asks<Message>) {
        dated ? free_letter_memory<asked_letter<Message, dated_letter>>(&held)
              : free_letter_memory<asked_letter<Message>>(&held);
      }
      return true;
    };
    (void)((kind++ == held.kind && free(std::type_identity<M>{})) || ...);
  }(detail::letters_of<A>{});
}

template <class A>
void actor_cell<A>::end(exit_reason why) noexcept {
  close_inbox();
  if constexpr (requires(A & a) { a.stopped(why); }) behaviour().stopped(why);
  states_.end();
  behaviour().~A();
  if (amnesia_) {
    states_.wipe();
    zeroize(room_, sizeof(room_));
  }
  (void)unstash_all();
  while (letter* const rest = evictable_ ? this->template take_letter<true>()
                                         : this->template take_letter<false>()) {
    free_held();
    settle(*rest);
    discard(*rest,
            rest->generation != generation() ? undelivered_reason::gone : undelivered_because(why));
  }
  if (held_ != nullptr)
    free_letter(*std::exchange(held_, nullptr));  // closed: nobody pushes it again here
  // From here a reference of this generation finds nobody; a letter that is still on its way is recognised by
  // whoever lives here next.
  actor_system* const home =
      apart_->system.load(std::memory_order::relaxed);  // the running actor's own
  const std::uint32_t next_generation = generation() + 1;
  if (bounded_) {
    {
      const limits::guard held(places());
      tenant_.store(next_generation, std::memory_order::relaxed);  // the lock orders it
    }
    places().wake_all();
    places().wait_until_unpinned();
  } else {
    tenant_.store(next_generation, std::memory_order::relaxed);  // a hint for senders
  }
  end_timers();
  belong_to(nullptr, next_generation);  // orders for this generation find nobody: I3
  home->leave(*this, why, std::exchange(apart_->failure, nullptr));
  apart_->name.reset();
  failed_ = started_ = false;
  shelf::give(this);
  home->one_less();
}

}  // namespace jacquard
