// jacquard/model/explore/search.hpp: every consistent execution graph of a program, each exactly once.
//
// Algorithm   TruSt (Kokologiannakis, Marmanis, Gladstein, Vafeiadis, POPL 2022). The graph grows by the
//             next event of the lowest-numbered thread that can run and does not stand aside. A read tries every consistent
//             source; a write tries every consistent place in modification order, and is also offered
//             to the reads that came before it (a backward revisit), which cuts away what was added
//             after the read and is not in the write's own past. A revisit is done only where everything
//             cut had been added maximally; that makes it the only way to reach its graph.
// Shape       a stack of levels, one for each backward revisit under way. A level is a graph that is
//             extended in place and cut back, and the choices still open in it.
// Invariants  I1  A choice refers to a prefix of its level's graph, so taking choices last in, first out
//                 never needs an event that has been cut.
//             I2  Choices are checked against coherence and atomicity before they are stored; the
//                 seq_cst axiom is checked before user code runs. No inconsistent graph is executed.
//             I3  The program's code runs once for each execution counted, and never for an update that
//                 only revisits.
// Progress    memory is polynomial in the length of one execution; there is no table of visited states.
// Checked by  model_checks/explore_tests
#pragma once

#include <jacquard/model/explore/consistency.hpp>
#include <jacquard/model/explore/graph.hpp>
#include <jacquard/model/explore/program.hpp>
#include <jacquard/model/explore/schedule.hpp>

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace jacquard::model::explorer {

enum class thread_state : std::uint8_t { ready, finished, blocked };

/// For messages: "a read of word 3".
[[nodiscard]] std::string in_words(event_kind kind, update how, location_id where);

/// What `perform` answers.
enum class step : std::uint8_t {
  done,  // the operation happened; its value is in the result
  wait,  // not yet: return to the search and ask again
};

struct counts {
  std::uint64_t executions = 0;  // complete
  std::uint64_t blocked = 0;     // ended with a thread that waits for ever
  friend bool operator==(const counts&, const counts&) = default;
};

/// One execution, as it is shown to whoever listens. Valid during the call.
struct execution {
  const explorer::graph& graph;
  bool blocked = false;
};

struct search_options {
  memory_model model = memory_model::cxx20;
  /// How many weak compare-and-swaps of one thread may fail although they read what they expect, [0, 255].
  std::uint8_t spurious_max = 0;
  /// Called at the end of every execution; false ends the search. May be empty.
  std::function<bool(const execution&)> at_end;
};

/// An alternative that is still open, for the newest event of the graph it belongs to.
struct choice {
  enum class what : std::uint8_t { source, position, revisit };
  event_id event = no_event;
  what kind = what::source;
  event_id read = no_event;      // revisit
  std::int32_t alternative = 0;  // a position in modification order
  bool spurious = false;         // source, revisit: a weak compare-and-swap that fails all the same
};

/// A piece of a search that needs nothing else: a graph, and what to do with it first. Another search of
/// the same program can take it, in this process or another.
struct task {
  explorer::graph graph;
  explorer::choice choice;
  std::vector<std::uint64_t> names;  // of the graph's locations
};

/// Says who makes the next step of an interleaving.
class picker {
 public:
  virtual ~picker() = default;
  /// One of the threads in the mask `ready`, which is not empty.
  [[nodiscard]] virtual unsigned next(std::uint32_t ready) = 0;
  /// The thread found nothing to do, and waits until another thread stores to what it looked at.
  virtual void waits(unsigned thread) = 0;
};

class search {
 public:
  search(program& what, search_options options);

  /// Explores everything that is left. False where `at_end` or `stop` ended it early.
  bool run();
  /// Explores one more execution (or a redundant attempt at one). False where nothing is left.
  bool advance();
  /// One random execution: at every event one of its alternatives, each as likely as the others, `pick(n)`
  /// saying which of n. Returns Knuth's estimate of how many executions there are: the product of the numbers
  /// of alternatives, or 0 where the walk ended at an alternative that has no execution. Leaves nothing open.
  double sample(const std::function<std::uint32_t(std::uint32_t)>& pick);
  /// One interleaving, in which `who` picks the thread of every step: each read reads the newest write.
  /// Leaves nothing open.
  void interleave(picker& who);
  /// Runs the one execution that `what` describes, as far as the program can follow it, and nothing else.
  /// The search must not have begun.
  void follow(const schedule& what);
  /// Cuts the newest execution's graph back to its first events: what is shown of a long one.
  void shorten(std::size_t events) { top().graph.truncate(events); }
  /// Ends the search after the current execution.
  void stop() noexcept { stopped_ = true; }

  /// Has nothing to do until it adopts a task.
  void start_empty() noexcept {
    begun_ = true;
    depth_ = 0;
  }
  void adopt(task what);
  /// Hands out the oldest open choice, which has the most below it. False where there is none.
  [[nodiscard]] bool give_oldest(task& what);
  /// Hands out everything that is open; nothing is left here.
  [[nodiscard]] std::vector<task> give_all();

  [[nodiscard]] const counts& total() const noexcept { return counts_; }
  [[nodiscard]] std::size_t choices_open() const noexcept;

  // For the program, while it runs.

  /// Performs `op` for the thread that runs. `result` is what a read returns.
  step perform(const operation& op, word& result);
  /// True where the running thread's last operation was a compare-and-swap that failed spuriously.
  [[nodiscard]] bool failed_spuriously() const noexcept {
    const std::size_t c = cursor_[running_];
    return c > 0 && graph()[graph().at(running_, c - 1)].spurious;
  }
  void finish() noexcept { states_[running_] = thread_state::finished; }
  /// The running thread waits for ever in this execution.
  void block() noexcept {
    states_[running_] = thread_state::blocked;
    looked_from_[running_] = never_looked;
  }
  /// As block, where what the thread read since its event number `from` decides: an execution in which the
  /// newest event read an old value is dropped, because the one that read the newest value covers it. In an
  /// interleaving the thread goes on once one of those words changes.
  void block_on_reads(std::size_t from) noexcept;
  /// Says that a thread runs although the search did not choose it: somebody looks at its stack.
  void set_running(unsigned thread) noexcept { running_ = thread; }
  /// True where the newest execution was an interleaving: its graph grew as the program ran.
  [[nodiscard]] bool grew_in_order() const noexcept { return grew_in_order_; }
  /// In an interleaving: a blocked thread goes on.
  void resume(unsigned thread) noexcept { states_[thread] = thread_state::ready; }
  /// True where this execution follows a schedule and that has more of the running thread: what it waited
  /// for came.
  [[nodiscard]] bool is_followed_further() const noexcept {
    return followed_ != nullptr && running_ < followed_->threads.size() &&
           graph().length(running_) < followed_->threads[running_].size();
  }
  [[nodiscard]] bool is_following() const noexcept { return followed_ != nullptr; }
  [[nodiscard]] bool is_interleaving() const noexcept { return picker_ != nullptr; }
  /// True where the running thread must leave and ask again: it is about to look at something that it may have
  /// to wait for, so threads that need not wait go first. Changes only the order in which events are added, and
  /// with it how many executions end blocked.
  [[nodiscard]] bool stand_aside() noexcept {
    if (followed_ != nullptr || picker_ != nullptr || !at_frontier()) return false;
    const std::uint32_t bit = std::uint32_t{1} << running_;
    if (chosen_ == running_ && (let_in_ & bit) != 0) {
      let_in_ &= ~bit;
      return false;
    }
    if (chosen_ == running_) aside_ |= bit;
    return true;
  }
  /// Ends this execution and the search: something was found.
  void abandon() noexcept { dead_ = stopped_ = true; }
  [[nodiscard]] unsigned running() const noexcept { return running_; }
  /// How many events of a thread have happened in this execution.
  [[nodiscard]] std::size_t cursor(unsigned thread) const noexcept { return cursor_[thread]; }
  /// True where the running thread's next operation will be new to the graph.
  [[nodiscard]] bool at_frontier() const noexcept {
    return cursor_[running_] == graph().length(running_);
  }
  /// What happens before the running thread's next event.
  [[nodiscard]] const clock& known() const noexcept {
    const explorer::graph& g = graph();
    const std::size_t c = cursor_[running_];
    return c > 0 ? g[g.at(running_, c - 1)].hb : g.knowledge_at_start(running_);
  }
  /// True while a spawned thread has not finished.
  [[nodiscard]] bool is_parallel() const noexcept {
    for (unsigned t = 1; t < graph().threads(); ++t) {
      if (states_[t] != thread_state::finished) return true;
    }
    return false;
  }
  /// Makes a location known, with its initial value. Idempotent.
  void know(location_id where, word initial) { top().graph.know(where, initial); }

  [[nodiscard]] const explorer::graph& graph() const noexcept { return levels_[depth_ - 1]->graph; }
  [[nodiscard]] thread_state state(unsigned thread) const noexcept { return states_[thread]; }
  /// True where the replay met another operation than the graph has: the program is not deterministic.
  [[nodiscard]] bool diverged() const noexcept { return diverged_; }
  /// Where, what was expected and what came. Empty where nothing diverged.
  [[nodiscard]] const std::string& divergence() const noexcept { return divergence_; }

 private:
  struct level {
    explorer::graph graph;
    std::vector<choice> choices;
  };

  level& top() noexcept { return *levels_[depth_ - 1]; }
  level& push_level();

  bool take_choice();
  bool begin_revisit(const choice& c);
  bool complete_updates();
  bool add_write(event_id write);
  bool add_read(event_id read, demand wanted);
  void offer_to_reads(event_id write);
  /// True where `read` may fail although it reads `value`.
  [[nodiscard]] bool may_fail(const event& read, word value) const noexcept {
    return read.weak && read.spurious_before < options_.spurious_max && value == read.expected;
  }
  [[nodiscard]] bool is_maximal(event_id e, const clock& past) const;
  [[nodiscard]] bool stays_ordered(const event& newest) const {
    return !may_disorder(graph(), newest, options_.model) || is_ordered(graph(), options_.model);
  }

  void execute();
  void replay();
  void extend();
  void begin_execution();
  void end_execution();
  step follow_one(const operation& op, word& result);
  step interleave_one(const operation& op, word& result);
  [[nodiscard]] bool has_news(unsigned thread) const;
  void diverge(const std::string& expected, const std::string& came);
  [[nodiscard]] bool can_run(unsigned thread) const noexcept;
  step replay_one(const operation& op, word& result);
  void refresh(const operation& op);
  step perform_new(const operation& op, word& result);
  [[nodiscard]] operation in_model(const operation& op) const noexcept;

  program& program_;
  search_options options_;
  std::vector<std::unique_ptr<level>> levels_;  // the first depth_ are in use
  std::size_t depth_ = 0;
  bool begun_ = false;
  bool stopped_ = false;

  // The execution under way.
  std::array<std::size_t, threads_max> cursor_{};  // events of each thread that have happened in it
  std::array<thread_state, threads_max> states_{};
  unsigned running_ = 0;
  unsigned chosen_ =
      threads_max;  // the only thread that may add events; threads_max while replaying
  unsigned waits_for_ = threads_max;
  std::uint32_t aside_ = 0;   // threads that stand aside
  std::uint32_t let_in_ = 0;  // the one of them that goes on
  bool dead_ = false;         // it has no consistent continuation
  bool diverged_ = false;
  std::string divergence_;
  const schedule* followed_ = nullptr;
  picker* picker_ = nullptr;
  bool may_step_ = false;  // the running thread has its step of the interleaving still to make
  bool grew_in_order_ = false;
  static constexpr std::size_t never_looked = std::size_t{1} << 40;
  std::array<std::size_t, threads_max> looked_from_{};  // of blocked threads
  std::vector<std::int32_t> ranks_;  // of the followed schedule's writes, by event

  counts counts_;
  std::vector<std::uint8_t> kept_;    // scratch
  std::vector<event_id> kept_order_;  // scratch
};

}  // namespace jacquard::model::explorer
