// jacquard/model/explore/failing_step.hpp: the place where a debugger stops.
//
//   gdb -ex 'break jacquard_explore_failing_step' -ex run -ex bt --args PROGRAM --schedule '...'
//
// A replay of a schedule calls the function below on the stack of the thread that fails, at the step that
// fails: the frames above it are the check's. Where threads wait for ever, it is called once for each of them,
// on its own stack, where it waits.
#pragma once

/// `what` is the failure in words. Does nothing but what has been asked for below; never inlined.
extern "C" void jacquard_explore_failing_step(const char* what) noexcept;

namespace jacquard::model::explorer {

/// Called by every failing step; null: nothing. Returns the one before. Not thread-safe: set it before a run.
using failing_step_hook = void (*)(const char* what);
failing_step_hook on_failing_step(failing_step_hook hook) noexcept;

/// Whether a failing step raises SIGTRAP: a debugger stops there without a breakpoint, and without a
/// debugger the program ends there. Not thread-safe: set it before a run.
void trap_at_failing_step(bool trap) noexcept;

}  // namespace jacquard::model::explorer
