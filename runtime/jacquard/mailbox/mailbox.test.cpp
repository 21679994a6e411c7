// Behaviour that all mailboxes share, each claim on its own; a sharded one has one shard here. Histories and
// random options are property_tests' job; interleavings are model_checks'.
#include <gtest/gtest.h>

#include <jacquard/mailbox/linked_mailbox.hpp>
#include <jacquard/mailbox/locked_mailbox.hpp>
#include <jacquard/mailbox/ring_mailbox.hpp>
#include <jacquard/mailbox/sharded_mailbox.hpp>

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace jacquard {
namespace {

using namespace std::chrono_literals;

template <class... F>
struct overloaded : F... {
  using F::operator()...;
};

struct control {
  int what;
};

template <class M>
struct any_mailbox : testing::Test {};
using kinds = testing::Types<ring_mailbox<std::unique_ptr<int>, control>,
                             linked_mailbox<std::unique_ptr<int>, control>,
                             locked_mailbox<std::unique_ptr<int>, control>,
                             sharded_mailbox<std::unique_ptr<int>, 1, control>>;
TYPED_TEST_SUITE(any_mailbox, kinds);

std::unique_ptr<int> letter(int value) { return std::make_unique<int>(value); }

template <class M>
std::vector<int> received(M& box, std::uint32_t limit = batch_max) {
  std::vector<int> values;
  (void)box.receive(limit, overloaded{[&](std::unique_ptr<int>&& m) { values.push_back(*m); },
                                      [&](control&& c) { values.push_back(-c.what); }});
  return values;
}

TYPED_TEST(any_mailbox, hands_out_what_was_sent_in_order) {
  TypeParam box({.capacity = 3});
  for (int lap = 0; lap < 5; ++lap) {
    for (int i = 0; i < 3; ++i) ASSERT_EQ(box.send(letter(i)), send_result::accepted);
    EXPECT_EQ(received(box), (std::vector{0, 1, 2}));
  }
  EXPECT_TRUE(box.counters().balanced());
  EXPECT_EQ(box.counters().received, 15u);
}

TYPED_TEST(any_mailbox, a_capacity_of_one_holds_exactly_one) {
  TypeParam box({.capacity = 1});
  for (int lap = 0; lap < 4; ++lap) {
    ASSERT_EQ(box.send(letter(lap)), send_result::accepted);
    auto refused = letter(99);
    ASSERT_EQ(box.send(std::move(refused)), send_result::busy);
    ASSERT_NE(refused, nullptr) << "a refused message is still the sender's";
    EXPECT_EQ(received(box), std::vector{lap});
  }
  EXPECT_EQ(box.counters().refused_busy, 4u);
}

TYPED_TEST(any_mailbox, a_batch_is_no_longer_than_its_limit) {
  TypeParam box({.capacity = 8});
  for (int i = 0; i < 8; ++i) ASSERT_EQ(box.send(letter(i)), send_result::accepted);
  EXPECT_EQ(received(box, 3), (std::vector{0, 1, 2}));
  EXPECT_EQ(received(box, 64), (std::vector{3, 4, 5, 6, 7}));
}

TYPED_TEST(any_mailbox, control_comes_first_and_is_not_counted_against_the_capacity) {
  TypeParam box({.capacity = 1});
  ASSERT_EQ(box.send(letter(1)), send_result::accepted);
  ASSERT_EQ(box.send_control(control{7}), send_result::accepted);
  EXPECT_EQ(received(box), (std::vector{-7, 1}));
  EXPECT_EQ(box.counters().control_received, 1u);
}

TYPED_TEST(any_mailbox, close_refuses_later_sends_and_keeps_earlier_ones) {
  TypeParam box({.capacity = 4});
  ASSERT_EQ(box.send(letter(1)), send_result::accepted);
  ASSERT_EQ(box.send_control(control{2}), send_result::accepted);
  EXPECT_TRUE(box.close());
  EXPECT_FALSE(box.close());
  EXPECT_EQ(box.send(letter(3)), send_result::closed);
  EXPECT_EQ(box.send_control(control{4}), send_result::closed);
  EXPECT_EQ(received(box), (std::vector{-2, 1}));
  while (box.try_idle() == idle_result::more) {
  }
  EXPECT_EQ(box.try_idle(), idle_result::finished);
}

TYPED_TEST(any_mailbox, what_nobody_took_reaches_the_dead_letter_hook) {
  std::vector<int> dead;
  {
    typename TypeParam::options_type options{.capacity = 4};
    options.dead_letter = {.call =
                               [](void* who, std::unique_ptr<int>&& m, drop_reason why) noexcept {
                                 EXPECT_EQ(why, drop_reason::shutdown);
                                 static_cast<std::vector<int>*>(who)->push_back(*m);
                               },
                           .who = &dead};
    TypeParam box(options);
    for (int i = 0; i < 3; ++i) ASSERT_EQ(box.send(letter(i)), send_result::accepted);
  }
  EXPECT_EQ(dead, (std::vector{0, 1, 2}));
}

TYPED_TEST(any_mailbox, the_schedule_hook_is_called_once_for_each_wake_up) {
  int scheduled = 0;
  typename TypeParam::options_type options{.capacity = 4};
  options.schedule = {.call = [](void* who) noexcept { ++*static_cast<int*>(who); },
                      .who = &scheduled};
  TypeParam box(options);
  ASSERT_EQ(box.send(letter(1)), send_result::accepted);
  ASSERT_EQ(box.send(letter(2)), send_result::accepted);
  EXPECT_EQ(scheduled, 1);
  EXPECT_EQ(received(box), (std::vector{1, 2}));
  EXPECT_EQ(box.try_idle(), idle_result::idle);
  ASSERT_EQ(box.send_control(control{3}), send_result::accepted);
  EXPECT_EQ(scheduled, 2);
  EXPECT_EQ(received(box), std::vector{-3});
  EXPECT_EQ(box.try_idle(), idle_result::more) << "the announcement is looked at once more";
  EXPECT_EQ(box.try_idle(), idle_result::idle);
  EXPECT_TRUE(box.close());
  EXPECT_EQ(scheduled, 3);
}

TYPED_TEST(any_mailbox, a_blocked_sender_gives_up_at_its_deadline_and_keeps_its_message) {
  TypeParam box({.capacity = 1, .overflow = overflow::block, .block_for = 1ms});
  ASSERT_EQ(box.send(letter(1)), send_result::accepted);
  auto waiting = letter(2);
  EXPECT_EQ(box.send(std::move(waiting)), send_result::deadline);
  EXPECT_NE(waiting, nullptr);
  EXPECT_EQ(box.try_send(std::move(waiting)), send_result::busy);
  EXPECT_EQ(box.counters().refused_deadline, 1u);
}

TYPED_TEST(any_mailbox, a_blocked_sender_goes_on_when_there_is_room) {
  TypeParam box({.capacity = 1, .overflow = overflow::block, .block_for = 60s});
  ASSERT_EQ(box.send(letter(1)), send_result::accepted);
  std::thread sender([&] { EXPECT_EQ(box.send(letter(2)), send_result::accepted); });
  std::vector<int> values;
  while (values.size() < 2) {
    (void)box.wait_receive(
        1, overloaded{[&](std::unique_ptr<int>&& m) { values.push_back(*m); }, [](control&&) {}});
  }
  sender.join();
  EXPECT_EQ(values, (std::vector{1, 2}));
}

TYPED_TEST(any_mailbox, a_consumer_that_would_wait_for_itself_is_told) {
  TypeParam box({.capacity = 1, .overflow = overflow::block, .block_for = 60s});
  ASSERT_EQ(box.send(letter(1)), send_result::accepted);
  send_result inner = send_result::accepted;
  (void)box.receive(1, overloaded{[&](std::unique_ptr<int>&&) {
                                    while ((inner = box.send(letter(2))) == send_result::accepted) {
                                    }
                                  },
                                  [](control&&) {}});
  EXPECT_EQ(inner, send_result::would_deadlock);
}

TYPED_TEST(any_mailbox, a_waiting_consumer_wakes_up_for_messages_control_close_and_its_deadline) {
  TypeParam box({.capacity = 4});
  const auto ignore = overloaded{[](std::unique_ptr<int>&&) {}, [](control&&) {}};
  EXPECT_TRUE(box.wait_receive(1, ignore, sync::native::after(1ms)).timed_out);
  std::thread sender([&] {
    EXPECT_EQ(box.send(letter(1)), send_result::accepted);
    EXPECT_EQ(box.send_control(control{1}), send_result::accepted);
    box.close();
  });
  std::uint32_t seen = 0;
  for (;;) {
    const receipt got = box.wait_receive(1, ignore);
    seen += got.control + got.messages;
    if (got.finished) break;
  }
  sender.join();
  EXPECT_EQ(seen, 2u);
}

TEST(ring_mailbox, drops_the_newest_where_told_so) {
  ring_mailbox<int> box({.capacity = 2, .overflow = overflow::drop_newest});
  for (int i = 0; i < 2; ++i) ASSERT_EQ(box.send(int{i}), send_result::accepted);
  EXPECT_EQ(box.send(2), send_result::dropped);
  std::vector<int> values;
  (void)box.receive(64, [&](int&& v) { values.push_back(v); });
  EXPECT_EQ(values, (std::vector{0, 1}));
  EXPECT_TRUE(box.counters().balanced());
}

template <class M>
struct evicting_mailbox : testing::Test {};
using evicting_kinds = testing::Types<ring_mailbox<int, control>, locked_mailbox<int, control>>;
TYPED_TEST_SUITE(evicting_mailbox, evicting_kinds);

TYPED_TEST(evicting_mailbox, drops_the_oldest_and_never_a_control_message) {
  std::vector<int> dead;
  typename TypeParam::options_type options{
      .capacity = 3, .control_capacity = 2, .overflow = overflow::drop_oldest};
  options.dead_letter = {
      .call = [](void* who, int&& m,
                 drop_reason) noexcept { static_cast<std::vector<int>*>(who)->push_back(m); },
      .who = &dead};
  TypeParam box(options);
  ASSERT_EQ(box.send_control(control{50}), send_result::accepted);
  for (int i = 0; i < 8; ++i) ASSERT_EQ(box.send(int{i}), send_result::accepted);
  EXPECT_EQ(dead, (std::vector{0, 1, 2, 3, 4}));
  std::vector<int> values;
  (void)box.receive(64, overloaded{[&](int&& v) { values.push_back(v); },
                                   [&](control&& c) { values.push_back(-c.what); }});
  EXPECT_EQ(values, (std::vector{-50, 5, 6, 7}));
  EXPECT_EQ(box.counters().dropped_oldest, 5u);
  EXPECT_TRUE(box.counters().balanced());
}

TEST(linked_mailbox, is_unbounded_where_told_so_and_refuses_to_drop_the_oldest) {
  linked_mailbox<std::string> box({.capacity = unbounded});
  for (int i = 0; i < 10'000; ++i) ASSERT_EQ(box.send(std::to_string(i)), send_result::accepted);
  int next = 0;
  while (next < 10'000) {
    (void)box.receive(64, [&](std::string&& text) { EXPECT_EQ(text, std::to_string(next++)); });
  }
  EXPECT_EQ(box.counters().undelivered, 0u);
  EXPECT_STREQ(linked_mailbox<int>::problem({.overflow = overflow::drop_oldest}),
               "overflow::drop_oldest needs a ring_mailbox or a locked_mailbox");
  EXPECT_NE(ring_mailbox<int>::problem({.capacity = unbounded}), nullptr);
  EXPECT_NE(ring_mailbox<int>::problem({.capacity = 0}), nullptr);
}

TEST(mailbox, refuses_payloads_over_its_limit) {
  ring_mailbox<std::string> box({.capacity = 2});
  std::string big(payload_bytes_limit, 'x');
  EXPECT_EQ(box.send(std::move(big)), send_result::too_large);
  EXPECT_EQ(big.size(), payload_bytes_limit);
  EXPECT_EQ(box.send(std::string(1000, 'x')), send_result::accepted);
  EXPECT_EQ(box.counters().refused_too_large, 1u);
}

TEST(mailbox, counts_what_a_payload_owns_once) {
  EXPECT_EQ((payload_bytes<std::array<char, 100>>::of({})), 100u);
  EXPECT_EQ(payload_bytes<std::string_view>::of("a view owns nothing"), sizeof(std::string_view));
  EXPECT_EQ(payload_bytes<std::vector<int>>::of({1, 2, 3}), sizeof(std::vector<int>) + 12);
}

// A lane of two messages that others hurry through: whenever somebody reads how many were pushed, ten more
// have come and gone.
struct restless_lane {
  using value_type = int;
  static constexpr bool can_evict = false;
  static constexpr bool can_be_unbounded = false;

  restless_lane(std::uint32_t, bool, bool) {}
  push_result push(int&) { return push_result::full; }
  bool raise() { return false; }
  close_result close() { return {}; }
  template <class F>
  std::uint32_t pop(std::uint32_t, F&&) {
    return 0;
  }
  void settle() {}
  idle_result try_idle() { return idle_result::more; }
  bool resume() { return true; }
  void await_change() {}
  [[nodiscard]] bool is_closed() const { return false; }
  [[nodiscard]] std::uint32_t capacity() const { return 2; }
  [[nodiscard]] std::uint64_t pushed() const {
    if (moves > 0) {
      --moves;
      taken_ += 10;
    }
    return taken_ + 2;
  }
  [[nodiscard]] std::uint64_t taken() const { return taken_; }

  static inline int moves = 0;
  mutable std::uint64_t taken_ = 0;
};

TEST(mailbox, shows_sizes_that_were_true_while_others_are_busy) {
  basic_mailbox<restless_lane> box({.capacity = 2});
  for (const int moves : {0, 1, 3, 1000}) {
    restless_lane::moves = moves;
    EXPECT_EQ(box.size(), 2u) << "after " << moves << " moves";
    restless_lane::moves = moves;
    EXPECT_EQ(box.counters().undelivered, 2u) << "after " << moves << " moves";
  }
}

}  // namespace
}  // namespace jacquard
