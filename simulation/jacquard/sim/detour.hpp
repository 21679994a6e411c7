// jacquard/sim/detour.hpp: one call that may stop in the middle and go on later, in virtual time.
//
// Why         A real sender can be descheduled between claiming a place in a ring and publishing its
//             message. In a simulation every call is one step, so that gap would not exist. A detour runs
//             the call on its own stack; the payload's move, which happens exactly in the gap, suspends
//             it; the kernel resumes it later. The mailbox's own object code is what is stopped.
// Shape       start(f) runs f until it returns or calls suspend(); resume() continues it.
// Invariants  I1  A detour that was started is finished before it is destroyed: a suspended frame may
//                 hold noexcept code, so it is never unwound. The destructor resumes it to its end.
//             I2  At most one detour runs at a time on a thread; a detour starts none.
// Progress    one thread.
// Allocation  a stack, from a list of used ones.
// Checked by  detour.test.cpp
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

namespace jacquard::sim {

class detour {
 public:
  detour();
  ~detour();
  detour(const detour&) = delete;
  detour& operator=(const detour&) = delete;

  /// Runs `call` on a stack of its own. True where it returned, false where it suspended itself.
  /// `call` must not throw.
  bool start(std::function<void()> call);
  /// Continues a suspended call. True where it returned.
  bool resume();
  [[nodiscard]] bool suspended() const noexcept;

  /// The detour that runs now on this thread, or null.
  [[nodiscard]] static detour* current() noexcept { return current_; }
  /// Called inside the running detour: control returns to whoever started or resumed it.
  void suspend();

  /// The one payload whose move suspends this detour, once. 0: none.
  void stop_at(std::uint64_t payload) noexcept { stop_at_ = payload; }
  /// Called by a payload's move: suspends where this is the payload to stop at.
  void passes(std::uint64_t payload) {
    if (payload == 0 || payload != stop_at_) return;
    stop_at_ = 0;
    suspend();
  }

 private:
  struct machine;
  static thread_local constinit detour* current_;

  std::unique_ptr<machine> machine_;
  std::uint64_t stop_at_ = 0;
};

}  // namespace jacquard::sim
