// jacquard/actor/cell_ask.hpp: how a cell is asked. tidy allows cards: the card is in cell.hpp.
//
// A question from a worker to an actor that is idle need not travel: the worker takes the actor by its gate, as
// whoever starts it does, and runs the handler then and there. What was sent to the actor before has been handled, or
// it would not be idle: so the order of a sender's messages holds. If anything remains to be done (a letter that
// came meanwhile, a stop, a failure), the actor is scheduled, still by the same gate.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <exception>
#include <utility>

#include <jacquard/actor/cell.hpp>
#include <jacquard/actor/context.hpp>
#include <jacquard/actor/message.hpp>
#include <jacquard/actor/reply_status.hpp>
#include <jacquard/actor/shared_wheel.hpp>
#include <jacquard/mailbox/mailbox.hpp>

namespace jacquard {

namespace detail {

/// How deep a worker is in handlers that run inside of handlers.
struct inline_turn {
  static constexpr unsigned depth_max = 8;

  explicit inline_turn(const task& whom) noexcept : outer(innermost), whose(&whom) {
    ++depth;
    innermost = this;
  }
  ~inline_turn() {
    --depth;
    innermost = outer;
  }
  inline_turn(const inline_turn&) = delete;
  inline_turn& operator=(const inline_turn&) = delete;

  const inline_turn* const outer;
  const task* const whose;

  // tidy allows threads: a worker's own; no other thread looks at it.
  inline static thread_local unsigned depth = 0;
  // tidy allows threads: likewise.
  inline static thread_local const inline_turn* innermost = nullptr;
};

}  // namespace detail

template <class A>
template <class M>
bool actor_cell<A>::ask_inline(M& message, std::uint32_t to,
                               future<typename M::reply>& answer) noexcept {
  // Who may keep a question for later needs it in a letter.
  if constexpr (detail::has_states<A> || detail::has_stash<A>)
    return false;
  else
    return ask_idle(message, to, answer);
}

template <class A>
template <class M>
bool actor_cell<A>::ask_idle(M& message, std::uint32_t to,
                             future<typename M::reply>& answer) noexcept {
  if (detail::inline_turn::depth >= detail::inline_turn::depth_max) return false;
  // A hint where the actor is gone, and its executor with it: it is compared, not followed. Who takes the gate looks
  // again.
  const executor* const where = where_.load(std::memory_order::relaxed);  // likewise
  if (!worker_here::runs(where)) return false;
  if (!inbox_.try_start()) return false;
  if (tenant_.load(std::memory_order::relaxed) != to ||    // nobody else's now
      where_.load(std::memory_order::relaxed) != where) {  // likewise
    give_up_turn();
    return false;
  }
  const detail::inline_turn deeper(*this);
  if (counted_) [[unlikely]]
    count(1);
  context<A> here(*this);
  try {
    answer.fulfil_alone(behaviour().on(here, std::move(message)));
  } catch (...) {
    fail();
    answer.fail_alone(reply_status::failed);
  }
  give_up_turn();
  return true;
}

template <class A>
template <class M>
[[gnu::noinline]] void actor_cell<A>::ask_with_care(M& message, std::uint32_t to,
                                                    const send_options* how,
                                                    future<typename M::reply>& answer) noexcept {
  send_options mine = how != nullptr ? *how : send_options{};
  constexpr auto never = std::chrono::nanoseconds::max();
  const bool timed = mine.timeout != never;
  if (timed) {
    // An answer that is there when `ask` returns needs no timer.
    if (mine.expires == never && ask_now(message, to, answer)) return;
    // A worker's own wheel, or one that is never freed: a thread does not know whether the actor's system is there.
    shared_wheel* const wheel = worker_here::wheel != nullptr ? worker_here::wheel : timers_on();
    std::int64_t due_ns = 0;
    if (wheel == nullptr || !answer.time_out_after(*wheel, mine.timeout, due_ns))
      return answer.fail_alone(generation() == to ? reply_status::refused
                                                  : reply_status::target_down);
    mine.expires = std::min(mine.expires, std::chrono::nanoseconds(due_ns));
  }
  std::uint8_t marks = 0;
  const send_result admitted = admit<M>(to, &mine, marks);
  if (admitted != send_result::accepted) {
    (void)answer.promise().fail(admitted == send_result::closed ? reply_status::target_down
                                : timed && admitted == send_result::deadline
                                    ? reply_status::timed_out
                                    : reply_status::refused);
    return;
  }
  const bool sent = (marks & letter::dated) != 0
                        ? post_question<dated_letter>(message, to, marks, &mine, answer)
                        : post_question<letter>(message, to, marks, &mine, answer);
  if (!sent) (void)answer.promise().fail(reply_status::target_down);
}

// Consumer only, between two letters: idle, or scheduled for what remains.
template <class A>
void actor_cell<A>::give_up_turn() noexcept {
  executor* const where = where_.load(std::memory_order::relaxed);  // the running actor's own
  if (!failed_ && !draining_ && inbox_.try_end()) [[likely]] {
    return;  // another worker may run it already
  }
  where->schedule(*this, urgency::next);
}

}  // namespace jacquard
