#include <jacquard/model/perturbed/engine.hpp>

#include <sched.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <jacquard/model/perturbed/policy.hpp>
#include <jacquard/model/splitmix.hpp>

namespace jacquard::model {
namespace {

using clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr std::uint64_t executions_default = 2'000;
constexpr unsigned threads_max = 16;

/// What stands before every object that a check creates.
struct header {
  static constexpr std::uint32_t live = 0x11fe11fe;
  std::atomic<std::uint32_t> mark{live};
  std::size_t alignment = 0;
  void* block = nullptr;
  header* next = nullptr;  // in the quarantine
};

struct run_state;

struct alignas(64) worker {
  run_state* run = nullptr;
  unsigned index = 0;
  std::uint64_t random = 0;             // the state of splitmix
  std::atomic<std::uint64_t> steps{0};  // only the watchdog reads it
};

/// One run. It outlives a failure, because threads that will never finish still refer to it.
struct run_state {
  body_operations operations;
  std::uint64_t seed = 1;
  std::uint64_t count = 0;
  bool same_seed = false;
  void* room = nullptr;
  std::array<worker, threads_max> workers;

  std::atomic<std::uint64_t> finished{0};  // executions
  std::atomic<bool> done{false};
  std::atomic<bool> stop{false};
  std::atomic<bool> failed{false};
  std::mutex guard;
  failure_kind kind = failure_kind::none;
  std::string what;
  std::string where;
  std::uint64_t failed_seed = 0;

  std::atomic<std::int64_t> objects{0};
  std::atomic<header*> quarantine{nullptr};
  bool keep_destroyed = false;

  std::atomic<unsigned> arrived{0};
  std::atomic<unsigned> round{0};

