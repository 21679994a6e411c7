// jacquard/env/native_quit_dump.hpp: on SIGQUIT (Ctrl-\) a program writes what it is doing, and goes on.
//
//   native_quit_dump on_quit([&] { return describe(report_actors(system), strands.list()); });
//
// Shape       the handler posts a semaphore and nothing else; a thread of its own waits for it, calls `say` and writes
//             the text to a file. So `say` may take locks and memory, as a handler may not.
// Invariants  I1  Without an object of this class there is no handler, no thread and no semaphore.
//             I2  Every signal that comes while it lives is followed by a dump that begins after it.
//             I3  At its end the handler that was there before is back.
// Progress    the signal's thread goes on at once.
// Allocation  a thread; what `say` takes.
// Bounds      one at a time in a process: a second one stops the program.
// Checked by  native_quit_dump.test.cpp (I1-I3)
#pragma once

#include <semaphore.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include <jacquard/sync/native.hpp>

namespace jacquard {

/// Opt-in: make one, and SIGQUIT no longer ends the program. It outlives nothing that `say` looks at.
class native_quit_dump {
 public:
  /// `say` runs on this object's thread, once a signal; what it throws is a line in the file. `file`: a descriptor
  /// that can be written to.
  explicit native_quit_dump(std::function<std::string()> say, int file = STDERR_FILENO)
      : say_(std::move(say)), file_(file) {
    sync::native::require(!taken().exchange(true), "one native_quit_dump at a time");
    while (sem_trywait(&signals()) == 0) {  // what came too late for the one before
    }
    thread_ = std::thread([this] { serve(); });
    struct sigaction fresh {};
    fresh.sa_handler = &native_quit_dump::came;
    fresh.sa_flags = SA_RESTART;
    sigemptyset(&fresh.sa_mask);
    (void)sigaction(SIGQUIT, &fresh, &before_);
  }
  ~native_quit_dump() {
    (void)sigaction(SIGQUIT, &before_, nullptr);
    over_.store(true);
    (void)sem_post(&signals());
    thread_.join();
    taken().store(false);
  }
  native_quit_dump(const native_quit_dump&) = delete;
  native_quit_dump& operator=(const native_quit_dump&) = delete;

 private:
  // Never destroyed: a handler may still be running on another thread when its object has gone.
  static sem_t& signals() noexcept {
    static sem_t* const count = [] {
      static sem_t made;
      sync::native::require(sem_init(&made, 0, 0) == 0, "a semaphore for SIGQUIT");
      return &made;
    }();
    return *count;
  }
  static std::atomic<bool>& taken() noexcept {
    static std::atomic<bool> one{false};
    return one;
  }
  // What a handler may do. The semaphore was made before the handler was set.
  static void came(int) noexcept { (void)sem_post(&signals()); }

  void serve() noexcept {
    for (;;) {
      while (sem_wait(&signals()) != 0) {
      }
      if (over_.load()) return;
      try {
        write_all(say_());
      } catch (...) {
        write_all("jacquard: the dump failed\n");
      }
    }
  }
  void write_all(std::string_view text) noexcept {
    for (std::size_t done = 0; done < text.size();) {
      const ssize_t part = ::write(file_, text.data() + done, text.size() - done);
      if (part <= 0) return;
      done += static_cast<std::size_t>(part);
    }
  }

  const std::function<std::string()> say_;
  const int file_;
  std::atomic<bool> over_{false};
  struct sigaction before_ {};
  std::thread thread_;
};

}  // namespace jacquard
