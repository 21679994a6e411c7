// Operations of the actor runtime: tell, ask, spawn and stop, futures, slabs.
#include <array>
#include <cstdint>
#include <span>

#include <jacquard/actor/actor_system.hpp>
#include <jacquard/env/native_environment.hpp>
#include <jacquard/memory/slab.hpp>
#include <jacquard/messaging/await_future.hpp>

#include "ops/answer.hpp"
#include "ops/op.hpp"

namespace jacquard::audit {
namespace {

struct ball {
  std::uint64_t left;
};
struct count {
  using reply = std::uint64_t;
};

struct player {
  using messages = jacquard::messages<actor_ref<player>, ball, count>;

  void on(context<player>&, const actor_ref<player>& other) { partner = other; }
  void on(context<player>& here, const ball& m) {
    ++handled;
    if (m.left > 0) {
      must(partner.tell(ball{m.left - 1}) == send_result::accepted, "the partner takes the ball");
    } else {
      (void)here;
      done = true;
    }
  }
  std::uint64_t on(context<player>&, const count&) { return done ? handled : 0; }

  actor_ref<player> partner;
  std::uint64_t handled = 0;
  bool done = false;
};

std::uint64_t asked(const actor_ref<player>& who) { return answer_of(who.ask(count{})); }

// n messages between two actors.
std::uint64_t tell(std::uint64_t n) {
  native_environment world;
  actor_system system(world);
  const auto one = system.spawn<player>();
  const auto two = system.spawn<player>();
  must(one.tell(two) == send_result::accepted && two.tell(one) == send_result::accepted,
       "introduced");
  must(one.tell(ball{n - 1}) == send_result::accepted, "served");
  // Whoever takes the last ball says how many it had; the other one had as many, or one less.
  std::uint64_t last = 0;
  while (last == 0) last = asked(n % 2 == 1 ? one : two);
  one.stop();
  two.stop();
  must(system.wait_until_empty(sync::deadline::never()), "both end");
  return n % 2 == 1 ? 2 * last - 1 : 2 * last;
}

std::uint64_t ask(std::uint64_t n) {
  native_environment world;
  actor_system system(world);
  const auto one = system.spawn<player>();
  std::uint64_t done = 0;
  for (; done < n; ++done) (void)asked(one);
  one.stop();
  return done;
}

// A counter with a bound of two; the sender stays ahead of it, so every policy has something to do.
struct tick {
  std::uint64_t number;
};
struct counter {
  using messages = jacquard::messages<tick, count>;
  void on(context<counter>&, const tick&) { ++handled; }
  std::uint64_t on(context<counter>&, const count&) { return handled; }
  std::uint64_t handled = 0;
};

template <overflow Policy>
std::uint64_t tell_bounded(std::uint64_t n) {
  native_environment world;
  actor_system system(world);
  const auto one = system.spawn<counter>({.capacity = 2, .overflow = Policy});
  std::uint64_t done = 0;
  for (; done < n; ++done) (void)one.tell(tick{done});
  one.stop();
  must(system.wait_until_empty(sync::deadline::never()), "it ends");
  return done;
}

std::uint64_t tell_expired(std::uint64_t n) {
  native_environment world;
  actor_system system(world);
  const auto one = system.spawn<counter>();
  const send_options at_once{.expires = system.now()};
  std::uint64_t done = 0;
  for (; done < n; ++done) {
    must(one.tell(tick{done}, at_once) == send_result::accepted, "it is open");
    if (done % 64 == 63) (void)one.ask(count{}).wait();  // letters do not pile up
  }
  one.stop();
  must(system.wait_until_empty(sync::deadline::never()), "it ends");
  must(system.counters().undelivered_for(undelivered_reason::expired) == n, "all expired");
  return done;
}

std::uint64_t tell_amnesia(std::uint64_t n) {
  native_environment world;
  actor_system system(world);
  const auto one = system.spawn<counter>({.amnesia = true});
  std::uint64_t done = 0;
  while (done < n) {
    must(one.tell(tick{done}) == send_result::accepted, "it is open");
    if (++done % 64 == 0) (void)one.ask(count{}).wait();  // letters do not pile up
  }
  one.stop();
  must(system.wait_until_empty(sync::deadline::never()), "it ends");
  return done;
}

// A counter that keeps each tick until the question that lets it go on.
struct patient {
  using messages = jacquard::messages<tick, count>;
  static constexpr std::uint32_t stash_capacity = 64;
  struct waiting {
    std::uint64_t on(context<patient>& here, const count&) {
      const std::uint32_t kept = here.unstash_all();
      here.become<working>(here.actor().handled + kept);
      return kept;
    }
  };
  struct working {
    explicit working(std::uint64_t number) : until(number) {}
    void on(context<patient>& here, const tick&) {
      if (++here.actor().handled == until) here.become<waiting>();
    }
    std::uint64_t on(context<patient>& here, const count&) { return here.actor().handled; }
    std::uint64_t until;
  };
  using states = jacquard::states<waiting, working>;
  std::uint64_t handled = 0;
};

std::uint64_t stash(std::uint64_t n) {
  native_environment world;
  actor_system system(world);
  const auto one = system.spawn<patient>();
  std::uint64_t done = 0;
  while (done < n) {
    std::uint64_t sent = 0;
    for (; sent < 64 && done < n; ++sent, ++done) {
      must(one.tell(tick{done}) == send_result::accepted, "it is open");
    }
    must(answer_of(one.ask(count{})) == sent, "all were kept");
  }
  one.stop();
  must(system.wait_until_empty(sync::deadline::never()), "it ends");
  return done;
}

std::uint64_t view(std::uint64_t n) {
  native_environment world;
  actor_system system(world);
  const auto one = system.spawn<counter>();
  const ref<tick, count> whole = one;
  std::uint64_t done = 0;
  for (; done < n; ++done) {
    must(whole.tell(tick{done}) == send_result::accepted, "it is open");
    must(answer_of(whole.ask(count{})) == done + 1, "it counts");
  }
  one.stop();
  return done;
}

std::uint64_t spawn_stop_bounded(std::uint64_t n) {
  native_environment world;
  actor_system system(world);
  for (std::uint64_t i = 0; i < n; ++i) {
    must(system.spawn<counter>({.capacity = 2}).stop(), "it lives");
    must(system.wait_until_empty(sync::deadline::never()), "it ends");
  }
  return system.counters().ended;
}

std::uint64_t spawn_stop(std::uint64_t n) {
  native_environment world;
  actor_system system(world);
  for (std::uint64_t i = 0; i < n; ++i) {
    must(system.spawn<player>().stop(), "it lives");
    must(system.wait_until_empty(sync::deadline::never()), "it ends");
  }
  return system.counters().ended;
}

std::uint64_t complete(std::uint64_t n) {
  future_pool<std::uint64_t> pool;
  std::uint64_t done = 0;
  while (done < n) {
    auto answer = pool.make();
    must(answer.promise().fulfil(done + 1), "it is pending");
    done = answer.take();
  }
  return done;
}

std::uint64_t complete_of_process(std::uint64_t n) {
  std::uint64_t done = 0;
  while (done < n) {
    auto answer = future_pool<std::uint64_t>::make_of_process();
    must(answer.promise().fulfil(done + 1), "it is pending");
    done = answer.take();
  }
  return done;
}

// Nobody answers before the asker has given up; the answer comes late, to a slot that is used again.
std::uint64_t give_up(std::uint64_t n) {
  std::uint64_t done = 0;
  for (; done < n; ++done) {
    auto answer = future_pool<std::uint64_t>::make_of_process();
    const auto promised = answer.promise();
    must(answer.cancel(reply_status::timed_out) == reply_status::timed_out, "it is pending");
    must(!promised.fulfil(1), "it is late");
  }
  return done;
}

std::uint64_t take_give(std::uint64_t n) {
  struct tag;
  using slab = slab_of<64, tag>;
  std::uint64_t done = 0;
  for (; done < n; ++done) {
    void* const block = slab::take();
    must(block != nullptr, "there is memory");
    slab::give(block);
  }
  return done;
}

// n questions from a strand on the actor's worker.
strand<std::uint64_t> questions(actor_ref<player> whom, std::uint64_t n) {
  std::uint64_t done = 0;
  while (done < n) {
    const answered<std::uint64_t> got = co_await whom.ask(count{});
    must(got && *got == 0, "a live actor answers");
    ++done;
  }
  co_return done;
}
std::uint64_t ask_inline(std::uint64_t n) {
  native_environment world;
  actor_system system(world);
  const auto one = system.spawn<player>();
  const std::uint64_t done = block_on(system.workers(), questions(one, n));
  one.stop();
  return done;
}

// n questions from an actor, one after the other.
struct begin {
  std::uint64_t left;
};
struct asker {
  using messages = jacquard::messages<begin, count>;
  explicit asker(actor_ref<player> whom) : whom_(whom) {}
  void on(context<asker>& here, const begin& m) { next(here, m.left); }
  std::uint64_t on(context<asker>&, const count&) { return done_; }

