// jacquard/messaging/await_future.hpp: futures in strands: `co_await`, when_all, when_any; and wait_any for threads.
//
//   const answered<int> got = co_await account.ask(balance{});   // takes the future and its value
//   if (co_await answer == reply_status::ready) use(answer.take());   // a future that stays the strand's
//   const answered<int> soon = co_await within(account.ask(balance{}), 50ms);
//   if (co_await within(answer, 50ms) == reply_status::timed_out) ...
//
// A strand that waits for a future holds no thread: whoever completes the future makes it run again, on its own
// executor, next. An answer that is there already costs no suspension.
#pragma once

#include <chrono>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>

#include <jacquard/actor/answered.hpp>
#include <jacquard/actor/first_of.hpp>
#include <jacquard/actor/future.hpp>
#include <jacquard/actor/reply_status.hpp>
#include <jacquard/actor/shared_wheel.hpp>
#include <jacquard/actor/time_out.hpp>
#include <jacquard/messaging/sleeper.hpp>
#include <jacquard/messaging/strand.hpp>

namespace jacquard {

/// Waits in a strand for a future that stays its owner's. Answers how it ended.
template <class T>
class future_awaiter {
 public:
  explicit future_awaiter(future<T>& of) noexcept : of_(of) {}
  bool await_ready() const noexcept { return of_.is_ready(); }
  template <strand_promise P>
  bool await_suspend(std::coroutine_handle<P> self) const {
    strand_base& who = self.promise();
    return of_.await(who, *who.home);
  }
  reply_status await_resume() const { return of_.status(); }

 private:
  future<T>& of_;
};

/// Waits in a strand for a future of its own, and takes the value out. Trivially destructible on purpose: it stands
/// in coroutine frames across a suspension (see outcome.hpp).
template <class T>
class taking_awaiter {
 public:
  explicit taking_awaiter(future<T>&& of) noexcept {
    ::new (static_cast<void*>(room_)) future<T>(std::move(of));
  }
  bool await_ready() const noexcept { return mine().is_ready(); }
  template <strand_promise P>
  bool await_suspend(std::coroutine_handle<P> self) const {
    strand_base& who = self.promise();
    return mine().await(who, *who.home);
  }
  answered<T> await_resume() const {
    answered<T> got(mine());
    std::destroy_at(&mine());
    return got;
  }

 private:
  future<T>& mine() const noexcept { return *std::launder(reinterpret_cast<future<T>*>(room_)); }
  alignas(future<T>) mutable std::byte room_[sizeof(future<T>)];
};

/// `co_await answer`: waits until it has ended, and says how.
template <class T>
[[nodiscard]] future_awaiter<T> operator co_await(basic_future<T, sync::native>& of) noexcept {
  return future_awaiter<T>(of);
}
/// `co_await who.ask(...)`: waits, and takes the answer.
template <class T>
[[nodiscard]] taking_awaiter<T> operator co_await(basic_future<T, sync::native>&& of) noexcept {
  static_assert(std::is_trivially_destructible_v<taking_awaiter<T>>);
  return taking_awaiter<T>(std::move(of));
}

/// Waits in a strand for a future, and no longer than for a while: it ends timed_out then, as any other time-out ends it.
/// The timer is let go of when the strand goes on.
template <class T>
class limited_awaiter {
 public:
  limited_awaiter(future<T>& of, std::chrono::nanoseconds patience) noexcept
      : of_(of), patience_(patience) {}
  bool await_ready() const noexcept { return of_.is_ready(); }
  template <strand_promise P>
  bool await_suspend(std::coroutine_handle<P> self) {
    sync::native::require(
        worker_here::wheel != nullptr,
        "a strand waits with a limit on a worker: other executors have no timers");
    timer_ = of_.limit(*worker_here::wheel, patience_);
    if (timer_ == nullptr) {  // memory is out
      (void)of_.cancel(reply_status::timed_out);
      return false;
    }
    strand_base& who = self.promise();
    return of_.await(who, *who.home);  // where this says true, the frame is another thread's
  }
  reply_status await_resume() noexcept {
    if (timer_ != nullptr) timer_->let_go();
    return of_.status();
  }

 private:
  future<T>& of_;
  const std::chrono::nanoseconds patience_;
  time_out* timer_ = nullptr;
};

/// Likewise, for a future of its own; takes the value out. Trivially destructible, as taking_awaiter is.
template <class T>
class limited_taking_awaiter {
 public:
  limited_taking_awaiter(future<T>&& of, std::chrono::nanoseconds patience) noexcept
      : limit_(*::new (static_cast<void*>(room_)) future<T>(std::move(of)), patience) {}
  limited_taking_awaiter(const limited_taking_awaiter&) = delete;
  limited_taking_awaiter& operator=(const limited_taking_awaiter&) = delete;
  bool await_ready() const noexcept { return limit_.await_ready(); }
  template <strand_promise P>
  bool await_suspend(std::coroutine_handle<P> self) {
    return limit_.await_suspend(self);
  }
  answered<T> await_resume() {
    (void)limit_.await_resume();
    future<T>& mine = *std::launder(reinterpret_cast<future<T>*>(room_));
    answered<T> got(mine);
    std::destroy_at(&mine);
    return got;
  }

