// stress/timers.cpp: timers that are started and cancelled by threads, while workers fire, renew and sleep.
//
// Each timer that was started ends once: it is cancelled, or it fires, and its message is handled. Nobody sleeps
// through one: a run that waits for a timer in vain does not end.
#include <stress/books.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <utility>
#include <vector>

#include <jacquard/actor/actor_system.hpp>
#include <stress/run.hpp>

namespace jacquard::stress {
namespace {

using namespace std::chrono_literals;

struct tick {
  parcel content;
};
struct clock_face {
  using messages = jacquard::messages<tick>;
  explicit clock_face(std::atomic<std::uint32_t>& in) : seen_(in) {}
  void on(context<clock_face>&, const tick& m) {
    m.content.handle();
    seen_.fetch_add(1, std::memory_order::relaxed);
  }
  std::atomic<std::uint32_t>& seen_;
};

void timers(std::uint64_t seed) {
  books accounts;
  std::atomic<std::uint32_t> seen{0}, expected{0};
  shaken_environment world(seed);
  {
    actor_system system(world, {.scheduling = {.workers = 1 + pick(3)}});
    std::vector<actor_ref<clock_face>> faces;
    for (int i = 0; i < 3; ++i) faces.push_back(system.spawn<clock_face>({}, seen));
    const auto every = system.send_every(faces[0], 200us, tick{parcel(accounts)});
    {
      crowd outside(seed);
      for (int thread = 0; thread < 2; ++thread) {
        outside.add([&] {
          struct started {
            timer_handle handle;
            std::uint32_t number;
          };
          std::vector<started> mine;
          for (int step = 0; step < 16; ++step) {
            tick later{parcel(accounts)};
            const std::uint32_t number = later.content.number();
            mine.push_back({system.send_after(faces[pick(3)], std::chrono::microseconds(pick(300)),
                                              std::move(later)),
                            number});
            if (one_in(3)) {
              const started& each = mine[pick(static_cast<std::uint32_t>(mine.size()))];
              if (each.handle.cancel()) {
                require(!accounts.was_handled(each.number),
                        "a timer that was cancelled has not fired");
                expected.fetch_sub(1, std::memory_order::relaxed);
              }
            }
            expected.fetch_add(1, std::memory_order::relaxed);
          }
        });
      }
    }
    (void)every.cancel();
    // Whatever was not cancelled fires. The periodic one's messages come on top.
    while (seen.load(std::memory_order::relaxed) < expected.load(std::memory_order::relaxed))
      std::this_thread::sleep_for(50us);
    require(system.shutdown(60s).complete, "a system that is told to end ends");
  }
  accounts.close();
}

[[maybe_unused]] const bool added = add("timers", "scheduler I4, actor_timer I1 I2", &timers);

}  // namespace
}  // namespace jacquard::stress
