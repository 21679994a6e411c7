// The linearizability search against a search by permutations that knows no shortcut, and against histories
// whose verdict is known by construction.
#include <gtest/gtest.h>

#include <cstdio>
#include <ctime>
#include <jacquard/property/cases.hpp>
#include <jacquard/property/show.hpp>
#include <jacquard/property/stretched_history.hpp>
#include <jacquard/spec/linearizability.hpp>
#include <jacquard/spec/models.hpp>

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

// A write of the value that is there observes nothing: placed at once, it would be missing later.
TEST(linearizability, a_write_that_changes_nothing_now_may_be_needed_later) {
  using model = register_model;
  const auto done = [](model::act what, std::int64_t value, std::int64_t expected,
                       std::int64_t called, std::int64_t returned) {
    return timed<model::operation_type>{.operation = {.what = what,
                                                      .got = model::answer::done,
                                                      .value = value,
                                                      .expected = expected},
                                        .called = called,
                                        .returned = returned};
  };
  const std::vector<timed<model::operation_type>> history = {
      done(model::act::write, 2, 0, 0, 4), done(model::act::swap, 3, 2, 0, 21),
      done(model::act::write, 2, 0, 0, 40), done(model::act::swap, 3, 2, 0, 65),
      done(model::act::swap, 1, 3, 26, 49)};
  register_model reg;
  EXPECT_EQ(spec::check_linearizable(reg, std::span(history)).verdict, verdict::legal);
}

// Many clients, a few keys: as services are tested. `clients` operations are in flight all the time.
std::vector<timed<kv_model::operation_type>> store_history(kv_model& model, int clients, int length,
                                                           std::uint64_t seed) {
  using op = kv_model::operation_type;
  const auto pick = [&seed](std::uint64_t below) {
    std::uint64_t z = (seed += 0x9e37'79b9'7f4a'7c15u);
    z = (z ^ (z >> 30)) * 0xbf58'476d'1ce4'e5b9u;
    return (z ^ (z >> 27)) % below;
  };
  std::vector<std::uint32_t> keys;
  for (int k = 0; k < 10; ++k) keys.push_back(model.key(std::to_string(k)));
  std::vector<std::uint32_t> now(keys.size(), 0);
  std::vector<std::int64_t> free_from(static_cast<std::size_t>(clients), 0);
  std::vector<timed<op>> history;
  for (std::int64_t i = 0; i < length; ++i) {
    const std::int64_t at = 10 * i;
    auto& from = free_from[static_cast<std::size_t>(i % clients)];
    op o{.what = static_cast<kv_model::act>(pick(2) == 0   ? 0
                                            : pick(6) == 0 ? 1
                                                           : 2),
         .answered = true,
         .key = keys[pick(keys.size())],
         .value = 0};
    std::uint32_t& value = now[o.key];
    const std::uint32_t mine = model.strings.number("x" + std::to_string(i) + "y");
    if (o.what == kv_model::act::put) value = mine;
    if (o.what == kv_model::act::append) value = model.strings.concatenated(value, mine);
    o.value = o.what == kv_model::act::get ? value : mine;
    const std::int64_t returned =
        at + 1 + static_cast<std::int64_t>(pick(5u * static_cast<unsigned>(clients)));
    history.push_back({.operation = o,
                       .called = std::max(from, at - static_cast<std::int64_t>(pick(
                                                         5u * static_cast<unsigned>(clients)))),
                       .returned = returned});
    from = returned + 1;
  }
  return history;
}

TEST(linearizability, fifty_clients_and_two_thousand_operations_are_judged_by_key) {
  const auto key_of = [](const kv_model::operation_type& op) { return op.key; };
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    kv_model model;
    auto history = store_history(model, 50, 2000, seed);
    const std::clock_t start = std::clock();
    const auto legal = spec::check_linearizable_by_key(model, std::span(history), key_of);
    const double legal_ms = 1000.0 * static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    EXPECT_EQ(legal.verdict, verdict::legal);
    // The last read gives what the first of its key gave: appends that returned long ago are missing.
    const auto last = std::find_if(history.rbegin(), history.rend(), [](const auto& t) {
      return t.operation.what == kv_model::act::get;
    });
    const auto stale = std::ranges::find_if(history, [&](const auto& t) {
      return t.operation.what == kv_model::act::get && t.operation.key == last->operation.key;
    });
    last->operation.value = stale->operation.value;
    const std::clock_t again = std::clock();
    const auto illegal = spec::check_linearizable_by_key(model, std::span(history), key_of);
    EXPECT_EQ(illegal.verdict, verdict::illegal);
    std::printf(
        "    50 clients, 2000 operations: legal in %.1f ms (%llu configurations), "
        "illegal in %.1f ms (%llu)\n",
        legal_ms, static_cast<unsigned long long>(legal.configurations),
        1000.0 * static_cast<double>(std::clock() - again) / CLOCKS_PER_SEC,
        static_cast<unsigned long long>(illegal.configurations));
  }
}

}  // namespace
}  // namespace jacquard::property
