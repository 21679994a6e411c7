// The counter, counted: each entry point of the allocator moves it by exactly one.
#include <jacquard/audit/scope.hpp>

#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <thread>

namespace jacquard::audit {
namespace {

void show(void* block) { asm volatile("" ::"r"(block) : "memory"); }

TEST(scope, is_armed_where_the_interposer_is_linked) { EXPECT_TRUE(armed()); }

TEST(scope, counts_one_new_and_its_delete) {
  const scope watch;
  int* const one = new int(7);
  show(one);
  EXPECT_EQ(watch.spent(), (tally{.allocations = 1, .frees = 0, .bytes = sizeof(int)}));
  delete one;
  EXPECT_EQ(watch.spent().frees, 1u);
}

TEST(scope, counts_an_aligned_new_once) {
  struct alignas(128) wide {
    char bytes[128];
  };
  const scope watch;
  auto one = std::make_unique<wide>();
  show(one.get());
  EXPECT_EQ(watch.spent().allocations, 1u);
  EXPECT_EQ(watch.spent().bytes, 128u);
}

TEST(scope, counts_a_realloc_as_one_allocation_and_one_free) {
  void* block = std::malloc(16);
  show(block);
  const scope watch;
  block = std::realloc(block, 1u << 20);
  show(block);
  EXPECT_EQ(watch.spent(), (tally{.allocations = 1, .frees = 1, .bytes = 1u << 20}));
  std::free(block);
}

TEST(scope, sees_only_its_own_thread_and_the_process_sees_all) {
  const tally before = process();
  const scope watch;
  std::uint64_t here = 0;
  std::thread other([&] {
    const scope inner;
    for (int i = 0; i < 10; ++i) show(std::make_unique<int>(i).get());
    here = inner.spent().allocations;
  });
  const std::uint64_t to_start_it = watch.spent().allocations;
  other.join();
  EXPECT_EQ(here, 10u);
  EXPECT_EQ(watch.spent().allocations, to_start_it);
  EXPECT_GE((process() - before).allocations, 10u + to_start_it);
}

TEST(scope, does_not_count_a_free_of_null) {
  const scope watch;
  std::free(nullptr);
  ::operator delete(nullptr);
  EXPECT_EQ(watch.spent(), tally{});
}

}  // namespace
}  // namespace jacquard::audit
