// jacquard/property/stretched_history.hpp: histories whose verdict is known by construction. A sequential
// program runs, one operation at each multiple of ten; then the operations' intervals are stretched around
// those moments. Such a history is linearizable: the moments are an order.
#pragma once

#include <rapidcheck.h>

#include <cstdint>
#include <jacquard/spec/linearizability.hpp>
#include <jacquard/spec/models.hpp>
#include <vector>

namespace jacquard::property {

namespace detail {

/// Stretches the operation at moment 10 * i: up to `overlap` moments to each side. One of twelve is pending.
template <class Op>
spec::timed<Op> stretched(Op operation, std::int64_t i, int overlap) {
  return {.operation = std::move(operation),
          .called = 10 * i - *rc::gen::inRange(0, 10 * overlap),
          .returned = 10 * i + *rc::gen::inRange(0, 10 * overlap)};
}

}  // namespace detail

/// `length` operations on a register, intervals that reach over `overlap` neighbours to each side; some
/// pending, with and without effect. Legal.
inline rc::Gen<std::vector<spec::timed<spec::register_model::operation_type>>>
stretched_register_history(int length, int overlap) {
  return rc::gen::exec([=] {
    using model = spec::register_model;
    model reg;
    std::vector<spec::timed<model::operation_type>> history;
    model::state_type now = reg.initial();
    for (int i = 0; i < length; ++i) {
      model::operation_type op{.what = static_cast<model::act>(*rc::gen::inRange(0, 3)),
                               .got = model::answer::done,
                               .value = *rc::gen::inRange(0, 5),
                               .expected = *rc::gen::inRange(0, 5)};
      const int fate = *rc::gen::inRange(0, 12);
      if (op.what == model::act::read) op.value = now;
      if (op.what == model::act::swap && op.expected != now) op.got = model::answer::mismatch;
      if (fate > 0) {
        model::state_type next = now;
        (void)reg.step(now, op, next);
        now = next;
      }
      auto t = detail::stretched(op, i, overlap);
      if (fate <= 1) {  // 0: it never took effect, 1: it did and did not return
        t.operation.got = model::answer::unknown;
        t.returned = spec::pending;
      }
      history.push_back(t);
    }
    return history;
  });
}

/// `length` operations on a bounded queue, stretched; with chance 1/2 one answer is then changed, so that
/// the history may be illegal.
///
/// `one_consumer`: what the consumer does does not overlap.
inline rc::Gen<std::vector<spec::timed<spec::queue_model::operation_type>>> stretched_queue_history(
    spec::queue_model model, int length, int overlap, bool one_consumer = false,
    bool closes = true) {
  return rc::gen::exec([=] {
    using act = spec::queue_model::act;
    std::vector<spec::timed<spec::queue_model::operation_type>> history;
    spec::queue_model::state_type now = model.initial();
    std::uint64_t next_id = 1;
    for (int i = 0; i < length; ++i) {
      spec::queue_model::operation_type op;
      const int what = *rc::gen::inRange(0, closes ? 12 : 11);
      if (what < 6) {
        op.id = next_id++;
        const bool full = now.waiting.size() >= model.capacity;
        if (now.closed) {
          op.result = send_result::closed;
        } else if (full) {
          constexpr send_result when_full[] = {send_result::busy, send_result::dropped,
                                               send_result::accepted, send_result::deadline};
          op.result = when_full[static_cast<int>(model.overflow)];
          if (model.overflow == overflow::drop_oldest) op.evicted = now.waiting.front();
        }
      } else if (what < 11) {
        op.what = now.waiting.empty() ? act::empty : act::receive;
        if (!now.waiting.empty()) op.id = now.waiting.front();
      } else {
        op.what = act::close;
        op.first = !now.closed;
      }
      spec::queue_model::state_type next;
      RC_ASSERT(model.step(now, op, next));
      now = next;
      history.push_back(detail::stretched(op, i, overlap));
      if (one_consumer && (op.what == act::receive || op.what == act::empty)) {
        history.back().called = 10 * i - 3;
        history.back().returned = 10 * i + 3;
      }
    }
    if (!history.empty() && *rc::gen::arbitrary<bool>()) {
      auto& op = history[*rc::gen::inRange<std::size_t>(0, history.size())].operation;
      switch (op.what) {
        case act::send:
          op.result = static_cast<send_result>(*rc::gen::inRange(0, 4));
          break;
        case act::receive:
          op.what = act::empty;
          op.id = 0;
          break;
        case act::empty:
          op.what = act::receive;
          op.id = *rc::gen::inRange<std::uint64_t>(1, next_id + 1);
          break;
        case act::close:
          op.first = !op.first;
          break;
      }
    }
    return history;
  });
}

}  // namespace jacquard::property
