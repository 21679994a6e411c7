// The words of a mailbox: names, statuses, sizes and ranges. What a user reads in a log or sends to a client
// must not change by accident, so the tables are written out here once more.
#include <gtest/gtest.h>

#include <jacquard/mailbox/linked_mailbox.hpp>
#include <jacquard/mailbox/locked_mailbox.hpp>
#include <jacquard/mailbox/ring_mailbox.hpp>
#include <jacquard/property/cases.hpp>
#include <jacquard/property/parcel.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace jacquard::property {
namespace {

TEST(vocabulary, every_send_result_has_a_name_and_an_http_status) {
  struct row {
    send_result result;
    std::string_view name;
    int status;
  };
  constexpr row rows[] = {
      {send_result::accepted, "accepted", 202},
      {send_result::dropped, "dropped", 202},
      {send_result::busy, "busy", 429},
      {send_result::closed, "closed", 503},
      {send_result::too_large, "too_large", 413},
      {send_result::deadline, "deadline", 504},
      {send_result::would_deadlock, "would_deadlock", 409},
  };
  for (const row& r : rows) {
    EXPECT_EQ(to_string(r.result), r.name);
    EXPECT_EQ(to_http_status(r.result), r.status) << r.name;
  }
  const auto unknown = static_cast<send_result>(std::size(rows));
  EXPECT_STREQ(to_string(unknown), "unknown") << "a result was added: add its row";
  EXPECT_EQ(to_http_status(unknown), 500);
}

TEST(vocabulary, policies_and_reasons_have_names) {
  EXPECT_STREQ(to_string(overflow::reject), "reject");
  EXPECT_STREQ(to_string(overflow::drop_newest), "drop_newest");
  EXPECT_STREQ(to_string(overflow::drop_oldest), "drop_oldest");
  EXPECT_STREQ(to_string(overflow::block), "block");
  EXPECT_STREQ(to_string(static_cast<overflow>(4)), "unknown");
  EXPECT_STREQ(to_string(drop_reason::newest), "newest");
  EXPECT_STREQ(to_string(drop_reason::oldest), "oldest");
  EXPECT_STREQ(to_string(drop_reason::shutdown), "shutdown");
  EXPECT_STREQ(to_string(static_cast<drop_reason>(3)), "unknown");
}

struct owns_more {
  std::vector<char> a, b;
};

}  // namespace
}  // namespace jacquard::property

template <>
struct jacquard::payload_bytes<jacquard::property::owns_more> {
  static std::size_t of(const property::owns_more& m) noexcept { return m.a.size() + m.b.size(); }
};

