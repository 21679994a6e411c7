// Behaviour of the frame pool: blocks go round, the surplus goes back, the capacity is read strictly.
#include <gtest/gtest.h>

#include <jacquard/actor/manual_executor.hpp>
#include <jacquard/env/native_frames.hpp>
#include <jacquard/messaging/frame_pool.hpp>
#include <jacquard/messaging/join_word.hpp>
#include <jacquard/messaging/strand.hpp>

#include <cstdlib>
#include <cstring>
#include <set>
#include <thread>
#include <vector>

namespace jacquard {
namespace {

// The native policy, with the blocks that live counted.
struct counting : sync::native {
  template <class T, class... Args>
  static T* create(Args&&... args) {
    ++created;
    return native::create<T>(std::forward<Args>(args)...);
  }
  template <class T>
  static void destroy(T* object) noexcept {
    ++destroyed;
    native::destroy(object);
  }
  inline static std::atomic<unsigned> created{0};
  inline static std::atomic<unsigned> destroyed{0};
};

using depot = basic_frame_depot<64, counting, 4>;
using magazine = basic_magazine<depot, counting>;

struct frame_pool : testing::Test {
  frame_pool() {
    counting::created = 0;
    counting::destroyed = 0;
  }
};

TEST_F(frame_pool, gives_out_each_block_to_one_owner_and_reuses_it) {
  basic_frame_budget<counting> budget(100);
  depot home(budget);
  magazine mine(home);
  for (int lap = 0; lap < 10; ++lap) {
    std::set<void*> taken;
    for (int i = 0; i < 8; ++i) {
      void* const block = mine.take();
      std::memset(block, lap, 64);
      EXPECT_TRUE(taken.insert(block).second);
    }
    for (void* block : taken) mine.give(block);
  }
  EXPECT_EQ(counting::created.load(), 8u);
}

TEST_F(frame_pool, keeps_no_more_free_blocks_than_its_capacity) {
  basic_frame_budget<counting> budget(8);
  {
    depot home(budget);
    {
      magazine mine(home);
      std::vector<void*> taken;
      for (int i = 0; i < 40; ++i) taken.push_back(mine.take());
      for (void* block : taken) mine.give(block);
      EXPECT_GE(counting::destroyed.load(), 40u - 8u - 2 * depot::chain_length);
    }
    EXPECT_EQ(counting::created.load() - counting::destroyed.load(), 8u);
  }
  EXPECT_EQ(counting::created.load(), counting::destroyed.load());
}

TEST_F(frame_pool, what_one_size_keeps_another_may_not) {
  basic_frame_budget<counting> budget(4);
  depot home(budget);
  basic_frame_depot<128, counting, 4> other(budget);
  {
    magazine mine(home);
    mine.give(mine.take());
  }
  EXPECT_EQ(counting::destroyed.load(), 0u);
  {
    basic_magazine<basic_frame_depot<128, counting, 4>, counting> mine(other);
    mine.give(mine.take());
  }
  EXPECT_EQ(counting::destroyed.load(), 4u);
}

TEST_F(frame_pool, blocks_taken_here_and_given_there_come_round) {
  basic_frame_budget<counting> budget(1000);
  depot home(budget);
  magazine mine(home);
  for (int lap = 0; lap < 200; ++lap) {
    std::vector<void*> taken;
    for (int i = 0; i < 8; ++i) taken.push_back(mine.take());
    std::thread([&] {
      magazine theirs(home);
      for (void* block : taken) theirs.give(block);
    }).join();
  }
  EXPECT_LE(counting::created.load(), 24u);
}

TEST_F(frame_pool, threads_that_share_a_depot_never_share_a_block) {
  basic_frame_budget<counting> budget(16);
  {
    depot home(budget);
    std::vector<std::thread> threads;
    std::atomic<bool> shared{false};
    for (int t = 0; t < 3; ++t) {
      threads.emplace_back([&, t] {
        magazine mine(home);
        std::vector<unsigned char*> held;
        for (int i = 0; i < 20'000; ++i) {
          if (held.size() < 20 && i % 3 != 2) {
            held.push_back(static_cast<unsigned char*>(mine.take()));
            std::memset(held.back(), t, 64);
          } else if (!held.empty()) {
            for (int b = 0; b < 64; ++b) {
              if (held.back()[b] != t) shared = true;
            }
            mine.give(held.back());
            held.pop_back();
          }
        }
        for (unsigned char* block : held) mine.give(block);
      });
    }
    for (std::thread& each : threads) each.join();
    EXPECT_FALSE(shared.load());
  }
  EXPECT_EQ(counting::created.load(), counting::destroyed.load());
}

TEST(pool_capacity, is_a_number_from_one_to_a_hundred_million_and_nothing_else) {
  EXPECT_EQ(parse_pool_capacity("1"), 1u);
  EXPECT_EQ(parse_pool_capacity("10000"), 10'000u);
  EXPECT_EQ(parse_pool_capacity("100000000"), 100'000'000u);
  for (const char* wrong : {"", "0", "-1", "+5", " 5", "5 ", "1e4", "0x10", "many", "100000001",
                            "99999999999999999999"}) {
    EXPECT_EQ(parse_pool_capacity(wrong), 0u) << wrong;
  }
}

// The variable is read once, so each case has a process of its own.
void says(const char* text) {
  setenv("JACQUARD_POOL_CAPACITY", text, 1);
  std::fprintf(stderr, "capacity %llu\n", static_cast<unsigned long long>(pool_capacity()));
  std::exit(0);
}

TEST(pool_capacity_death, comes_from_the_environment) {
  EXPECT_EXIT(says("77"), testing::ExitedWithCode(0), "^capacity 77\n$");
}
TEST(pool_capacity_death, warns_in_one_line_and_takes_the_default) {
  EXPECT_EXIT(says("0"), testing::ExitedWithCode(0),
              "^jacquard: JACQUARD_POOL_CAPACITY=0: must be in \\[1, 100000000\\]; using 10000\n"
              "capacity 10000\n$");
  EXPECT_EXIT(says("lots"), testing::ExitedWithCode(0),
              "^jacquard: JACQUARD_POOL_CAPACITY=lots: must be in .*\ncapacity 10000\n$");
}

TEST(native_frames, serves_every_size) {
  for (std::size_t size = 1; size <= 1100; size += 7) {
    void* const frame = native_frames::take(size);
    std::memset(frame, 1, size);
    native_frames::give(frame, size);
    void* const again = native_frames::take(size);
    if (size <= native_frames::pooled_max) {
      EXPECT_EQ(again, frame) << "the warm one first";
    }
    native_frames::give(again, size);
  }
}

struct waiter {
  std::uint64_t told = 0;
};

// Joiner and strand race over one frame; whoever must end it does, with what the other wrote in sight.
TEST(join_word, the_two_agree_who_ends_the_frame) {
  using word = basic_join_word<waiter>;
  for (int lap = 0; lap < 6000; ++lap) {
    word both;
    waiter mine;
    int frame = 0;   // written by each side before it lets go, read by who ends it
    int result = 0;  // written by the strand
    std::atomic<int> ended{0};
    std::thread strand([&] {
      for (int spin = 0; spin < lap % 16; ++spin) sync::native::spin_hint();
      result = 5;
      switch (both.finish()) {
        case word::meeting::kept:
          break;
        case word::meeting::abandoned:
          EXPECT_EQ(frame, 1);
          ended.fetch_add(1);
          break;
        case word::meeting::waited:
          both.waiting()->told += 1;
          break;
      }
    });
    frame = 1;
    bool waits = false;
    if (lap % 2 == 0) {
      waits = both.wait(mine);
      if (!waits) {
        EXPECT_EQ(result, 5);
        ended.fetch_add(1);
      }
    } else if (!both.abandon()) {
      EXPECT_EQ(result, 5);
      ended.fetch_add(1);
    }
    strand.join();
    EXPECT_EQ(mine.told, waits ? 1u : 0u);
    EXPECT_EQ(ended.load(), waits ? 0 : 1);
  }
}

}  // namespace
}  // namespace jacquard
