// The mailbox properties against mailboxes with one thing wrong. Each must be caught, by its claim.
#include <gtest/gtest.h>

#include <jacquard/mailbox/locked_mailbox.hpp>
#include <jacquard/property/mailbox_under_test.hpp>

namespace jacquard::property {
namespace {

using base = locked_mailbox<parcel, signal>;

template <class Box>
testing::AssertionResult caught(const char* what, std::string_view claim,
                                overflow policy = overflow::reject) {
  return is_caught(
      what,
      [=](const signature_guard& guard) {
        mailbox_coverage ignored;
        agrees_with_spec<Box>(policy, capacity_kind::bounded, true, guard, ignored);
      },
      claim);
}

struct one_too_many : base {
  static options_type more(options_type options) { return ++options.capacity, options; }
  explicit one_too_many(const options_type& options) : base(more(options)) {}
  [[nodiscard]] std::uint32_t capacity() const { return base::capacity() - 1; }
};
TEST(broken_mailboxes, one_that_holds_one_too_many_is_caught) {
  EXPECT_TRUE(caught<one_too_many>("one too many", "P2/P4: what a send answers"));
}

struct newest_first : base {
  using base::base;
  template <class Visitor>
  receipt receive(std::uint32_t limit, Visitor&& visitor) {
    std::vector<parcel> batch;
    const receipt got = base::receive(
        limit, overloaded{[&](parcel&& message) { batch.push_back(std::move(message)); },
                          [&](signal&& message) { visitor(std::move(message)); }});
    for (; !batch.empty(); batch.pop_back()) visitor(std::move(batch.back()));
    return got;
  }
  template <class... F>
  struct overloaded : F... {
    using F::operator()...;
  };
  template <class... F>
  overloaded(F...) -> overloaded<F...>;
};
TEST(broken_mailboxes, one_that_hands_out_the_newest_first_is_caught) {
  EXPECT_TRUE(caught<newest_first>("newest first", "P1: which messages are handed out"));
}

struct never_closed : base {
  using base::base;
  bool close() { return true; }
};
TEST(broken_mailboxes, one_that_does_not_close_is_caught) {
  EXPECT_TRUE(caught<never_closed>("never closed", "P5"));
}

struct deaf_to_control : base {
  using base::base;
  idle_result try_idle() {
    const idle_result first = base::try_idle();
    return first == idle_result::more ? base::try_idle() : first;
  }
};
TEST(broken_mailboxes, one_that_overlooks_an_announcement_is_caught) {
  EXPECT_TRUE(caught<deaf_to_control>("deaf to control", "P6: what try_idle answers"));
}

struct starts_twice : base {
  using base::base;
  explicit starts_twice(const options_type& options) : base(options), hook_(options.schedule) {}
  bool close() {
    if (hook_.call != nullptr) hook_.call(hook_.who);
    return base::close();
  }
  schedule_hook hook_;
};
TEST(broken_mailboxes, one_that_starts_its_consumer_twice_is_caught) {
  EXPECT_TRUE(caught<starts_twice>("starts twice", "P6: how often the consumer is started"));
}

struct miscounts : base {
  using base::base;
  [[nodiscard]] mailbox_counters counters() const {
    mailbox_counters now = base::counters();
    if (now.refused_closed > 1) --now.refused_closed;
    return now;
  }
};
TEST(broken_mailboxes, one_that_miscounts_is_caught) {
  EXPECT_TRUE(caught<miscounts>("miscounts", "P7: the counters are exact"));
}

struct silent : base {
  static options_type without_letters(options_type options) {
    return options.dead_letter = {}, options;
  }
  explicit silent(const options_type& options) : base(without_letters(options)) {}
};
TEST(broken_mailboxes, one_that_drops_without_a_letter_is_caught) {
  EXPECT_TRUE(
      caught<silent>("drops without a letter", "P1: the dead letters", overflow::drop_oldest));
}

struct hoards : base {
  explicit hoards(const options_type& options) : base(options) {}
  send_result try_send(parcel&& message) {
    const send_result result = base::try_send(std::move(message));
    if (result == send_result::busy) kept_.push_back(std::move(message));
    return result;
  }
  using base::send;
  std::vector<parcel> kept_;
};
TEST(broken_mailboxes, one_that_keeps_what_it_refused_is_caught) {
  EXPECT_TRUE(
      caught<hoards>("keeps what it refused", "P1: a refused message is still the sender's"));
}

struct forgets_control : base {
  using base::base;
  template <class Control>
  send_result send_control(Control&& message) {
    if (message.id % 8 == 0) return send_result::accepted;
    return base::send_control(std::forward<Control>(message));
  }
};
TEST(broken_mailboxes, one_that_loses_a_control_message_is_caught) {
  EXPECT_TRUE(caught<forgets_control>("loses a control message", "P"));
}

struct alarmed_late : base {
  static options_type later(options_type options) {
    if (options.high_water && *options.high_water < options.capacity) ++*options.high_water;
    return options;
  }
  explicit alarmed_late(const options_type& options) : base(later(options)) {}
};
TEST(broken_mailboxes, one_whose_alarm_is_a_message_late_is_caught) {
  EXPECT_TRUE(caught<alarmed_late>("alarmed late", "P8"));
}

struct armed_too_soon : base {
  static options_type sooner(options_type options) {
    if (options.high_water) options.low_water = *options.high_water - 1;
    return options;
  }
  explicit armed_too_soon(const options_type& options) : base(sooner(options)) {}
};
TEST(broken_mailboxes, one_that_is_alarmed_again_before_the_low_mark_is_caught) {
  EXPECT_TRUE(caught<armed_too_soon>("armed too soon", "P8"));
}

// A failure that is not the first claim's does not count while shrinking.
TEST(signature_guard, a_counterexample_keeps_to_the_claim_that_failed_first) {
  EXPECT_TRUE(is_caught(
      "two bugs",
      [](const signature_guard& guard) {
        const auto values = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 100));
        guard.require(values.size() < 5, "long", "five or more");
        guard.require(values.empty() || values[0] < 90, "large", "ninety or more");
        guard.require(values.size() != 1 || values[0] != 0, "odd", "just a zero");
      },
      ""));
}

}  // namespace
}  // namespace jacquard::property
