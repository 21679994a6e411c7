// jacquard/model/explore/session.hpp: a check as the search's program. Real code on fibers, and the checks
// that happen along the way: races on plain memory, lifetimes, sleepers that nobody wakes.
//
// Threads     0 is the main thread: it constructs the check, runs before(), starts the others, joins them,
//             runs after() and destroys the check. Thread i of the check is thread i+1 here; behind them
//             come those that each of these may start, so that a number does not depend on who starts first.
// Invariant   of a check: it runs where no thread does, before the start and after the join, and in an
//             interleaving between any two steps. It reads the newest values and adds no event. (A graph has
//             no state between two steps of a weak memory that it could be asked about.)
// Invariants  I1  A location is named by the thread that constructs it and how many that thread constructed
//                 before, so it has the same number in every execution.
//             I2  All state besides names is put back by restart().
// Checked by  model_checks/explore_tests/policy.test.cpp
#pragma once

#include <jacquard/model/body.hpp>
#include <jacquard/model/check.hpp>
#include <jacquard/model/explore/arena.hpp>
#include <jacquard/model/explore/cycle.hpp>
#include <jacquard/model/explore/fiber.hpp>
#include <jacquard/model/explore/program.hpp>
#include <jacquard/model/explore/search.hpp>
#include <jacquard/model/explore/shadow.hpp>

#include <array>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace jacquard::model::explorer {

/// Why a thread does not go on.
enum class waiting : std::uint8_t {
  no,
  await,  // looks again and again
  mutex,
  spin,
  sleep,  // on a word's value
  join,
  event,  // as await, where the library would let it sleep: a condition variable, a semaphore, a latch, a barrier
};

struct failure {
  failure_kind kind = failure_kind::none;
  std::string what;
  const void* site = nullptr;
};

class session final : public program {
 public:
  static constexpr std::size_t steps_max = 2'000;        // of one thread in one execution
  static constexpr std::size_t steps_of_many = 200;      // more than that, and it may never end
  static constexpr std::size_t fair_steps_max = 20'000;  // of one thread where all take turns

  explicit session(const body_operations& body);
  ~session() override;

  // For the search.
  [[nodiscard]] unsigned threads() const override {
    return (body_.threads + 1) * (body_.spawned_threads + 1);
  }
  [[nodiscard]] std::uint32_t started() const override { return 1; }
  void restart(search& engine) override;
  void run(search& engine, unsigned thread) override;
  void look(search& engine) override;
  [[nodiscard]] std::uint64_t name_of(location_id where) const override;
  [[nodiscard]] location_id named(std::uint64_t name) override;
  /// Judges an execution that has ended. False where something was found.
  bool judge(const execution& e);

  /// From here on executions are interleavings in which the threads take turns: one that repeats itself up to
  /// `fair_steps_max` steps of a thread is a livelock, and any other of that length is at its limit.
  void expect_a_livelock() noexcept {
    in_turns_ = true;
    steps_looked_at_ = fair_steps_max;
  }
  /// A debugger may want to stop at the failing step.
  void show_failing_step() noexcept { shows_failing_step_ = true; }
  /// What repeats in the livelock that was found.
  [[nodiscard]] const cycle& repeats() const noexcept { return repeats_; }
  /// True once, after a thread has made more than `steps_of_many` steps in one execution.
  [[nodiscard]] bool has_grown_long() noexcept { return std::exchange(has_grown_long_, false); }

  [[nodiscard]] const failure& found() const noexcept { return failure_; }
  void forget_failure() { failure_ = {}; }

  // For the policy, on a fiber of the running thread.
  [[nodiscard]] static session& current() noexcept { return *current_; }
  [[nodiscard]] static bool running_one() noexcept { return current_ != nullptr; }

  /// A new shared word, constructed with `initial`.
  location_id make_location(word initial);
  /// The word that atomic references to an object share; the object lies in memory of this execution.
  location_id adopt_object(const void* object, word value, const void* site);
  /// The last value in modification order.
  [[nodiscard]] word newest_value(location_id where) const;
  void destroy_location(location_id where, const void* site);
  word perform(const operation& op) {
    if (looking_) [[unlikely]]
      return peek(op);
    if (engine_->at_frontier()) {
      if (engine_->cursor(running()) > steps_looked_at_) [[unlikely]]
        look_at_length(op.site);
      if (spins(op)) wait(waiting::spin, op.site);
    }
    check_lifetime(op);
    word result = 0;
    while (engine_->perform(op, result) == step::wait) leave();
    return result;
  }
  [[nodiscard]] bool failed_spuriously() const noexcept { return engine_->failed_spuriously(); }
  void read_cell(shadow& s, const void* site);
  void write_cell(shadow& s, const void* site);
  void make_cell(shadow& s);
  void destroy_cell(shadow& s, const void* site);

  /// A thread that runs `code(argument)`; its number.
  [[nodiscard]] unsigned start_thread(void (*code)(void*), void* argument, const void* site);
  void join_thread(unsigned number, const void* site);

