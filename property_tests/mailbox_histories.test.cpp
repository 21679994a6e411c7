// Real threads on every mailbox under every policy: the history is recorded, with moments and unique ids,
// and judged.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <jacquard/mailbox/linked_mailbox.hpp>
#include <jacquard/mailbox/locked_mailbox.hpp>
#include <jacquard/mailbox/ring_mailbox.hpp>
#include <jacquard/mailbox/sharded_mailbox.hpp>
#include <jacquard/property/native_session.hpp>
#include <jacquard/spec/linearizability.hpp>
#include <jacquard/spec/models.hpp>
#include <limits>
#include <span>
#include <string_view>
#include <thread>
#include <vector>

namespace jacquard {
// How GoogleTest names a parameter.
inline void PrintTo(overflow policy, std::ostream* os) { *os << to_string(policy); }
}  // namespace jacquard

namespace jacquard::property {
namespace {

// A session's sender is in the high half of its messages' ids, and here also says which shard.
struct sharded_by_sender : sharded_mailbox<parcel, 2, signal> {
  using sharded_mailbox<parcel, 2, signal>::sharded_mailbox;
  static std::uint32_t shard_of(std::uint64_t id) {
    return static_cast<std::uint32_t>(id >> 32) % shards;
  }
  send_result send(parcel&& message) {
    return sender_of(shard_of(message.id())).send(std::move(message));
  }
  send_result try_send(parcel&& message) {
    return sender_of(shard_of(message.id())).try_send(std::move(message));
  }
};

// What one shard saw: its own messages, and all that is not about a message.
std::vector<spec::event> history_of(std::uint32_t shard, std::span<const spec::event> history) {
  using kind = spec::event_kind;
  std::vector<spec::event> own;
  for (const spec::event& e : history) {
    const bool is_message =
        e.kind == kind::send || e.kind == kind::hand_out || e.kind == kind::letter;
    if (!is_message || sharded_by_sender::shard_of(e.id) == shard) own.push_back(e);
  }
  return own;
}

// The histories that are a FIFO's each.
template <class Box>
std::vector<std::vector<spec::event>> fifos_of(const std::vector<spec::event>& history) {
  if constexpr (requires { Box::shards; }) {
    std::vector<std::vector<spec::event>> all;
    for (std::uint32_t shard = 0; shard < Box::shards; ++shard)
      all.push_back(history_of(shard, history));
    return all;
  } else {
    return {history};
  }
}

// I4: no send that began after another one, in whichever shard, was told closed is accepted.
bool closes_at_one_instant(std::span<const spec::event> history) {
  std::int64_t first_told = std::numeric_limits<std::int64_t>::max();
  for (const spec::event& e : history) {
    if (e.kind == spec::event_kind::send && e.result == send_result::closed) {
      first_told = std::min(first_told, e.returned);
    }
  }
  return std::ranges::none_of(history, [&](const spec::event& e) {
    return e.kind == spec::event_kind::send && e.result == send_result::accepted &&
           e.called > first_told;
  });
}

// All rules of the whole, but for order and room, which are each shard's.
template <class Box>
std::vector<spec::violation> violations_of(const session_record& r, const session_plan& plan) {
  if constexpr (requires { Box::shards; }) {
    std::vector<spec::violation> found;
    for (const spec::violation& v : r.violations) {
      const std::string_view rule = v.rule;
      if (rule != spec::fifo_monitor::order && rule != spec::fifo_monitor::room) found.push_back(v);
    }
    for (const auto& own : fifos_of<Box>(r.history)) {
      const auto in_shard = spec::fifo_monitor::judge(own, {.rules = plan.rules});
      found.insert(found.end(), in_shard.begin(), in_shard.end());
    }
    return found;
  } else {
    return r.violations;
  }
}

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
    EXPECT_TRUE(closes_at_one_instant(r.history)) << kind << ", session " << i;
    for (const spec::violation& v : violations_of<Box>(r, plan)) {
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
  std::printf("    %-7s x %-11s %u sessions, %llu events:", kind, to_string(policy),
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
TEST_P(mailbox_histories, each_shard_of_a_sharded_mailbox_is_a_fifo_for_real_threads) {
  did_its_work(judge_sessions<sharded_by_sender>("sharded", GetParam(), false));
}
TEST_P(mailbox_histories, a_locked_mailbox_is_a_fifo_for_real_threads) {
  did_its_work(judge_sessions<locked_mailbox<parcel, signal>>("locked", GetParam(), false));
}

// The claim of all shards together, with one that breaks it: the shards close one by one, and nobody helps.
struct closes_one_by_one : sharded_by_sender {
  using sharded_by_sender::sharded_by_sender;
  send_result send(parcel&& message) {
    return shards_[shard_of(message.id())].send(std::move(message));
  }
  send_result try_send(parcel&& message) {
    return shards_[shard_of(message.id())].try_send(std::move(message));
  }
  bool close() {
    if (closed_.exchange(true)) return false;
    (void)shards_[0].close();
    std::this_thread::sleep_for(std::chrono::milliseconds{2});
    (void)shards_[1].close();
    return true;
  }
  std::atomic<bool> closed_{false};
};
TEST(mailbox_histories_of_shards, one_that_closes_its_shards_one_by_one_is_rejected) {
  for (std::uint32_t i = 0; i < 50; ++i) {
    session_plan plan{.rules = {.capacity = 64}, .close_after = 50};
    plan.seed = i + 1;
    if (!closes_at_one_instant(native_session<closes_one_by_one>::run(plan).history)) {
      std::printf("    rejected in session %u\n", i + 1);
      return;
    }
  }
  ADD_FAILURE() << "never";
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
    for (const std::vector<spec::event>& events : fifos_of<Box>(r.history)) {
      const auto history = queue_history(events);
      spec::queue_model model{.capacity = plan.rules.capacity, .overflow = policy};
      const auto report = spec::check_linearizable(model, std::span(history));
      ASSERT_EQ(to_string(report.verdict), std::string("legal"))
          << kind << " x " << to_string(policy) << ", session " << i << ", operation "
          << report.stuck << " of " << history.size();
      operations += history.size();
      configurations += report.configurations;
    }
    refused += r.sent[static_cast<int>(send_result::busy)] +
               r.sent[static_cast<int>(send_result::dropped)] +
               r.sent[static_cast<int>(send_result::deadline)];
  }
  EXPECT_GT(refused, 0u) << "never full";
  std::printf(
      "    %-7s x %-11s %u sessions, %zu operations, %llu for want of room, %llu configurations\n",
      kind, to_string(policy), sessions, operations, static_cast<unsigned long long>(refused),
      static_cast<unsigned long long>(configurations));
}

TEST(mailbox_histories_searched, short_sessions_are_linearizable_bounded_queues) {
  for (const overflow policy : {overflow::reject, overflow::drop_newest, overflow::block}) {
    search_sessions<ring_mailbox<parcel, signal>>("ring", policy);
    search_sessions<linked_mailbox<parcel, signal>>("linked", policy);
    search_sessions<locked_mailbox<parcel, signal>>("locked", policy);
    search_sessions<sharded_by_sender>("sharded", policy);
  }
}

}  // namespace
}  // namespace jacquard::property