 private:
  alignas(future<T>) std::byte room_[sizeof(future<T>)];
  limited_awaiter<T> limit_;
};

/// `co_await within(answer, 50ms)`: waits in a strand on a worker until it has ended, or ends it as timed out; says how.
template <class T>
[[nodiscard]] limited_awaiter<T> within(future<T>& of, std::chrono::nanoseconds patience) noexcept {
  return {of, patience};
}
/// `co_await within(who.ask(...), 50ms)`: likewise, and takes the answer.
template <class T>
[[nodiscard]] limited_taking_awaiter<T> within(future<T>&& of,
                                               std::chrono::nanoseconds patience) noexcept {
  static_assert(std::is_trivially_destructible_v<limited_taking_awaiter<T>>);
  return {std::move(of), patience};
}

/// A future that nobody completes: it ends timed_out after a while. Beside an answer in `when_any` it says that the while
/// is over, and the answer may come still. In a strand or a handler on a worker; invalid where memory is out.
template <class T>
[[nodiscard]] future<T> alarm(std::chrono::nanoseconds patience) {
  sync::native::require(worker_here::wheel != nullptr, "an alarm is set on a worker");
  auto silent = future_pool<T>::make_of_process();
  std::int64_t due_ns = 0;
  if (silent.valid() && silent.time_out_after(*worker_here::wheel, patience, due_ns)) return silent;
  return {};
}

/// Waits in a strand until every one has ended, in whatever order they do. True where all are ready. They stay
/// their owner's.
template <class T>
strand<bool> when_all(std::span<future<T>> all) {
  bool ready = true;
  for (future<T>& each : all) ready = co_await each == reply_status::ready && ready;
  co_return ready;
}
/// Likewise, of different types.
template <class... T>
requires(sizeof...(T) > 1) strand<bool> when_all(future<T>&... all) {
  bool ready = true;
  ((ready = co_await all == reply_status::ready && ready), ...);
  co_return ready;
}

namespace detail {

// Sleeps until the first of several futures has ended.
template <class T>
struct sleep_for_first {
  basic_first_of<T>& first;

  bool await_ready() const { return !first.registers(); }
  template <strand_promise P>
  bool await_suspend(std::coroutine_handle<P>) const noexcept {
    return first.asleep();
  }
  void await_resume() const noexcept {}
};

struct wakes_thread final : executor {
  void schedule(task&, urgency) noexcept override { here.wake(); }
  sleeper here;
};

}  // namespace detail

/// `co_await this_strand()`: what wakes the strand that asks.
class [[nodiscard]] this_strand {
 public:
  bool await_ready() const noexcept { return false; }
  template <strand_promise P>
  bool await_suspend(std::coroutine_handle<P> self) noexcept {
    who_ = &self.promise();
    return false;
  }
  strand_base& await_resume() const noexcept { return *who_; }

 private:
  strand_base* who_ = nullptr;
};

/// Waits in a strand until one has ended, and says which: the first in the row that has. All stay their owner's,
/// also those that are pending: drop or cancel what is not wanted, or call again. At least one.
template <class T>
strand<std::size_t> when_any(std::span<future<T>> all) {
  sync::native::require(!all.empty(), "the first of no futures never comes");
  strand_base& self = co_await this_strand();
  basic_first_of<T> first(all, self, *self.home);
  co_await detail::sleep_for_first<T>{first};
  co_return first.let_go();
}

/// Waits in a plain thread until one has ended, and says which; none at the deadline. All stay their owner's.
template <class T>
[[nodiscard]] std::optional<std::size_t> wait_any(std::span<future<T>> all,
                                                  sync::deadline until = sync::deadline::never()) {
  sync::native::require(!all.empty(), "the first of no futures never comes");
  task nobody([](task&) noexcept {});
  detail::wakes_thread thread;
  basic_first_of<T> first(all, nobody, thread);
  if (first.registers()) {
    sync::native::require(worker_here::wheel == nullptr,
                          "a thread that is a worker does not wait: a strand has when_any");
    if (first.asleep() && !thread.here.sleep(until) && !first.awake()) {
      (void)thread.here.sleep();  // a completer is about to wake us
    }
  }
  const std::size_t ended = first.let_go();
  if (ended == basic_first_of<T>::none) return std::nullopt;
  return ended;
}

}  // namespace jacquard
