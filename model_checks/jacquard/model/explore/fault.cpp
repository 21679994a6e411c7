#include <jacquard/model/explore/fault.hpp>

#include <signal.h>
#include <ucontext.h>

#include <array>
#include <cstddef>
#include <cstdint>

namespace jacquard::model::explorer {

#if (defined(__x86_64__) || defined(__aarch64__)) && !defined(__SANITIZE_ADDRESS__)

namespace {

bool (*is_a_fiber)(const void*) = nullptr;
void (*goes_on_with)() = nullptr;

// The faulting thread's registers, as the kernel will load them again.
class registers {
 public:
  explicit registers(void* context) : machine_(static_cast<ucontext_t*>(context)->uc_mcontext) {}
#if defined(__x86_64__)
  [[nodiscard]] std::uintptr_t stack() const {
    return static_cast<std::uintptr_t>(machine_.gregs[REG_RSP]);
  }
  // As a call leaves them: the stack is 16 less 8 for the return address, below what a leaf may use (128 bytes).
  void call(void (*code)()) {
    machine_.gregs[REG_RSP] = static_cast<greg_t>(((stack() - 128) & ~std::uintptr_t{15}) - 8);
    machine_.gregs[REG_RIP] = static_cast<greg_t>(reinterpret_cast<std::uintptr_t>(code));
  }
#else
  [[nodiscard]] std::uintptr_t stack() const { return machine_.sp; }
  void call(void (*code)()) {
    machine_.sp = (stack() - 128) & ~std::uintptr_t{15};
    machine_.pc = reinterpret_cast<std::uintptr_t>(code);
  }
#endif

 private:
  mcontext_t& machine_;
};

void came(int which, siginfo_t*, void* context) {
  registers faulting(context);
  if (!is_a_fiber(reinterpret_cast<const void*>(faulting.stack()))) {
    (void)signal(which, SIG_DFL);  // the same instruction again, and the end of the program
    return;
  }
  faulting.call(goes_on_with);
}

// A fault may be that of a stack that is full.
struct second_stack {
  second_stack() {
    stack_t mine{};
    mine.ss_sp = room.data();
    mine.ss_size = room.size();
    (void)sigaltstack(&mine, nullptr);
  }
  ~second_stack() {
    stack_t none{};
    none.ss_flags = SS_DISABLE;
    (void)sigaltstack(&none, nullptr);
  }
  second_stack(const second_stack&) = delete;
  second_stack& operator=(const second_stack&) = delete;

  alignas(16) std::array<std::byte, 64 * 1024> room;
};

bool handle(bool (*on_a_fiber)(const void*), void (*instead)()) {
  is_a_fiber = on_a_fiber;
  goes_on_with = instead;
  struct sigaction fresh {};
  fresh.sa_sigaction = &came;
  fresh.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigemptyset(&fresh.sa_mask);
  return sigaction(SIGSEGV, &fresh, nullptr) == 0 && sigaction(SIGBUS, &fresh, nullptr) == 0;
}

}  // namespace

void catch_faults(bool (*on_a_fiber)(const void*), void (*instead)()) {
  static thread_local second_stack stack;
  (void)stack.room[0];
  [[maybe_unused]] static const bool handled = handle(on_a_fiber, instead);
}

#else

void catch_faults(bool (*)(const void*), void (*)()) {}

#endif

}  // namespace jacquard::model::explorer
