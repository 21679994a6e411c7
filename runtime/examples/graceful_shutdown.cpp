// Graceful shutdown: everything that was accepted is handled, within a deadline, or the report says who is in the way.
//
// Printers have jobs waiting when the system is told to end: they finish them. One of them waits for paper, for ever as
// it seems: the first shutdown gives up after 200 ms and names it. Someone brings paper; the second shutdown completes.
#include <atomic>
#include <cstdio>
#include <jacquard/actor/actor_system.hpp>
#include <jacquard/env/native_environment.hpp>
#include <string>
#include <thread>
#include <vector>

namespace {

std::atomic<bool> paper{true};
std::atomic<unsigned> printed{0};

struct job {};
struct big_job {};

struct printer {
  using messages = jacquard::messages<job, big_job>;
  void on(jacquard::context<printer>&, const job&) { ++printed; }
  void on(jacquard::context<printer>&, const big_job&) {
    paper.wait(false);  // a handler that holds its worker up, as none should
    ++printed;
  }
};

}  // namespace

int main() {
  using namespace std::chrono_literals;
  constexpr unsigned printers = 8;
  constexpr unsigned jobs = 200;  // for each

  jacquard::native_environment world;
  jacquard::actor_system system(world, {.scheduling = {.workers = 2}});
  std::vector<jacquard::actor_ref<printer>> all;
  for (unsigned i = 0; i < printers; ++i) {
    all.push_back(system.spawn<printer>({.name = "printer " + std::to_string(i)}));
  }
  paper = false;
  unsigned accepted = all[3].tell(big_job{}) == jacquard::send_result::accepted ? 1 : 0;
  for (unsigned i = 0; i < jobs; ++i) {
    for (const auto& each : all) {
      if (each.tell(job{}) == jacquard::send_result::accepted) ++accepted;
    }
  }

  while (printed < (printers - 1) * jobs) std::this_thread::yield();  // all but the one without

  const auto first = system.shutdown(200ms);
  std::printf("after 200 ms: %s, %llu stuck:", first.complete ? "complete" : "not complete",
              static_cast<unsigned long long>(first.stuck));
  for (const std::string& name : first.names) std::printf(" %s", name.c_str());
  std::printf("\n");
  paper = true;
  paper.notify_all();
  const auto second = system.shutdown(10s);
  std::printf("with paper: %s; %u of %u jobs printed, %llu dead letters\n",
              second.complete ? "complete" : "not complete", printed.load(), accepted,
              static_cast<unsigned long long>(second.dead_letters));

  const bool named = !first.complete && first.stuck == 1 && first.names.size() == 1 &&
                     first.names[0] == "printer 3";
  return named && second.complete && printed == accepted && second.dead_letters == 0 ? 0 : 1;
}
