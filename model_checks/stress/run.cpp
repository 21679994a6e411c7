#include <stress/run.hpp>

#include <sched.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>

#include <jacquard/model/splitmix.hpp>
#include <stress/shake.hpp>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#include <sanitizer/common_interface_defs.h>
#endif

namespace jacquard::stress {
namespace {

using clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr std::uint64_t runs_default = 200;
constexpr auto endless = 120s;
constexpr std::uint32_t yields_max = 100;  // of one thread in one run

std::atomic<bool> failed{false};
std::atomic<std::uint64_t> present{0};  // the seed that runs
std::atomic<const char*> running{""};
std::atomic<std::uint64_t> threads{0};

std::mutex guard;
model::failure_kind found = model::failure_kind::none;
std::string what_broke;
std::string where_it_broke;

struct draw {
  std::uint64_t state = 0;
  std::uint64_t seldom = 0;  // a power of two; 0: this thread does not hesitate
  std::uint32_t yields =
      0;  // that are left: on a busy machine each may cost a turn of everybody else

  std::uint64_t next() noexcept { return model::splitmix(state); }
};
thread_local draw mine;

[[noreturn]] void sleep_for_ever() noexcept {
  for (;;) pause();
}

void say_failed(model::failure_kind kind, const std::string& what, const std::string& where) {
  const std::lock_guard lock(guard);
  if (failed.load(std::memory_order::relaxed)) return;
  found = kind;
  what_broke = what;
  where_it_broke = where;
  failed.store(true, std::memory_order::release);
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
void say_the_seed() {
  std::fprintf(stderr,
               "repeat: jacquard check --engine stress --filter '^%s$' --schedule seed:%llu\n",
               running.load(), static_cast<unsigned long long>(present.load()));
}
void say_the_seed_at_the_end() { __sanitizer_set_death_callback(&say_the_seed); }
#else
void say_the_seed_at_the_end() {}
#endif

std::uint64_t seed_in(const std::string& schedule) {
  const std::string digits = schedule.starts_with("seed:") ? schedule.substr(5) : "";
  if (digits.empty() || digits.size() > 18 ||
      digits.find_first_not_of("0123456789") != std::string::npos) {
    throw std::invalid_argument("schedule '" + schedule +
                                "': must be seed:<n>, n of at most 18 digits");
  }
  return std::stoull(digits);
}

}  // namespace

void number_threads_anew() noexcept { threads.store(0, std::memory_order::relaxed); }

void begin_to_shake(std::uint64_t seed) noexcept {
  mine.state = seed * 64 + threads.fetch_add(1, std::memory_order::relaxed);
  mine.seldom = std::uint64_t{8} << (2 * (seed % 4));
  mine.yields = yields_max;
}

void shake() noexcept {
  if (mine.seldom == 0) return;
  if (failed.load(std::memory_order::relaxed)) sleep_for_ever();
  const std::uint64_t drawn = mine.next();
  switch (drawn & (mine.seldom - 1)) {
    case 0:
      if (mine.yields == 0) break;
      --mine.yields;
      sched_yield();
      break;
    case 1:
      for (std::uint64_t pauses = (drawn >> 16) % 64; pauses > 0; --pauses)
        std::atomic_signal_fence(std::memory_order::seq_cst);  // so that the loop stays
      break;
    default:
      break;
  }
}

std::uint32_t pick(std::uint64_t count) noexcept {
  return static_cast<std::uint32_t>(((mine.next() >> 32) * count) >> 32);
}

bool has_failed() noexcept { return failed.load(std::memory_order::relaxed); }

void require(bool holds, const char* claim, std::source_location at) noexcept {
  if (holds) [[likely]]
    return;
  say_failed(model::failure_kind::claim, claim,
             std::string(at.file_name()) + ":" + std::to_string(at.line()));
  sleep_for_ever();
}

model::certificate run(const model::run_options& options, world what, const char* name) {
  const bool same = !options.schedule.empty();
  const std::uint64_t first = same ? seed_in(options.schedule) : options.seed;
  const std::uint64_t asked = options.iterations_max != 0 ? options.iterations_max : runs_default;
  const auto begun = clock::now();
  say_the_seed_at_the_end();
  running.store(name);

  std::atomic<std::uint64_t> finished{0};
  std::atomic<bool> enough{false}, done{false};
  std::thread runner([&] {
    for (std::uint64_t i = 0; i < asked && !enough.load(); ++i) {
      const std::uint64_t seed = same ? first : first + i;
      present.store(seed);
      number_threads_anew();
      begin_to_shake(seed);
      what(seed);
      finished.fetch_add(1);
    }
    done.store(true);
  });

  std::uint64_t seen = 0;
  auto last_end = begun, last_word = begun;
  while (!done.load() && !failed.load()) {
    std::this_thread::sleep_for(1ms);
    const auto now = clock::now();
    if (const auto count = finished.load(); count != seen) {
      seen = count;
      last_end = now;
    }
    if (now - last_end > endless)
      say_failed(model::failure_kind::deadlock, "a run has not come to its end for two minutes",
                 "");
    if (options.seconds_max > 0.0 &&
        std::chrono::duration<double>(now - begun).count() > options.seconds_max)
      enough.store(true);
    if (options.progress && now - last_word > 5s) {
      last_word = now;
      options.progress("stress: " + std::to_string(seen) + " runs");
    }
  }

  model::certificate made;
  made.executions = finished.load();
  made.bounds = "a sample on this machine";
  made.search =
      "real system, seed " + std::to_string(first) + ", " + std::to_string(asked) + " runs";
  made.seconds = std::chrono::duration<double>(clock::now() - begun).count();
  if (!failed.load(std::memory_order::acquire)) {
    runner.join();
    const bool complete = made.executions == asked;
    made.verdict = complete ? model::verdict::holds : model::verdict::truncated;
    made.truncated = complete ? 0 : 1;
    return made;
  }
  runner.detach();
  const std::lock_guard lock(guard);
  made.verdict = model::verdict::broken;
  made.kind = found;
  made.what = what_broke;
  made.where = where_it_broke;
  made.schedule = "seed:" + std::to_string(present.load());
  ++made.executions;
  return made;
}

bool add(const char* name, const char* claims, world what, model::failure_kind expect) {
  return model::add_check(
      {.name = name,
       .engine = "stress",
       .claims = claims,
       .expect = expect,
       .run = [=](const model::run_options& options) { return run(options, what, name); }});
}

}  // namespace jacquard::stress
