// Finds a failure and replays it, for a debugger to stop in the replay: `explore_gdb_target claim|trap|deadlock`.
#include <cstdio>
#include <cstring>

#include <jacquard/model/explore/engine.hpp>
#include <jacquard/model/explore/policy.hpp>

namespace {

using jacquard::model::certificate;
using jacquard::model::explore;
using enum std::memory_order;

struct late_reader {
  static constexpr unsigned thread_count = 2;
  explore::atomic<int> x{0};
  [[gnu::noinline]] void the_step_that_fails(int seen) {
    explore::require(seen != 2, "two is never seen");
  }
  void thread(unsigned i) {
    if (i == 0) {
      x.store(1, release);
      x.store(2, release);
    } else {
      the_step_that_fails(x.load(acquire));
      the_step_that_fails(x.load(acquire));
    }
  }
};

struct opposite_locks {
  static constexpr unsigned thread_count = 2;
  explore::mutex a, b;
  [[gnu::noinline]] void one_way() {
    a.lock();
    b.lock();
    b.unlock();
    a.unlock();
  }
  [[gnu::noinline]] void other_way() {
    b.lock();
    a.lock();
    a.unlock();
    b.unlock();
  }
  void thread(unsigned i) { i == 0 ? one_way() : other_way(); }
};

template <class Body>
void find_and_replay(bool trap) {
  const certificate found = jacquard::model::run_explore<Body>({});
  std::printf("found: %s\n", found.what.c_str());
  std::fflush(stdout);
  (void)jacquard::model::run_explore<Body>({.schedule = found.schedule, .trap = trap});
}

}  // namespace

int main(int argc, char** argv) {
  const char* const what = argc == 2 ? argv[1] : "";
  if (std::strcmp(what, "deadlock") == 0) {
    find_and_replay<opposite_locks>(false);
  } else if (std::strcmp(what, "claim") == 0 || std::strcmp(what, "trap") == 0) {
    find_and_replay<late_reader>(std::strcmp(what, "trap") == 0);
  } else {
    std::fprintf(stderr, "explore_gdb_target: '%s' is none of claim, trap, deadlock\n", what);
    return 2;
  }
  return 0;
}
