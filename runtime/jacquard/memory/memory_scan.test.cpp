// A secret that was in a buffer, or told to an amnesic actor, is in no memory of this process once its last owner has let go; and zeroize is
// not optimized away. The scan reads everything that is mapped, so it also finds copies that nobody meant to make.
#include <gtest/gtest.h>

#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include <jacquard/actor/actor_system.hpp>
#include <jacquard/env/native_environment.hpp>
#include <jacquard/memory/buffer.hpp>
#include <jacquard/memory/zeroize.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <span>
#include <vector>

namespace jacquard {
namespace {

constexpr std::size_t secret_size = 48;

// Drawn at run time and only ever kept complemented: the secret itself is nowhere but where it was put.
class secret {
 public:
  secret() {
    std::FILE* const source = std::fopen("/dev/urandom", "rb");
    if (source == nullptr || std::fread(veiled_.data(), 1, secret_size, source) != secret_size) {
      std::abort();
    }
    std::fclose(source);
  }
  void put(std::byte* where) const {
    for (std::size_t i = 0; i < secret_size; ++i) where[i] = ~veiled_[i];
  }
  [[nodiscard]] bool is_at(const std::byte* where) const {
    for (std::size_t i = 0; i < secret_size; ++i) {
      if (where[i] != ~veiled_[i]) return false;
    }
    return true;
  }
  [[nodiscard]] std::byte first() const { return ~veiled_[0]; }

