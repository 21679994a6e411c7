// checks/future.hpp: exactly one of reply, time-out and drop ends a future, and a promise of an earlier
// generation ends none.
//
// Claims   reply_vs_timeout, awaited: I1, I3, E1, E2      polled: E1      reuse: I2, I4
//          first_of: I1, I2, E1, E2 of first_of.hpp      magazine: I1 of object_depot.hpp
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>

#include <jacquard/actor/first_of.hpp>
#include <jacquard/actor/future.hpp>

namespace jacquard::checks {

/// Thread 0 waits (with a deadline, where Timed); thread 1 answers; thread 2, where Rivals is 2, fails it.
template <sync::policy Sync, bool Timed, unsigned Rivals>
class future_reply_vs_timeout {
 public:
  static constexpr unsigned thread_count = 1 + Rivals;

  void before() { promised_ = future_.promise(); }
  void thread(unsigned index) {
    switch (index) {
      case 0:
        wait();
        break;
      case 1:
        answered_ = promised_.fulfil(42u);
        break;
      default:
        failed_ = promised_.fail(reply_status::failed);
        break;
    }
  }
  void after() {
    const unsigned winners = (answered_ ? 1u : 0u) + (failed_ ? 1u : 0u) + (timed_out_ ? 1u : 0u);
    Sync::require(winners == 1, "I1: not exactly one ended the future");
    Sync::require(answered_ == (value_ == 42), "I1: the value is not the winner's");
  }

 private:
  void wait() {
    const auto until = Timed ? Sync::after(std::chrono::nanoseconds{1}) : sync::deadline::never();
    const reply_status how = future_.wait(until);
    timed_out_ = how == reply_status::timed_out;
    if (how == reply_status::ready) value_ = future_.take();
    Sync::require(Timed || !timed_out_, "nobody times out without a deadline");
  }

  basic_future_pool<std::uint32_t, Sync> pool_{1};
  basic_future<std::uint32_t, Sync> future_ = pool_.make();
  basic_promise<std::uint32_t, Sync> promised_;
  std::uint32_t value_ = 0;  // each is one thread's
  bool answered_ = false;
  bool failed_ = false;
  bool timed_out_ = false;
};

/// Thread 0 drops its future and makes another in the same slot; thread 1 answers the first one.
template <sync::policy Sync>
class future_reuse {
 public:
  static constexpr unsigned thread_count = 2;

  void before() {
    first_ = pool_.make();
    old_ = first_.promise();
  }
  void thread(unsigned index) {
    if (index == 1) {
      (void)old_.fulfil(1u);
      return;
    }
    first_ = {};
    second_ = pool_.make();
    Sync::require(second_.promise().fulfil(2u), "I2: an old promise ended a new future");
    Sync::require(second_.wait() == reply_status::ready, "I1: it was fulfilled");
    Sync::require(second_.take() == 2, "I2: a new future got an old answer");
  }

 private:
  basic_future_pool<std::uint32_t, Sync> pool_{1};
  basic_future<std::uint32_t, Sync> first_;
  basic_future<std::uint32_t, Sync> second_;
  basic_promise<std::uint32_t, Sync> old_;
};

/// Thread 0 looks until there is an answer, without a wait; thread 1 answers.
template <sync::policy Sync>
class future_polled {
 public:
  static constexpr unsigned thread_count = 2;

  void before() { promised_ = future_.promise(); }
  void thread(unsigned index) {
    if (index == 1) {
      Sync::require(promised_.fulfil(42u), "I1: the only completer was refused");
      return;
    }
    Sync::await([this] { return future_.is_ready(); });
    Sync::require(future_.take() == 42, "E1: the value is not what was put in");
  }

 private:
  basic_future_pool<std::uint32_t, Sync> pool_{1};
  basic_future<std::uint32_t, Sync> future_ = pool_.make();
  basic_promise<std::uint32_t, Sync> promised_;
};

/// Thread 0 awaits with a task, and takes the registration back (Forgets) or gives up (Cancels); thread 1 answers.
/// Whoever was told that the task will be scheduled waits for that; where Polls, after it has looked for the answer.
template <sync::policy Sync, bool Forgets, bool Cancels, bool Polls = false>
class future_awaited {
 public:
  static constexpr unsigned thread_count = 2;

  void before() { promised_ = future_.promise(); }
  void thread(unsigned index) {
    if (index == 1) {
      answered_ = promised_.fulfil(42u);
      return;
    }
    bool comes = future_.await(work_, where_);
    if (comes && Forgets) comes = !future_.forget();
    if (comes && Cancels) comes = future_.cancel() != reply_status::cancelled;
    if (comes && !Polls) where_.await_schedule();
    expected_ = comes ? 1u : 0u;
    if (comes || !(Forgets || Cancels)) {
      if (Polls) Sync::await([this] { return future_.is_ready(); });
      Sync::require(future_.take() == 42, "I1: the value is not the winner's");
      taken_ = true;
    }
    if (comes && Polls) where_.await_schedule();
  }
  void after() {
    Sync::require(where_.count() == expected_, "I3: woken although nobody waited, or not once");
    Sync::require(Forgets || Cancels || taken_, "I1: nobody ended the future");
    Sync::require(answered_ || Cancels, "I1: the only completer was refused");
  }

