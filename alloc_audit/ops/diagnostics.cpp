// Operations in a system that counts what its actors handle, and of strands that are listed.
#include <cstdint>
#include <utility>

#include <jacquard/actor/actor_system.hpp>
#include <jacquard/actor/manual_executor.hpp>
#include <jacquard/diagnostics/strand_registry.hpp>
#include <jacquard/env/native_environment.hpp>
#include <jacquard/messaging/strand.hpp>

#include "ops/answer.hpp"
#include "ops/op.hpp"

namespace jacquard::audit {
namespace {

struct add {
  std::uint64_t number;
};
struct total {
  using reply = std::uint64_t;
};
struct counter {
  using messages = jacquard::messages<add, total>;
  void on(context<counter>&, const add& m) { sum += m.number; }
  std::uint64_t on(context<counter>&, const total&) { return sum; }
  std::uint64_t sum = 0;
};

// A message at a time: how many wait is not what is audited.
std::uint64_t tell_counted(std::uint64_t n) {
  native_environment world;
  actor_system system(world, {.count_messages = true});
  const auto one = system.spawn<counter>();
  for (std::uint64_t done = 0; done < n; ++done) {
    must(one.tell(add{1}) == send_result::accepted, "it is there");
    if (done % 64 == 63)
      must(answer_of(one.ask(total{})) == done + 1, "what was told has been handled");
  }
  const std::uint64_t sum = answer_of(one.ask(total{}));
  one.stop();
  return sum;
}

std::uint64_t spawn_stop_counted(std::uint64_t n) {
  native_environment world;
  actor_system system(world, {.count_messages = true});
  for (std::uint64_t done = 0; done < n; ++done) {
    system.spawn<counter>().stop();
    must(system.wait_until_empty(sync::deadline::never()), "it ends");
  }
  return system.counters().ended;
}

strand<std::uint64_t> same(std::uint64_t n) { co_return n; }

std::uint64_t strand_listed(std::uint64_t n) {
  native_environment world;
  manual_executor hand;
  basic_strand_registry<diagnostics_on> strands(world);
  std::uint64_t done = 0;
  for (; done < n; ++done) {
    spawned<std::uint64_t> fresh = strands.spawn(hand, "same", same(done));
    hand.run_until_idle();
    must(fresh.take() == done, "it returns what it was given");
  }
  return done;
}

const registered all[] = {{"diagnostics.tell_counted", tell_counted},
                          {"diagnostics.spawn_stop_counted", spawn_stop_counted},
                          {"diagnostics.strand_listed", strand_listed}};

}  // namespace
}  // namespace jacquard::audit
