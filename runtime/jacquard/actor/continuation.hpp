// jacquard/actor/continuation.hpp: an answer that comes back as a letter: `then`.
//
// Shape       a continuation holds the future, the handler and a letter that was made with them. The future's
//             completer posts the letter (it is the executor that the future knows), the actor's own turn takes it
//             and calls the handler.
// Invariants  I1  A handler is called at most once, in its actor's turn, and never after the actor ended.
//             I2  It is called, if the future ends and the actor lives to see the letter.
//             I3  A continuation is destroyed once: after its call, or with the letter that nobody takes.
// Ordering    the future's E1 and E2; the inbox's E1.
// Progress    as a tell.
// Allocation  two slabs: none once they are warm.
// Checked by  actor_ask.test.cpp (I1, I2, I3), also under TSan and ASan; alloc_audit: actor.ask_then.
#pragma once

#include <concepts>
#include <cstdint>
#include <type_traits>
#include <utility>

#include <jacquard/actor/answered.hpp>
#include <jacquard/actor/cell.hpp>
#include <jacquard/actor/future.hpp>
#include <jacquard/actor/message.hpp>
#include <jacquard/actor/task.hpp>
#include <jacquard/memory/slab.hpp>

namespace jacquard {

namespace detail {

/// Waits for one future of type T on behalf of an actor A.
template <class A, class T, class Handler>
class continuation final : public continuation_base, public executor {
 public:
  // A handler's argument: the answer, after the context where it wants that.
  static constexpr bool wants_context = std::invocable<Handler&, context<A>&, answered<T>>;
  static_assert(wants_context || std::invocable<Handler&, answered<T>>,
                "a handler for `then` takes (answered<T>) or (context<A>&, answered<T>)");
  static_assert(std::is_nothrow_move_constructible_v<Handler>,
                "a handler for `then` is moved, and that must not throw");

  /// False where memory is out: nothing will be called.
  static bool begin(actor_cell<A>& home, future<T> answer, Handler handler) noexcept {
    void* const room = blocks::take();
    if (room == nullptr) return false;
    auto* const self = ::new (room) continuation(home, std::move(answer), std::move(handler));
    self->letter_ = make_letter<told_letter<continued>>(
        home.generation(), index_of<letters_of<A>, continued>::value, continued(*self));
    if (self->letter_ == nullptr) return false;  // the message that was not moved has ended us
    if (!self->answer_.await(home, *self)) home.deliver(*self->letter_);
    return true;
  }

  // The completer, once: whatever thread it is.
  void schedule(task&, urgency) noexcept override { home_.deliver(*letter_); }

 private:
  using blocks = slab_of<slab_size(sizeof(future<T>) + sizeof(Handler) + 64)>;

  continuation(actor_cell<A>& home, future<T> answer, Handler handler) noexcept
      : continuation_base(&continuation::resume, &continuation::drop),
        home_(home),
        answer_(std::move(answer)),
        handler_(std::move(handler)) {}
  ~continuation() override = default;

  static void resume(continuation_base& base, void* here) {
    auto& self = static_cast<continuation&>(base);
    answered<T> got(self.answer_);
    Handler handler(std::move(self.handler_));
    drop(self);
    if constexpr (wants_context) {
      handler(*static_cast<context<A>*>(here), std::move(got));
    } else {
      handler(std::move(got));
    }
  }
  static void drop(continuation_base& base) noexcept {
    static_assert(sizeof(continuation) <= slab_size(sizeof(future<T>) + sizeof(Handler) + 64));
    auto& self = static_cast<continuation&>(base);
    self.~continuation();
    blocks::give(&self);
  }

  actor_cell<A>& home_;
  told_letter<continued>* letter_ = nullptr;
  future<T> answer_;
  Handler handler_;
};

}  // namespace detail

}  // namespace jacquard