  [[nodiscard]] std::uint64_t seed_of(std::uint64_t execution) const noexcept {
    return same_seed ? seed : seed + execution;
  }
};

thread_local worker* self = nullptr;

[[noreturn]] void sleep_for_ever() noexcept {
  for (;;) pause();
}

/// All threads of the run meet. Nobody leaves a run that has failed.
void meet(run_state& run) {
  const unsigned round = run.round.load(std::memory_order::acquire);
  if (run.arrived.fetch_add(1, std::memory_order::acq_rel) + 1 == run.operations.threads) {
    run.arrived.store(0, std::memory_order::relaxed);
    run.round.store(round + 1, std::memory_order::release);
    return;
  }
  while (run.round.load(std::memory_order::acquire) == round) {
    if (run.failed.load(std::memory_order::relaxed)) sleep_for_ever();
    sched_yield();
  }
}

void discard_quarantine(run_state& run) {
  header* each = run.quarantine.exchange(nullptr, std::memory_order::relaxed);
  while (each != nullptr) {
    header* const next = each->next;
    ::operator delete (each->block, std::align_val_t{each->alignment});
    each = next;
  }
}

void work(worker& me) {
  self = &me;
  run_state& run = *me.run;
  const bool leads = me.index == 0;
  for (std::uint64_t execution = 0; execution < run.count; ++execution) {
    me.random = run.seed_of(execution) * threads_max + me.index;
    if (leads) {
      run.keep_destroyed = run.seed_of(execution) % 2 == 1;
      run.operations.construct(run.room);
      if (run.operations.before != nullptr) run.operations.before(run.room);
    }
    meet(run);
    run.operations.thread(run.room, me.index);
    meet(run);
    if (leads) {
      if (run.operations.after != nullptr) run.operations.after(run.room);
      run.operations.destroy(run.room);
      discard_quarantine(run);
      if (run.objects.load(std::memory_order::relaxed) != 0) {
        perturbed_detail::fail(failure_kind::leak, "an object was created and never destroyed",
                               std::source_location());
      }
      run.finished.store(execution + 1, std::memory_order::relaxed);
      if (run.stop.load(std::memory_order::relaxed)) run.count = execution + 1;
    }
    meet(run);
  }
  if (leads) run.done.store(true, std::memory_order::release);
}

std::uint64_t steps_of(const run_state& run) {
  std::uint64_t steps = 0;
  for (const worker& each : run.workers) steps += each.steps.load(std::memory_order::relaxed);
  return steps;
}

void say_failed(run_state& run, failure_kind kind, const std::string& what,
                const std::string& where) {
  const std::lock_guard lock(run.guard);
  if (run.failed.load(std::memory_order::relaxed)) return;
  run.kind = kind;
  run.what = what;
  run.where = where;
  run.failed_seed = run.seed_of(run.finished.load(std::memory_order::relaxed));
  run.failed.store(true, std::memory_order::release);
}

/// Watches until the run ends; finds the executions that never do.
void watch(run_state& run, const run_options& options, clock::time_point begun) {
  const auto still_limit = 5s;
  const auto endless_limit = 20s;
  std::uint64_t finished = 0;
  std::uint64_t steps = 0;
  auto last_finish = clock::now();
  auto last_step = last_finish;
  auto last_word = last_finish;
  while (!run.done.load(std::memory_order::acquire) &&
         !run.failed.load(std::memory_order::acquire)) {
    std::this_thread::sleep_for(1ms);
    const auto now = clock::now();
    if (const auto count = run.finished.load(std::memory_order::relaxed); count != finished) {
      finished = count;
      last_finish = now;
    }
    if (const auto count = steps_of(run); count != steps) {
      steps = count;
      last_step = now;
    }
    if (now - last_step > still_limit && now - last_finish > still_limit) {
      say_failed(run, failure_kind::deadlock, "no thread has made a step for 5 seconds", "");
    } else if (now - last_finish > endless_limit) {
      say_failed(run, failure_kind::livelock, "20 seconds of steps without an end", "");
    }
    if (options.seconds_max > 0.0 &&
        std::chrono::duration<double>(now - begun).count() > options.seconds_max) {
      run.stop.store(true, std::memory_order::relaxed);
    }
    if (options.progress && now - last_word > 5s) {
      last_word = now;
      options.progress("perturbed: " + std::to_string(finished) + " executions");
    }
  }
}

}  // namespace

namespace perturbed_detail {

void shake() noexcept {
  worker* const me = self;
  if (me == nullptr) return;
  me->steps.store(me->steps.load(std::memory_order::relaxed) + 1, std::memory_order::relaxed);
  if (me->run->failed.load(std::memory_order::relaxed)) sleep_for_ever();
  const std::uint64_t drawn = splitmix(me->random);
  switch (drawn % 8) {
    case 0:
      sched_yield();
      break;
    case 1:
      for (std::uint64_t pauses = (drawn >> 8) % 64; pauses > 0; --pauses)
        sync::native::spin_hint();
      break;
    default:
      break;
  }
}

bool one_in(std::uint32_t n) noexcept { return self != nullptr && splitmix(self->random) % n == 0; }

void fail(failure_kind kind, const char* what, const here& at) noexcept {
  if (self == nullptr) return;
  const std::string where =
      at.line() == 0 ? "" : std::string(at.file_name()) + ":" + std::to_string(at.line());
  say_failed(*self->run, kind, what, where);
  sleep_for_ever();
}

void* allocate(std::size_t size, std::size_t alignment) {
  const std::size_t aligned = alignment < alignof(header) ? alignof(header) : alignment;
  const std::size_t before = (sizeof(header) + aligned - 1) / aligned * aligned;
  auto* const block =
      static_cast<std::byte*>(::operator new (before + size, std::align_val_t{aligned}));
  auto* const made = ::new (static_cast<void*>(block + before - sizeof(header))) header;
  made->alignment = aligned;
  made->block = block;
  if (self != nullptr) self->run->objects.fetch_add(1, std::memory_order::relaxed);
  return block + before;
}

namespace {
header* header_of(const void* object) noexcept {
  return reinterpret_cast<header*>(const_cast<std::byte*>(static_cast<const std::byte*>(object)) -
                                   sizeof(header));
}
}  // namespace

void check_live(const void* object, const here& at) noexcept {
  if (header_of(object)->mark.exchange(0, std::memory_order::relaxed) != header::live) {
    fail(failure_kind::double_free, "destroyed twice", at);
  }
}

void release(void* object) noexcept {
  header* const gone = header_of(object);
  if (self == nullptr || !self->run->keep_destroyed) {
    if (self != nullptr) self->run->objects.fetch_sub(1, std::memory_order::relaxed);
    ::operator delete (gone->block, std::align_val_t{gone->alignment});
    return;
  }
  run_state& run = *self->run;
  run.objects.fetch_sub(1, std::memory_order::relaxed);
  gone->next = run.quarantine.load(std::memory_order::relaxed);
  while (!run.quarantine.compare_exchange_weak(gone->next, gone, std::memory_order::relaxed)) {
  }
}

std::uintptr_t thread_number() noexcept {
  return self != nullptr ? std::uintptr_t{1} + self->index : sync::native::this_thread();
}

}  // namespace perturbed_detail

certificate run_perturbed(const body_operations& operations, const run_options& options) {
  if (operations.threads < 1 || operations.threads > threads_max) {
    throw std::invalid_argument("a check on real threads has 1 to 16 threads, not " +
                                std::to_string(operations.threads));
  }
  const auto begun = clock::now();
  auto run = std::make_unique<run_state>();
  run->operations = operations;
  run->seed = options.seed;
  run->count = options.iterations_max != 0 ? options.iterations_max : executions_default;
  if (!options.schedule.empty()) {
    const std::string digits =
        options.schedule.starts_with("seed:") ? options.schedule.substr(5) : "";
    if (digits.empty() || digits.size() > 18 ||
        digits.find_first_not_of("0123456789") != std::string::npos) {
      throw std::invalid_argument("schedule '" + options.schedule +
                                  "': must be seed:<n>, n of at most 18 digits");
    }
    run->seed = std::stoull(digits);
    run->same_seed = true;
  }
  const std::uint64_t asked = run->count;
  run->room = ::operator new (operations.size, std::align_val_t{operations.alignment});

  std::vector<std::thread> threads;
  for (unsigned i = 0; i < operations.threads; ++i) {
    run->workers[i].run = run.get();
    run->workers[i].index = i;
    threads.emplace_back(work, std::ref(run->workers[i]));
  }
  watch(*run, options, begun);

  certificate verdict;
  verdict.executions = run->finished.load(std::memory_order::relaxed);
  verdict.search = "real threads, seed " + std::to_string(run->seed) + ", " +
                   std::to_string(asked) + " executions";
  verdict.bounds = "a sample on this machine";
  if (operations.invariant != nullptr) verdict.bounds += "; invariant() is not run";
  if (run->failed.load(std::memory_order::acquire)) {
    for (std::thread& each : threads) each.detach();
    run_state* const kept = run.release();  // its threads sleep in it for ever
    const std::lock_guard lock(kept->guard);
    verdict.verdict = model::verdict::broken;
    verdict.kind = kept->kind;
    verdict.what = kept->what;
    verdict.where = kept->where;
    verdict.schedule = "seed:" + std::to_string(kept->failed_seed);
    ++verdict.executions;
  } else {
    for (std::thread& each : threads) each.join();
    ::operator delete (run->room, std::align_val_t{operations.alignment});
    const bool complete = verdict.executions == asked;
    verdict.verdict = complete ? model::verdict::holds : model::verdict::truncated;
    verdict.truncated = complete ? 0 : 1;
  }
  verdict.seconds = std::chrono::duration<double>(clock::now() - begun).count();
  return verdict;
}

}  // namespace jacquard::model
