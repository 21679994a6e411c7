// jacquard/memory/thread_end.hpp: what a thread does last, with one registration for all of it.
//
// A thread-local object with a destructor costs an allocation in every thread that comes by it (glibc keeps a list of
// destructors for each thread). Whether a thread comes by is chance where tasks may run on any worker, and an audit
// that counts exactly sees that. So there is one such object, which every worker makes as it starts, and the duties
// of a thread's end are in a list of constant-made ones that costs nothing to join.
#pragma once

#include <utility>

namespace jacquard {

/// The calling thread's end.
class thread_end {
 public:
  /// Something to do at a thread's end: a thread's own, and trivial to destroy.
  struct duty {
    void (*run)() = nullptr;
    duty* next = nullptr;
  };

  /// `last.run` is called once, when this thread ends: after the duties that were added later, and after the
  /// thread-local objects that were made after this thread's first duty or `begin`. False where that time has come
  /// already; then it is not called. Allocates in a thread's first call at most.
  static bool add(duty& last) {
    if (ended_) return false;
    begin();
    last.next = std::exchange(first_, &last);
    return true;
  }
  /// A thread that is going to have duties says so early. Allocates in a thread's first call at most.
  static void begin() {
    // tidy allows threads: a thread's own end; no other thread looks at it.
    static thread_local struct owner {
      ~owner() {
        ended_ = true;
        while (first_ != nullptr) std::exchange(first_, first_->next)->run();
      }
    } here;
    (void)here;
  }

 private:
  // tidy allows threads: likewise; plain values, which outlive the thread's objects.
  constinit inline static thread_local duty* first_ = nullptr;
  // tidy allows threads: likewise.
  constinit inline static thread_local bool ended_ = false;
};

}  // namespace jacquard
