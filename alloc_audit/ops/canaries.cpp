// ops/canaries.cpp: operations whose cost is known. The audit must see each of them on every run, or it
// says so and leaves with 3.
//
// With JACQUARD_AUDIT_DISARMED they do nothing: the program that a test uses to see the audit notice.
#include <csignal>
#include <cstdlib>
#include <utility>

#include "ops/op.hpp"

namespace jacquard::audit {
namespace {

#ifdef JACQUARD_AUDIT_DISARMED
constexpr bool armed_canaries = false;
#else
constexpr bool armed_canaries = true;
#endif

// The compiler may merge or drop a new and its delete; it may not do so with a block it must show.
void show(void* block) noexcept { asm volatile("" ::"r"(block) : "memory"); }

__attribute__((noinline)) void allocate_and_free() {
  if (!armed_canaries) return;
  int* const block = new int(7);
  show(block);
  delete block;
}

template <class Body>
std::uint64_t times(std::uint64_t n, Body&& body) {
  std::uint64_t done = 0;
  for (; done < n; ++done) body(done);
  return done;
}

std::uint64_t one(std::uint64_t n) {
  return times(n, [](std::uint64_t) { allocate_and_free(); });
}

std::uint64_t three(std::uint64_t n) {
  return times(n, [](std::uint64_t) {
    for (int i = 0; i < 3; ++i) allocate_and_free();
  });
}

std::uint64_t leak(std::uint64_t n) {
  return times(n, [](std::uint64_t) {
    if (armed_canaries) show(std::malloc(24));
  });
}

// Frees everything, but only at the end: no leak, and yet memory grows with the work.
std::uint64_t hoard(std::uint64_t n) {
  struct link {
    link* next;
  };
  link* kept = nullptr;
  const std::uint64_t done = times(n, [&](std::uint64_t) {
    if (armed_canaries) kept = new link{kept};
  });
  while (kept != nullptr) delete std::exchange(kept, kept->next);
  return done;
}

// Costs nothing at first: a slope between N and 2N alone would miss it.
std::uint64_t late(std::uint64_t n) {
  return times(n, [](std::uint64_t i) {
    if (i >= 10'000) allocate_and_free();
  });
}

// Dies after its work, as code for another processor does under Valgrind: DHAT still writes a
// well-formed profile.
std::uint64_t crash(std::uint64_t n) {
  const std::uint64_t done = times(n, [](std::uint64_t) {});
  if (armed_canaries) std::raise(SIGILL);
  return done;
}

// Leaves with 0 and says nothing.
std::uint64_t silent(std::uint64_t n) {
  const std::uint64_t done = times(n, [](std::uint64_t) {});
  if (armed_canaries) std::_Exit(0);
  return done;
}

const registered all[] = {
    {"canary.crash", crash}, {"canary.hoard", hoard}, {"canary.late", late},
    {"canary.leak", leak},   {"canary.one", one},     {"canary.silent", silent},
    {"canary.three", three},
};

}  // namespace
}  // namespace jacquard::audit