 private:
  std::array<std::byte, secret_size> veiled_;
};

std::size_t count_in(const secret& wanted, const std::byte* bytes, std::size_t size) {
  std::size_t found = 0;
  const std::byte* const end = bytes + size;
  for (const std::byte* at = bytes; end - at >= std::ptrdiff_t{secret_size}; ++at) {
    at = static_cast<const std::byte*>(
        std::memchr(at, std::to_integer<int>(wanted.first()),
                    static_cast<std::size_t>(end - at) - secret_size + 1));
    if (at == nullptr) break;
    if (wanted.is_at(at)) ++found;
  }
  return found;
}

// Where the scan reads to: a mapping of its own, between pages that nobody may touch, so that the scan can leave it
// out.
std::span<std::byte> scratch(std::size_t size) {
  constexpr std::size_t guard = std::size_t{1} << 16;
  void* const all =
      ::mmap(nullptr, size + 2 * guard, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (all == MAP_FAILED) std::abort();
  auto* const first = static_cast<std::byte*>(all) + guard;
  if (::mprotect(first, size, PROT_READ | PROT_WRITE) != 0) std::abort();
  return {first, size};
}

// How often the secret is in what this process has mapped and may read, however it came there.
std::size_t copies_in_memory(const secret& wanted) {
  constexpr std::size_t chunk = std::size_t{1} << 20;
  constexpr std::size_t largest = std::size_t{1} << 30;  // beyond are a sanitizer's shadows
  static const std::span<std::byte> seen = scratch(2 * chunk);
  std::size_t found = 0;
  std::size_t read_in_all = 0;
  const int memory = ::open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
  std::FILE* const maps = std::fopen("/proc/self/maps", "r");
  if (memory < 0 || maps == nullptr) std::abort();
  std::array<char, 512> text{};
  while (std::fgets(text.data(), text.size(), maps) != nullptr) {
    unsigned long first = 0;
    unsigned long end = 0;
    std::array<char, 5> may{};
    if (std::sscanf(text.data(), "%lx-%lx %4s", &first, &end, may.data()) != 3) continue;
    if (may[0] != 'r' || end - first > largest) continue;
    if (first == reinterpret_cast<unsigned long>(seen.data())) continue;
    for (unsigned long at = first; at < end; at += chunk) {
      const std::size_t wish = std::min<std::size_t>(chunk + secret_size - 1, end - at);
      const ssize_t got = ::pread(memory, seen.data(), wish, static_cast<off_t>(at));
      if (got <= 0) continue;  // mapped, but not memory: the kernel's clock page
      read_in_all += static_cast<std::size_t>(got);
      found += count_in(wanted, seen.data(), static_cast<std::size_t>(got));
    }
  }
  std::fclose(maps);
  ::close(memory);
  EXPECT_GT(read_in_all, std::size_t{1} << 20) << "the scan has read next to nothing";
  return found;
}

TEST(memory_scan, finds_a_secret_where_one_is) {
  const secret hidden;
  EXPECT_EQ(copies_in_memory(hidden), 0u);
  std::vector<std::byte> heap(5000);
  hidden.put(heap.data() + 1234);
  EXPECT_EQ(copies_in_memory(hidden), 1u);
  std::array<std::byte, 3 * secret_size> stack{};
  hidden.put(stack.data());
  hidden.put(stack.data() + 2 * secret_size);
  EXPECT_EQ(copies_in_memory(hidden), 3u);
  zeroize(heap.data(), heap.size());
  zeroize(stack.data(), stack.size());
  EXPECT_EQ(copies_in_memory(hidden), 0u);
}

TEST(memory_scan, finds_no_secret_after_the_last_owner_of_an_amnesic_buffer_let_go) {
  const secret hidden;
  for (const std::uint64_t keep : {std::uint64_t{1} << 20, std::uint64_t{0}}) {  // pooled; freed
    buffer_pool pool({.keep_bytes_max = keep, .amnesia = true});
    buffer draft = pool.take(100'000);
    hidden.put(draft.bytes().data());
    hidden.put(draft.bytes().data() + 99'000);
    draft.resize(10);  // also what is beyond the size that it ends with
    shared_buffer page = std::move(draft).freeze();
    shared_buffer part = page.slice(2, 5);
    page = {};
    EXPECT_EQ(copies_in_memory(hidden), 2u) << "an owner is left";
    part = {};
    EXPECT_EQ(copies_in_memory(hidden), 0u);
  }
}

TEST(memory_scan, finds_the_secret_that_a_buffer_without_amnesia_leaves_behind) {
  const secret hidden;
  buffer_pool pool;
  {
    buffer draft = pool.take(1000);
    hidden.put(draft.bytes().data());
  }
  EXPECT_EQ(copies_in_memory(hidden), 1u) << "or the test above would prove nothing";
}

// Keeps what it hears in itself, and in its state.
struct whisper {
  std::array<std::byte, secret_size> words;
};
struct forget {};
struct confidant {
  using messages = jacquard::messages<whisper, forget>;
  struct listening {
    void on(context<confidant>& here, const whisper& m) {
      ++here.actor().heard;
      words = m.words;
    }
    std::array<std::byte, secret_size> words;
  };
  using states = jacquard::states<listening>;
  void on(context<confidant>& here, const forget&) { here.stop(); }
  int heard = 0;
};

std::size_t left_by_an_actor(const secret& hidden, const spawn_options& options, bool kill) {
  native_environment world;
  actor_system system(world);
  const auto one = system.spawn<confidant>(options);
  whisper own;
  hidden.put(own.words.data());
  EXPECT_EQ(one.tell(std::move(own)), send_result::accepted);
  hidden.put(own.words.data());
  (void)one.tell(
      std::move(own));  // dropped, where there is a bound of one; refused where it has ended
  kill ? (void)one.kill() : (void)one.stop();
  EXPECT_TRUE(system.wait_until_empty(sync::deadline::never()));
  hidden.put(own.words.data());
  EXPECT_EQ(one.tell(std::move(own)), send_result::closed);
  zeroize(own.words.data(), own.words.size());
  return copies_in_memory(hidden);
}

TEST(memory_scan, finds_no_secret_that_an_amnesic_actor_was_told) {
  const secret hidden;
  for (const bool kill : {false, true}) {
    for (const overflow policy : {overflow::drop_newest, overflow::drop_oldest, overflow::reject}) {
      EXPECT_EQ(
          left_by_an_actor(hidden, {.capacity = 1, .overflow = policy, .amnesia = true}, kill), 0u)
          << to_string(policy);
    }
    EXPECT_EQ(left_by_an_actor(hidden, {.amnesia = true}, kill), 0u);
  }
}

TEST(memory_scan, finds_the_secret_that_an_actor_without_amnesia_leaves_behind) {
  const secret hidden;
  EXPECT_GT(left_by_an_actor(hidden, {}, false), 0u) << "or the test above would prove nothing";
}

// What a function leaves on its stack when it returns. The stack is ours, so that it may be read afterwards.
template <bool Zeroizes>
void* keep_a_secret_for_a_moment(void* argument) {
  std::array<std::byte, 512> local{};
  static_cast<const secret*>(argument)->put(local.data() + 100);
  asm volatile("" : : "r"(local.data()) : "memory");  // it was used
  if constexpr (Zeroizes) {
    zeroize(local.data(), local.size());
  } else {
    std::memset(local.data(), 0, local.size());  // a dead store
  }
  return nullptr;
}

std::size_t left_on_the_stack(void* (*body)(void*), const secret& hidden) {
  constexpr std::size_t size = std::size_t{1} << 20;
  void* const stack =
      ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
  if (stack == MAP_FAILED) std::abort();
  pthread_attr_t own;
  pthread_t thread{};
  if (pthread_attr_init(&own) != 0 || pthread_attr_setstack(&own, stack, size) != 0 ||
      pthread_create(&thread, &own, body, const_cast<secret*>(&hidden)) != 0) {
    std::abort();
  }
  pthread_join(thread, nullptr);
  pthread_attr_destroy(&own);
  const std::size_t left = copies_in_memory(hidden);
  ::munmap(stack, size);
  return left;
}

TEST(zeroize, is_there_although_nobody_reads_the_zeros) {
  const secret hidden;
  EXPECT_EQ(left_on_the_stack(&keep_a_secret_for_a_moment<true>, hidden), 0u);
}

#if defined(__OPTIMIZE__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
// Elsewhere dead stores are kept, and the test above shows less.
TEST(a_plain_memset, is_what_an_optimizing_compiler_leaves_out) {
  const secret hidden;
  EXPECT_EQ(left_on_the_stack(&keep_a_secret_for_a_moment<false>, hidden), 1u);
}
#endif

}  // namespace
}  // namespace jacquard
