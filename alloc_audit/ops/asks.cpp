// Operations of actors beyond the plain ones: every way to ask, refusals, orders, dead letters.
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <span>
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

struct note {
  std::uint64_t value;
};
struct hold {};  // until the gate is open

struct subject {
  using messages = jacquard::messages<echo, note, hold>;
  std::uint64_t on(context<subject>&, const echo& m) { return m.value; }
  void on(context<subject>&, const note&) {}
  void on(context<subject>&, const hold&) {
    held = true;
    held.notify_all();
    gate.wait(false);
  }
  inline static std::atomic<bool> held{false};
  inline static std::atomic<bool> gate{false};
};
using subject_ref = actor_ref<subject>;

// A system with one actor, and the end of both.
struct stage {
  native_environment world;
  actor_system system{world};
  ~stage() {
    subject::gate = true;
    subject::gate.notify_all();
    must(system.shutdown(60s).complete, "it ends");
  }
  static void hold_up(const subject_ref& who) {
    must(who.tell(hold{}) == send_result::accepted, "it lives");
    subject::held.wait(false);
  }
};

std::uint64_t ask_from_thread(std::uint64_t n) {
  stage here;
  const auto who = here.system.spawn<subject>();
  std::uint64_t done = 0;
  for (; done < n; ++done) {
    auto answer = who.ask(echo{done});
    must(answer.wait(sync::native::after(60s)) == reply_status::ready, "it answers");
    must(answer.take() == done, "what it was asked");
  }
  return done;
}

strand<std::uint64_t> ask_in_strand(subject_ref who, std::uint64_t n) {
  std::uint64_t done = 0;
  for (; done < n; ++done) {
    const auto got = co_await who.ask(echo{done});
    must(got && *got == done, "it answers");
  }
  co_return done;
}
std::uint64_t ask_awaited(std::uint64_t n) {
  stage here;
  const auto who = here.system.spawn<subject>();
  return block_on(here.system.workers(), ask_in_strand(who, n));
}

strand<std::uint64_t> ask_two(subject_ref who, std::uint64_t n, bool both) {
  std::uint64_t done = 0;
  for (; done < n; ++done) {
    std::array two{who.ask(echo{1}), who.ask(echo{2})};
    if (both) {
      must(co_await when_all(std::span<future<std::uint64_t>>(two)), "both answer");
    } else {
      must(co_await when_any(std::span<future<std::uint64_t>>(two)) < two.size(), "one is first");
    }
  }
  co_return done;
}
template <bool Both>
std::uint64_t ask_several(std::uint64_t n) {
  stage here;
  const auto who = here.system.spawn<subject>();
  return block_on(here.system.workers(), ask_two(who, n, Both));
}

// The actor is gone before it can answer, or answers just in time.
std::uint64_t ask_unanswered(std::uint64_t n) {
  stage here;
  std::uint64_t done = 0;
  for (; done < n; ++done) {
    const auto who = here.system.spawn<subject>();
    who.kill();
    auto answer = who.ask(echo{done});
    const reply_status how = answer.wait();
    must(how == reply_status::target_down || how == reply_status::ready, "it is told");
    must(here.system.wait_until_empty(sync::deadline::never()), "it ends");
  }
  return done;
}

// Given up before the answer comes, which comes late.
std::uint64_t ask_given_up(std::uint64_t n) {
  stage here;
  const auto who = here.system.spawn<subject>();
  std::uint64_t done = 0;
  for (; done < n; ++done) {
    auto answer = who.ask(echo{done});
    (void)answer.cancel();
    if (done % 64 == 63) must(answer_of(who.ask(echo{0})) == 0, "it keeps up");
  }
  return done;
}

std::uint64_t tell_busy(std::uint64_t n) {
  stage here;
  const auto who = here.system.spawn<subject>({.capacity = 1});
  stage::hold_up(who);
  must(who.tell(note{0}) == send_result::accepted, "there is room for one");
  std::uint64_t done = 0;
  for (; done < n; ++done) must(who.tell(note{done}) == send_result::busy, "and for no more");
  return done;
}
std::uint64_t tell_gone(std::uint64_t n) {
  stage here;
  const auto who = here.system.spawn<subject>();
  who.kill();
  must(here.system.wait_until_empty(sync::deadline::never()), "it ends");
  std::uint64_t done = 0;
  for (; done < n; ++done) must(who.tell(note{done}) == send_result::closed, "it is gone");
  return done;
}
// Stop and kill, over and over, to one that has not come round to it.
std::uint64_t order(std::uint64_t n) {
  stage here;
  const auto who = here.system.spawn<subject>();
  stage::hold_up(who);
  std::uint64_t done = 0;
  for (; done < n; ++done) must(done % 2 == 0 ? who.stop() : who.kill(), "it is still there");
  return done;
}

// Told while it cannot look, and killed: dead letters, with a hook that sees them.
std::uint64_t dead_letter(std::uint64_t n) {
  stage here;
  std::uint64_t done = 0;
  while (done < n) {
    const auto who = here.system.spawn<subject>();
    const std::uint64_t before = here.system.counters().dead_letters;
    subject::held = false;
    subject::gate = false;
    stage::hold_up(who);
    for (int i = 0; i < 64; ++i) must(who.tell(note{done}) == send_result::accepted, "it lives");
    who.kill();
    subject::gate = true;
    subject::gate.notify_all();
    must(here.system.wait_until_empty(sync::deadline::never()), "it ends");
    done += here.system.counters().dead_letters - before;
  }
  return done;
}

const registered all[] = {
    {"actor.ask_awaited", ask_awaited},      {"actor.ask_from_thread", ask_from_thread},
    {"actor.ask_given_up", ask_given_up},    {"actor.ask_unanswered", ask_unanswered},
    {"actor.dead_letter", dead_letter},      {"actor.order", order},
    {"actor.tell_busy", tell_busy},          {"actor.tell_gone", tell_gone},
    {"when_all.answers", ask_several<true>}, {"when_any.answers", ask_several<false>}};

}  // namespace
}  // namespace jacquard::audit