namespace jacquard::property {
namespace {

template <class T>
std::size_t bytes_of(const T& message) {
  return payload_bytes<T>::of(message);
}

TEST(vocabulary, a_payload_is_the_object_and_what_a_contiguous_container_holds) {
  EXPECT_EQ(bytes_of(7), sizeof(int));
  EXPECT_EQ(bytes_of(owns_more{{'a'}, {'b', 'c'}}), 3u) << "a specialisation decides";
  EXPECT_TRUE(holds("strings and vectors", [](const signature_guard& guard) {
    const auto text = *rc::gen::arbitrary<std::string>();
    guard.require(bytes_of(text) == sizeof(text) + text.size(), "string", "");
    const auto words = *rc::gen::arbitrary<std::vector<std::uint32_t>>();
    guard.require(bytes_of(words) == sizeof(words) + 4 * words.size(), "vector", "");
  }));
}

using options = mailbox_options<std::string>;

TEST(vocabulary, options_in_range_have_no_problem_and_others_name_the_option) {
  EXPECT_TRUE(holds("random options", [](const signature_guard& guard) {
    const auto around = [](std::uint32_t low, std::uint32_t high) {
      return *rc::gen::weightedOneOf<std::uint32_t>(
          {{12, rc::gen::inRange(low, high + 1)},
           {2, rc::gen::element(low - 1, low, high, high + 1)},
           {1, rc::gen::arbitrary<std::uint32_t>()}});
    };
    const options o{.capacity = around(1, capacity_max),
                    .control_capacity = around(1, control_capacity_max),
                    .block_for = std::chrono::nanoseconds{*rc::gen::inRange(-3, 4)},
                    .payload_bytes_max = around(1, payload_bytes_limit)};
    std::string_view expected;
    if (o.capacity < 1 || (o.capacity > capacity_max && o.capacity != unbounded)) {
      expected = "capacity must be in [1, 1048576]";
    } else if (o.control_capacity < 1 || o.control_capacity > control_capacity_max) {
      expected = "control_capacity must be in [1, 1024]";
    } else if (o.block_for.count() < 0) {
      expected = "block_for must not be negative";
    } else if (o.payload_bytes_max < 1 || o.payload_bytes_max > payload_bytes_limit) {
      expected = "payload_bytes_max must be in [1, 1048576] bytes";
    }
    const char* const found = problem(o);
    RC_TAG(expected.empty() ? "in range" : "out of range");
    guard.require((found == nullptr) == expected.empty(), "range", expected);
    guard.require(found == nullptr || found == expected, "words", found == nullptr ? "" : found);
  }));
}

TEST(vocabulary, each_kind_says_which_options_it_cannot_have) {
  constexpr auto evicts = options{.overflow = overflow::drop_oldest};
  constexpr auto endless = options{.capacity = unbounded};
  EXPECT_EQ(ring_mailbox<std::string>::problem(evicts), nullptr);
  EXPECT_EQ(locked_mailbox<std::string>::problem(evicts), nullptr);
  EXPECT_STREQ(linked_mailbox<std::string>::problem(evicts),
               "overflow::drop_oldest needs a ring_mailbox or a locked_mailbox");
  EXPECT_EQ(linked_mailbox<std::string>::problem(endless), nullptr);
  constexpr auto words = "capacity must be in [1, 1048576]: only a linked_mailbox can be unbounded";
  EXPECT_STREQ(ring_mailbox<std::string>::problem(endless), words);
  EXPECT_STREQ(ring_mailbox<std::string>::problem({.capacity = 0}),
               "capacity must be in [1, 1048576]");
}

TEST(vocabulary_death, a_mailbox_that_cannot_be_set_up_ends_the_program_with_the_reason) {
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  EXPECT_DEATH(ring_mailbox<int>({.capacity = 0}), "capacity must be in \\[1, 1048576\\]");
  ring_mailbox<int> box({.capacity = 1});
  EXPECT_DEATH((void)box.receive(65, [](int&&) {}), "limit must be in \\[1, 64\\]");
  EXPECT_DEATH((void)box.receive(0, [](int&&) {}), "limit must be in \\[1, 64\\]");
}

TEST(vocabulary, counters_balance_exactly_where_nothing_is_lost) {
  EXPECT_TRUE(holds("random counters", [](const signature_guard& guard) {
    mailbox_counters c;
    const auto some = [] { return *rc::gen::inRange<std::uint64_t>(0, 1000); };
    c.received = some();
    c.dropped_newest = some();
    c.dropped_oldest = some();
    c.undelivered = some();
    c.sent = c.received + c.dropped_newest + c.dropped_oldest + c.undelivered;
    c.control_received = some();
    c.control_undelivered = some();
    c.control_sent = c.control_received + c.control_undelivered;
    guard.require(c.balanced(), "balanced", "");
    ++(**rc::gen::element(&c.sent, &c.received, &c.dropped_newest, &c.dropped_oldest,
                          &c.undelivered, &c.control_sent, &c.control_received,
                          &c.control_undelivered));
    guard.require(!c.balanced(), "unbalanced", "one more of anything");
  }));
}

TEST(vocabulary, a_deadline_orders_by_time_and_never_is_the_last) {
  using sync::deadline;
  EXPECT_TRUE(deadline{}.is_never());
  EXPECT_LT(deadline{.ns = 5}, deadline{.ns = 6});
  EXPECT_LT(sync::native::after(std::chrono::hours{1}), deadline::never());
  EXPECT_TRUE(sync::native::after(std::chrono::nanoseconds::max()).is_never()) << "it saturates";
}

TEST(vocabulary, a_receipt_with_anything_in_it_says_so) {
  EXPECT_FALSE(receipt{}.any());
  EXPECT_TRUE((receipt{.control = 1}).any());
  EXPECT_TRUE((receipt{.messages = 1}).any());
  EXPECT_FALSE((receipt{.finished = true}).any());
}

}  // namespace
}  // namespace jacquard::property
