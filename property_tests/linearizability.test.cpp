// The linearizability search against a search by permutations that knows no shortcut, and against histories
// whose verdict is known by construction.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <jacquard/property/cases.hpp>
#include <jacquard/property/show.hpp>
#include <jacquard/property/stretched_history.hpp>
#include <jacquard/spec/linearizability.hpp>
#include <jacquard/spec/models.hpp>
#include <map>

namespace jacquard::property {
namespace {

using spec::kv_model;
using spec::pending;
using spec::queue_model;
using spec::register_model;
using spec::timed;
using spec::verdict;

// Every order that respects the intervals, every subset of the pending operations.
template <class M>
bool brute_force(M& model, const std::vector<timed<typename M::operation_type>>& history,
                 const typename M::state_type& state, unsigned placed) {
  bool all = true;
  std::int64_t earliest_return = pending;
  for (std::size_t i = 0; i < history.size(); ++i) {
    if ((placed >> i & 1) != 0 || history[i].returned == pending) continue;
    all = false;
    earliest_return = std::min(earliest_return, history[i].returned);
  }
  if (all) return true;
  for (std::size_t i = 0; i < history.size(); ++i) {
    if ((placed >> i & 1) != 0 || history[i].called > earliest_return) continue;
    typename M::state_type next = state;
    if (model.step(state, history[i].operation, next) &&
        brute_force(model, history, next, placed | 1u << i)) {
      return true;
    }
  }
  return false;
}

// The rule `at once` rests on it.
template <class M>
void observers_change_nothing(M& model,
                              const std::vector<timed<typename M::operation_type>>& history,
                              const signature_guard& guard) {
  typename M::state_type now = model.initial();
  for (const auto& [op, called, returned] : history) {
    typename M::state_type next = now;
    if (!model.step(now, op, next)) continue;
    guard.require(!model.only_observes(op) || next == now, "only_observes",
                  "an operation that only observes leaves the state as it is");
    now = next;
  }
}

template <class M>
void agrees(M& model, const std::vector<timed<typename M::operation_type>>& history,
            const signature_guard& guard) {
  const bool legal = brute_force(model, history, model.initial(), 0);
  observers_change_nothing(model, history, guard);
  const auto report = spec::check_linearizable(model, std::span(history));
  RC_TAG(legal ? "legal" : "illegal");
  guard.require(report.verdict == (legal ? verdict::legal : verdict::illegal), "verdict",
                "the search and the permutations disagree");
  if (!legal) return;
  typename M::state_type state = model.initial();
  std::vector<bool> placed(history.size());
  for (const std::size_t i : report.order) {
    typename M::state_type next = state;
    guard.require(model.step(state, history[i].operation, next), "order",
                  "the order that was found does not give these answers");
    for (std::size_t j = 0; j < history.size(); ++j) {
      guard.require(placed[j] || j == i || history[j].returned >= history[i].called, "order",
                    "the order that was found breaks the intervals");
    }
    placed[i] = true;
    state = next;
  }
  for (std::size_t i = 0; i < history.size(); ++i) {
    guard.require(placed[i] || history[i].returned == pending, "order",
                  "the order that was found leaves an operation out");
  }
}

// Up to seven operations with short random intervals; one in six is pending.
template <class Op>
rc::Gen<std::vector<timed<Op>>> any_history(rc::Gen<Op> operation,
                                            std::function<void(Op&)> unanswered) {
  auto one = rc::gen::apply(
      [unanswered](Op op, int called, int length, int fate) {
        timed<Op> t{.operation = op, .called = called, .returned = called + length};
        if (fate == 0) {
          t.returned = pending;
          unanswered(t.operation);
        }
        return t;
      },
      std::move(operation), rc::gen::inRange(0, 12), rc::gen::inRange(0, 8),
      rc::gen::inRange(0, 6));
  return rc::gen::mapcat(rc::gen::inRange<std::size_t>(0, 8), [one](std::size_t n) {
    return rc::gen::container<std::vector<timed<Op>>>(n, one);
  });
}

TEST(linearizability, a_register_is_judged_as_by_trying_every_order) {
  using op = register_model::operation_type;
  const auto operation = rc::gen::apply(
      [](int what, int value, int expected, bool ok) {
        op o{.what = static_cast<register_model::act>(what),
             .got = register_model::answer::done,
             .value = value == 3 ? register_model::nil : value,
             .expected = expected == 3 ? register_model::nil : expected};
        if (o.what == register_model::act::swap && !ok) o.got = register_model::answer::mismatch;
        return o;
      },
      rc::gen::inRange(0, 3), rc::gen::inRange(0, 4), rc::gen::inRange(0, 4),
      rc::gen::arbitrary<bool>());
  EXPECT_TRUE(holds("register histories", [&](const signature_guard& guard) {
    register_model model;
    agrees(model,
           *any_history<op>(operation, [](op& o) { o.got = register_model::answer::unknown; }),
           guard);
    auto history = *stretched_register_history(*rc::gen::inRange(0, 9), 4);
    agrees(model, history, guard);
    if (history.empty()) return;
    history[*rc::gen::inRange<std::size_t>(0, history.size())].operation.value =
        *rc::gen::inRange(0, 5);
    agrees(model, history, guard);
  }));
}

TEST(linearizability, a_store_is_judged_as_by_trying_every_order) {
  using op = kv_model::operation_type;
  EXPECT_TRUE(holds("key-value histories", [&](const signature_guard& guard) {
    kv_model model;
    const std::uint32_t keys[] = {model.key("a"), model.key("b")};
    const std::uint32_t values[] = {model.strings.number(""), model.strings.number("x"),
                                    model.strings.number("y"), model.strings.number("xy"),
                                    model.strings.number("xx")};
    const auto operation = rc::gen::apply(
        [&](int what, int key, int value) {
          return op{.what = static_cast<kv_model::act>(what),
                    .answered = true,
                    .key = keys[key],
                    .value = values[what == 0 ? value : 1 + value % 2]};
        },
        rc::gen::inRange(0, 3), rc::gen::inRange(0, 2), rc::gen::inRange(0, 5));
    const auto history = *any_history<op>(operation, [](op& o) { o.answered = false; });
    agrees(model, history, guard);
    const auto key_of = [](const op& o) { return o.key; };
    guard.require(spec::check_linearizable_by_key(model, std::span(history), key_of).verdict ==
                      spec::check_linearizable(model, std::span(history)).verdict,
                  "by key", "a store is legal exactly where each key is");
  }));
}

TEST(linearizability, a_queue_is_judged_as_by_trying_every_order) {
  EXPECT_TRUE(holds("queue histories", [&](const signature_guard& guard) {
    queue_model model{.capacity = *rc::gen::inRange(1u, 4u),
                      .overflow = static_cast<overflow>(*rc::gen::inRange(0, 4))};
    const auto history = *stretched_queue_history(model, 7, 3);
    agrees(model, history, guard);
  }));
}

TEST(linearizability, what_was_stretched_from_an_order_is_legal_and_a_wrong_answer_is_not) {
  EXPECT_TRUE(holds("stretched register histories", [](const signature_guard& guard) {
    register_model model;
    auto history = *stretched_register_history(*rc::gen::inRange(0, 60), 5);
    guard.require(spec::check_linearizable(model, std::span(history)).verdict == verdict::legal,
                  "legal", "a history made from an order has one");
    // A read of a value that nobody wrote has no place, whatever else happened.
    history.push_back({.operation = {.what = register_model::act::read,
                                     .got = register_model::answer::done,
                                     .value = 12'345},
                       .called = *rc::gen::inRange(0, 400),
                       .returned = 1000});
    guard.require(spec::check_linearizable(model, std::span(history)).verdict == verdict::illegal,
                  "illegal", "an answer from nowhere is noticed");
  }));
}

TEST(linearizability, a_limit_that_is_reached_is_unknown_and_never_legal) {
  register_model model;
  std::vector<timed<register_model::operation_type>> history;
  for (int i = 0; i < 14; ++i) {
    history.push_back({.operation = {.what = register_model::act::write,
                                     .got = register_model::answer::done,
                                     .value = i},
                       .called = 0,
                       .returned = 100});
  }
  history.push_back({.operation = {.what = register_model::act::read,
                                   .got = register_model::answer::done,
                                   .value = 99},
                     .called = 50,
                     .returned = 100});
  const auto few = spec::check_linearizable(model, std::span(history), {.configurations_max = 64});
  EXPECT_EQ(few.verdict, verdict::unknown);
  const spec::search_limits stopped{.stop = [](void*) noexcept { return true; }};
  EXPECT_EQ(spec::check_linearizable(model, std::span(history), stopped).verdict, verdict::unknown);
  const auto all = spec::check_linearizable(model, std::span(history));
  EXPECT_EQ(all.verdict, verdict::illegal);
  EXPECT_EQ(all.configurations, 14u * (1u << 13) + 1) << "14 last writers, any subset before";
}

TEST(linearizability, a_verdict_of_illegal_names_the_operation_that_had_no_place) {
  register_model model;
  const std::vector<timed<register_model::operation_type>> history = {
      {.operation = {.what = register_model::act::write,
                     .got = register_model::answer::done,
                     .value = 1},
       .called = 0,
       .returned = 1},
      {.operation = {.what = register_model::act::read,
                     .got = register_model::answer::done,
                     .value = 2},
       .called = 2,
       .returned = 3}};
  const auto report = spec::check_linearizable(model, std::span(history));
  EXPECT_EQ(report.verdict, verdict::illegal);
  EXPECT_EQ(report.order, std::vector<std::size_t>{0});
  EXPECT_EQ(report.stuck, 1u);
}

}  // namespace
}  // namespace jacquard::property
