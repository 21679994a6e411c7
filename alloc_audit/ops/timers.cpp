// Operations of the timer wheel, and of timers on a scheduler.
#include <array>
#include <atomic>
#include <cstdint>

#include <jacquard/actor/scheduler.hpp>
#include <jacquard/actor/timer_wheel.hpp>
#include <jacquard/env/native_environment.hpp>

#include "ops/op.hpp"

namespace jacquard::audit {
namespace {

struct alarm_clock : timer {
  alarm_clock() noexcept
      : timer([](timer& self, const expiry&) noexcept { ++static_cast<alarm_clock&>(self).rung; }) {
  }
  std::uint64_t rung = 0;
};

// Started for some time between a nanosecond and a day, and cancelled, among others that stay.
std::uint64_t start_cancel(std::uint64_t n) {
  timer_wheel wheel;
  std::array<alarm_clock, 16> others;
  for (std::size_t i = 0; i < others.size(); ++i) wheel.start(others[i], 1'000'000ll << i);
  alarm_clock mine;
  std::uint64_t done = 0;
  for (; done < n; ++done) {
    wheel.start(mine, 1ll << (done % 46));
    must(wheel.cancel(mine), "it was pending");
  }
  wheel.clear([](timer&) {});
  return done;
}

std::uint64_t start_fire(std::uint64_t n) {
  timer_wheel wheel;
  alarm_clock mine;
  std::int64_t now = 0;
  std::uint64_t done = 0;
  for (; done < n; ++done) {
    const std::int64_t delay = 1 + static_cast<std::int64_t>(done * 7'919 % 5'000'000);
    wheel.start(mine, now + delay);
    must(wheel.next_expiry() == now + delay, "it is the only one");
    now += delay;
    (void)wheel.advance(now);
  }
  must(mine.rung == n, "each has fired");
  return done;
}

std::uint64_t periodic(std::uint64_t n) {
  timer_wheel wheel;
  alarm_clock mine;
  wheel.start_periodic(mine, 1'000'000, 1'000'000);
  for (std::uint64_t i = 1; i <= n; ++i)
    (void)wheel.advance(static_cast<std::int64_t>(i) * 1'000'000);
  (void)wheel.cancel(mine);
  return mine.rung;
}

// On a scheduler's wheels, which any thread may use.
struct shared_alarm : shared_timer {
  shared_alarm() noexcept {
    fire = [](shared_timer&) noexcept -> task* { return nullptr; };
    drop = [](shared_timer& self) noexcept { static_cast<shared_alarm&>(self).settle(); };
    fired = [](shared_timer& self) noexcept { static_cast<shared_alarm&>(self).settle(); };
  }
  void settle() noexcept {
    ended.fetch_add(1, std::memory_order::release);
    ended.notify_all();
  }
  std::atomic<std::uint64_t> ended{0};
};

template <bool Fires>
std::uint64_t scheduled(std::uint64_t n) {
  shared_alarm mine;
  native_environment world;
  scheduler workers(world, {});
  std::uint64_t done = 0;
  for (; done < n; ++done) {
    const std::uint32_t generation = mine.generation();
    const std::int64_t due = world.now() + (Fires ? 1'000 : 3'600'000'000'000);
    must(workers.wheel().start(mine, nullptr, due, 0, [] { return true; }) != start_result::refused,
         "it starts");
    if (!Fires) must(shared_timer::cancel(mine, generation), "it was pending");
    mine.ended.wait(done, std::memory_order::acquire);
  }
  return mine.ended.load(std::memory_order::acquire);
}

const registered all[] = {{"timer.start_cancel", start_cancel},
                          {"timer.start_fire", start_fire},
                          {"timer.periodic", periodic},
                          {"timer.scheduled_cancel", scheduled<false>},
                          {"timer.scheduled_fire", scheduled<true>}};

}  // namespace
}  // namespace jacquard::audit
