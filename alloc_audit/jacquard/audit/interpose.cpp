// jacquard/audit/interpose.cpp: the malloc family and the operators new and delete, counted.
//
// Shape       Every entry point ends in glibc's own __libc_* function, after one thread-local count. The
//             operators do not go through our malloc, so nothing is counted twice.
// Progress    as glibc's allocator; the count itself is wait-free.
// Checked by  scope.test.cpp, and the canaries of `jacquard audit`
//
// The process-wide count is kept beside the thread's own one, relaxed: it is a statistic, read when the
// threads that allocate have been joined, and the join orders it.
#include <jacquard/audit/scope.hpp>

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <new>

extern "C" {
// glibc's allocator under the names it keeps for exactly this purpose.
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);
void __libc_free(void*);
}

namespace jacquard::audit {
namespace {

// initial-exec: the first access from a new thread must not itself allocate.
#define JACQUARD_AUDIT_TLS thread_local __attribute__((tls_model("initial-exec")))
JACQUARD_AUDIT_TLS std::uint64_t thread_allocations = 0;
JACQUARD_AUDIT_TLS std::uint64_t thread_frees = 0;
JACQUARD_AUDIT_TLS std::uint64_t thread_bytes = 0;
#undef JACQUARD_AUDIT_TLS

std::atomic<std::uint64_t> all_allocations{0};
std::atomic<std::uint64_t> all_frees{0};
std::atomic<std::uint64_t> all_bytes{0};

void* counted(void* block, std::size_t bytes) noexcept {
  if (block == nullptr) return nullptr;
  ++thread_allocations;
  thread_bytes += bytes;
  all_allocations.fetch_add(1, std::memory_order::relaxed);  // a statistic
  all_bytes.fetch_add(bytes, std::memory_order::relaxed);    // a statistic
  return block;
}

void count_free(const void* block) noexcept {
  if (block == nullptr) return;
  ++thread_frees;
  all_frees.fetch_add(1, std::memory_order::relaxed);  // a statistic
}

void* plain(std::size_t bytes) noexcept { return counted(__libc_malloc(bytes), bytes); }

void* aligned(std::size_t alignment, std::size_t bytes) noexcept {
  return counted(__libc_memalign(alignment, bytes), bytes);
}

void release(void* block) noexcept {
  count_free(block);
  __libc_free(block);
}

// operator new asks the new-handler until it helps or there is none. A program that is audited has
// none, so the first refusal is final.
void* must(void* block) {
  if (block == nullptr) throw std::bad_alloc();
  return block;
}

std::size_t at_least_one(std::size_t bytes) noexcept { return bytes == 0 ? 1 : bytes; }

// Keeps the compiler from pairing an allocation with its free and dropping both.
void* seen(void* block) noexcept {
  asm volatile("" : "+r"(block)::"memory");
  return block;
}

}  // namespace

tally this_thread() noexcept {
  return {.allocations = thread_allocations, .frees = thread_frees, .bytes = thread_bytes};
}

tally process() noexcept {
  return {.allocations = all_allocations.load(std::memory_order::relaxed),  // a statistic
          .frees = all_frees.load(std::memory_order::relaxed),              // a statistic
          .bytes = all_bytes.load(std::memory_order::relaxed)};             // a statistic
}

bool armed() noexcept {
  bool every = true;
  const auto moves_by_one = [&every](auto&& allocate, auto&& free) {
    const scope watch;
    void* const block = seen(allocate());
    const bool one = watch.spent() == tally{.allocations = 1, .frees = 0, .bytes = 64};
    free(block);
    every = every && block != nullptr && one && watch.spent().frees == 1;
  };
  const auto with_free = [](void* block) { std::free(block); };
  moves_by_one([] { return std::malloc(64); }, with_free);
  moves_by_one([] { return std::calloc(8, 8); }, with_free);
  moves_by_one([] { return std::realloc(nullptr, 64); }, with_free);
  moves_by_one([] { return std::aligned_alloc(64, 64); }, with_free);
  moves_by_one(
      [] {
        void* block = nullptr;
        return ::posix_memalign(&block, 64, 64) == 0 ? block : nullptr;
      },
      with_free);
  moves_by_one([] { return ::operator new(64, std::nothrow); },
               [](void* block) { ::operator delete(block); });
  moves_by_one([] { return ::operator new[](64, std::nothrow); },
               [](void* block) { ::operator delete[](block); });
  return every;
}

}  // namespace jacquard::audit

