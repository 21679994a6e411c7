// jacquard/messaging/strand.hpp: functions that wait without holding a thread: C++20 coroutines on an executor.
//
//   strand<int> half(int n) { co_return n / 2; }
//   strand<int> work(executor& where) {
//     spawned<int> other = spawn(where, half(8));   // runs on its own; may be stolen
//     const int mine = co_await half(2);            // runs here, as a call
//     co_return mine + co_await other;              // joins
//   }
//   int answer = block_on(workers, work(workers));  // from a plain thread
//
// Shape       a strand is lazy: calling it makes a frame, nothing runs. `co_await` runs it as a call of the
//             awaiting strand; `spawn` gives it to an executor and answers with its join handle; `detach`
//             gives it away. The frame holds its task, its executor and its join word.
// Invariants  I1  A strand's body runs at most once; each step of it runs on one worker at a time.
//             I2  The result or the exception reaches the joiner exactly once. Where somebody waits it is built
//                 in the joiner's frame; otherwise it waits in the strand's.
//             I3  A frame is ended exactly once (join_word's I1). Dropping a join handle abandons the strand:
//                 it runs on, and what it returns is destroyed.
//             I4  Nobody misses an exception: one that nobody joins is a line on stderr.
// Ordering    E1, E2 of basic_join_word; from step to step, the executor's.
// Progress    a joiner is resumed by the strand that it waits for, without a queue where both are on the same
//             executor (symmetric transfer), else through its own executor.
// Allocation  one frame from the pool for each call. None from the system after warm-up.
// Bounds      no cancellation: a strand ends by itself. Frames with an alignment over 16 are not supported.
//             Awaited calls in a loop use no stack. Awaited calls within each other use none where transfers are
//             jumps (optimized builds), and some for each level elsewhere.
// Checked by  strand.test.cpp (I1-I4) on one and more workers, under ASan, UBSan and TSan.
#pragma once

#include <concepts>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <utility>

#include <jacquard/actor/task.hpp>
#include <jacquard/env/native_frames.hpp>
#include <jacquard/messaging/join_word.hpp>
#include <jacquard/messaging/outcome.hpp>
#include <jacquard/messaging/sleeper.hpp>
#include <jacquard/sync/native.hpp>

namespace jacquard {

/// What every strand's promise is: a task that resumes it. Awaiters of this library take any promise that
/// derives from it.
struct strand_base : task {
  explicit strand_base(task::run_function resume) noexcept : task(resume) {}

  /// Any thread, once for each suspension: the strand goes on when its executor comes to it. Its frame may be
  /// gone when this returns.
  void resume_on_executor(urgency when) noexcept { home->schedule(*this, when); }

  executor* home = nullptr;
};

template <class P>
concept strand_promise = std::derived_from<P, strand_base>;

/// Who waits for a strand, and where the result goes. A strand or a plain thread.
struct join_waiter {
  std::coroutine_handle<> handle = nullptr;  // of `who`
  strand_base* who = nullptr;                // null: a thread
  sleeper* thread = nullptr;
  void* result = nullptr;  // an outcome<T>
};

template <class T = void>
class strand;
template <class T = void>
class spawned;

namespace detail {

// Where the compiler makes a jump of each transfer from strand to strand. g++ does so when it optimizes sibling
// calls, which -O0, -O1, -Og and the sanitizers prevent; then a loop of awaited calls would use up the stack.
#if defined(__clang__)
inline constexpr bool transfers_are_jumps = true;
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool transfers_are_jumps = false;
#elif defined(__OPTIMIZE__) && defined(NDEBUG)
inline constexpr bool transfers_are_jumps = true;
#else
inline constexpr bool transfers_are_jumps = false;
#endif

// The exception of a strand that nobody joins.
inline void report_lost(std::exception_ptr error) noexcept {
  const char* what = "not a std::exception";
  try {
    std::rethrow_exception(std::move(error));
  } catch (const std::exception& known) {
    std::fprintf(stderr, "jacquard: a strand that nobody joins has thrown: %s\n", known.what());
    return;
  } catch (...) {
  }
  std::fprintf(stderr, "jacquard: a strand that nobody joins has thrown: %s\n", what);
}

template <class T>
class promise_base : public strand_base {
 public:
  using word = basic_join_word<join_waiter>;

  explicit promise_base(task::run_function resume) noexcept : strand_base(resume) {}
  ~promise_base() { kept.drop(); }

  static void* operator new(std::size_t size) { return native_frames::take(size); }
  static void operator delete(void* frame, std::size_t size) noexcept {
    native_frames::give(frame, size);
  }

  std::suspend_always initial_suspend() const noexcept { return {}; }
  void unhandled_exception() noexcept { target().set_error(std::current_exception()); }

