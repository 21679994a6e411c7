// jacquard idle: whether a system that has nothing to do does nothing. Counts, over some seconds, how often its
// workers say that they woke and how often the kernel says that their threads gave up a processor: to go to sleep
// again a thread must have woken.
#include <dirent.h>

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <jacquard/actor/actor_system.hpp>
#include <jacquard/actor/scheduler.hpp>
#include <jacquard/command/command.hpp>
#include <jacquard/env/native_environment.hpp>
#include <jacquard/messaging/channel.hpp>
#include <jacquard/messaging/strand.hpp>

namespace jacquard::command {
namespace {

constexpr std::uint32_t workers = 2;

std::vector<std::string> threads() {
  std::vector<std::string> all;
  DIR* const folder = ::opendir("/proc/self/task");
  if (folder == nullptr)
    refuse("/proc/self/task cannot be read: context switches are counted there");
  while (const dirent* const entry = ::readdir(folder)) {
    if (entry->d_name[0] != '.') all.emplace_back(entry->d_name);
  }
  ::closedir(folder);
  std::sort(all.begin(), all.end());
  return all;
}

struct switches {
  std::uint64_t voluntary = 0;
  std::uint64_t involuntary = 0;
  friend bool operator==(const switches&, const switches&) = default;
};

switches of(const std::vector<std::string>& those) {
  switches sum;
  for (const std::string& thread : those) {
    std::ifstream status("/proc/self/task/" + thread + "/status");
    unsigned found = 0;
    for (std::string key; status >> key;) {
      std::uint64_t* const into = key == "voluntary_ctxt_switches:"      ? &sum.voluntary
                                  : key == "nonvoluntary_ctxt_switches:" ? &sum.involuntary
                                                                         : nullptr;
      std::uint64_t count = 0;
      if (into != nullptr && status >> count) {
        *into += count;
        ++found;
      }
    }
    if (found != 2) refuse("/proc/self/task/" + thread + "/status does not count context switches");
  }
  return sum;
}

struct note {
  using reply = int;
};
struct listener {
  using messages = jacquard::messages<note>;
  int on(context<listener>&, const note&) { return ++heard; }
  int heard = 0;
};

// Something that has nothing to do, with workers of its own.
struct subject {
  std::string name;
  std::string about;
  std::function<std::uint64_t()> woken;
  std::function<void()> work;  // makes one task runnable
  std::vector<std::string> own_threads;
  std::shared_ptr<void> kept;
  std::uint64_t woken_before = 0;
  switches before = {};
};

subject nothing() {
  struct all {
    native_environment world;
    actor_system system{world, {.scheduling = {.workers = workers}}};
  };
  auto made = std::make_shared<all>();
  return {.name = "idle.system",
          .about = "a system that was never used",
          .woken = [made] { return made->system.workers().counters().woken; },
          .work = {},
          .own_threads = {},
          .kept = made};
}

subject actors() {
  struct all {
    native_environment world;
    actor_system system{world, {.scheduling = {.workers = workers}}};
    std::vector<actor_ref<listener>> live;
    ~all() { (void)system.shutdown(std::chrono::seconds{10}); }
  };
  auto made = std::make_shared<all>();
  for (int i = 0; i < 1000; ++i) made->live.push_back(made->system.spawn<listener>());
  const auto work = [made] {
    for (const auto& each : made->live) {
      auto answer = each.ask(note{});
      if (answer.wait() != reply_status::ready) refuse("an actor did not answer");
    }
  };
  work();
  return {.name = "idle.actors",
          .about = "1,000 actors that have answered",
          .woken = [made] { return made->system.workers().counters().woken; },
          .work = work,
          .own_threads = {},
          .kept = made};
}

strand<int> wait_for_message(channel<int>& from) {
  int count = 0;
  while (auto message = co_await from.receive()) ++count;
  co_return count;
}

subject strands() {
  struct all {
    native_environment world;
    scheduler pool{world, {.workers = workers}};
    channel<int> work;
    std::vector<spawned<int>> waiting;
    ~all() {
      work.close();
      for (auto& each : waiting) (void)each.wait();
    }
  };
  auto made = std::make_shared<all>();
  for (int i = 0; i < 100; ++i)
    made->waiting.push_back(spawn(made->pool, wait_for_message(made->work)));
  return {.name = "idle.strands",
          .about = "100 strands that wait for a message",
          .woken = [made] { return made->pool.counters().woken; },
          .work = [made] { (void)made->work.wait_send(1); },
          .own_threads = {},
          .kept = made};
}

// Due in an hour. Never fires here: the scheduler ends first, and drops it.
struct far_timer : shared_timer {
  far_timer() noexcept {
    fire = [](shared_timer&) noexcept -> task* { return nullptr; };
    drop = [](shared_timer&) noexcept {};
    fired = [](shared_timer&) noexcept {};
  }
};

subject timers() {
  struct all {
    std::vector<far_timer> pending{100};
    native_environment world;
    scheduler pool{world, {.workers = workers}};
  };
  auto made = std::make_shared<all>();
  const std::int64_t due = made->world.now() + 3'600'000'000'000;
  for (far_timer& each : made->pending) {
    if (made->pool.wheel().start(each, nullptr, due, 0, [] { return true; }) ==
        start_result::refused) {
      refuse("a timer was not started");
    }
  }
  return {.name = "idle.timers",
          .about = "100 timers that are an hour away",
          .woken = [made] { return made->pool.counters().woken; },
          .work = {},
          .own_threads = {},
          .kept = made};
}

// Returns once the threads have not run for a while.
void settle(const std::vector<std::string>& those) {
  switches seen = of(those);
  for (int quiet = 0, looks = 0; quiet < 5; ++looks) {
    if (looks == 500) refuse("the workers did not come to rest within 5 s");
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
    const switches now = of(those);
    quiet = now == seen ? quiet + 1 : 0;
    seen = now;
  }
}

struct settings {
  shared_options shared;
  double seconds = 10.0;
};

constexpr const char* canary = "canary.work";

outcome body(const settings& set) {
  using maker = subject (*)();
  const std::vector<std::pair<std::string, maker>> makers = {{"idle.system", nothing},
                                                             {"idle.actors", actors},
                                                             {"idle.strands", strands},
                                                             {"idle.timers", timers}};
  std::vector<std::string> names;
  for (const auto& [name, make] : makers) names.push_back(name);
  const std::vector<std::string> chosen = select(names, set.shared.filter, "idle systems");
  if (set.shared.list) {
    for (const std::string& name : chosen) fmt::print("{}\n", name);
    return outcome::held;
  }

  std::vector<subject> all;
  for (const auto& [name, make] : makers) {
    if (std::find(chosen.begin(), chosen.end(), name) == chosen.end()) continue;
    const std::vector<std::string> others = threads();
    all.push_back(make());
    const std::vector<std::string> now = threads();
    std::set_difference(now.begin(), now.end(), others.begin(), others.end(),
                        std::back_inserter(all.back().own_threads));
    if (all.back().own_threads.size() != workers)
      refuse(name + ": its workers are not its threads");
  }
  for (const subject& each : all) settle(each.own_threads);
  for (subject& each : all) {
    each.woken_before = each.woken();
    each.before = of(each.own_threads);
  }
  const auto length = std::chrono::duration<double>(set.seconds);
  std::this_thread::sleep_for(length);

  reporter out(set.shared);
  outcome worst = outcome::held;
  const auto counted = [&](const subject& each, std::string name, const char* verdict_if_none,
                           const char* verdict_if_some, const std::string& about) {
    const std::uint64_t woken = each.woken() - each.woken_before;
    const switches now = of(each.own_threads);
    const std::uint64_t slept_again = now.voluntary - each.before.voluntary;
    const std::uint64_t events = std::max(woken, slept_again);
    out.add({.name = std::move(name),
             .verdict = events == 0 ? verdict_if_none : verdict_if_some,
             .figure = static_cast<double>(events),
             .unit = "wake-ups",
             .detail = fmt::format(
                 "{}, {} workers: woken {}, voluntary switches {}, involuntary {}", about, workers,
                 woken, slept_again, now.involuntary - each.before.involuntary)});
    return events;
  };
  for (const subject& each : all) {
    if (counted(each, each.name, "PASS", "FAIL",
                fmt::format("{:g} s: {}", set.seconds, each.about)) != 0) {
      worst = outcome::found;
    }
  }
  // What counts must be able to count: one that has been given work has woken.
  for (subject& each : all) {
    if (!each.work) continue;
    each.work();
    settle(each.own_threads);
    if (counted(each, canary, "NOT SEEN", "SEEN", each.name + " after some work") == 0) {
      worst = outcome::missing;
    }
    break;
  }
  out.finish();
  return worst;
}

}  // namespace
}  // namespace jacquard::command

int main(int argc, char** argv) {
  using namespace jacquard::command;
  settings set;
  CLI::App app{
      "Whether a system that has nothing to do does nothing: wake-ups of its workers while it is "
      "idle,\n"
      "by their own counters and by the kernel's.",
      "jacquard idle"};
  add_shared_options(app, set.shared);
  app.add_option("--seconds", set.seconds, "How long to look [0.1, 3600]");
  return run(app, argc, argv, [&] {
    if (!(set.seconds >= 0.1 && set.seconds <= 3600)) {
      refuse(fmt::format("--seconds: {:g} is not in [0.1, 3600]", set.seconds));
    }
    return body(set);
  });
}
