// jacquard/actor/cell.hpp: where an actor lives, and the state machine that runs it.
//
//   idle -> scheduled -> running -> idle | scheduled (its share is used up) | stopping -> stopped
//
// Shape       inbox_       letters, and the gate: who runs the actor
//             generation_  which actor lives here now. Cells are never freed and never change their type,
//                          so a reference needs no count: it may look at a cell whose actor is long gone, and
//                          finds another generation.
//             orders_      generation | stop, kill
// Invariants  I1  At most one worker runs the actor.
//             I2  A letter that was accepted is handled by the actor it was meant for, or is a dead letter.
//                 (A letter of another generation is recognised when it is taken out.)
//             I3  An order reaches the actor it was meant for, or nobody.
//             I4  An actor that failed is stopped, and its failure is reported once.
// Ordering    the inbox's E1, E3 and E4.
//             E5  a cell_type's entry -> for_each_cell   the entry and the pool behind it.
// Progress    tell is lock-free.
// Allocation  none: cells and letters are pooled.
// Checked by  model_checks: inbox, inbox.order, inbox.reopened (the inbox's edges);
//             actor_system.test.cpp (I1, I2, I3, I4, E5) on one and more workers, under ASan, UBSan and TSan.
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <memory>
#include <new>
#include <string>
#include <type_traits>
#include <utility>

#include <jacquard/actor/inbox.hpp>
#include <jacquard/actor/message.hpp>
#include <jacquard/actor/task.hpp>
#include <jacquard/mailbox/mailbox.hpp>
#include <jacquard/memory/node_pool.hpp>
#include <jacquard/sync/native.hpp>

namespace jacquard {

class actor_system;
template <class A>
class context;
template <class A>
class actor_ref;

/// How an actor ended.
enum class exit_reason : std::uint8_t {
  normal,  // it stopped, or was told to, and handled what it had accepted
  killed,  // it was told to end at once
  failed,  // a handler threw
};

[[nodiscard]] constexpr const char* to_string(exit_reason reason) noexcept {
  switch (reason) {
    case exit_reason::normal:
      return "normal";
    case exit_reason::killed:
      return "killed";
    case exit_reason::failed:
      return "failed";
  }
  return "unknown";
}

/// How an actor is set up.
struct spawn_options {
  /// Found by `actor_system::find`; empty: none. One live actor a name.
  std::string name = {};
  /// Letters that one activation handles before others get their turn. [1, 64]
  std::uint32_t batch = 32;
};

/// The part of a cell that does not depend on the actor's type.
class cell_base : public task {
 public:
  using inbox = basic_inbox<letter>;

  [[nodiscard]] std::uint32_t generation() const noexcept {
    return generation_.load(std::memory_order::relaxed);  // a hint: a letter carries its own
  }
  [[nodiscard]] bool is_live() const noexcept {
    return live_.load(std::memory_order::relaxed);  // a hint
  }
  [[nodiscard]] const actor_system* system() const noexcept {
    return system_.load(std::memory_order::relaxed);  // a hint
  }
  [[nodiscard]] const std::string& name() const noexcept { return name_; }

  enum class order : std::uint64_t { stop = 1, kill = 2 };

  /// Any thread. False where the actor of that generation is gone.
  bool give(order what, std::uint32_t to) noexcept {
    std::uint64_t seen =
        orders_.load(std::memory_order::relaxed);  // the compare-and-swap validates it
    do {
      if (static_cast<std::uint32_t>(seen >> order_bits) != to) return false;
    } while (
        !orders_.compare_exchange_weak(seen, seen | static_cast<std::uint64_t>(what),
                                       std::memory_order::relaxed,  // the inbox's E4 announces it
                                       std::memory_order::relaxed));
    if (inbox_.raise()) start();
    return true;
  }

 protected:
  explicit cell_base(task::run_function body) noexcept : task(body) {}
  ~cell_base() = default;

  static constexpr unsigned order_bits = 2;

  [[nodiscard]] bool ordered(order what) const noexcept {
    return (orders_.load(std::memory_order::relaxed) & static_cast<std::uint64_t>(what)) !=
           0;  // after E4
  }
  // Whoever took the wake-up duty.
  void start() noexcept {
    where_.load(std::memory_order::relaxed)
        ->schedule(*this, urgency::next);  // the inbox's E3 brought it
  }

  inbox inbox_;
  sync::atomic<sync::native, std::uint32_t> generation_{1};
  sync::atomic<sync::native, bool> live_{false};
  bool draining_ = false;  // running only: it was told to stop and handles what is left
  std::uint32_t batch_ = 32;
  sync::atomic<sync::native, std::uint64_t> orders_{0};
  sync::atomic<sync::native, executor*> where_{nullptr};
  sync::atomic<sync::native, actor_system*> system_{nullptr};
  std::string name_;

