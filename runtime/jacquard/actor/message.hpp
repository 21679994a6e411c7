// jacquard/actor/message.hpp: what actors say to each other, and the letters it travels in.
//
// A message is any movable type. One that is asked for an answer names the answer's type:
//
//   struct deposit { int cents; };
//   struct balance { using reply = int; };
//
// An actor lists what it understands, and a handler is an overload:
//
//   struct account {
//     using messages = jacquard::messages<deposit, balance>;
//     void on(jacquard::context<account>&, const deposit& m) { cents_ += m.cents; }
//     int on(jacquard::context<account>&, const balance&) { return cents_; }
//     int cents_ = 0;
//   };
#pragma once

#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <new>
#include <type_traits>
#include <utility>

#include <jacquard/actor/future.hpp>
#include <jacquard/memory/slab.hpp>
#include <jacquard/memory/zeroize.hpp>
#include <jacquard/sync/native.hpp>

namespace jacquard {

/// What an actor understands, in any order.
template <class... M>
struct messages {};

/// A message whose sender may ask for an answer.
template <class M>
concept asks = requires {
  typename M::reply;
};

namespace detail {

template <class List, class M>
struct index_of;
template <class M, class... Rest>
struct index_of<messages<M, Rest...>, M> : std::integral_constant<std::uint16_t, 0> {};
template <class First, class... Rest, class M>
struct index_of<messages<First, Rest...>, M>
    : std::integral_constant<std::uint16_t, 1 + index_of<messages<Rest...>, M>::value> {};

template <class List, class M>
struct understands_impl : std::false_type {};
template <class M, class... All>
struct understands_impl<messages<All...>, M> : std::disjunction<std::is_same<M, All>...> {};

}  // namespace detail

/// True where actor A lists message M.
template <class A, class M>
concept understands = detail::understands_impl<typename A::messages, M>::value;

namespace detail {

/// What an actor does when a future has ended: see continuation.hpp. `resume` and `drop` end its life.
class continuation_base {
 public:
  using resume_function = void (*)(continuation_base& self, void* context);
  using drop_function = void (*)(continuation_base& self) noexcept;

  continuation_base(resume_function on, drop_function gone) noexcept : resume_(on), drop_(gone) {}
  continuation_base(const continuation_base&) = delete;
  continuation_base& operator=(const continuation_base&) = delete;

  void resume(void* context) { resume_(*this, context); }
  void drop() noexcept { drop_(*this); }

 protected:
  ~continuation_base() = default;

 private:
  resume_function resume_;
  drop_function drop_;
};

/// The message that every actor understands besides its own: go on. Dropped, it drops the continuation.
class continued {
 public:
  explicit continued(continuation_base& what) noexcept : what_(&what) {}
  continued(continued&& other) noexcept : what_(std::exchange(other.what_, nullptr)) {}
  continued& operator=(continued&& other) noexcept {
    std::swap(what_, other.what_);
    return *this;
  }
  ~continued() {
    if (what_ != nullptr) what_->drop();
  }
  void resume(void* context) { std::exchange(what_, nullptr)->resume(context); }

 private:
  continuation_base* what_;
};

template <class List>
struct with_continued;
template <class... M>
struct with_continued<messages<M...>> {
  using type = messages<M..., continued>;
};
/// What can be in an inbox of A.
template <class A>
using letters_of = typename with_continued<typename A::messages>::type;

}  // namespace detail

/// What stands on a letter: read in one piece by who takes it out.
struct letter_label {
  std::uint32_t generation;  // of the actor it is meant for
  std::uint16_t kind;        // the message's place in the actor's list
  bool asked;                // an asked_letter
  std::uint8_t marks = 0;    // what else there is to know: mostly nothing

  static constexpr std::uint8_t placed = 1;  // it has a place in an inbox that counts them
  static constexpr std::uint8_t dated = 2;   // a dated_letter
  static constexpr std::uint8_t secret = 4;  // nothing of its message may stay behind

  /// The label but for the generation: equal where everything else is.
  [[nodiscard]] constexpr std::uint32_t form() const noexcept {
    return std::bit_cast<std::array<std::uint32_t, 2>>(*this)[1];
  }
};

/// The part of a letter that an inbox knows.
struct letter : letter_label {
  letter(std::uint32_t to, std::uint16_t what, bool wants) noexcept
      : letter_label{.generation = to, .kind = what, .asked = wants} {}

  sync::cell<sync::native, letter*> next{nullptr};
};

/// A letter that nobody wants handled after a time.
struct dated_letter : letter {
  using letter::letter;
  std::int64_t expires_ns = 0;  // on the environment's clock
};

/// A letter with its message. Its memory is a slab's. `Base` is letter or dated_letter.
template <class M, class Base = letter>
struct told_letter : Base {
  told_letter(std::uint32_t to, std::uint16_t what, M&& said) noexcept
      : Base(to, what, false), message(std::move(said)) {}
  M message;
};

/// A letter whose sender waits for an answer.
template <class M, class Base = letter>
struct asked_letter : Base {
  asked_letter(std::uint32_t to, std::uint16_t what, M&& said,
               promise<typename M::reply> answer) noexcept
      : Base(to, what, true), message(std::move(said)), reply_to(answer) {}
  M message;
  promise<typename M::reply> reply_to;
};

namespace detail {

// A line: letters travel, and their memory with them. Two in one line would sooner or later be written by two workers,
// each of whom would wait for the other at every message.
constexpr std::size_t slab_step = 64;
constexpr std::size_t slab_size(std::size_t bytes) {
  return (bytes + slab_step - 1) / slab_step * slab_step;
}

}  // namespace detail

namespace detail {

/// Whether told letters of a list all come from one slab, and which.
template <class List>
struct one_letter_size;
template <class First, class... Rest>
struct one_letter_size<messages<First, Rest...>> {
  static constexpr std::size_t bytes = slab_size(sizeof(told_letter<First>));
  static constexpr bool told = ((slab_size(sizeof(told_letter<Rest>)) == bytes) && ...);
};

}  // namespace detail

/// Largest letter that slabs hold; a larger message is better sent as a handle.
inline constexpr std::size_t letter_bytes_max = 4096;

/// A new letter, or null where memory is out.
template <class L, class... Args>
[[nodiscard]] L* make_letter(Args&&... args) noexcept {
  static_assert(sizeof(L) <= letter_bytes_max,
                "a message of more than 4 KiB does not travel by value: send a handle to it");
  static_assert(alignof(L) <= 16, "a message is aligned to 16 bytes at most");
  static_assert(std::is_nothrow_move_constructible_v<decltype(L::message)>,
                "a message is moved into its letter, and that move must not throw");
  void* const memory = slab_of<detail::slab_size(sizeof(L))>::take();
  return memory == nullptr ? nullptr : ::new (memory) L(std::forward<Args>(args)...);
}

/// The memory of a letter whose message is gone.
template <class L>
void free_letter_memory(void* letter) noexcept {
  slab_of<detail::slab_size(sizeof(L))>::give(letter);
}

template <class L>
void destroy_letter(L& done) noexcept {
  const bool secret = (done.marks & letter::secret) != 0;
  done.~L();
  if (secret) zeroize(static_cast<void*>(&done), sizeof(L));
  free_letter_memory<L>(&done);
}

/// The process's futures for answers of type R. Never destroyed: a late answer may come at any time.
template <class R>
[[nodiscard]] future_pool<R>& answers() {
  return future_pool<R>::of_process();
}

}  // namespace jacquard
