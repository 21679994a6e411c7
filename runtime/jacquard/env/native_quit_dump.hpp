// jacquard/env/native_quit_dump.hpp: on SIGQUIT (Ctrl-\) a program writes what it is doing, and goes on.
//
//   native_quit_dump on_quit([&] { return describe(report_actors(system), strands.list()); });
//
// Shape       the handler counts the signal and posts a semaphore, and nothing else; a thread of its own waits for it,
//             calls `say` and writes the text to a file. So `say` may take locks and memory, as a handler may not.
// Invariants  I1  Without an object of this class there is no handler, no thread and no semaphore. One whose
//                 constructor throws, because no thread can be had, leaves nothing behind.
//             I2  Every signal that comes while it lives is followed by a dump of its own that begins after it; its end
//                 waits for those that are still to be written.
//             I3  At its end the handler that was there before is back.
//             I4  A dump is written whole, unless the file refuses it: a signal does not cut it off, and a file that is
//                 full for the moment is waited for.
// Ordering    E1  came -> serve   the count, beside the semaphore.
// Progress    the signal's thread goes on at once. The object's end waits for the dumps, and so for whoever reads the file.
// Allocation  a thread; what `say` takes.
// Bounds      one at a time in a process: a second one stops the program.
// Checked by  native_quit_dump.test.cpp (I1-I4, E1)
#pragma once

#include <poll.h>
#include <semaphore.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
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
  /// that can be written to. Throws std::system_error where no thread can be had.
  explicit native_quit_dump(std::function<std::string()> say, int file = STDERR_FILENO)
      : say_(std::move(say)), file_(file) {
    sync::native::require(!taken().exchange(true), "one native_quit_dump at a time");
    while (sem_trywait(&signals()) == 0) {  // what came too late for the one before
    }
    said_ = count().load(std::memory_order::relaxed);  // likewise
    try {
      thread_ = std::thread([this] { serve(); });
    } catch (...) {
      taken().store(false);
      throw;
    }
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
  // How many signals came, to any of them.
  static std::atomic<std::uint64_t>& count() noexcept {
    static_assert(std::atomic<std::uint64_t>::is_always_lock_free, "a handler takes no lock");
    constinit static std::atomic<std::uint64_t> all{0};
    return all;
  }
  // What a handler may do. The semaphore was made before the handler was set.
  static void came(int) noexcept {
    const int before = errno;
    count().fetch_add(1, std::memory_order::release);  // E1 release
    (void)sem_post(&signals());
    errno = before;
  }

  void serve() noexcept {
    for (bool over = false; !over;) {
      while (sem_wait(&signals()) != 0) {
      }
      over = over_.load();  // before the count: what came until then is still said
      while (said_ != count().load(std::memory_order::acquire)) {  // E1 acquire
        ++said_;
        try {
          write_all(say_());
        } catch (...) {
          write_all("jacquard: the dump failed\n");
        }
      }
    }
  }
  void write_all(std::string_view text) noexcept {
    for (std::size_t done = 0; done < text.size();) {
      const ssize_t part = ::write(file_, text.data() + done, text.size() - done);
      if (part > 0) {
        done += static_cast<std::size_t>(part);
      } else if (part == 0 || !may_go_on(errno)) {
        return;
      }
    }
  }
  // After a write that failed: true where another one is worth it.
  [[nodiscard]] bool may_go_on(int error) const noexcept {
    if (error == EINTR) return true;
    if (error != EAGAIN && error != EWOULDBLOCK) return false;
    pollfd full{.fd = file_, .events = POLLOUT, .revents = 0};
    return ::poll(&full, 1, -1) >= 0 || errno == EINTR;
  }

  const std::function<std::string()> say_;
  const int file_;
  std::atomic<bool> over_{false};
  std::uint64_t said_ = 0;  // the thread's, once there is one: signals that a dump has begun for
  struct sigaction before_ {};
  std::thread thread_;
};

}  // namespace jacquard
