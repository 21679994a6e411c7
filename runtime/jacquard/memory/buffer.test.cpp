#include <gtest/gtest.h>

#include <jacquard/memory/buffer.hpp>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <set>
#include <thread>
#include <type_traits>
#include <vector>

namespace jacquard {
namespace {

void fill(std::span<std::byte> bytes, int seed) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<std::byte>(static_cast<unsigned>(seed) + i * 7);
  }
}
bool is_filled(std::span<const std::byte> bytes, int seed, std::size_t first = 0) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (bytes[i] != static_cast<std::byte>(static_cast<unsigned>(seed) + (first + i) * 7))
      return false;
  }
  return true;
}
bool is_zero(std::span<const std::byte> bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::byte b) { return b == std::byte{0}; });
}

TEST(a_buffer, has_the_size_that_was_asked_for_and_room_to_the_next_power_of_two) {
  buffer_pool pool;
  for (const std::size_t size :
       {0ul, 1ul, 255ul, 256ul, 257ul, 4096ul, 5000ul, 65537ul, 1ul << 20}) {
    buffer fresh = pool.take(size);
    ASSERT_TRUE(fresh.valid());
    EXPECT_EQ(fresh.size(), size);
    EXPECT_EQ(fresh.bytes().size(), size);
    EXPECT_GE(fresh.capacity(), size);
    EXPECT_LE(fresh.capacity(), std::max<std::size_t>(256, 2 * size));
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(fresh.bytes().data()) % 64, 0u);
    fill(fresh.bytes(), 3);
    EXPECT_TRUE(is_filled(fresh.bytes(), 3));
  }
}

TEST(a_buffer, of_more_than_a_mebibyte_is_refused) {
  buffer_pool pool;
  EXPECT_FALSE(pool.take((std::size_t{1} << 20) + 1).valid());
  EXPECT_FALSE(pool.take(~std::size_t{0}).valid());
  EXPECT_EQ(pool.counters().made, 0u);
}

TEST(a_buffer, moves_and_does_not_copy) {
  static_assert(!std::is_copy_constructible_v<buffer> && !std::is_copy_assignable_v<buffer>);
  static_assert(!std::is_copy_constructible_v<shared_buffer> &&
                !std::is_copy_assignable_v<shared_buffer>);
  static_assert(std::is_nothrow_move_constructible_v<buffer> &&
                std::is_nothrow_move_constructible_v<shared_buffer>);
  buffer_pool pool;
  buffer first = pool.take(10);
  fill(first.bytes(), 1);
  buffer second = std::move(first);
  EXPECT_FALSE(first.valid());
  EXPECT_EQ(first.size(), 0u);
  EXPECT_TRUE(is_filled(second.bytes(), 1));
  second = pool.take(20);  // what it had goes back
  EXPECT_EQ(second.size(), 20u);
  EXPECT_EQ(pool.counters().made, 2u);
  EXPECT_EQ(pool.counters().kept_bytes, 256u);
}

TEST(a_shared_buffer, shows_the_same_bytes_to_every_owner_and_lets_nobody_write_them) {
  static_assert(
      std::is_same_v<decltype(std::declval<shared_buffer&>().bytes()), std::span<const std::byte>>);
  buffer_pool pool;
  buffer draft = pool.take(1000);
  fill(draft.bytes(), 5);
  const std::byte* const where = draft.bytes().data();
  shared_buffer one = std::move(draft).freeze();
  EXPECT_FALSE(draft.valid());
  shared_buffer two = one.share();
  EXPECT_EQ(one.bytes().data(), where);
  EXPECT_EQ(two.bytes().data(), where);
  one = {};
  EXPECT_TRUE(is_filled(two.bytes(), 5));
  EXPECT_EQ(pool.counters().kept_bytes, 0u) << "somebody still reads it";
  two = {};
  EXPECT_EQ(pool.counters().kept_bytes, 1024u);
}

TEST(a_slice, keeps_the_whole_alive_and_can_be_sliced_again) {
  buffer_pool pool;
  buffer draft = pool.take(1000);
  fill(draft.bytes(), 9);
  shared_buffer middle;
  {
    const shared_buffer whole = std::move(draft).freeze();
    middle = whole.slice(100, 800);
    EXPECT_EQ(whole.slice(1000, 0).size(), 0u);
  }
  EXPECT_TRUE(is_filled(middle.bytes(), 9, 100));
  const shared_buffer part = middle.slice(10, 20);
  EXPECT_TRUE(is_filled(part.bytes(), 9, 110));
  EXPECT_EQ(part.size(), 20u);
}

TEST(a_shared_buffer, is_written_again_only_by_the_last_owner) {
  buffer_pool pool;
  buffer draft = pool.take(300);
  fill(draft.bytes(), 2);
  shared_buffer one = std::move(draft).freeze();
  shared_buffer part = one.slice(50, 10);
  EXPECT_FALSE(std::move(one).thaw().valid());
  EXPECT_TRUE(one.valid()) << "nothing has changed";
  one = {};
  buffer again = std::move(part).thaw();
  ASSERT_TRUE(again.valid());
  EXPECT_FALSE(part.valid());
  EXPECT_EQ(again.size(), 300u) << "all that was frozen";
  EXPECT_TRUE(is_filled(again.bytes(), 2));
  again.bytes()[0] = std::byte{77};
}

