// A host with ten thousand actors: sessions that count their requests, and a look at the counters at the end.
//
// An actor costs a cell of a few hundred bytes and no thread; two workers run all of them. A session belongs to one of
// a hundred tenants and reports to it when it ends.
//
//   ten_thousand_actors [SESSIONS]     in [1, 1000000]; 10000
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <jacquard/actor/actor_system.hpp>
#include <jacquard/env/native_environment.hpp>
#include <string>
#include <vector>

namespace {

struct served {
  std::uint64_t requests;
};
struct total {
  using reply = std::uint64_t;
};

struct tenant {
  using messages = jacquard::messages<served, total>;
  void on(jacquard::context<tenant>&, const served& m) { requests += m.requests; }
  std::uint64_t on(jacquard::context<tenant>&, const total&) { return requests; }
  std::uint64_t requests = 0;
};

struct request {};
struct leave {};

struct session {
  using messages = jacquard::messages<request, leave>;
  explicit session(const jacquard::actor_ref<tenant>& whose) : owner(whose) {}

  void on(jacquard::context<session>&, const request&) { ++requests; }
  void on(jacquard::context<session>& here, const leave&) {
    if (owner.tell(served{requests}) == jacquard::send_result::accepted) here.stop();
  }

  jacquard::actor_ref<tenant> owner;
  std::uint64_t requests = 0;
};

}  // namespace

int main(int argc, char** argv) {
  std::uint32_t sessions = 10'000;
  if (argc > 1) {
    const char* const end = argv[1] + std::strlen(argv[1]);
    const auto [stop, error] = std::from_chars(argv[1], end, sessions);
    if (error != std::errc{} || stop != end || sessions < 1 || sessions > 1'000'000) {
      std::fprintf(stderr, "SESSIONS: %s is not in [1, 1000000]\n", argv[1]);
      return 2;
    }
  }
  constexpr std::uint32_t tenants = 100;
  constexpr std::uint32_t requests = 5;  // to each session

  jacquard::native_environment world;
  jacquard::actor_system system(world, {.scheduling = {.workers = 2}});

  std::vector<jacquard::actor_ref<tenant>> owners;
  for (std::uint32_t i = 0; i < tenants; ++i) {
    owners.push_back(system.spawn<tenant>({.name = "tenant " + std::to_string(i)}));
  }
  std::vector<jacquard::actor_ref<session>> open;
  for (std::uint32_t i = 0; i < sessions; ++i) {
    open.push_back(system.spawn<session>({}, owners[i % tenants]));
  }
  std::printf("%llu actors live\n", static_cast<unsigned long long>(system.live()));

  std::uint64_t refused = 0;
  for (std::uint32_t round = 0; round < requests; ++round) {
    for (const auto& each : open) {
      if (each.tell(request{}) != jacquard::send_result::accepted) ++refused;
    }
  }
  for (const auto& each : open) {
    if (each.tell(leave{}) != jacquard::send_result::accepted) ++refused;
  }
  // A session ends by itself once it has reported; then only the tenants are left.
  while (system.live() > tenants) {
    (void)system.wait_until_empty(jacquard::sync::native::after(std::chrono::milliseconds{1}));
  }
  std::uint64_t sum = 0;
  for (const auto& each : owners) {
    auto answer = each.ask(total{});
    if (answer.wait() == jacquard::reply_status::ready) sum += answer.take();
  }

  const auto report = system.shutdown(std::chrono::seconds{10});
  const auto counters = system.counters();
  const auto work = system.workers().counters();
  const auto figure = [](const char* name, std::uint64_t value) {
    std::printf("  %-12s %llu\n", name, static_cast<unsigned long long>(value));
  };
  std::printf("%llu requests served, %llu refused; at shutdown:\n",
              static_cast<unsigned long long>(sum), static_cast<unsigned long long>(refused));
  figure("spawned", counters.spawned);
  figure("ended", counters.ended);
  figure("failed", counters.failed);
  figure("dead letters", counters.dead_letters);
  figure("activations", work.ran);
  figure("stolen", work.stolen);
  figure("woken", work.woken);
  return report.complete && refused == 0 && sum == std::uint64_t{sessions} * requests &&
                 counters.spawned == sessions + tenants && counters.ended == counters.spawned &&
                 counters.failed == 0 && counters.dead_letters == 0
             ? 0
             : 1;
}
