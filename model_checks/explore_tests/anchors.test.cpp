// How many ways a receiver can see its messages, by what the network promises. The numbers are those of
// TraceForge's semantics_comparison (awslabs/TraceForge): bag, first in first out for each pair, causal,
// mailbox. Three programs of messages to one receiver, which takes three:
//
//   relay        A sends 3, and then 5 to B, who sends 4 once it has 5; a third sender sends 1, 2   24 12 6 6
//   strangers    the same without A's message to B                                                  24 12 12 12
//   monologue    one sender sends 1, 2, 3                                                            6  1 1 1
//
// A delivery is one update of the receiver's word, so the explorer has one execution for each order of
// deliveries. A thread delivers what has an order; what has none has threads of its own. Below that, the mailboxes
// that ship keep the promise of the fourth column: a sender puts its message in place itself.
#include <gtest/gtest.h>

#include <array>
#include <set>

#include <checks/kinds.hpp>
#include <jacquard/model/explore/engine.hpp>
#include <jacquard/model/explore/policy.hpp>

namespace {

using namespace jacquard;
using model::explore;
using enum std::memory_order;

using sequence = std::array<std::uint32_t, 3>;
std::set<sequence> seen;  // by the receivers of one search

// Where deliveries get their place: one update each.
class one_word {
 public:
  void deliver(std::uint32_t message) { order_[places_.fetch_add(1, relaxed)] = message; }
  void receive() const { seen.insert({order_[0], order_[1], order_[2]}); }

 private:
  explore::atomic<std::uint32_t> places_{0};
  std::array<std::uint32_t, 4> order_{};  // each place is written by who took it
};

template <class Kind>
class a_mailbox {
 public:
  void deliver(std::uint32_t message) {
    explore::require(box_.send(checks::letter{message}) == send_result::accepted, "there is room");
  }
  void receive() {
    sequence got{};
    std::size_t count = 0;
    (void)box_.receive(3, [&](checks::letter&& one) { got[count++] = one.number; });
    explore::require(count == 3, "three are there");
    seen.insert(got);
  }

 private:
  typename Kind::template mailbox<checks::letter, no_control, explore> box_{{.capacity = 4}};
};

// Nothing has an order: each message has a thread.
template <class To, unsigned Messages>
struct bag {
  static constexpr unsigned thread_count = Messages;
  To to;
  void thread(unsigned i) { to.deliver(i + 1); }
  void after() { to.receive(); }
};

// 1 before 2; 3 and 4 whenever they come.
template <class To>
struct pairs {
  static constexpr unsigned thread_count = 3;
  To to;
  void thread(unsigned i) {
    if (i == 0) {
      to.deliver(1);
      to.deliver(2);
    } else {
      to.deliver(i + 2);
    }
  }
  void after() { to.receive(); }
};

// 1 before 2, and 3 before 4, because B sends 4 only when it has A's 5.
template <class To>
struct relay {
  static constexpr unsigned thread_count = 3;
  To to;
  explore::atomic<std::uint32_t> to_b{0};
  void thread(unsigned i) {
    if (i == 0) {
      to.deliver(1);
      to.deliver(2);
    } else if (i == 1) {
      to.deliver(3);
      to_b.store(5, release);
    } else {
      explore::await([this] { return to_b.load(acquire) == 5; });
      to.deliver(4);
    }
  }
  void after() { to.receive(); }
};

template <class To>
struct monologue {
  static constexpr unsigned thread_count = 1;
  To to;
  void thread(unsigned) {
    for (std::uint32_t message = 1; message <= 3; ++message) to.deliver(message);
  }
  void after() { to.receive(); }
};

template <class Program>
model::certificate explored() {
  seen.clear();
  const model::certificate c = model::run_explore<Program>({});
  EXPECT_EQ(c.verdict, model::verdict::holds) << c.what << "\n" << c.history;
  EXPECT_EQ(c.truncated, 0u);
  return c;
}

// One execution for each sequence.
template <class Program>
void expect_exactly(std::uint64_t sequences) {
  const model::certificate c = explored<Program>();
  EXPECT_EQ(c.executions, sequences);
  EXPECT_EQ(seen.size(), sequences);
}

TEST(anchors, a_bag_delivers_in_any_order) {
  expect_exactly<bag<one_word, 4>>(24);  // relay and strangers
  expect_exactly<bag<one_word, 3>>(6);   // monologue
}
TEST(anchors, pairs_keep_each_senders_order) {
  expect_exactly<pairs<one_word>>(12);  // relay and strangers
  expect_exactly<monologue<one_word>>(1);
}
TEST(anchors, causes_come_before_effects) {
  expect_exactly<relay<one_word>>(6);
  expect_exactly<pairs<one_word>>(12);  // strangers: no cause
}

// An effect among the received has its cause before it: 2 has 1, and in `relay` 4 has 3.
bool is_causal(const sequence& each, std::uint32_t effect) {
  for (const std::uint32_t message : each) {
    if (message == effect - 1) return true;
    if (message == effect) return false;
  }
  return true;
}

// The lock-free mailboxes have more executions: a compare-and-swap that fails and tries again leaves the same
// sequence.
template <class To>
void expect_sequences_of_relay_and_monologue() {
  (void)explored<relay<To>>();
  EXPECT_EQ(seen.size(), 6u);
  for (const sequence& each : seen) EXPECT_TRUE(is_causal(each, 2) && is_causal(each, 4));
  (void)explored<monologue<To>>();
  EXPECT_EQ(seen, std::set<sequence>({{1, 2, 3}}));
}

TEST(mailbox_anchors, of_the_ring) {
  expect_sequences_of_relay_and_monologue<a_mailbox<checks::ring>>();
  (void)explored<pairs<a_mailbox<checks::ring>>>();
  EXPECT_EQ(seen.size(), 12u);
  for (const sequence& each : seen) EXPECT_TRUE(is_causal(each, 2));
}
// Its 523,200 executions of `strangers` take long, so the test leaves that program out.
TEST(mailbox_anchors, of_the_linked) {
  expect_sequences_of_relay_and_monologue<a_mailbox<checks::linked>>();
}
TEST(mailbox_anchors, of_the_locked_with_one_execution_for_each_sequence) {
  expect_sequences_of_relay_and_monologue<a_mailbox<checks::locked>>();
  expect_exactly<relay<a_mailbox<checks::locked>>>(6);
  expect_exactly<pairs<a_mailbox<checks::locked>>>(12);
  expect_exactly<monologue<a_mailbox<checks::locked>>>(1);
}

}  // namespace
