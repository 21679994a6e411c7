// The alarm of mailboxes and channels, each claim on its own. Random histories are property_tests' job, interleavings
// model_checks', actors' alarms actor_high_water.test.cpp's.
#include <gtest/gtest.h>

#include <jacquard/actor/manual_executor.hpp>
#include <jacquard/mailbox/linked_mailbox.hpp>
#include <jacquard/mailbox/locked_mailbox.hpp>
#include <jacquard/mailbox/ring_mailbox.hpp>
#include <jacquard/messaging/channel.hpp>
#include <jacquard/messaging/strand.hpp>

#include <atomic>
#include <cstdint>
#include <thread>
#include <utility>
#include <vector>

namespace jacquard {
namespace {

// What the hook was told.
struct watchman {
  static void count(void* who) noexcept { ++static_cast<watchman*>(who)->calls; }
  high_water_hook hook() { return {.call = &count, .who = this}; }
  std::atomic<std::uint64_t> calls{0};
};

// Both as one: what is sent, taken and counted.
template <class Box>
struct post {
  explicit post(const typename Box::options_type& options) : box(options) {}
  bool send(int n) { return box.send(std::move(n)) == send_result::accepted; }
  std::vector<int> take(std::uint32_t count) {
    std::vector<int> got;
    if (count != 0) (void)box.receive(count, [&](int&& n) { got.push_back(n); });
    return got;
  }
  std::uint64_t alarms() const { return box.counters().high_water_alarms; }
  Box box;
};
template <>
struct post<channel<int>> {
  explicit post(const channel_options& options) : box(options) {}
  bool send(int n) { return box.try_send(std::move(n)) == send_result::accepted; }
  std::vector<int> take(std::uint32_t count) {
    std::vector<int> got;
    while (count-- != 0) got.push_back(*box.try_receive());
    return got;
  }
  std::uint64_t alarms() const { return box.high_water_alarms(); }
  channel<int> box;
};

struct linked_unbounded {
  using box = linked_mailbox<int>;
  static constexpr std::uint32_t capacity = unbounded;
};
struct linked_bounded {
  using box = linked_mailbox<int>;
  static constexpr std::uint32_t capacity = 8;
};
struct locked {
  using box = locked_mailbox<int>;
  static constexpr std::uint32_t capacity = 8;
};
struct channel_unbounded {
  using box = channel<int>;
  static constexpr std::uint32_t capacity = unbounded;
};
struct channel_bounded {
  using box = channel<int>;
  static constexpr std::uint32_t capacity = 8;
};

template <class Kind>
struct a_high_water_mark : testing::Test {
  watchman told;

  void send(auto& to, int count) {
    for (int i = 0; i < count; ++i) ASSERT_TRUE(to.send(next_++));
  }
  void take(auto& from, std::uint32_t count) {
    for (const int got : from.take(count)) ASSERT_EQ(got, next_taken_++);
  }
  void expect_alarms(const auto& of, std::uint64_t count) {
    EXPECT_EQ(told.calls, count);
    EXPECT_EQ(of.alarms(), count);
  }

