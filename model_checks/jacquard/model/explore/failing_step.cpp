#include <jacquard/model/explore/failing_step.hpp>

#include <csignal>
#include <utility>

namespace {
jacquard::model::explorer::failing_step_hook hook_now = nullptr;
bool traps = false;
}  // namespace

extern "C" [[gnu::noinline, gnu::used]] void jacquard_explore_failing_step(
    const char* what) noexcept {
  if (hook_now != nullptr) hook_now(what);
  if (traps) std::raise(SIGTRAP);
  asm volatile("" ::: "memory");  // not a tail call: a debugger shows this frame
}

namespace jacquard::model::explorer {

failing_step_hook on_failing_step(failing_step_hook hook) noexcept {
  return std::exchange(hook_now, hook);
}

void trap_at_failing_step(bool trap) noexcept { traps = trap; }

}  // namespace jacquard::model::explorer
