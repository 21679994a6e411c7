// Real threads on every mailbox under every policy: the history is recorded, with moments and unique ids,
// and judged.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <jacquard/mailbox/linked_mailbox.hpp>
#include <jacquard/mailbox/locked_mailbox.hpp>
#include <jacquard/mailbox/ring_mailbox.hpp>
#include <jacquard/property/native_session.hpp>
#include <jacquard/spec/linearizability.hpp>
#include <jacquard/spec/models.hpp>
#include <set>

namespace jacquard {
// How GoogleTest names a parameter.
inline void PrintTo(overflow policy, std::ostream* os) { *os << to_string(policy); }
}  // namespace jacquard

namespace jacquard::property {
namespace {

// Sessions for each mailbox and policy.
std::uint32_t session_count() {
  const char* const told = std::getenv("JACQUARD_SESSIONS");
  const int count = told == nullptr ? 36 : std::atoi(told);
  return count < 1 ? 1 : static_cast<std::uint32_t>(count);
}

session_plan plan_number(std::uint32_t i, overflow policy, bool may_be_unbounded) {
  constexpr std::uint32_t capacities[] = {1, 2, 3, 7, 8, 64};
  constexpr std::uint32_t limits[] = {1, 5, 64};
  session_plan plan;
  plan.rules.capacity = may_be_unbounded && i % 4 == 3 ? unbounded : capacities[i % 6];
  plan.rules.control_capacity = i % 5 == 0 ? 1 : 4;
  plan.rules.overflow = policy;
  plan.rules.scheduled_by_hook = i % 2 == 1;
  plan.senders = 2 + i % 3;
  plan.receive_limit = limits[(i / 2) % 3];
  plan.close_after = i % 4 < 2 ? 0 : 150;
  plan.seed = i + 1;
  return plan;
}

struct tally {
  std::uint64_t sent[7] = {};
  std::uint64_t events = 0;
  std::uint64_t received = 0;
  std::uint64_t control = 0;
  std::uint64_t starts = 0;
};

template <class Box>
tally judge_sessions(const char* kind, overflow policy, bool may_be_unbounded) {
  tally all;
  for (std::uint32_t i = 0; i < session_count(); ++i) {
    const session_plan plan = plan_number(i, policy, may_be_unbounded);
    const session_record r = native_session<Box>::run(plan);
    for (const spec::violation& v : r.violations) {
      ADD_FAILURE() << kind << " x " << to_string(policy) << ", session " << i << " (capacity "
                    << plan.rules.capacity << "): " << v.rule << ": " << v.words;
    }
    EXPECT_EQ(r.miscounted, "") << kind << ", session " << i;
    EXPECT_EQ(r.leaked, 0) << kind << ", session " << i;
    for (int s = 0; s < 7; ++s) all.sent[s] += r.sent[s];
    all.events += r.history.size();
    all.received += r.received;
    all.control += r.control_received;
    all.starts += r.starts;
    if (testing::Test::HasFailure()) break;
  }
  std::printf("    %-6s x %-11s %u sessions, %llu events:", kind, to_string(policy),
              session_count(), static_cast<unsigned long long>(all.events));
  for (int s = 0; s < 7; ++s) {
    if (all.sent[s] == 0) continue;
    std::printf(" %s %llu", to_string(static_cast<send_result>(s)),
                static_cast<unsigned long long>(all.sent[s]));
  }
  std::printf(
      "; received %llu, control %llu, starts %llu\n", static_cast<unsigned long long>(all.received),
      static_cast<unsigned long long>(all.control), static_cast<unsigned long long>(all.starts));
  return all;
}

struct mailbox_histories : testing::TestWithParam<overflow> {
  static void did_its_work(const tally& all) {
    EXPECT_GT(all.received, 0u);
    EXPECT_GT(all.control, 0u);
    if (session_count() >= 12) {
      EXPECT_GT(all.starts, 0u);
      EXPECT_GT(all.sent[static_cast<int>(send_result::closed)], 0u);
      EXPECT_GT(all.sent[static_cast<int>(send_result::too_large)], 0u);
    }
  }
};
INSTANTIATE_TEST_SUITE_P(overflow, mailbox_histories,
                         testing::Values(overflow::reject, overflow::drop_newest,
                                         overflow::drop_oldest, overflow::block),
                         [](const auto& instance) {
                           return std::string(to_string(instance.param));
                         });

TEST_P(mailbox_histories, a_ring_mailbox_is_a_fifo_for_real_threads) {
  did_its_work(judge_sessions<ring_mailbox<parcel, signal>>("ring", GetParam(), false));
}
TEST_P(mailbox_histories, a_linked_mailbox_is_a_fifo_for_real_threads) {
  if (GetParam() == overflow::drop_oldest) return;  // refused; mailbox_properties says so
  did_its_work(judge_sessions<linked_mailbox<parcel, signal>>("linked", GetParam(), true));
}
TEST_P(mailbox_histories, a_locked_mailbox_is_a_fifo_for_real_threads) {
  did_its_work(judge_sessions<locked_mailbox<parcel, signal>>("locked", GetParam(), false));
}

// The monitor's rules about room are necessary, not sufficient. Short sessions can be searched: each is
// linearizable as a bounded queue, to the exact bound. (Not drop_oldest: it makes room and takes it in two
// steps, and another sender may come between.)

using queue_operation = spec::queue_model::operation_type;

std::vector<spec::timed<queue_operation>> queue_history(const std::vector<spec::event>& events) {
  using act = spec::queue_model::act;
  std::vector<spec::timed<queue_operation>> history;
  for (const spec::event& e : events) {
    queue_operation op{.result = e.result, .first = e.first, .id = e.id};
    switch (e.kind) {
      case spec::event_kind::send:
        if (e.result == send_result::too_large) continue;
        op.what = act::send;
        break;
      case spec::event_kind::hand_out:
        op.what = act::receive;
        break;
      case spec::event_kind::idle:
      case spec::event_kind::finished:
        op.what = act::empty;
        break;
      case spec::event_kind::close:
        op.what = act::close;
        break;
      default:
        continue;
    }
    history.push_back({.operation = op, .called = e.called, .returned = e.returned});
  }
  return history;
}

template <class Box>
void search_sessions(const char* kind, overflow policy) {
  std::size_t operations = 0;
  std::uint64_t configurations = 0;
  std::uint64_t refused = 0;
  const std::uint32_t sessions = 4 * session_count();
  for (std::uint32_t i = 0; i < sessions; ++i) {
    session_plan plan{.rules = {.capacity = 1 + i % 3, .overflow = policy}};
    plan.rules.scheduled_by_hook = i % 2 == 1;
    plan.senders = 2 + i % 2;
    plan.messages_each = 12;
    plan.receive_limit = 1 + i % 3;
    plan.control_every = 0;
    plan.close_after = i % 3 == 0 ? 8 : 0;
    plan.seed = i + 1;
    const session_record r = native_session<Box>::run(plan);
    const auto history = queue_history(r.history);
    spec::queue_model model{.capacity = plan.rules.capacity, .overflow = policy};
    const auto report = spec::check_linearizable(model, std::span(history));
    ASSERT_EQ(to_string(report.verdict), std::string("legal"))
        << kind << " x " << to_string(policy) << ", session " << i << ", operation " << report.stuck
        << " of " << history.size();
    operations += history.size();
    configurations += report.configurations;
    refused += r.sent[static_cast<int>(send_result::busy)] +
               r.sent[static_cast<int>(send_result::dropped)] +
               r.sent[static_cast<int>(send_result::deadline)];
  }
  EXPECT_GT(refused, 0u) << "never full";
  std::printf(
      "    %-6s x %-11s %u sessions, %zu operations, %llu for want of room, %llu configurations\n",
      kind, to_string(policy), sessions, operations, static_cast<unsigned long long>(refused),
      static_cast<unsigned long long>(configurations));
}

TEST(mailbox_histories_searched, short_sessions_are_linearizable_bounded_queues) {
  for (const overflow policy : {overflow::reject, overflow::drop_newest, overflow::block}) {
    search_sessions<ring_mailbox<parcel, signal>>("ring", policy);
    search_sessions<linked_mailbox<parcel, signal>>("linked", policy);
    search_sessions<locked_mailbox<parcel, signal>>("locked", policy);
  }
}

}  // namespace
}  // namespace jacquard::property