  void begin_await() {
    refuse_while_looking("waits", nullptr);
    while (engine_->stand_aside()) leave();
    await_from_[running()] = engine_->cursor(running());
  }
  /// The running thread cannot go on before a word that it read changes. A search of every execution looks
  /// once, and this does not return; it returns, to look again, where an execution is steered.
  void wait(waiting why, const void* site);
  void spin_hint(const void* site);
  /// The running thread read the word's value and sleeps on it. Returns as `wait` does.
  void sleep(location_id on, const void* site);
  /// The running thread's last operation found the word different from `expected` and did not sleep on it.
  void did_not_sleep(location_id on, word expected) {
    returns_.push_back({.word = on,
                        .expected = expected,
                        .thread = running(),
                        .index = engine_->cursor(running()) - 1});
  }
  void wake(location_id on, bool all, const void* site);

  [[nodiscard]] void* allocate(std::size_t bytes, std::size_t alignment, const void* site);
  void release(void* address, const void* site);
  [[noreturn]] void fail(failure_kind kind, std::string what, const void* site);
  [[nodiscard]] unsigned running() const noexcept { return engine_->running(); }

 private:
  struct word_state {
    std::uint8_t creator = 0;
    bool destroyed = false;
    bool known = false;        // adopted in this execution
    std::int16_t created = 0;  // as shadow::written
    std::uint64_t object = 0;  // the name, of an atomic reference's word
    std::uint32_t number = 0;  // of the creator's locations
  };
  struct thread_wait {
    waiting why = waiting::no;
    const void* site = nullptr;
    location_id word = no_location;
    std::size_t from = 0, to = 0;  // the reads that decided
  };
  struct wake_call {
    location_id word;
    bool all;
    clock known;
  };

  struct wait_return {
    location_id word;
    explorer::word expected;
    unsigned thread;
    std::size_t index;  // of the read
  };

  static void entry(void* self);
  [[nodiscard]] static bool on_a_fiber(const void* stack_pointer);
  static void fault();
  void main_thread();
  void leave() { (on_looker_ ? looker_ : fibers_[running()]).leave(); }
  static void look_entry(void* self);
  void check_invariant();
  [[nodiscard]] word peek(const operation& op);
  /// The invariant may only read; everything else that it might do comes here.
  void refuse_while_looking(const char* what, const void* site);
  void leave_until_resumed();
  void show_waiting_threads();
  [[nodiscard]] const clock& known() const noexcept { return engine_->known(); }
  [[nodiscard]] std::int16_t now() const noexcept {
    return static_cast<std::int16_t>(engine_->cursor(running()) + 1);
  }
  void check_lifetime(const operation& op) {
    if (op.where == no_location) return;
    const word_state& s = words_[op.where];
    if (s.destroyed || (s.creator != running() && s.created > known().at[s.creator])) [[unlikely]] {
      fail_access(s, op.kind, op.site);
    }
  }
  [[noreturn]] void fail_access(const word_state& s, event_kind what, const void* site);
  void look_at_length(const void* site);
  [[nodiscard]] bool spins(const operation& op) const;
  [[nodiscard]] bool is_final(unsigned thread, const graph& g) const;
  [[nodiscard]] bool is_due(unsigned thread, const graph& g) const;
  [[nodiscard]] bool may_wake(const wake_call& w, std::int32_t saw, const graph& g) const;
  [[nodiscard]] bool may_have_taken(const wait_return& r, unsigned sleeper, const graph& g) const;

  body_operations body_;
  search* engine_ = nullptr;
  void* object_ = nullptr;
  std::array<fiber, threads_max> fibers_;
  std::array<arena, threads_max> arenas_;
  std::uint32_t begun_ = 0;  // fibers that run in this execution
  bool ended_badly_ = false;

  std::array<std::vector<location_id>, threads_max> names_;  // by creator and number
  std::unordered_map<std::uint64_t, location_id> objects_;   // atomic references', by name
  std::array<std::size_t, threads_max> made_{};              // locations constructed so far
  std::vector<word_state> words_;
  std::array<thread_wait, threads_max> waits_;
  std::array<std::size_t, threads_max> await_from_{};
  std::array<std::size_t, threads_max> hint_at_{};      // events at the last spin_hint
  std::array<std::size_t, threads_max> hint_before_{};  // and at the one before
  struct started_thread {
    void (*code)(void*) = nullptr;
    void* argument = nullptr;
  };
  std::array<started_thread, threads_max> started_{};
  std::array<unsigned, threads_max> starts_{};  // by each thread, in this execution
  std::vector<wake_call> wakes_;
  std::vector<wait_return> returns_;
  bool looking_ =
      false;  // the invariant runs: it reads the state as it is, and is no part of the graph
  bool on_looker_ = false;  // on a stack of its own
  fiber looker_;
  bool showing_ = false;  // a waiting thread is entered only to be looked at
  std::size_t steps_looked_at_ = steps_of_many;
  bool has_grown_long_ = false;
  bool in_turns_ = false;
  bool shows_failing_step_ = false;
  cycle repeats_;
  failure failure_;

  static thread_local session* current_;
};

}  // namespace jacquard::model::explorer
