#include <gtest/gtest.h>

#include <jacquard/memory/slab.hpp>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace jacquard {
namespace {

TEST(a_magazine, gives_out_each_block_once_and_aligned) {
  basic_depot<64> home;
  basic_magazine<basic_depot<64>> mine(home);
  std::set<void*> taken;
  for (int i = 0; i < 2000; ++i) {
    void* const block = mine.take();
    ASSERT_NE(block, nullptr);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(block) % 16, 0u);
    std::memset(block, i, 64);
    EXPECT_TRUE(taken.insert(block).second);
  }
  for (void* const block : taken) mine.give(block);
}

// Blocks that are given back by other threads than took them get mixed: two in one line are written by two threads.
TEST(a_magazine, gives_out_blocks_of_whole_lines_that_share_none) {
  basic_depot<64> home;
  basic_magazine<basic_depot<64>> mine(home);
  std::vector<void*> taken;
  for (int i = 0; i < 2000; ++i) {
    taken.push_back(mine.take());
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(taken.back()) % 64, 0u);
  }
  for (void* const block : taken) mine.give(block);
}

TEST(a_magazine, uses_the_block_again_that_came_back_last) {
  basic_depot<32> home;
  basic_magazine<basic_depot<32>> mine(home);
  void* const first = mine.take();
  mine.give(first);
  EXPECT_EQ(mine.take(), first);
  mine.give(first);
}

TEST(magazines, hand_blocks_to_each_other_by_the_chain) {
  using depot = basic_depot<32>;
  depot home;
  basic_magazine<depot> one(home);
  basic_magazine<depot> two(home);
  std::set<void*> seen;
  // What one takes, two returns: without a way home, every round would need fresh memory.
  for (int round = 0; round < 100; ++round) {
    std::vector<void*> blocks;
    for (int i = 0; i < 64; ++i) blocks.push_back(one.take());
    seen.insert(blocks.begin(), blocks.end());
    for (void* const block : blocks) two.give(block);
  }
  EXPECT_LE(seen.size(), 256u) << "one slab is enough for ever";
}

TEST(slab_of, serves_threads_that_return_each_others_blocks) {
  struct tag;
  using slab = slab_of<64, tag>;
  std::atomic<void*> mail{nullptr};
  std::thread receiver([&] {
    for (int i = 0; i < 5000;) {
      if (void* const block = mail.exchange(nullptr, std::memory_order::acquire)) {
        EXPECT_EQ(static_cast<unsigned char*>(block)[63], static_cast<unsigned char>(i));
        slab::give(block);
        ++i;
      } else {
        std::this_thread::yield();
      }
    }
  });
  for (int i = 0; i < 5000; ++i) {
    void* const block = slab::take();
    std::memset(block, i, 64);
    while (mail.load(std::memory_order::relaxed) != nullptr) std::this_thread::yield();
    mail.store(block, std::memory_order::release);
  }
  receiver.join();
}

TEST(slab_of, serves_objects_that_end_after_the_magazine_of_their_thread) {
  struct tag;
  using slab = slab_of<32, tag>;
  static void* last = nullptr;
  struct last_words {
    ~last_words() {
      (void)slab::take();  // kept from everybody, like the one after it
      last = slab::take();
    }
    void* first = nullptr;
  };
  std::thread([] {
    thread_local last_words later;  // made before the magazine, so it ends after it
    later.first = slab::take();
  }).join();
  ASSERT_NE(last, nullptr);
  for (int i = 0; i < 300; ++i) ASSERT_NE(slab::take(), last) << "a block has two owners";
}

TEST(a_thread_end, runs_what_was_added_last_first_and_then_takes_nothing_more) {
  static std::string said;
  static bool taken = true;
  struct last_words {
    ~last_words() {
      static constinit thread_local thread_end::duty late{.run = [] { said += "late"; }};
      taken = thread_end::add(late);
    }
    bool made = false;
  };
  static constinit thread_local thread_end::duty first{.run = [] { said += "first."; }};
  static constinit thread_local thread_end::duty second{.run = [] { said += "second."; }};
  std::thread([] {
    thread_local last_words later;  // made before the thread's end is, so it ends after it
    later.made = true;
    EXPECT_TRUE(thread_end::add(first));
    EXPECT_TRUE(thread_end::add(second));
  }).join();
  EXPECT_EQ(said, "second.first.");
  EXPECT_FALSE(taken);
}

}  // namespace
}  // namespace jacquard
