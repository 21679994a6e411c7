// Operations of the actors' timers: start and cancel, and a handler that starts its next one.
#include <chrono>
#include <cstdint>

#include <jacquard/actor/actor_system.hpp>
#include <jacquard/env/native_environment.hpp>

#include "ops/answer.hpp"
#include "ops/op.hpp"

namespace jacquard::audit {
namespace {

struct again {
  std::uint64_t left;
};
struct fires {
  using reply = std::uint64_t;
};

struct alarmed {
  using messages = jacquard::messages<again, fires>;
  void on(context<alarmed>& here, const again& m) {
    ++handled;
    if (m.left > 0) (void)here.send_after(std::chrono::nanoseconds{1}, again{m.left - 1});
  }
  std::uint64_t on(context<alarmed>&, const fires&) { return handled; }
  std::uint64_t handled = 0;
};

std::uint64_t start_cancel(std::uint64_t n) {
  native_environment world;
  actor_system system(world);
  const auto one = system.spawn<alarmed>();
  std::uint64_t done = 0;
  while (done < n) {
    const timer_handle timer = system.send_after(one, std::chrono::hours{1}, again{0});
    must(timer.cancel(), "an hour is not over");
    ++done;
  }
  one.stop();
  return done;
}

std::uint64_t fire(std::uint64_t n) {
  native_environment world;
  actor_system system(world);
  const auto one = system.spawn<alarmed>();
  must(system.send_after(one, std::chrono::nanoseconds{1}, again{n - 1}).valid(), "started");
  std::uint64_t handled = 0;
  while (handled < n) handled = answer_of(one.ask(fires{}));
  one.stop();
  return handled;
}

const registered all[] = {{"actor_timer.start_cancel", start_cancel}, {"actor_timer.fire", fire}};

}  // namespace
}  // namespace jacquard::audit