 private:
  void next(context<asker>& here, std::uint64_t left) {
    must(whom_.ask(count{}).then(
             here,
             [this, left](context<asker>& now, const answered<std::uint64_t>& got) {
               must(static_cast<bool>(got), "a live actor answers");
               ++so_far_;
               if (left == 1) {
                 done_ = so_far_;
               } else {
                 next(now, left - 1);
               }
             }),
         "there is memory");
  }
  actor_ref<player> whom_;
  std::uint64_t so_far_ = 0;
  std::uint64_t done_ = 0;
};
std::uint64_t ask_then(std::uint64_t n) {
  native_environment world;
  actor_system system(world);
  const auto one = system.spawn<player>();
  const auto two = system.spawn<asker>({}, one);
  must(two.tell(begin{n}) == send_result::accepted, "it lives");
  std::uint64_t done = 0;
  while (done == 0) done = answer_of(two.ask(count{}));
  one.stop();
  two.stop();
  return done;
}

// n times the first of two answers that are not there yet, in a strand.
strand<std::uint64_t> firsts(std::uint64_t n, std::array<promise<std::uint64_t>, 2>& promised,
                             spawned<void>& answering, executor& where) {
  std::uint64_t done = 0;
  for (; done < n; ++done) {
    std::array both{future_pool<std::uint64_t>::make_of_process(),
                    future_pool<std::uint64_t>::make_of_process()};
    promised = {both[0].promise(), both[1].promise()};
    answering = spawn(where, [](promise<std::uint64_t> second) -> strand<void> {
      must(second.fulfil(2), "it is pending");
      co_return;
    }(promised[1]));
    must(co_await when_any(std::span<future<std::uint64_t>>(both)) == 1, "the second is first");
    co_await answering;
    must(promised[0].fulfil(1), "the loser is pending still");
    must(co_await when_all(std::span<future<std::uint64_t>>(both)), "now both have ended");
  }
  co_return done;
}
std::uint64_t any_and_all(std::uint64_t n) {
  native_environment world;
  scheduler workers(world, {});
  std::array<promise<std::uint64_t>, 2> promised;
  spawned<void> answering;
  return block_on(workers, firsts(n, promised, answering, workers));
}

const registered all[] = {{"actor.tell", tell},
                          {"actor.ask", ask},
                          {"actor.spawn_stop", spawn_stop},
                          {"actor.spawn_stop_bounded", spawn_stop_bounded},
                          {"actor.tell_reject", tell_bounded<overflow::reject>},
                          {"actor.tell_drop_newest", tell_bounded<overflow::drop_newest>},
                          {"actor.tell_drop_oldest", tell_bounded<overflow::drop_oldest>},
                          {"actor.tell_block", tell_bounded<overflow::block>},
                          {"actor.tell_expired", tell_expired},
                          {"actor.tell_amnesia", tell_amnesia},
                          {"actor.stash", stash},
                          {"actor.view", view},
                          {"actor.ask_inline", ask_inline},
                          {"actor.ask_then", ask_then},
                          {"future.when_any_when_all", any_and_all},
                          {"future.complete", complete},
                          {"future.complete_of_process", complete_of_process},
                          {"future.give_up", give_up},
                          {"slab.take_give", take_give}};

}  // namespace
}  // namespace jacquard::audit
