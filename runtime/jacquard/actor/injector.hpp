// jacquard/actor/injector.hpp: a queue of tasks into which everybody may put, and from which everybody may take: first
// come, first served. One holds what comes from outside the workers; each worker has one for tasks that are its alone,
// and one for those that have had their share.
//
// Shape       an intrusive list behind one mutex, and its length for those who only look.
//             bringers_  threads that have put a task in, or will, and tell somebody of it afterwards
// Invariants  I1  A task that was pushed is taken exactly once, in order.
//             I2  Whom a bringer tells may go once wait_for_bringers has returned, after the last task was taken. A
//                 task may be taken, run and be the last before its bringer has told anybody.
// Ordering    E1  bring -> wait_for_bringers   what the bringer did when it told.
//             Else the mutex. `looks_empty` is a hint; whoever must not miss a task fences first.
// Progress    blocking, for a few instructions. The hot path of a worker does not come here.
// Allocation  none: the task brings its link.
// Checked by  model_checks: idle_workers; on real threads scheduler.test.cpp (I1) and lifetimes.test.cpp (I2, E1).
#pragma once

#include <atomic>
#include <cstdint>

#include <jacquard/actor/task.hpp>
#include <jacquard/sync/native.hpp>
#include <jacquard/sync/policy.hpp>

namespace jacquard {

template <sync::policy Sync = sync::native>
class basic_injector {
 public:
  /// Any thread.
  void push(task& work) {
    sync::lock_guard<Sync> guard(mutex_);
    work.next = nullptr;
    (last_ == nullptr ? first_ : last_->next) = &work;
    last_ = &work;
    length_.store(length_.load(std::memory_order::relaxed) + 1,
                  std::memory_order::relaxed);  // under mutex_
  }

  /// Any thread that does not take tasks from here. Pushes, and calls `tell` then.
  template <class F>
  void bring(task& work, F&& tell) {
    bringers_.fetch_add(1, std::memory_order::relaxed);  // the mutex shows it to who takes the task
    push(work);
    tell();
    bringers_.fetch_sub(1, std::memory_order::release);  // E1 release
  }
  /// After the last task was taken, and before whom `tell` tells goes.
  void wait_for_bringers() {
    Sync::await([this] { return bringers_.load(std::memory_order::acquire) == 0; });  // E1 acquire
  }

  /// Any thread. The oldest task, or null.
  [[nodiscard]] task* pop() {
    if (looks_empty()) return nullptr;
    sync::lock_guard<Sync> guard(mutex_);
    task* const oldest = first_;
    if (oldest == nullptr) return nullptr;
    first_ = oldest->next;
    prefetch(first_);  // the next one to be taken, while this one runs
    if (first_ == nullptr) last_ = nullptr;
    length_.store(length_.load(std::memory_order::relaxed) - 1,
                  std::memory_order::relaxed);  // under mutex_
    taken_.store(taken_.load(std::memory_order::relaxed) + 1,
                 std::memory_order::relaxed);  // under mutex_
    return oldest;
  }

  [[nodiscard]] bool looks_empty() const noexcept {
    return length_.load(std::memory_order::relaxed) == 0;  // a hint
  }
  /// Any thread; a moment's figures. As long as `oldest` is the same and there is a task, it is the same task.
  struct glance {
    std::int64_t oldest;
    std::int64_t items;
  };
  [[nodiscard]] glance look() const noexcept {
    return {taken_.load(std::memory_order::relaxed),    // a hint
            length_.load(std::memory_order::relaxed)};  // a hint
  }

 private:
  typename Sync::mutex mutex_;
  task* first_ = nullptr;  // guarded by mutex_
  task* last_ = nullptr;   // guarded by mutex_
  sync::atomic<Sync, std::int64_t> length_{0};
  sync::atomic<Sync, std::int64_t> taken_{0};
  sync::atomic<Sync, std::uint32_t> bringers_{0};
};

}  // namespace jacquard
