#include <jacquard/model/explore/fiber.hpp>

#include <sys/mman.h>
#include <unistd.h>

#include <boost/context/detail/fcontext.hpp>
#include <cstdlib>
#include <new>
#include <utility>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

namespace jacquard::model::explorer {

namespace context = boost::context::detail;

namespace {
constexpr std::size_t guard_bytes = 4096;
}

struct fiber_entry {
  static void run(context::transfer_t from) {
    fiber& self = *static_cast<fiber*>(from.data);
    self.outside_ = from.fctx;
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_finish_switch_fiber(nullptr, &self.outside_bottom_, &self.outside_size_);
#endif
    for (;;) {
      self.entry_(self.argument_);
      self.at_rest_ = true;
      self.leave();
    }
  }
};

fiber::~fiber() {
  drop_abandoned();
  if (memory_ != nullptr) munmap(memory_, guard_bytes + stack_bytes);
}

// The sanitizer keeps a second stack for each fiber and frees it only where the fiber leaves for good. One that was
// left in the middle, as every blocked thread is, is entered once more to do so. To map and unmap that stack takes
// longer than most executions; a fiber at rest keeps it.
void fiber::drop_abandoned() noexcept {
#if defined(__SANITIZE_ADDRESS__)
  if (!suspended_) return;
  dropped_ = true;
  enter();
  dropped_ = false;
#endif
}

void fiber::prepare(void (*entry)(void*), void* argument) {
  if (memory_ == nullptr) {
    memory_ = mmap(nullptr, guard_bytes + stack_bytes, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory_ == MAP_FAILED) {
      memory_ = nullptr;
      throw std::bad_alloc();
    }
    mprotect(memory_, guard_bytes, PROT_NONE);
    stack_top_ = static_cast<char*>(memory_) + guard_bytes + stack_bytes;
  }
  entry_ = entry;
  argument_ = argument;
  if (std::exchange(at_rest_, false)) return;
  drop_abandoned();
#if defined(__SANITIZE_ADDRESS__)
  // What the abandoned frames poisoned is free again.
  __asan_unpoison_memory_region(static_cast<char*>(memory_) + guard_bytes, stack_bytes);
#endif
  inside_ = context::make_fcontext(stack_top_, stack_bytes, fiber_entry::run);
}

void fiber::enter() {
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_start_switch_fiber(&fake_outside_, static_cast<char*>(memory_) + guard_bytes,
                                 stack_bytes);
#endif
  inside_ = context::jump_fcontext(inside_, this).fctx;
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(fake_outside_, nullptr, nullptr);
#endif
}

void fiber::leave() {
#if defined(__SANITIZE_ADDRESS__)
  suspended_ = true;
  __sanitizer_start_switch_fiber(&fake_inside_, outside_bottom_, outside_size_);
#endif
  outside_ = context::jump_fcontext(outside_, nullptr).fctx;
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(fake_inside_, &outside_bottom_, &outside_size_);
  suspended_ = false;
  if (dropped_) leave_for_good();
#endif
}

#if defined(__SANITIZE_ADDRESS__)
void fiber::leave_for_good() {
  __sanitizer_start_switch_fiber(nullptr, outside_bottom_, outside_size_);
  context::jump_fcontext(outside_, nullptr);
  std::abort();
}
#endif

bool fiber::holds(const void* stack_pointer) const noexcept {
  constexpr std::size_t room_for_calls = 32 * 1024;
  const char* const lowest = static_cast<const char*>(memory_) + guard_bytes + room_for_calls;
  return memory_ != nullptr && stack_pointer > lowest && stack_pointer < stack_top_;
}

}  // namespace jacquard::model::explorer
