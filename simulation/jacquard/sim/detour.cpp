#include <jacquard/sim/detour.hpp>

#include <boost/context/fiber.hpp>
#include <boost/context/stack_context.hpp>

#include <cstdlib>
#include <utility>
#include <vector>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#endif
#if defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>
#endif

namespace jacquard::sim {

thread_local constinit detour* detour::current_ = nullptr;

namespace {

namespace context = boost::context;

// Sanitizers' frames are large and few runs stall: one size serves all builds.
constexpr std::size_t stack_bytes = 128 * 1024;

// Stacks that were used once are kept for the next detour of the same thread.
struct stack_list {
  std::vector<void*> free;
  ~stack_list() {
    for (void* stack : free) std::free(stack);
  }
};
stack_list& stacks() {
  static thread_local stack_list list;
  return list;
}

struct used_stack {
  context::stack_context allocate() {
    void* base = nullptr;
    if (stacks().free.empty()) {
      base = std::malloc(stack_bytes);
      if (base == nullptr) std::abort();
    } else {
      base = stacks().free.back();
      stacks().free.pop_back();
    }
    context::stack_context made;
    made.size = stack_bytes;
    made.sp = static_cast<char*>(base) + stack_bytes;
    return made;
  }
  void deallocate(context::stack_context& stack) noexcept {
    stacks().free.push_back(static_cast<char*>(stack.sp) - stack.size);
  }
};

// What a sanitizer must know about a switch between stacks. Empty otherwise.
struct switch_notice {
#if defined(__SANITIZE_ADDRESS__)
  void* fake = nullptr;
  const void* home = nullptr;
  std::size_t home_size = 0;
  void leaves_for(const void* base, std::size_t size) {
    __sanitizer_start_switch_fiber(&fake, base, size);
  }
  void leaves_for_ever(const void* base, std::size_t size) {
    __sanitizer_start_switch_fiber(nullptr, base, size);
  }
  void arrived() { __sanitizer_finish_switch_fiber(fake, nullptr, nullptr); }
  void arrived_from_home() { __sanitizer_finish_switch_fiber(fake, &home, &home_size); }
#endif
};

}  // namespace

struct detour::machine {
  context::fiber inside;   // the call, while it is suspended
  context::fiber outside;  // whoever resumed it, while it runs
  std::function<void()> call;
  detour* before = nullptr;
#if defined(__SANITIZE_ADDRESS__)
  switch_notice here;
  switch_notice there;
  const void* base = nullptr;
#endif
#if defined(__SANITIZE_THREAD__)
  void* tsan_here = nullptr;
  void* tsan_there = nullptr;
#endif
};

detour::detour() : machine_(std::make_unique<machine>()) {}

detour::~detour() {
  while (suspended()) (void)resume();
}

bool detour::suspended() const noexcept { return static_cast<bool>(machine_->inside); }

bool detour::start(std::function<void()> call) {
  machine& m = *machine_;
  m.call = std::move(call);
  used_stack source;
#if defined(__SANITIZE_ADDRESS__)
  // The base is needed before the fiber runs, so that the first switch can be announced.
  context::stack_context stack = source.allocate();
  m.base = static_cast<char*>(stack.sp) - stack.size;
  const context::preallocated place(stack.sp, stack.size, stack);
  m.inside = context::fiber(std::allocator_arg, place, source, [&m](context::fiber&& from) {
    m.there.arrived_from_home();
#else
  m.inside = context::fiber(std::allocator_arg, source, [&m](context::fiber&& from) {
#endif
    m.outside = std::move(from);
    m.call();
#if defined(__SANITIZE_ADDRESS__)
    m.there.leaves_for_ever(m.there.home, m.there.home_size);
#endif
#if defined(__SANITIZE_THREAD__)
    __tsan_switch_to_fiber(m.tsan_here, 0);
#endif
    return std::move(m.outside);
  });
#if defined(__SANITIZE_THREAD__)
  m.tsan_there = __tsan_create_fiber(0);
#endif
  return resume();
}

bool detour::resume() {
  machine& m = *machine_;
  m.before = std::exchange(current_, this);
#if defined(__SANITIZE_ADDRESS__)
  m.here.leaves_for(m.base, stack_bytes);
#endif
#if defined(__SANITIZE_THREAD__)
  m.tsan_here = __tsan_get_current_fiber();
  __tsan_switch_to_fiber(m.tsan_there, 0);
#endif
  m.inside = std::move(m.inside).resume();
#if defined(__SANITIZE_ADDRESS__)
  m.here.arrived();
#endif
  current_ = m.before;
  if (!m.inside) {
    m.call = nullptr;
#if defined(__SANITIZE_THREAD__)
    __tsan_destroy_fiber(m.tsan_there);
#endif
    return true;
  }
  return false;
}

void detour::suspend() {
  machine& m = *machine_;
#if defined(__SANITIZE_ADDRESS__)
  m.there.leaves_for(m.there.home, m.there.home_size);
#endif
#if defined(__SANITIZE_THREAD__)
  __tsan_switch_to_fiber(m.tsan_here, 0);
#endif
  m.outside = std::move(m.outside).resume();
#if defined(__SANITIZE_ADDRESS__)
  m.there.arrived_from_home();
#endif
}

}  // namespace jacquard::sim