 private:
  class remembering final : public executor {
   public:
    // Orders what was before schedule before the task's run, as every executor does.
    void schedule(task& work, urgency) noexcept override {
      ++count_;
      scheduled_.store(&work == work_ ? 1u : 2u, std::memory_order::release);
    }
    void await_schedule() {
      std::uint32_t seen = 0;
      Sync::await([&] { return (seen = scheduled_.load(std::memory_order::acquire)) != 0; });
      Sync::require(seen == 1, "I3: another task was woken");
    }
    [[nodiscard]] unsigned count() const noexcept { return count_; }
    explicit remembering(const task& work) : work_(&work) {}

   private:
    const task* work_;
    sync::atomic<Sync, std::uint32_t> scheduled_{0};
    unsigned count_ = 0;  // the completer's; read when both are done
  };

  task work_{[](task&) noexcept {}};
  remembering where_{work_};
  basic_future_pool<std::uint32_t, Sync> pool_{1};
  basic_future<std::uint32_t, Sync> future_ = pool_.make();
  basic_promise<std::uint32_t, Sync> promised_;
  unsigned expected_ = 0;  // each is one thread's
  bool taken_ = false;
  bool answered_ = false;
};

/// Thread 0 waits for the first of two futures and ends its registrations, where Impatient without sleeping for as
/// long as it might; threads 1 and 2 answer one each (thread 1 both, where there is no thread 2).
template <sync::policy Sync, unsigned Answerers, bool Impatient>
class future_first_of {
 public:
  static constexpr unsigned thread_count = 1 + Answerers;

  void before() {
    promised_[0] = both_[0].promise();
    promised_[1] = both_[1].promise();
  }
  void thread(unsigned index) {
    if (index == 0) return wait();
    Sync::require(promised_[index - 1].fulfil(std::uint32_t{index}),
                  "I1: the only completer was refused");
    if (Answerers == 1) (void)promised_[1].fulfil(2u);
  }
  void after() { Sync::require(wakes_.count() <= 1, "I1: woken twice"); }

 private:
  // What the waiter sleeps on.
  class bell final : public executor {
   public:
    void schedule(task&, urgency) noexcept override {
      ++count_;
      mine_.with_mut([](int& state) { ++state; });
      rung_.store(1, std::memory_order::release);
    }
    // What the waiter leaves in its frame: whoever wakes it makes it run.
    void leave_state() {
      mine_.with_mut([](int& state) { state = 1; });
    }
    void await_ring() {
      Sync::await([this] { return rung_.load(std::memory_order::acquire) != 0; });
    }
    [[nodiscard]] unsigned count() const noexcept { return count_; }

   private:
    sync::atomic<Sync, std::uint32_t> rung_{0};
    sync::cell<Sync, int> mine_{0};
    unsigned count_ = 0;
  };

  void wait() {
    using waiter = basic_first_of<std::uint32_t, Sync>;
    // On the heap, so that a completer that touches it too late is seen.
    auto* const first =
        Sync::template create<waiter>(typename waiter::futures(both_), work_, wakes_);
    if (first->registers()) {
      wakes_.leave_state();
      if (first->asleep() && !(Impatient && first->awake())) wakes_.await_ring();
    }
    const std::size_t ended = first->let_go();
    Sync::destroy(first);
    Sync::require(Impatient || ended < 2, "I1: woken although nothing has ended");
    if (ended < 2) Sync::require(both_[ended].take() == ended + 1, "I1: not its own answer");
  }

  task work_{[](task&) noexcept {}};
  bell wakes_;
  basic_future_pool<std::uint32_t, Sync> pool_{2};
  std::array<basic_future<std::uint32_t, Sync>, 2> both_{pool_.make(), pool_.make()};
  std::array<basic_promise<std::uint32_t, Sync>, 2> promised_;
};

/// Each thread takes objects from its magazine and returns them; chains of one, so that each goes through the depot.
template <sync::policy Sync>
class future_magazine {
 public:
  static constexpr unsigned thread_count = 2;

  void thread(unsigned) {
    basic_magazine<depot, Sync> mine(depot_);
    for (unsigned round = 0; round < 2; ++round) {
      auto* const taken = static_cast<object*>(mine.take());
      Sync::require(taken != nullptr, "I1: a depot that can grow has an object");
      taken->use();
      mine.give(taken);
    }
  }

 private:
  struct object {
    void belongs_to(future_magazine&) {}
    object* next_free() const {
      return next_.with([](object* const& next) { return next; });
    }
    void next_free(object* next) {
      next_.with_mut([&](object*& mine) { mine = next; });
    }
    // Two owners at once are a data race.
    void use() {
      next_.with_mut([](object*& mine) { mine = nullptr; });
    }
    sync::cell<Sync, object*> next_{nullptr};
  };
  using depot = basic_object_depot<object, future_magazine, Sync, 1>;
  depot depot_{*this, 1};
};

}  // namespace jacquard::checks
