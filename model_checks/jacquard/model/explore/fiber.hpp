// jacquard/model/explore/fiber.hpp: a stack of its own for each modelled thread, and the switch to and fro.
//
// A fiber that is abandoned is never unwound: code under test may be noexcept anywhere. Its stack is used
// again from the top by the next start. One whose entry has returned rests, and calls the next one.
#pragma once

#include <cstddef>

namespace jacquard::model::explorer {

class fiber {
 public:
  static constexpr std::size_t stack_bytes = 256 * 1024;  // plus a guard page; touched lazily

  fiber() = default;
  ~fiber();
  fiber(const fiber&) = delete;
  fiber& operator=(const fiber&) = delete;

  /// Forgets what ran here. The next `enter` calls entry(argument) from the top of the stack; where entry returns,
  /// the fiber leaves and must be prepared again before it is entered.
  void prepare(void (*entry)(void*), void* argument);
  /// Scheduler side: runs the fiber until it leaves.
  void enter();
  /// Fiber side: back to the scheduler; returns when the fiber is entered again.
  void leave();

  /// Is that an address in its stack, with room for a few calls below it?
  [[nodiscard]] bool holds(const void* stack_pointer) const noexcept;

 private:
  friend struct fiber_entry;
  void drop_abandoned() noexcept;
  [[noreturn]] void leave_for_good();  // under AddressSanitizer only

  void* memory_ = nullptr;  // guard page, then the stack
  void* stack_top_ = nullptr;
  void* inside_ = nullptr;   // the fiber's context while it is suspended
  void* outside_ = nullptr;  // the scheduler's context while the fiber runs
  void (*entry_)(void*) = nullptr;
  void* argument_ = nullptr;
  bool at_rest_ = false;  // entry has returned
  // AddressSanitizer's notes on both stacks; unused otherwise.
  void* fake_inside_ = nullptr;
  void* fake_outside_ = nullptr;
  const void* outside_bottom_ = nullptr;
  std::size_t outside_size_ = 0;
  bool suspended_ = false;  // in the middle of entry
  bool dropped_ = false;    // is entered once more, only to leave for good
};

}  // namespace jacquard::model::explorer
