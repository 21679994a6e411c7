// Every mailbox, under every policy it takes, answers as its spec does: each result, each counter, each dead
// letter, each start of the consumer, at every step of random histories by one thread. (Interleavings are
// model_checks' job, real threads mailbox_histories.test.cpp's.)
#include <gtest/gtest.h>

#include <jacquard/mailbox/linked_mailbox.hpp>
#include <jacquard/mailbox/locked_mailbox.hpp>
#include <jacquard/mailbox/ring_mailbox.hpp>
#include <jacquard/mailbox/sharded_mailbox.hpp>
#include <jacquard/property/mailbox_under_test.hpp>

namespace jacquard {
// How GoogleTest names a parameter.
inline void PrintTo(overflow policy, std::ostream* os) { *os << to_string(policy); }
}  // namespace jacquard

namespace jacquard::property {
namespace {

template <class Box>
testing::AssertionResult agrees(const char* kind, overflow policy, capacity_kind capacity,
                                bool frees_place_first) {
  mailbox_coverage coverage;
  testing::AssertionResult result =
      holds(std::string(kind) + " x " + to_string(policy), [&](const signature_guard& guard) {
        agrees_with_spec<Box>(policy, capacity, frees_place_first, guard, coverage);
      });
  if (!result) return result;
  std::printf("           %s\n", coverage.text().c_str());
  const std::string unseen = coverage.unseen(policy, capacity);
  if (cases() >= 500 && !unseen.empty()) {
    return testing::AssertionFailure() << kind << ": the cases did not try enough: " << unseen;
  }
  return result;
}

struct mailbox_properties : testing::TestWithParam<overflow> {};

INSTANTIATE_TEST_SUITE_P(overflow, mailbox_properties,
                         testing::Values(overflow::reject, overflow::drop_newest,
                                         overflow::drop_oldest, overflow::block),
                         [](const auto& instance) {
                           return std::string(to_string(instance.param));
                         });

TEST_P(mailbox_properties, a_ring_mailbox_does_what_the_spec_does) {
  using box = ring_mailbox<parcel, signal>;
  EXPECT_TRUE(agrees<box>("ring", GetParam(), capacity_kind::bounded, true));
}

TEST_P(mailbox_properties, a_locked_mailbox_does_what_the_spec_does) {
  using box = locked_mailbox<parcel, signal>;
  EXPECT_TRUE(agrees<box>("locked", GetParam(), capacity_kind::bounded, true));
}

TEST_P(mailbox_properties, a_linked_mailbox_does_what_the_spec_does) {
  using box = linked_mailbox<parcel, signal>;
  if (GetParam() == overflow::drop_oldest) {
    EXPECT_STREQ(box::problem({.overflow = overflow::drop_oldest}),
                 "overflow::drop_oldest needs a ring_mailbox or a locked_mailbox");
    return;
  }
  EXPECT_TRUE(agrees<box>("linked, bounded", GetParam(), capacity_kind::bounded, false));
  EXPECT_TRUE(agrees<box>("linked, unbounded", GetParam(), capacity_kind::unbounded, false));
}

// One sender among many: a sharded mailbox is a ring to it. (All senders together: sharded_mailbox.test.cpp.)
struct one_sender : sharded_mailbox<parcel, 3, signal> {
  using sharded_mailbox<parcel, 3, signal>::sharded_mailbox;
  send_result send(parcel&& message) { return sender_of(1).send(std::move(message)); }
  send_result send(parcel&& message, sync::deadline until) {
    return sender_of(1).send(std::move(message), until);
  }
  send_result try_send(parcel&& message) { return sender_of(1).try_send(std::move(message)); }
  [[nodiscard]] std::uint32_t capacity() const {
    return sharded_mailbox<parcel, 3, signal>::capacity() / shards;
  }
};
TEST_P(mailbox_properties, a_sharded_mailbox_does_what_the_spec_does_for_one_sender) {
  EXPECT_TRUE(agrees<one_sender>("sharded", GetParam(), capacity_kind::bounded, true));
}

// Seventeen control messages, sixteen to a receive, and a consumer that receives once an activation: found by
// the properties above.
template <class Box>
void hears_every_control_message() {
  int starts = 0;
  typename Box::options_type options{.capacity = 1, .control_capacity = 40};
  options.schedule = {.call = [](void* who) noexcept { ++*static_cast<int*>(who); },
                      .who = &starts};
  Box box(options);
  for (std::uint64_t id = 1; id <= 40; ++id) {
    ASSERT_EQ(box.send_control(signal{id}), send_result::accepted);
  }
  EXPECT_EQ(starts, 1);
  std::uint64_t heard = 0;
  struct visitor {
    std::uint64_t& count;
    void operator()(parcel&&) const {}
    void operator()(signal&& s) const { EXPECT_EQ(s.id, ++count); }
  };
  do {
    (void)box.receive(1, visitor{heard});
  } while (box.try_idle() == idle_result::more);
  EXPECT_EQ(heard, 40u) << "idle with control messages waiting";
}
TEST(mailbox_regressions, a_consumer_hears_every_control_message_before_it_is_idle) {
  hears_every_control_message<ring_mailbox<parcel, signal>>();
  hears_every_control_message<linked_mailbox<parcel, signal>>();
  hears_every_control_message<locked_mailbox<parcel, signal>>();
  hears_every_control_message<sharded_mailbox<parcel, 3, signal>>();
}

}  // namespace
}  // namespace jacquard::property
