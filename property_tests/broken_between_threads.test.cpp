// Mailboxes that are wrong in a way that only shows between threads. Sessions run until the judge of histories
// names the rule.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdio>
#include <jacquard/mailbox/locked_mailbox.hpp>
#include <jacquard/property/native_session.hpp>
#include <set>

namespace jacquard::property {
namespace {

using base = locked_mailbox<parcel, signal>;

template <class Box>
testing::AssertionResult is_rejected(const char* rule, session_plan plan) {
  std::set<std::string> rules;
  for (std::uint32_t i = 0; i < 50; ++i) {
    plan.seed = i + 1;
    for (const spec::violation& v : native_session<Box>::run(plan).violations) {
      if (std::string_view(v.rule) == rule) {
        std::printf("    rejected in session %u: %s: %s\n", i + 1, v.rule, v.words.c_str());
        return testing::AssertionSuccess();
      }
      rules.insert(v.rule);
    }
  }
  testing::AssertionResult missed = testing::AssertionFailure() << "never " << rule << "; but";
  for (const std::string& r : rules) missed << " " << r;
  return missed;
}

// Two lanes, each a good FIFO, and a consumer that looks into one of them first.
struct two_lanes {
  using message_type = parcel;
  using control_type = signal;
  using options_type = base::options_type;

  explicit two_lanes(const options_type& options) : first_(options), second_(options) {}
  send_result try_send(parcel&& m) { return lane_of(m).try_send(std::move(m)); }
  send_result send(parcel&& m) { return lane_of(m).send(std::move(m)); }
  send_result send_control(signal&& m) { return first_.send_control(std::move(m)); }
  bool close() { return (void)second_.close(), first_.close(); }
  template <class Visitor>
  receipt receive(std::uint32_t limit, Visitor&& visitor) {
    receipt got = second_.receive(limit, visitor);
    if (got.any()) return got;
    return first_.receive(limit, visitor);
  }
  template <class Visitor>
  receipt wait_receive(std::uint32_t limit, Visitor&& visitor, sync::deadline until) {
    receipt got = second_.receive(limit, visitor);
    if (got.any()) return got;
    got = first_.wait_receive(limit, visitor, until);
    if (got.finished) {
      const receipt rest = second_.receive(limit, visitor);
      if (rest.any()) return rest;
    }
    return got;
  }
  idle_result try_idle() { return first_.try_idle(); }
  [[nodiscard]] mailbox_counters counters() const { return first_.counters(); }

  base& lane_of(const parcel& m) { return (m.id() >> 32) % 2 == 0 ? second_ : first_; }
  base first_;
  base second_;
};
TEST(broken_between_threads, a_mailbox_that_lets_one_sender_overtake_another_is_rejected) {
  EXPECT_TRUE(is_rejected<two_lanes>(spec::fifo_monitor::order, {.rules = {.capacity = 64}}));
}

// Looks whether there is room, and sends a moment later.
struct checks_then_acts : base {
  static options_type roomy(options_type options) { return options.capacity += 64, options; }
  explicit checks_then_acts(const options_type& options)
      : base(roomy(options)), bound_(options.capacity) {}
  send_result try_send(parcel&& m) {
    if (size() >= bound_) return send_result::busy;
    if (m.id() % 8 == 0) std::this_thread::sleep_for(std::chrono::microseconds{50});
    return base::try_send(std::move(m));
  }
  std::uint32_t bound_;
};
TEST(broken_between_threads, a_mailbox_that_checks_its_bound_too_early_is_rejected) {
  EXPECT_TRUE(is_rejected<checks_then_acts>(spec::fifo_monitor::room,
                                            {.rules = {.capacity = 1}, .receive_limit = 64}));
}

// Forgets its consumer's fourth start: it sleeps, and messages with it.
struct forgets_a_start_state {
  schedule_hook real;
  std::atomic<int> starts{0};
};
struct forgets_a_start : forgets_a_start_state, base {
  explicit forgets_a_start(const options_type& options) : base(through(options)) {}
  options_type through(options_type options) {
    real = options.schedule;
    options.schedule = {.call = on_schedule, .who = static_cast<forgets_a_start_state*>(this)};
    return options;
  }
  static void on_schedule(void* who) noexcept {
    auto& self = *static_cast<forgets_a_start_state*>(who);
    if (self.starts.fetch_add(1) != 3) self.real.call(self.real.who);
  }
};
TEST(broken_between_threads, a_mailbox_that_forgets_to_start_its_consumer_is_rejected) {
  EXPECT_TRUE(is_rejected<forgets_a_start>(spec::fifo_monitor::start,
                                           {.rules = {.capacity = 1, .scheduled_by_hook = true}}));
}

// Refuses after close what it should, and one message before.
struct closes_early : base {
  using base::base;
  send_result try_send(parcel&& m) {
    if ((m.id() & 0xff) == 77) return send_result::closed;
    return base::try_send(std::move(m));
  }
};
TEST(broken_between_threads, a_mailbox_that_says_closed_before_it_is_is_rejected) {
  EXPECT_TRUE(is_rejected<closes_early>(spec::fifo_monitor::closing, {.rules = {.capacity = 8}}));
}

}  // namespace
}  // namespace jacquard::property