 private:
  int next_ = 0;
  int next_taken_ = 0;
};
using kinds =
    testing::Types<linked_unbounded, linked_bounded, locked, channel_unbounded, channel_bounded>;
TYPED_TEST_SUITE(a_high_water_mark, kinds);

#define JACQUARD_POST(...) \
  post<typename TypeParam::box> at({.capacity = TypeParam::capacity, __VA_ARGS__})

TYPED_TEST(a_high_water_mark, is_told_by_the_message_that_reaches_it_and_by_no_other) {
  JACQUARD_POST(.high_water = 3, .low_water = 1, .on_high_water = this->told.hook());
  this->send(at, 2);
  this->expect_alarms(at, 0);
  this->send(at, 1);
  this->expect_alarms(at, 1);
  this->send(at, 3);
  this->expect_alarms(at, 1);
}

TYPED_TEST(a_high_water_mark, is_not_told_again_before_the_low_mark_is_reached) {
  JACQUARD_POST(.high_water = 4, .low_water = 1, .on_high_water = this->told.hook());
  this->send(at, 4);
  for (int lap = 0; lap < 5; ++lap) {
    this->take(at, 2);
    this->send(at, 2);
  }
  this->expect_alarms(at, 1);
  this->take(at, 3);  // one is left: the low mark
  this->send(at, 2);
  this->expect_alarms(at, 1);
  this->send(at, 1);
  this->expect_alarms(at, 2);
}

TYPED_TEST(a_high_water_mark, is_told_again_each_time_that_all_was_taken_between) {
  JACQUARD_POST(.high_water = 2, .low_water = 0, .on_high_water = this->told.hook());
  for (std::uint64_t lap = 1; lap <= 10; ++lap) {
    this->send(at, 3);
    this->expect_alarms(at, lap);
    this->take(at, 3);
  }
  this->expect_alarms(at, 10);
}

TYPED_TEST(a_high_water_mark, of_one_is_told_by_each_message_that_finds_nothing_waiting) {
  JACQUARD_POST(.high_water = 1, .on_high_water = this->told.hook());
  this->send(at, 2);
  this->expect_alarms(at, 1);
  this->take(at, 2);
  this->send(at, 1);
  this->expect_alarms(at, 2);
}

TYPED_TEST(a_high_water_mark, next_to_its_low_mark_is_told_by_each_message_that_reaches_it) {
  JACQUARD_POST(.high_water = 3, .low_water = 2, .on_high_water = this->told.hook());
  this->send(at, 3);
  for (std::uint64_t lap = 2; lap < 6; ++lap) {
    this->take(at, 1);
    this->send(at, 1);
    this->expect_alarms(at, lap);
  }
}

TYPED_TEST(a_high_water_mark, has_half_of_itself_as_its_low_mark) {
  JACQUARD_POST(.high_water = 5, .on_high_water = this->told.hook());
  this->send(at, 5);
  this->take(at, 2);
  this->send(at, 2);
  this->expect_alarms(at, 1);
  this->take(at, 3);
  this->send(at, 3);
  this->expect_alarms(at, 2);
}

TYPED_TEST(a_high_water_mark, is_counted_where_nobody_is_told) {
  JACQUARD_POST(.high_water = 2);
  this->send(at, 2);
  EXPECT_EQ(at.alarms(), 1u);
}

TYPED_TEST(a_high_water_mark, refuses_nothing_and_changes_no_order) {
  JACQUARD_POST(.high_water = 1, .on_high_water = this->told.hook());
  for (int lap = 0; lap < 100; ++lap) {
    this->send(at, 1 + lap % 8);
    this->take(at, static_cast<std::uint32_t>(1 + lap % 8));
  }
}

TYPED_TEST(a_high_water_mark, that_nobody_set_is_never_reached) {
  JACQUARD_POST();
  this->send(at, 8);
  EXPECT_EQ(at.alarms(), 0u);
}

// A hook may send: it is called when all is done.
TYPED_TEST(a_high_water_mark, may_be_answered_by_another_message) {
  struct sender {
    static void one_more(void* who) noexcept {
      auto& self = *static_cast<sender*>(who);
      ++self.calls;
      self.accepted = self.to->send(99);
    }
    post<typename TypeParam::box>* to = nullptr;
    int calls = 0;
    bool accepted = false;
  } answer;
  JACQUARD_POST(.high_water = 3, .low_water = 0,
                .on_high_water = {.call = &sender::one_more, .who = &answer});
  answer.to = &at;
  this->send(at, 4);
  EXPECT_EQ(answer.calls, 1);
  EXPECT_TRUE(answer.accepted);
  EXPECT_EQ(at.take(5), (std::vector{0, 1, 2, 99, 3}));
}

// However the threads run: each time that all was taken, the next lap has one alarm.
TYPED_TEST(a_high_water_mark, is_told_once_a_lap_by_four_threads) {
  JACQUARD_POST(.high_water = 4, .low_water = 0, .on_high_water = this->told.hook());
  for (std::uint64_t lap = 1; lap <= 200; ++lap) {
    {
      std::vector<std::jthread> senders;
      for (int i = 0; i < 4; ++i)
        senders.emplace_back([&] { EXPECT_TRUE(at.send(1) && at.send(2)); });
    }
    ASSERT_EQ(this->told.calls, lap);
    EXPECT_EQ(at.take(8).size(), 8u);
  }
}

TEST(a_mailbox_with_a_mark, starts_its_consumer_before_it_tells_anybody) {
  std::vector<char> order;
  linked_mailbox<int> box(
      {.capacity = unbounded,
       .schedule = {.call =
                        [](void* who) noexcept {
                          static_cast<std::vector<char>*>(who)->push_back('s');
                        },
                    .who = &order},
       .high_water = 1,
       .on_high_water = {
           .call = [](void* who) noexcept { static_cast<std::vector<char>*>(who)->push_back('a'); },
           .who = &order}});
  ASSERT_EQ(box.send(1), send_result::accepted);
  EXPECT_EQ(order, (std::vector{'s', 'a'}));
}

TEST(a_mailbox_with_a_mark, counts_what_the_consumer_has_in_its_hands) {
  watchman told;
  linked_mailbox<int> box(
      {.capacity = unbounded, .high_water = 3, .low_water = 0, .on_high_water = told.hook()});
  ASSERT_EQ(box.send(1), send_result::accepted);
  ASSERT_EQ(box.send(2), send_result::accepted);
  (void)box.receive(1, [&](int&&) {
    EXPECT_EQ(box.send(3), send_result::accepted);
    EXPECT_EQ(told.calls, 1u) << "two wait, and one is in hand until receive returns";
  });
}

TEST(a_mailbox_with_a_mark, says_what_is_out_of_range) {
  using linked = linked_mailbox<int>;
  EXPECT_EQ(linked::problem({.capacity = 4, .high_water = 4, .low_water = 3}), nullptr);
  EXPECT_EQ(linked::problem({.capacity = unbounded, .high_water = high_water_max}), nullptr);
  EXPECT_STREQ(linked::problem({.high_water = 0}), "high_water must be in [1, capacity]");
  EXPECT_STREQ(locked_mailbox<int>::problem({.capacity = 4, .high_water = 5}),
               "high_water must be in [1, capacity]");
  EXPECT_STREQ(linked::problem({.capacity = unbounded, .high_water = high_water_max + 1}),
               "high_water must be in [1, 268435456]");
  EXPECT_STREQ(linked::problem({.capacity = unbounded, .high_water = 0}),
               "high_water must be in [1, 268435456]");
  EXPECT_STREQ(linked::problem({.high_water = 4, .low_water = 4}),
               "low_water must be in [0, high_water)");
  EXPECT_STREQ(linked::problem({.low_water = 4}), "low_water needs a high_water");
  watchman nobody;
  EXPECT_STREQ(linked::problem({.on_high_water = nobody.hook()}),
               "on_high_water needs a high_water");
  EXPECT_STREQ(ring_mailbox<int>::problem({.high_water = 4}),
               "high_water needs a linked_mailbox or a locked_mailbox");
  EXPECT_DEATH(linked({.high_water = 4, .low_water = 9}),
               "low_water must be in \\[0, high_water\\)");
}

TEST(a_channel_with_a_mark, says_what_is_out_of_range) {
  EXPECT_EQ(problem(channel_options{.capacity = unbounded, .high_water = 4}), nullptr);
  EXPECT_STREQ(problem(channel_options{.capacity = 0, .high_water = 1}),
               "high_water must be in [1, capacity]");
  EXPECT_STREQ(problem(channel_options{.capacity = capacity_max + 1}),
               "capacity must be in [0, 1048576], or unbounded");
  EXPECT_DEATH(channel<int>({.high_water = 4, .low_water = 4}),
               "low_water must be in \\[0, high_water\\)");
}

strand<int> send_all(channel<int>& to, int count) {
  int accepted = 0;
  for (int i = 0; i < count; ++i) {
    int message = i;
    if (co_await to.send(std::move(message)) == send_result::accepted) ++accepted;
  }
  co_return accepted;
}

TEST(a_channel_with_a_mark, is_told_by_strands_and_by_threads_that_may_wait) {
  watchman told;
  channel<int> box({.capacity = 8, .high_water = 2, .low_water = 0, .on_high_water = told.hook()});
  manual_executor hand;
  spawned<int> sender = spawn(hand, send_all(box, 3));
  hand.run_until_idle();
  EXPECT_EQ(sender.take(), 3);
  EXPECT_EQ(told.calls, 1u);
  while (box.try_receive()) {
  }
  EXPECT_EQ(box.wait_send(1), send_result::accepted);
  EXPECT_EQ(box.wait_send(2), send_result::accepted);
  EXPECT_EQ(told.calls, 2u);
}

// A full ring from which one is taken while a sender waits has never had room.
TEST(a_channel_with_a_mark, is_not_told_of_a_message_that_takes_the_place_of_another) {
  watchman told;
  channel<int> box({.capacity = 2, .high_water = 2, .low_water = 1, .on_high_water = told.hook()});
  manual_executor hand;
  spawned<int> sender = spawn(hand, send_all(box, 4));
  hand.run_until_idle();
  EXPECT_EQ(told.calls, 1u);
  EXPECT_EQ(*box.try_receive(), 0);
  hand.run_until_idle();
  EXPECT_EQ(*box.try_receive(), 1);
  hand.run_until_idle();
  EXPECT_EQ(box.size(), 2u);
  EXPECT_EQ(told.calls, 1u);
  EXPECT_EQ(sender.take(), 4);
}

strand<int> receive_one(channel<int>& from) {
  auto got = co_await from.receive();
  co_return got ? *got : -1;
}

TEST(a_channel_with_a_mark, does_not_count_what_goes_straight_to_a_receiver) {
  watchman told;
  channel<int> box({.capacity = unbounded, .high_water = 1, .on_high_water = told.hook()});
  manual_executor hand;
  spawned<int> receiver = spawn(hand, receive_one(box));
  hand.run_until_idle();
  EXPECT_EQ(box.try_send(7), send_result::accepted);
  EXPECT_EQ(told.calls, 0u);
  hand.run_until_idle();
  EXPECT_EQ(receiver.take(), 7);
}

}  // namespace
}  // namespace jacquard
