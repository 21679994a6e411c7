#include <gtest/gtest.h>

#include <jacquard/mailbox/ring_mailbox.hpp>
#include <jacquard/sim/detour.hpp>
#include <jacquard/sim/port.hpp>

#include <optional>
#include <vector>

namespace jacquard::sim {
namespace {

TEST(Detour, ACallStopsInTheMiddleAndGoesOn) {
  std::vector<int> steps;
  detour call;
  EXPECT_FALSE(call.start([&] {
    steps.push_back(1);
    detour::current()->suspend();
    steps.push_back(2);
    detour::current()->suspend();
    steps.push_back(3);
  }));
  EXPECT_EQ(detour::current(), nullptr);
  EXPECT_EQ(steps, (std::vector{1}));
  EXPECT_FALSE(call.resume());
  EXPECT_EQ(steps, (std::vector{1, 2}));
  EXPECT_TRUE(call.resume());
  EXPECT_EQ(steps, (std::vector{1, 2, 3}));
  EXPECT_FALSE(call.suspended());
}

TEST(Detour, ACallThatNeverStopsReturnsAtOnceAndTheDetourIsUsedAgain) {
  detour call;
  int ran = 0;
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(call.start([&] { ++ran; }));
  EXPECT_EQ(ran, 1000);
}

TEST(Detour, ASuspendedCallIsFinishedByTheDestructor) {
  bool finished = false;
  {
    detour call;
    EXPECT_FALSE(call.start([&] {
      detour::current()->suspend();
      finished = true;
    }));
  }
  EXPECT_TRUE(finished);
}

// The gap itself, on the mailbox that ships: claimed, counted, not yet there.
TEST(Detour, ARingSenderStopsBetweenClaimAndPublish) {
  ring_mailbox<letter> box({.capacity = 4});
  std::vector<std::uint32_t> came;
  const auto take = [&](letter&& message) { came.push_back(message.id); };

  std::optional<send_result> answer;
  detour call;
  call.stop_at(1);
  letter slow(1, 0, 64);
  ASSERT_FALSE(call.start([&] { answer = box.try_send(std::move(slow)); }));
  EXPECT_FALSE(answer.has_value());
  EXPECT_EQ(box.size(), 1u);

  // Head of line: a later, published message waits behind the claimed place.
  EXPECT_EQ(box.try_send(letter(2, 1, 64)), send_result::accepted);
  EXPECT_FALSE(box.receive(64, take).any());
  EXPECT_EQ(box.try_idle(), idle_result::more);

  ASSERT_TRUE(call.resume());
  EXPECT_EQ(answer, send_result::accepted);
  EXPECT_EQ(box.receive(64, take).messages, 2u);
  EXPECT_EQ(came, (std::vector<std::uint32_t>{1, 2}));
}

TEST(Detour, ALinkedSenderHoldsNobodyUp) {
  port_options options{.capacity = 4};
  options.schedule = {.call = [](void*) noexcept {}, .who = nullptr};
  const std::unique_ptr<port> box = make_port(mailbox_kind::linked, options);
  detour call;
  call.stop_at(1);
  letter slow(1, 0, 64);
  std::optional<send_result> answer;
  ASSERT_FALSE(call.start([&] { answer = box->try_send(std::move(slow)); }));
  EXPECT_EQ(box->try_send(letter(2, 1, 64)), send_result::accepted);
  EXPECT_EQ(box->size(), 1u);
  ASSERT_TRUE(call.resume());
  EXPECT_EQ(answer, send_result::accepted);
  EXPECT_EQ(box->size(), 2u);
}

}  // namespace
}  // namespace jacquard::sim
