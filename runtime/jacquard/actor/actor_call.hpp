// jacquard/actor/actor_call.hpp: context::call. tidy allows cards: wait_graph.hpp has the card.
//
// A handler that waits for an answer where it stands.
// It holds its worker meanwhile; `then` does not. Who waits, and must not be waited for by whom it asks: the calling
// actor, every other actor whose handler is below it on this thread's stack, and the worker itself, which nothing that
// is pinned to it can do without.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include <jacquard/actor/answered.hpp>
#include <jacquard/actor/cell.hpp>
#include <jacquard/actor/cell_ask.hpp>
#include <jacquard/actor/context.hpp>
#include <jacquard/actor/reply_status.hpp>
#include <jacquard/actor/shared_wheel.hpp>
#include <jacquard/actor/task.hpp>
#include <jacquard/actor/wait_graph.hpp>
#include <jacquard/sync/native.hpp>

namespace jacquard {

namespace detail {

/// The edges of a call, for as long as it takes.
class blocked_turn {
 public:
  /// `whom` may only run on `pinned_to`, where that is not null: then the caller waits for that worker too, and who
  /// holds a worker keeps from running what is pinned to it.
  /// The lives are generations: who moves into a cell is waited for by nobody who waited for the one before. Of who is
  /// further down on the stack only the cell is known, and it counts as each that lived there.
  blocked_turn(const task& caller, std::uint32_t life, const executor& where, const task* whom,
               std::uint32_t whose_life, const executor* pinned_to) noexcept {
    const wait_edge there{.to = whom, .to_life = whose_life};
    add(&caller, life, there, pinned_to);
    add(where.running(), 0, there, pinned_to);
    for (const inline_turn* each = inline_turn::innermost; each != nullptr; each = each->outer) {
      add(each->whose, 0, there, pinned_to);
    }
    add(worker_here::self, 0, there, pinned_to);
    let_in_ = wait_graph::of_process().try_begin({edges_.data(), count_});
  }
  ~blocked_turn() {
    if (let_in_) wait_graph::of_process().end({edges_.data(), count_});
  }
  blocked_turn(const blocked_turn&) = delete;
  blocked_turn& operator=(const blocked_turn&) = delete;

  [[nodiscard]] bool may_wait() const noexcept { return let_in_; }

 private:
  void add(const void* who, std::uint32_t life, wait_edge there,
           const executor* pinned_to) noexcept {
    if (who == nullptr) return;
    for (std::size_t i = 0; i < count_; ++i) {
      if (edges_[i].from == who) return;
    }
    there.from = who;
    there.from_life = life;
    edges_[count_++] = there;
    if (pinned_to != nullptr) edges_[count_++] = {.from = who, .to = pinned_to, .from_life = life};
  }

  std::array<wait_edge, 2 * (inline_turn::depth_max + 3)> edges_{};
  std::size_t count_ = 0;
  bool let_in_ = false;
};

}  // namespace detail

template <class A>
template <class B, asks M>
answered<typename M::reply> context<A>::call_until(const actor_ref<B>& whom, M& message,
                                                   sync::deadline until,
                                                   const send_options* how) noexcept {
  using reply = answered<typename M::reply>;
  if (whom.home_ == nullptr) return reply(reply_status::target_down);
  executor& where = *home_.where_.load(std::memory_order::relaxed);  // the running actor's own
  const executor* const there = whom.home_->runs_on();
  const bool only_here = there == worker_here::self;
  const detail::blocked_turn waits(home_, home_.generation(), where, whom.home_, whom.generation_,
                                   only_here || there == &system().workers() ? nullptr : there);
  if (!waits.may_wait()) return reply(reply_status::would_deadlock);
  auto now = future_pool<typename M::reply>::make_of_process();
  if (now.valid() && whom.home_->ask_now(message, whom.generation_, now)) return reply(now);
  // It has to travel. That needs a worker, and so does what may have to happen before.
  if (only_here || !where.begin_blocking()) return reply(reply_status::would_deadlock);
  auto answer = how == nullptr ? whom.ask(std::move(message)) : whom.ask(std::move(message), *how);
  // Only now: where the other one has come to rest meanwhile, the question itself put it into this worker's slot.
  where.hand_on();
  if (answer.valid()) (void)answer.wait_here(until);
  where.end_blocking();
  return answer.valid() ? reply(answer) : reply(reply_status::refused);
}

template <class A>
template <class B, asks M>
answered<typename M::reply> context<A>::call(const actor_ref<B>& whom, M message,
                                             sync::deadline until) noexcept {
  return call_until(whom, message, until, nullptr);
}

template <class A>
template <class B, asks M>
answered<typename M::reply> context<A>::call(const actor_ref<B>& whom, M message,
                                             const send_options& how) noexcept {
  send_options mine = how;
  sync::deadline until = sync::deadline::never();
  if (how.timeout != std::chrono::nanoseconds::max()) {
    // The wait has the deadline: it needs no timer.
    until = sync::native::after(how.timeout);
    const std::int64_t due_ns = later(system().now().count(), how.timeout.count());
    mine.expires = std::min(mine.expires, std::chrono::nanoseconds(due_ns));
    mine.timeout = std::chrono::nanoseconds::max();
  }
  return call_until(whom, message, until, &mine);
}

}  // namespace jacquard