  struct last_step {
    bool await_ready() const noexcept { return false; }
    template <class P>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<P> ended) const noexcept {
      return ended.promise().finish(ended);
    }
    void await_resume() const noexcept {}
  };
  last_step final_suspend() const noexcept { return {}; }

  word join;
  outcome<T> kept;  // where nobody waited in time

 protected:
  // The joiner's frame, where it waits already.
  outcome<T>& target() noexcept {
    join_waiter* const waiter = join.waiting();
    return waiter != nullptr ? *static_cast<outcome<T>*>(waiter->result) : kept;
  }

 private:
  // After `finish` the frame may be gone: whatever is needed is read before.
  std::coroutine_handle<> finish(std::coroutine_handle<> self) noexcept {
    switch (join.finish()) {
      case word::meeting::kept:
        break;
      case word::meeting::abandoned:
        if (kept.is_error()) report_lost(kept.take_error());
        self.destroy();
        break;
      case word::meeting::waited:
        return hand_over(*join.waiting());
    }
    return std::noop_coroutine();
  }
  std::coroutine_handle<> hand_over(join_waiter& waiter) noexcept {
    if (kept.is_set()) kept.move_to(*static_cast<outcome<T>*>(waiter.result));
    if (waiter.who == nullptr) {
      waiter.thread->wake();
    } else if (waiter.who->home == home) {
      return waiter.handle;
    } else {
      waiter.who->resume_on_executor(urgency::next);
    }
    return std::noop_coroutine();
  }
};

template <class T>
class promise final : public promise_base<T> {
 public:
  promise() noexcept : promise_base<T>(&promise::step) {}
  strand<T> get_return_object() noexcept;

  template <class U>
  requires std::constructible_from<T, U&&>
  void return_value(U&& value) { this->target().set_value(std::forward<U>(value)); }

 private:
  static void step(task& self) noexcept {
    std::coroutine_handle<promise>::from_promise(static_cast<promise&>(self)).resume();
  }
};

template <>
class promise<void> final : public promise_base<void> {
 public:
  promise() noexcept : promise_base<void>(&promise::step) {}
  strand<void> get_return_object() noexcept;
  void return_void() noexcept { target().set_value(); }

 private:
  static void step(task& self) noexcept {
    std::coroutine_handle<promise>::from_promise(static_cast<promise&>(self)).resume();
  }
};

}  // namespace detail

/// A strand that has not begun. Move-only; destroyed unstarted it ends its frame. `T` is an object type that
/// moves without throwing, or void.
template <class T>
class [[nodiscard]] strand {
 public:
  using promise_type = detail::promise<T>;
  using handle = std::coroutine_handle<promise_type>;

  explicit strand(handle fresh) noexcept : frame_(fresh) {}
  strand(strand&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
  strand& operator=(strand&& other) noexcept {
    std::swap(frame_, other.frame_);
    return *this;
  }
  ~strand() {
    if (frame_) frame_.destroy();
  }

  /// The frame, which is the caller's from now on.
  [[nodiscard]] handle release() noexcept { return std::exchange(frame_, nullptr); }

  class awaiter {
   public:
    explicit awaiter(handle callee) noexcept : callee_(callee) {}
    bool await_ready() const noexcept { return false; }
    // The callee begins with the joiner in its word and goes back to it by a jump.
    template <strand_promise P>
    requires(detail::transfers_are_jumps) handle await_suspend(std::coroutine_handle<P> caller)
    noexcept {
      prepare(caller);
      callee_.promise().join.begin_waited(waiter_);
      return callee_;
    }
    // The callee is called; where it ends before it returns, the caller never suspends.
    template <strand_promise P>
    requires(!detail::transfers_are_jumps) bool await_suspend(
        std::coroutine_handle<P> caller) noexcept {
      prepare(caller);
      callee_.resume();
      return callee_.promise().join.wait(waiter_);
    }
    T await_resume() {
      if (!result_.is_set()) callee_.promise().kept.move_to(result_);
      callee_.destroy();
      return result_.take();
    }

   private:
    template <class P>
    void prepare(std::coroutine_handle<P> caller) noexcept {
      strand_base& who = caller.promise();
      waiter_ = {.handle = caller, .who = &who, .thread = nullptr, .result = &result_};
      callee_.promise().home = who.home;
    }

    handle callee_;
    join_waiter waiter_;
    outcome<T> result_;
  };

  /// Runs it as a call of the awaiting strand, on its executor; throws what it throws.
  awaiter operator co_await() && noexcept { return awaiter(release()); }

 private:
  handle frame_;
};

template <class T>
strand<T> detail::promise<T>::get_return_object() noexcept {
  return strand<T>(std::coroutine_handle<promise>::from_promise(*this));
}
inline strand<void> detail::promise<void>::get_return_object() noexcept {
  return strand<void>(std::coroutine_handle<promise>::from_promise(*this));
}

/// The join handle of a strand that runs on its own. One owner. Joined at most once, by `co_await`, `wait` or
/// `take`; dropped, it abandons the strand.
template <class T>
class [[nodiscard]] spawned {
 public:
  using handle = typename strand<T>::handle;