TEST(a_pool, uses_memory_again_and_asks_the_system_no_more) {
  buffer_pool pool;
  std::set<const std::byte*> seen;
  for (int round = 0; round < 1000; ++round) {
    buffer one = pool.take(5000);
    shared_buffer two = pool.take(5000).freeze();
    const shared_buffer three = two.share();
    seen.insert(one.bytes().data());
    seen.insert(two.bytes().data());
  }
  EXPECT_EQ(seen.size(), 2u);
  EXPECT_EQ(pool.counters().made, 2u);
  EXPECT_EQ(pool.counters().given_up, 0u);
}

TEST(a_pool, keeps_no_more_free_memory_than_it_may) {
  buffer_pool pool({.keep_bytes_max = 3 * 4096});
  {
    std::vector<buffer> many;
    for (int i = 0; i < 10; ++i) many.push_back(pool.take(4096));
    EXPECT_EQ(pool.counters().kept_bytes, 0u);
  }
  EXPECT_EQ(pool.counters().kept_bytes, 3u * 4096);
  EXPECT_EQ(pool.counters().given_up, 7u);
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(pool.take(4096).valid());
  EXPECT_EQ(pool.counters().made, 10u) << "one at a time, the kept ones are enough";
}

TEST(a_pool, copies_bytes) {
  buffer_pool pool;
  std::vector<std::byte> source(700);
  fill(source, 8);
  EXPECT_TRUE(is_filled(pool.copy(source).bytes(), 8));
  EXPECT_EQ(pool.copy({}).size(), 0u);
}

TEST(a_buffer, is_resized_in_place) {
  buffer_pool pool;
  buffer draft = pool.take(10);
  fill(draft.bytes(), 1);
  const std::byte* const where = draft.bytes().data();
  draft.resize(200);
  EXPECT_EQ(draft.bytes().data(), where);
  EXPECT_TRUE(is_filled(draft.bytes().first(10), 1));
  draft.resize(0);
  EXPECT_EQ(draft.size(), 0u);
}

TEST(a_buffer_death, says_what_was_wrong) {
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  buffer_pool pool;
  buffer draft = pool.take(10);
  EXPECT_DEATH(draft.resize(257), "within its capacity");
  const shared_buffer page = std::move(draft).freeze();
  EXPECT_DEATH((void)page.slice(11, 0), "a slice lies within its buffer");
  EXPECT_DEATH((void)page.slice(5, 6), "a slice lies within its buffer");
  EXPECT_DEATH((void)page.slice(1, ~std::size_t{0}), "a slice lies within its buffer");
  EXPECT_DEATH(
      {
        buffer late;
        buffer_pool early;
        late = early.take(1);
      },
      "a pool outlives its buffers");
}

TEST(amnesia, leaves_zeros_in_all_that_an_owner_could_write) {
  buffer_pool pool({.amnesia = true});
  const std::byte* where = nullptr;
  {
    buffer draft = pool.take(100);
    where = draft.bytes().data();
    draft.resize(4000 < draft.capacity() ? 4000 : draft.capacity());
    fill(draft.bytes(), 1);
    draft.resize(1);  // what was touched is remembered
    const shared_buffer page = std::move(draft).freeze();
    const shared_buffer other = page.share();
  }
  buffer next = pool.take(256);
  ASSERT_EQ(next.bytes().data(), where);
  EXPECT_TRUE(is_zero(next.bytes()));
}

TEST(without_amnesia, the_next_owner_finds_what_the_last_one_left) {
  buffer_pool pool;
  const std::byte* const where = [&] {
    buffer draft = pool.take(100);
    fill(draft.bytes(), 6);
    return static_cast<const std::byte*>(draft.bytes().data());
  }();
  const buffer next = pool.take(100);
  ASSERT_EQ(next.bytes().data(), where);
  EXPECT_TRUE(is_filled(next.bytes(), 6)) << "zeros cost time that nobody asked for";
}

TEST(a_pool, takes_buffers_back_from_any_thread) {
  buffer_pool pool({.amnesia = true});
  constexpr int rounds = 1500;
  struct letter {
    shared_buffer whole;
    int seed = 0;
  };
  // Two readers and the writer are owners of each buffer; whoever is last gives it back.
  std::vector<std::atomic<letter*>> mail(2);
  std::vector<std::thread> readers;
  std::atomic<int> wrong{0};
  for (auto& box : mail) {
    readers.emplace_back([&box, &wrong] {
      for (int i = 0; i < rounds;) {
        letter* const got = box.exchange(nullptr, std::memory_order::acquire);
        if (got == nullptr) {
          std::this_thread::yield();
          continue;
        }
        if (!is_filled(got->whole.bytes(), got->seed)) ++wrong;
        if (i % 3 == 0) {
          if (buffer mine = std::move(got->whole).thaw(); mine.valid()) fill(mine.bytes(), i);
        }
        delete got;
        ++i;
      }
    });
  }
  for (int i = 0; i < rounds; ++i) {
    buffer draft = pool.take(300 + static_cast<std::size_t>(i % 5) * 300);
    if (!is_zero(draft.bytes())) ++wrong;
    fill(draft.bytes(), i);
    const shared_buffer page = std::move(draft).freeze();
    for (auto& box : mail) {
      auto* const sent = new letter{page.share(), i};
      for (letter* expected = nullptr; !box.compare_exchange_weak(
               expected, sent, std::memory_order::release, std::memory_order::relaxed);
           expected = nullptr) {
        std::this_thread::yield();
      }
    }
  }
  for (std::thread& each : readers) each.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_LE(pool.counters().made, 16u) << "memory goes round";
}

}  // namespace
}  // namespace jacquard
