// ref.test.cpp: narrower views of actors: what they can send, what they cost, and that they stay weak.
#include <gtest/gtest.h>

#include <jacquard/actor/actor_system.hpp>
#include <jacquard/actor/ref.hpp>
#include <jacquard/env/native_environment.hpp>

#include <chrono>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

namespace jacquard {
namespace {

using namespace std::chrono_literals;

struct deposit {
  int cents;
};
struct balance {
  using reply = int;
};
struct close_it {};
struct parcel {
  std::unique_ptr<int> content;
};

struct account {
  using messages = jacquard::messages<deposit, balance, close_it>;
  void on(context<account>&, const deposit& m) { cents += m.cents; }
  int on(context<account>&, const balance&) { return cents; }
  void on(context<account>& here, const close_it&) { here.stop(); }
  int cents = 0;
};

// Another actor that takes deposits, in another place of its list.
struct charity {
  using messages = jacquard::messages<close_it, parcel, balance, deposit>;
  void on(context<charity>&, const deposit& m) { cents += 2 * m.cents; }
  int on(context<charity>&, const balance&) { return cents; }
  void on(context<charity>& here, const close_it&) { here.stop(); }
  void on(context<charity>&, parcel&& m) { cents += *m.content; }
  int cents = 0;
};

using purse = ref<deposit, balance>;

static_assert(sizeof(purse) <= 24);
static_assert(std::is_trivially_copyable_v<purse>);
static_assert(std::is_convertible_v<actor_ref<account>, purse>);
static_assert(std::is_convertible_v<purse, ref<deposit>>);
static_assert(!std::is_convertible_v<actor_ref<account>, ref<parcel>>);
static_assert(!std::is_convertible_v<ref<deposit>, purse>, "a view does not grow");
static_assert(!std::is_convertible_v<purse, actor_ref<account>>);

struct a_view : testing::Test {
  native_environment world;
  actor_system system{world};
};

TEST_F(a_view, sends_to_actors_of_any_type_that_understand_its_messages) {
  const auto one = system.spawn<account>();
  const auto two = system.spawn<charity>();
  const std::vector<purse> purses{one, two};
  for (const purse& each : purses) EXPECT_EQ(each.tell(deposit{10}), send_result::accepted);
  const deposit again{1};
  EXPECT_EQ(purses[1].tell(again), send_result::accepted);
  auto first = purses[0].ask(balance{});
  auto second = purses[1].ask(balance{});
  ASSERT_EQ(first.wait(), reply_status::ready);
  ASSERT_EQ(second.wait(), reply_status::ready);
  EXPECT_EQ(first.take(), 10);
  EXPECT_EQ(second.take(), 22);
  (void)system.shutdown(10s);
}

TEST_F(a_view, narrows_to_one_of_its_messages) {
  const auto one = system.spawn<account>();
  const purse whole = one;
  const ref<deposit> slot = whole;
  EXPECT_EQ(slot.tell(deposit{5}), send_result::accepted);
  EXPECT_EQ(slot, ref<deposit>(one));
  auto answer = whole.ask(balance{});
  ASSERT_EQ(answer.wait(), reply_status::ready);
  EXPECT_EQ(answer.take(), 5);
  (void)system.shutdown(10s);
}

TEST_F(a_view, outlives_its_actor_and_hands_the_message_back) {
  const auto two = system.spawn<charity>();
  const ref<parcel> slot = two;
  const purse whole = two;
  EXPECT_TRUE(slot.is_alive());
  two.kill();
  ASSERT_TRUE(system.wait_until_empty(sync::native::after(10s)));
  EXPECT_FALSE(slot.is_alive());
  parcel mine{std::make_unique<int>(7)};
  EXPECT_EQ(slot.tell(std::move(mine)), send_result::closed);
  ASSERT_NE(mine.content, nullptr);
  EXPECT_EQ(whole.ask(balance{}).wait(), reply_status::target_down);
}

TEST_F(a_view, of_nobody_is_closed) {
  const purse nobody;
  EXPECT_EQ(nobody.tell(deposit{1}), send_result::closed);
  EXPECT_EQ(nobody.ask(balance{}).wait(), reply_status::target_down);
  EXPECT_FALSE(nobody.is_alive());
}

TEST_F(a_view, sends_with_options) {
  const auto one = system.spawn<account>();
  const purse whole = one;
  EXPECT_EQ(whole.tell(deposit{5}, {.expires = system.now()}), send_result::accepted);
  auto answer = whole.ask(balance{}, {.expires = system.now() + 1h});
  ASSERT_EQ(answer.wait(), reply_status::ready);
  EXPECT_EQ(answer.take(), 0) << "the deposit had expired";
  (void)system.shutdown(10s);
}

}  // namespace
}  // namespace jacquard
