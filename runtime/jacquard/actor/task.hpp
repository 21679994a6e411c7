// jacquard/actor/task.hpp: what a scheduler runs: an actor's activation, a strand's next step.
#pragma once

#include <cstdint>

namespace jacquard {

/// Something that can be run by a worker. Intrusive: whoever owns the memory derives from it, and must keep
/// it alive while it is scheduled or running. A task is in at most one queue at a time; who schedules it is
/// the business of its own state (a mailbox's gate, a strand's promise).
///
/// `run` must not throw. It may schedule other tasks and, as its last act, itself.
struct task {
  using run_function = void (*)(task& self) noexcept;

  explicit task(run_function body) noexcept : run(body) {}
  task(const task&) = delete;
  task& operator=(const task&) = delete;

  run_function run;
  task* next = nullptr;  // the queue that holds the task uses it
};

/// Has the caches fetch what a task and its owner begin with: a small actor's cell is two lines, a larger one and a strand's
/// frame go on. `soon` may be null, or gone.
inline void prefetch(const task* soon) noexcept {
  const auto first = reinterpret_cast<std::uintptr_t>(soon);
  __builtin_prefetch(reinterpret_cast<const void*>(first), 1);
  __builtin_prefetch(reinterpret_cast<const void*>(first + 64), 1);
  __builtin_prefetch(reinterpret_cast<const void*>(first + 128), 1);
}

/// How soon a scheduled task should run.
enum class urgency : std::uint8_t {
  next,   // right after what runs now, on this worker: it was just sent a message, its data is warm
  soon,   // in turn; thieves may take it
  later,  // after everything that waits: it has had its share
};

/// Where tasks go. Implemented by the scheduler; a test may implement it with a list.
class executor {
 public:
  virtual ~executor() = default;
  /// Any thread. Never throws, never waits.
  virtual void schedule(task& work, urgency when) noexcept = 0;
  /// What the calling thread runs for this executor; null elsewhere.
  [[nodiscard]] virtual const task* running() const noexcept { return nullptr; }
  /// A task is about to hold the calling thread until another task has run. False where nobody would be left to
  /// run it: then the task must not wait. Else hand_on comes last before the wait, and end_blocking after it.
  [[nodiscard]] virtual bool begin_blocking() noexcept { return false; }
  /// Gives to the others what only this thread could run.
  virtual void hand_on() noexcept {}
  virtual void end_blocking() noexcept {}
  /// True where the calling thread may wait for what is scheduled here: it is not the one that would run it.
  [[nodiscard]] virtual bool may_wait() const noexcept { return false; }
};

}  // namespace jacquard