  spawned() noexcept = default;
  explicit spawned(handle running) noexcept : frame_(running) {}
  spawned(spawned&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
  spawned& operator=(spawned&& other) noexcept {
    std::swap(frame_, other.frame_);
    return *this;
  }
  ~spawned() {
    if (!frame_ || frame_.promise().join.abandon()) return;
    if (frame_.promise().kept.is_error()) detail::report_lost(frame_.promise().kept.take_error());
    frame_.destroy();
  }

  /// False where it was joined or never spawned.
  [[nodiscard]] bool is_joinable() const noexcept { return frame_ != nullptr; }
  /// True where the strand has ended and joining does not wait.
  [[nodiscard]] bool is_done() const noexcept { return frame_.promise().join.is_done(); }

  class awaiter {
   public:
    explicit awaiter(handle running) noexcept : frame_(running) {}
    bool await_ready() const noexcept { return frame_.promise().join.is_done(); }
    template <strand_promise P>
    bool await_suspend(std::coroutine_handle<P> joiner) noexcept {
      waiter_ = {.handle = joiner, .who = &joiner.promise(), .thread = nullptr, .result = &result_};
      return frame_.promise().join.wait(waiter_);
    }
    T await_resume() {
      if (!result_.is_set()) frame_.promise().kept.move_to(result_);
      frame_.destroy();
      return result_.take();
    }

   private:
    handle frame_;
    join_waiter waiter_;
    outcome<T> result_;
  };

  /// Joins: the strand's result, or throws what it threw.
  awaiter operator co_await() noexcept {
    sync::native::require(is_joinable(), "a strand is joined once");
    return awaiter(std::exchange(frame_, nullptr));
  }

  /// Joins from a plain thread, which sleeps until the strand has ended. Not on a worker that the strand needs.
  T wait() {
    sync::native::require(is_joinable(), "a strand is joined once");
    const handle frame = std::exchange(frame_, nullptr);
    outcome<T> result;
    sleeper here;
    join_waiter waiter{.handle = {}, .who = nullptr, .thread = &here, .result = &result};
    if (frame.promise().join.wait(waiter)) {
      (void)here.sleep();
    } else {
      frame.promise().kept.move_to(result);
    }
    frame.destroy();
    return result.take();
  }

  /// Joins a strand that `is_done`.
  T take() {
    sync::native::require(is_joinable() && is_done(), "only a strand that has ended is taken");
    return wait();
  }

 private:
  handle frame_ = nullptr;
};

/// Gives a strand to an executor. Any thread.
template <class T>
[[nodiscard]] spawned<T> spawn(executor& where, strand<T> fresh,
                               urgency when = urgency::soon) noexcept {
  const auto frame = fresh.release();
  frame.promise().home = &where;
  where.schedule(frame.promise(), when);
  return spawned<T>(frame);
}

/// Gives a strand to an executor for good. Any thread. An exception that it throws is a line on stderr.
inline void detach(executor& where, strand<void> fresh, urgency when = urgency::soon) noexcept {
  const auto frame = fresh.release();
  frame.promise().home = &where;
  frame.promise().join.begin_abandoned();
  where.schedule(frame.promise(), when);
}

/// Runs a strand on an executor and sleeps until it has ended. Plain threads only.
template <class T>
T block_on(executor& where, strand<T> fresh) {
  return spawn(where, std::move(fresh)).wait();
}

/// `co_await yield()`: lets everything that waits for the executor go first.
class [[nodiscard]] yield {
 public:
  bool await_ready() const noexcept { return false; }
  template <strand_promise P>
  void await_suspend(std::coroutine_handle<P> self) const noexcept {
    self.promise().resume_on_executor(urgency::later);
  }
  void await_resume() const noexcept {}
};

/// `executor& here = co_await this_executor()`: where the strand runs.
class [[nodiscard]] this_executor {
 public:
  bool await_ready() const noexcept { return false; }
  template <strand_promise P>
  bool await_suspend(std::coroutine_handle<P> self) noexcept {
    where_ = self.promise().home;
    return false;
  }
  executor& await_resume() const noexcept { return *where_; }

 private:
  executor* where_ = nullptr;
};

}  // namespace jacquard