  friend class actor_system;
};

/// A type of actor that this process has cells for. All of them are in one list, which only grows.
class cell_type {
 public:
  using look = void (*)(void* who, cell_base& cell);

  explicit cell_type(void (*look_at_all)(look, void*)) : look_at_all_(look_at_all) {
    older_ = newest().load(std::memory_order::relaxed);  // a guess; the compare-and-swap decides
    while (!newest().compare_exchange_weak(older_, this, std::memory_order::release,  // E5 release
                                           std::memory_order::relaxed)) {
    }
  }

  /// Shows every cell of every type: what can be read of it by anybody.
  static void for_each_cell(look at, void* who) {
    for (cell_type* type = newest().load(std::memory_order::acquire);  // E5 acquire
         type != nullptr; type = type->older_) {
      type->look_at_all_(at, who);
    }
  }

 private:
  static sync::atomic<sync::native, cell_type*>& newest() {
    static sync::atomic<sync::native, cell_type*> first{nullptr};
    return first;
  }

  void (*const look_at_all_)(look, void*);
  cell_type* older_ = nullptr;
};

/// What an actor type must be, in words.
template <class A>
consteval bool explain_actor() {
  static_assert(
      requires { typename A::messages; },
      "an actor lists what it understands: using messages = jacquard::messages<...>;");
  static_assert(std::is_nothrow_destructible_v<A>, "an actor's destructor must not throw");
  return true;
}

/// The home of actors of one type.
template <class A>
class actor_cell final : public cell_base {
  static_assert(explain_actor<A>());

 public:
  actor_cell() noexcept : cell_base(&actor_cell::run_cell) {}
  ~actor_cell() {}  // NOLINT: the actor inside has ended before

  // The pool's.
  sync::atomic<sync::native, std::uint32_t> next{0};

  using pool = basic_node_pool<actor_cell>;
  /// The process's cells for A. Never destroyed: a reference may look at any time.
  [[nodiscard]] static pool& cells() {
    static pool& all = []() -> pool& {
      static cell_type known(&actor_cell::look_at_all);
      return *new pool(64);
    }();
    return all;
  }

  /// Any thread. The message is moved from only where it is accepted.
  template <class M>
  send_result tell(M&& message, std::uint32_t to) noexcept {
    static_assert(understands<A, M>, "this actor does not list that message in its `messages`");
    if (generation() != to) return send_result::closed;
    auto* const fresh = make_letter<told_letter<M>>(
        to, detail::index_of<typename A::messages, M>::value, std::move(message));
    if (fresh == nullptr) return send_result::busy;
    const push_result pushed = inbox_.push(*fresh);
    if (pushed == push_result::closed) {
      message = std::move(fresh->message);
      destroy_letter(*fresh);
      return send_result::closed;
    }
    if (pushed == push_result::queued_schedule) start();
    return send_result::accepted;
  }

  /// Any thread. An answer that never comes is `target_down`.
  template <class M>
  [[nodiscard]] future<typename M::reply> ask(M&& message, std::uint32_t to) noexcept {
    static_assert(understands<A, M>, "this actor does not list that message in its `messages`");
    auto answer = future_pool<typename M::reply>::make_of_process();
    if (!answer.valid()) return answer;
    auto* const fresh =
        generation() != to
            ? nullptr
            : make_letter<asked_letter<M>>(to, detail::index_of<typename A::messages, M>::value,
                                           std::move(message), answer.promise());
    if (fresh == nullptr) {
      (void)answer.promise().fail(reply_status::target_down);
      return answer;
    }
    const push_result pushed = inbox_.push(*fresh);
    if (pushed == push_result::closed) {
      destroy_letter(*fresh);
      (void)answer.promise().fail(reply_status::target_down);
    } else if (pushed == push_result::queued_schedule) {
      start();
    }
    return answer;
  }

 private:
  friend class actor_system;
  friend class context<A>;

  static void look_at_all(cell_type::look at, void* who) {
    cells().for_each([&](actor_cell& cell) { at(who, cell); });
  }
  static void run_cell(task& self) noexcept { static_cast<actor_cell&>(self).run_batch(); }

  [[nodiscard]] A& behaviour() noexcept { return *std::launder(reinterpret_cast<A*>(room_)); }

  void run_batch() noexcept;
  void handle(letter& next_one) noexcept;
  template <class M>
  void handle_as(letter& next_one);
  void end(exit_reason why) noexcept;
  // Destroys a letter that nobody handles, and fails its question. True where there was a message in it.
  void discard(letter& dead) noexcept;

  typename pool::link index_ = pool::none;
  bool started_ = false;
  std::exception_ptr failure_;
  alignas(A) std::byte room_[sizeof(A)];
};

}  // namespace jacquard
