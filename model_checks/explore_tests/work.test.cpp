// One search done in parts: by workers, in shards, in two sittings. The total is always the same.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <jacquard/model/explore/engine.hpp>
#include <jacquard/model/explore/policy.hpp>
#include <jacquard/model/explore/work.hpp>

namespace {

using namespace jacquard;
using model::certificate;
using model::explore;
using model::run_explore;
using enum std::memory_order;

// Under AddressSanitizer an execution costs some ten times as much: the programs are smaller there, of 3*10^4.
#if defined(__SANITIZE_ADDRESS__)
constexpr bool small = true;
#else
constexpr bool small = false;
#endif

struct fibonacci {
  static constexpr unsigned thread_count = 3;
  static constexpr int rounds = small ? 4 : 5;
  static constexpr std::uint64_t executions = small ? 34'205 : 525'630;
  explore::atomic<int> x{1}, y{1};
  void thread(unsigned i) {
    if (i == 2) {
      if (x.load(acquire) <= 144) (void)y.load(acquire);
      return;
    }
    for (int round = 0; round < rounds; ++round) {
      const int a = x.load(acquire);
      (i == 0 ? x : y).store(a + y.load(acquire), release);
    }
  }
};

// Eight writers of one word (seven where small) and one reader: 8! orders times 9 places to read from.
struct writers_and_a_reader {
  static constexpr unsigned thread_count = small ? 8 : 9;
  static constexpr std::uint64_t executions = small ? 40'320 : 362'880;
  explore::atomic<unsigned> x{0};
  void thread(unsigned i) {
    if (i == thread_count - 1) {
      (void)x.load(acquire);
    } else {
      x.store(i, release);
    }
  }
};

// Nine threads (eight) push a node each: 9! orders. The words hold addresses, which no two workers share.
struct pushes {
  static constexpr unsigned thread_count = small ? 8 : 9;
  static constexpr std::uint64_t executions = small ? 40'320 : 362'880;
  struct node {
    explore::cell<node*> below{nullptr};
  };
  explore::atomic<node*> top{nullptr};
  void thread(unsigned) {
    node* const mine = explore::create<node>();
    node* const below = top.exchange(mine, acq_rel);
    mine->below.with_mut([&](node*& b) { b = below; });
  }
  void after() {
    unsigned count = 0;
    for (node* n = top.load(relaxed); n != nullptr; ++count) {
      node* const below = n->below.with([](node* const& b) { return b; });
      explore::destroy(n);
      n = below;
    }
    explore::require(count == thread_count, "every node is there once");
  }
};

template <class Body>
class work : public testing::Test {
 protected:
  static void expect_whole(const certificate& c) {
    EXPECT_EQ(c.verdict, model::verdict::holds) << c.what << "\n" << c.history;
    EXPECT_EQ(c.executions, Body::executions);
    EXPECT_EQ(c.truncated, 0u);
  }
  static void expect_shards(std::uint32_t shards) {
    std::uint64_t total = 0;
    for (std::uint32_t i = 0; i < shards; ++i) {
      const certificate c = run_explore<Body>({}, {.shard = i, .shards = shards});
      EXPECT_EQ(c.verdict, model::verdict::holds) << c.what << "\n" << c.history;
      EXPECT_LT(c.executions, Body::executions) << "a shard did everything";
      total += c.executions;
    }
    EXPECT_EQ(total, Body::executions);
  }
};
using programs = testing::Types<fibonacci, writers_and_a_reader, pushes>;
TYPED_TEST_SUITE(work, programs);

TYPED_TEST(work, by_two_workers_has_the_same_total) {
  this->expect_whole(run_explore<TypeParam>({}, {.workers = 2}));
}
TYPED_TEST(work, in_two_shards_has_the_same_total) { this->expect_shards(2); }
TYPED_TEST(work, in_five_shards_has_the_same_total) { this->expect_shards(5); }

TYPED_TEST(work, that_is_resumed_from_a_checkpoint_has_the_same_total) {
  const std::string file =
      testing::TempDir() + "explore." + std::to_string(getpid()) + ".checkpoint";
  const certificate first =
      run_explore<TypeParam>({.iterations_max = TypeParam::executions / 2}, {.checkpoint = file});
  EXPECT_EQ(first.verdict, model::verdict::truncated);
  EXPECT_LT(first.executions, TypeParam::executions);
  this->expect_whole(run_explore<TypeParam>({}, {.resume = file}));
  this->expect_whole(run_explore<TypeParam>({}, {.workers = 2, .resume = file}));
  EXPECT_THROW((void)run_explore<TypeParam>({}, {.shard = 1, .shards = 2, .resume = file}),
               std::runtime_error);
  std::filesystem::remove(file);
  EXPECT_THROW((void)run_explore<TypeParam>({}, {.resume = file}), std::runtime_error);
}

TEST(work_options, out_of_range_are_refused_with_what_is_allowed) {
  EXPECT_THROW((void)run_explore<pushes>({}, {.workers = 0}), std::invalid_argument);
  EXPECT_THROW((void)run_explore<pushes>({}, {.shard = 2, .shards = 2}), std::invalid_argument);
}

// Knuth's estimate has the right mean, so the truth is rarely more than a few deviations away.
TEST(samples, estimate_the_number_of_executions) {
  const certificate c =
      run_explore<fibonacci>({.search = "sample", .iterations_max = 2'000, .seed = 7});
  EXPECT_EQ(c.verdict, model::verdict::truncated);
  double mean = 0.0, deviation = 0.0;
  ASSERT_EQ(std::sscanf(
                c.bounds.c_str(),
                "sampled 2000 random executions; estimated %lf executions, standard deviation %lf",
                &mean, &deviation),
            2)
      << c.bounds;
  EXPECT_GT(deviation, 0.0);
  EXPECT_LT(std::abs(mean - static_cast<double>(fibonacci::executions)), 5 * deviation) << c.bounds;
}

struct lonely {
  static constexpr unsigned thread_count = 1;
  explore::atomic<int> x{0};
  void thread(unsigned) { x.store(x.load(relaxed) + 1, relaxed); }
};
TEST(samples, of_a_regular_tree_are_exact) {
  const certificate c =
      run_explore<writers_and_a_reader>({.search = "sample", .iterations_max = 50});
  EXPECT_EQ(
      c.bounds,
      small ? "sampled 50 random executions; estimated 4.03e+04 executions, standard deviation 0"
            : "sampled 50 random executions; estimated 3.63e+05 executions, standard deviation 0");
}
TEST(samples, of_a_program_with_one_execution_are_exact) {
  const certificate c = run_explore<lonely>({.search = "sample", .iterations_max = 10});
  EXPECT_EQ(c.bounds, "sampled 10 random executions; estimated 1 executions, standard deviation 0");
  EXPECT_EQ(c.executions, 10u);
}

struct one_loses {
  static constexpr unsigned thread_count = 4;
  explore::atomic<int> x{0};
  void thread(unsigned) { x.store(x.load(relaxed) + 1, relaxed); }
  void after() { explore::require(x.load(relaxed) != 2, "never two"); }
};
TEST(work_failures, are_found_by_any_worker) {
  const certificate c = run_explore<one_loses>({}, {.workers = 3});
  EXPECT_EQ(c.kind, model::failure_kind::claim);
  const certificate again = run_explore<one_loses>({.schedule = c.schedule});
  EXPECT_EQ(again.kind, model::failure_kind::claim);
}
TEST(work_failures, are_found_by_samples_too) {
  const certificate c = run_explore<one_loses>({.search = "sample"});
  EXPECT_EQ(c.kind, model::failure_kind::claim);
}
TEST(work_failures, are_drawn) {
  const std::string file = testing::TempDir() + "explore." + std::to_string(getpid()) + ".html";
  const certificate c = run_explore<one_loses>({}, {.page = file});
  EXPECT_EQ(c.kind, model::failure_kind::claim);
  std::ifstream in(file);
  const std::string page{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  EXPECT_NE(page.find("never two"), std::string::npos);
  EXPECT_NE(page.find("class='rf'"), std::string::npos);
  EXPECT_NE(page.find("class='mo'"), std::string::npos);
  std::filesystem::remove(file);
}

}  // namespace
