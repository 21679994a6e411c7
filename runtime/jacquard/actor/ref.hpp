// jacquard/actor/ref.hpp: a narrower view of an actor: who has it knows which messages it may send, and not to whom.
//
//   struct auditor {
//     explicit auditor(jacquard::ref<entry> book) : book_(book) {}   // any actor that understands `entry`
//   };
//   system.spawn<auditor>({}, savings);                              // an actor_ref<account> is one
#pragma once

#include <concepts>
#include <cstdint>
#include <type_traits>
#include <utility>

#include <jacquard/actor/actor_ref.hpp>
#include <jacquard/actor/cell.hpp>
#include <jacquard/actor/message.hpp>

namespace jacquard {

namespace detail {

// How actors of one type take one message. One function call stands between a view and the actor's cell.
template <class M>
struct view_entry {
  send_result (*tell)(cell_base& home, M& message, std::uint32_t to,
                      const send_options* how) noexcept;
};
template <asks M>
struct view_entry<M> {
  send_result (*tell)(cell_base& home, M& message, std::uint32_t to,
                      const send_options* how) noexcept;
  future<typename M::reply> (*ask)(cell_base& home, M& message, std::uint32_t to,
                                   const send_options* how) noexcept;
};

template <class A, class M>
constexpr view_entry<M> entry_of() {
  constexpr auto tell = [](cell_base& home, M& message, std::uint32_t to,
                           const send_options* how) noexcept {
    auto& cell = static_cast<actor_cell<A>&>(home);
    return how == nullptr ? cell.tell(std::move(message), to)
                          : cell.tell(std::move(message), to, *how);
  };
  if constexpr (asks<M>) {
    return {
        .tell = tell,
        .ask = [](cell_base& home, M& message, std::uint32_t to, const send_options* how) noexcept {
          return static_cast<actor_cell<A>&>(home).ask(std::move(message), to, how);
        }};
  } else {
    return {.tell = tell};
  }
}

template <class... M>
struct view_table : view_entry<M>... {
  using type = view_table;
};
template <class M>
struct view_table<M> {
  using type = view_entry<M>;
};

// One for each actor type and each set of messages that somebody views it by.
template <class A, class... M>
inline constexpr typename view_table<M...>::type table_of{entry_of<A, M>()...};

}  // namespace detail

/// A reference to an actor of any type that understands the messages M. Weak, copyable, safe for ever, as
/// actor_ref; 24 bytes. Sending costs one indirect call more than by an actor_ref; nothing is allocated. It can
/// send, and neither stop nor kill. Any thread may use and copy it.
template <class... M>
class ref {
  static_assert(sizeof...(M) > 0, "a view names the messages that may be sent by it: ref<deposit>");

 public:
  /// Refers to nobody.
  ref() = default;
  template <class A>
  requires(understands<A, M>&&...)
      // NOLINTNEXTLINE: a view is meant to be taken wherever an actor_ref is at hand
      ref(const actor_ref<A>& whole)
  noexcept
      : home_(whole.home_), table_(&detail::table_of<A, M...>), generation_(whole.generation_) {}

  /// The same actor, by one of its messages.
  template <class... More>
  requires(sizeof...(M) == 1 && sizeof...(More) > 1 && (ref<More...>::template has<M> && ...))
      // NOLINTNEXTLINE: likewise
      ref(const ref<More...>& wider)
  noexcept : home_(wider.home_), table_(wider.table_), generation_(wider.generation_) {}

  /// As actor_ref::tell.
  template <class Message>
  requires(!std::is_lvalue_reference_v<Message>) send_result tell(Message&& message)
  const noexcept { return send<std::remove_cvref_t<Message>>(message, nullptr); }
  template <class Message>
  requires(!std::is_lvalue_reference_v<Message>) send_result
      tell(Message&& message, const send_options& how)
  const noexcept { return send<std::remove_cvref_t<Message>>(message, &how); }
  /// Sends a copy.
  template <class Message>
  requires std::copy_constructible<Message> send_result tell(const Message& message)
  const noexcept { return tell(Message(message)); }

  /// As actor_ref::ask.
  template <asks Message>
  [[nodiscard]] future<typename Message::reply> ask(Message message) const noexcept {
    return ask_with(message, nullptr);
  }
  template <asks Message>
  [[nodiscard]] future<typename Message::reply> ask(Message message,
                                                    const send_options& how) const noexcept {
    return ask_with(message, &how);
  }

  /// True where this view names the message.
  template <class Message>
  static constexpr bool has = (std::same_as<Message, M> || ...);

  /// A moment's answer.
  [[nodiscard]] bool is_alive() const noexcept {
    return home_ != nullptr && home_->generation() == generation_;
  }
  /// The same actor.
  friend bool operator==(const ref& a, const ref& b) noexcept {
    return a.home_ == b.home_ && a.generation_ == b.generation_;
  }

 private:
  template <class...>
  friend class ref;

  template <class Message>
  send_result send(Message& message, const send_options* how) const noexcept {
    static_assert(has<Message>, "this view does not name that message: ref<..., message>");
    if constexpr (has<Message>) {
      if (home_ == nullptr) return send_result::closed;
      const detail::view_entry<Message>& entry = *table_;
      return entry.tell(*home_, message, generation_, how);
    } else {
      return send_result::closed;
    }
  }
  template <class Message>
  future<typename Message::reply> ask_with(Message& message,
                                           const send_options* how) const noexcept {
    static_assert(has<Message>, "this view does not name that message: ref<..., message>");
    if constexpr (has<Message>) {
      if (home_ == nullptr) return detail::nobody<Message>();
      const detail::view_entry<Message>& entry = *table_;
      return entry.ask(*home_, message, generation_, how);
    } else {
      return {};
    }
  }

  cell_base* home_ = nullptr;
  const typename detail::view_table<M...>::type* table_ = nullptr;
  std::uint32_t generation_ = 0;
};

}  // namespace jacquard