namespace audit = jacquard::audit;

extern "C" {

__attribute__((visibility("default"))) void* malloc(std::size_t bytes) noexcept {
  return audit::plain(bytes);
}

__attribute__((visibility("default"))) void free(void* block) noexcept { audit::release(block); }

__attribute__((visibility("default"))) void* calloc(std::size_t count, std::size_t each) noexcept {
  return audit::counted(__libc_calloc(count, each), count * each);
}

__attribute__((visibility("default"))) void* realloc(void* block, std::size_t bytes) noexcept {
  void* const moved = __libc_realloc(block, bytes);
  if (moved != nullptr || bytes == 0) audit::count_free(block);
  return audit::counted(moved, bytes);
}

__attribute__((visibility("default"))) void* reallocarray(void* block, std::size_t count,
                                                          std::size_t each) noexcept {
  std::size_t bytes = 0;
  if (__builtin_mul_overflow(count, each, &bytes)) {
    errno = ENOMEM;
    return nullptr;
  }
  return realloc(block, bytes);
}

__attribute__((visibility("default"))) void* memalign(std::size_t alignment,
                                                      std::size_t bytes) noexcept {
  return audit::aligned(alignment, bytes);
}

__attribute__((visibility("default"))) void* aligned_alloc(std::size_t alignment,
                                                           std::size_t bytes) noexcept {
  return audit::aligned(alignment, bytes);
}

__attribute__((visibility("default"))) int posix_memalign(void** block, std::size_t alignment,
                                                          std::size_t bytes) noexcept {
  if (alignment % sizeof(void*) != 0 || (alignment & (alignment - 1)) != 0 || alignment == 0) {
    return EINVAL;
  }
  void* const fresh = audit::aligned(alignment, bytes);
  if (fresh == nullptr) return ENOMEM;
  *block = fresh;
  return 0;
}

__attribute__((visibility("default"))) void* valloc(std::size_t bytes) noexcept {
  return audit::aligned(4096, bytes);
}

__attribute__((visibility("default"))) void* pvalloc(std::size_t bytes) noexcept {
  return audit::aligned(4096, (bytes + 4095) / 4096 * 4096);
}

}  // extern "C"

void* operator new(std::size_t bytes) {
  return audit::must(audit::plain(audit::at_least_one(bytes)));
}
void* operator new[](std::size_t bytes) {
  return audit::must(audit::plain(audit::at_least_one(bytes)));
}
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
  return audit::plain(audit::at_least_one(bytes));
}
void* operator new[](std::size_t bytes, const std::nothrow_t&) noexcept {
  return audit::plain(audit::at_least_one(bytes));
}
void* operator new(std::size_t bytes, std::align_val_t to) {
  return audit::must(audit::aligned(static_cast<std::size_t>(to), audit::at_least_one(bytes)));
}
void* operator new[](std::size_t bytes, std::align_val_t to) {
  return audit::must(audit::aligned(static_cast<std::size_t>(to), audit::at_least_one(bytes)));
}
void* operator new(std::size_t bytes, std::align_val_t to, const std::nothrow_t&) noexcept {
  return audit::aligned(static_cast<std::size_t>(to), audit::at_least_one(bytes));
}
void* operator new[](std::size_t bytes, std::align_val_t to, const std::nothrow_t&) noexcept {
  return audit::aligned(static_cast<std::size_t>(to), audit::at_least_one(bytes));
}

void operator delete(void* block) noexcept { audit::release(block); }
void operator delete[](void* block) noexcept { audit::release(block); }
void operator delete(void* block, std::size_t) noexcept { audit::release(block); }
void operator delete[](void* block, std::size_t) noexcept { audit::release(block); }
void operator delete(void* block, const std::nothrow_t&) noexcept { audit::release(block); }
void operator delete[](void* block, const std::nothrow_t&) noexcept { audit::release(block); }
void operator delete(void* block, std::align_val_t) noexcept { audit::release(block); }
void operator delete[](void* block, std::align_val_t) noexcept { audit::release(block); }
void operator delete(void* block, std::size_t, std::align_val_t) noexcept { audit::release(block); }
void operator delete[](void* block, std::size_t, std::align_val_t) noexcept {
  audit::release(block);
}
void operator delete(void* block, std::align_val_t, const std::nothrow_t&) noexcept {
  audit::release(block);
}
void operator delete[](void* block, std::align_val_t, const std::nothrow_t&) noexcept {
  audit::release(block);
}
