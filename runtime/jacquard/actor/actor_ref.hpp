// jacquard/actor/actor_ref.hpp: how to reach an actor: weak, copyable, 16 bytes, safe for ever.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>

#include <jacquard/actor/cell.hpp>

namespace jacquard {

template <class... M>
class ref;

namespace detail {

// The answer of nobody; invalid where memory is out.
template <asks M>
[[nodiscard]] future<typename M::reply> nobody() noexcept {
  auto answer = future_pool<typename M::reply>::make_of_process();
  if (answer.valid()) (void)answer.promise().fail(reply_status::target_down);
  return answer;
}

}  // namespace detail

/// A reference to one actor. It does not keep the actor alive and outlives it safely: it names a cell, which
/// is never freed, and the generation that lived there. Any thread may use and copy it.
template <class A>
class actor_ref {
 public:
  actor_ref() = default;

  /// Sends a message, by the overflow policy where the actor has a bound. `closed` where it is gone, `busy` where
  /// there is no room or memory is out: the message is still the caller's. One that was accepted is handled, or
  /// reaches the undelivered hook.
  template <class M>
  requires(!std::is_lvalue_reference_v<M>) send_result tell(M&& message)
  const noexcept {
    return home_ == nullptr ? send_result::closed
                            : home_->tell(std::forward<M>(message), generation_);
  }
  /// As tell, with a time after which nobody wants it, or with patience of its own:
  /// `tell(quote{...}, {.expires = here.system().now() + 5ms})`.
  template <class M>
  requires(!std::is_lvalue_reference_v<M>) send_result tell(M&& message, const send_options& how)
  const noexcept {
    return home_ == nullptr ? send_result::closed
                            : home_->tell(std::forward<M>(message), generation_, how);
  }
  /// Sends a copy.
  template <class M>
  requires std::copy_constructible<M> send_result tell(const M& message)
  const noexcept { return tell(M(message)); }

  /// Sends a question; the future ends `ready` with the answer, or `target_down`, or `refused` where a bounded
  /// inbox has no room for it, or as its owner decides.
  /// Where memory is out it is invalid, or ends `refused` where the question's letter is what found none.
  template <asks M>
  [[nodiscard]] future<typename M::reply> ask(M message) const noexcept {
    return ask_with(std::move(message), nullptr);
  }
  /// As ask; where it expires before it is taken out, the future ends timed_out. With `{.timeout = 50ms}` it does so
  /// wherever nobody has settled it by then: by a timer on the asking worker's wheel, or on the actor's where the asker
  /// is no worker. A late answer is dropped, and counted in `answers<reply>().late()`.
  template <asks M>
  [[nodiscard]] future<typename M::reply> ask(M message, const send_options& how) const noexcept {
    return ask_with(std::move(message), &how);
  }

  /// Tells the actor to handle what it has accepted, and end. False where it is gone.
  bool stop() const noexcept {
    return home_ != nullptr && home_->give(cell_base::order::stop, generation_);
  }
  /// Tells the actor to end after the message it is handling. False where it is gone.
  bool kill() const noexcept {
    return home_ != nullptr && home_->give(cell_base::order::kill, generation_);
  }

  /// A moment's answer.
  [[nodiscard]] bool is_alive() const noexcept {
    return home_ != nullptr && home_->generation() == generation_;
  }
  /// What went through its inbox, where that has a bound or a mark and the actor is there.
  [[nodiscard]] std::optional<inbox_counters> inbox() const noexcept {
    return home_ == nullptr ? std::nullopt : home_->inbox_counts(generation_);
  }
  friend bool operator==(const actor_ref&, const actor_ref&) = default;

 private:
  friend class actor_system;
  template <class>
  friend class context;
  template <class...>
  friend class ref;
  actor_ref(actor_cell<A>& home, std::uint32_t generation) noexcept
      : home_(&home), generation_(generation) {}

  template <asks M>
  [[nodiscard]] future<typename M::reply> ask_with(M&& message,
                                                   const send_options* how) const noexcept {
    if (home_ == nullptr) return detail::nobody<M>();
    return home_->ask(std::move(message), generation_, how);
  }

  actor_cell<A>* home_ = nullptr;
  std::uint32_t generation_ = 0;
};

}  // namespace jacquard
