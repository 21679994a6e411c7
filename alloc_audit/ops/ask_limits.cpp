// Operations with a limit of time: questions with a time-out, answered and not; waits with a deadline; calls.
#include <atomic>
#include <chrono>
#include <cstdint>
#include <utility>

#include <jacquard/actor/actor_system.hpp>
#include <jacquard/env/native_environment.hpp>
#include <jacquard/messaging/await_future.hpp>
#include <jacquard/messaging/strand.hpp>

#include "ops/answer.hpp"
#include "ops/op.hpp"

namespace jacquard::audit {
namespace {

using namespace std::chrono_literals;

struct hold {};  // until the gate is open
struct echoing {
  using messages = jacquard::messages<echo, hold>;
  std::uint64_t on(context<echoing>&, const echo& m) { return m.value; }
  void on(context<echoing>&, const hold&) {
    gate.wait(false);
    gate = false;
  }
  inline static std::atomic<bool> gate{false};
};
using echo_ref = actor_ref<echoing>;

// The actor is pinned and asked from elsewhere: each question travels.
struct stage {
  native_environment world;
  actor_system system{world, {.scheduling = {.workers = 2}}};
  echo_ref whom = system.spawn<echoing>({.pinned = 1});
  ~stage() { must(system.shutdown(60s).complete, "it ends"); }
};

std::uint64_t ask_timeout(std::uint64_t n) {
  stage here;
  std::uint64_t done = 0;
  for (; done < n; ++done) {
    must(answer_of(here.whom.ask(echo{done}, {.timeout = 1h})) == done, "it answers in an hour");
  }
  return done;
}
// While it is held up nobody can answer; now and then it catches up, so that letters do not pile up.
std::uint64_t ask_timed_out(std::uint64_t n) {
  stage here;
  std::uint64_t done = 0;
  while (done < n) {
    must(here.whom.tell(hold{}) == send_result::accepted, "it lives");
    for (int i = 0; i < 16; ++i, ++done) {
      auto answer = here.whom.ask(echo{done}, {.timeout = 1ns});
      must(answer.wait() == reply_status::timed_out, "nobody answers");
    }
    echoing::gate = true;
    echoing::gate.notify_all();
    must(answer_of(here.whom.ask(echo{0})) == 0, "it catches up");
  }
  return done;
}

enum class limit { of_the_question, of_the_wait };
strand<std::uint64_t> asks(echo_ref whom, std::uint64_t n, limit where) {
  std::uint64_t done = 0;
  for (; done < n; ++done) {
    const auto got = where == limit::of_the_question
                         ? co_await whom.ask(echo{done}, {.timeout = 1h})
                         : co_await within(whom.ask(echo{done}), 1h);
    must(got && *got == done, "it answers in an hour");
  }
  co_return done;
}
template <limit Where>
std::uint64_t ask_in_strand(std::uint64_t n) {
  stage here;
  return block_on(here.system.workers().on_worker(0), asks(here.whom, n, Where));
}

strand<std::uint64_t> waits_in_vain(std::uint64_t n) {
  std::uint64_t done = 0;
  for (; done < n; ++done) {
    future<std::uint64_t> never = future_pool<std::uint64_t>::make_of_process();
    must(co_await within(never, 1ns) == reply_status::timed_out, "nobody knows of it");
  }
  co_return done;
}
std::uint64_t within_timed_out(std::uint64_t n) {
  stage here;
  return block_on(here.system.workers().on_worker(0), waits_in_vain(n));
}

std::uint64_t wait_for_timed_out(std::uint64_t n) {
  std::uint64_t done = 0;
  for (; done < n; ++done) {
    auto never = future_pool<std::uint64_t>::make_of_process();
    must(never.wait_for(1ns) == reply_status::timed_out, "nobody knows of it");
  }
  return done;
}

// --- in handlers --------------------------------------------------------------------------------------------

struct many {
  using reply = std::uint64_t;
  std::uint64_t calls;
};
enum class form { call, call_timeout, call_inline };
template <form How>
struct calling {
  using messages = jacquard::messages<many>;
  explicit calling(echo_ref whom) : whom_(whom) {}
  std::uint64_t on(context<calling>& here, const many& m) {
    std::uint64_t done = 0;
    for (; done < m.calls; ++done) {
      const auto got = How == form::call_timeout ? here.call(whom_, echo{done}, {.timeout = 1h})
                                                 : here.call(whom_, echo{done});
      must(got && *got == done, "it answers");
    }
    return done;
  }
  echo_ref whom_;
};
template <form How>
std::uint64_t call(std::uint64_t n) {
  stage here;
  const auto whom = How == form::call_inline ? here.system.spawn<echoing>() : here.whom;
  return answer_of(here.system.spawn<calling<How>>({.pinned = 0}, whom).ask(many{n}));
}

struct begin {
  std::uint64_t asks;
  promise<std::uint64_t> over;
};
struct going_on {
  using messages = jacquard::messages<begin>;
  explicit going_on(echo_ref whom) : whom_(whom) {}
  void on(context<going_on>& here, const begin& m) {
    task_ = m;
    next(here);
  }
  void next(context<going_on>& here) {
    if (done_ == task_.asks) {
      must(task_.over.fulfil(std::uint64_t{done_}), "somebody waits");
      return;
    }
    must(whom_.ask(echo{done_}, {.timeout = 1h})
             .then(here,
                   [this](context<going_on>& now, const answered<std::uint64_t>& got) {
                     must(got && *got == done_, "it answers in an hour");
                     ++done_;
                     next(now);
                   }),
         "there is memory");
  }
  echo_ref whom_;
  begin task_{};
  std::uint64_t done_ = 0;
};
std::uint64_t ask_timeout_then(std::uint64_t n) {
  stage here;
  auto over = future_pool<std::uint64_t>::make_of_process();
  const auto who = here.system.spawn<going_on>({.pinned = 0}, here.whom);
  must(who.tell(begin{n, over.promise()}) == send_result::accepted, "it lives");
  return answer_of(std::move(over));
}

const registered all[] = {{"actor.ask_timed_out", ask_timed_out},
                          {"actor.ask_timeout", ask_timeout},
                          {"actor.ask_timeout_awaited", ask_in_strand<limit::of_the_question>},
                          {"actor.ask_timeout_then", ask_timeout_then},
                          {"actor.ask_within", ask_in_strand<limit::of_the_wait>},
                          {"actor.call", call<form::call>},
                          {"actor.call_inline", call<form::call_inline>},
                          {"actor.call_timeout", call<form::call_timeout>},
                          {"future.wait_for_timed_out", wait_for_timed_out},
                          {"future.within_timed_out", within_timed_out}};

}  // namespace
}  // namespace jacquard::audit
