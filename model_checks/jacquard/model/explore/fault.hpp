// jacquard/model/explore/fault.hpp: an access to no memory ends an execution, not the program.
//
// A check that is broken may follow a null pointer. The kernel's signal is turned into a call on the fiber that made the
// access: its handler puts `instead` at the place where the thread goes on. What lies below on that stack is never
// unwound, as with every fiber that is abandoned.
#pragma once

namespace jacquard::model::explorer {

/// From here on, on this thread: where `on_a_fiber(stack_pointer)` says so, SIGSEGV and SIGBUS call `instead()`, which
/// must not return. Elsewhere they end the program as before. The first call in a process names both. Does nothing under
/// AddressSanitizer, which reports such an access itself, nor on processors other than x86-64 and AArch64.
void catch_faults(bool (*on_a_fiber)(const void* stack_pointer), void (*instead)());

}  // namespace jacquard::model::explorer
