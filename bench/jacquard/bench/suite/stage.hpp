// jacquard/bench/suite/stage.hpp: what trials of actors and strands share: workers on their processors, a bell
// that the last handler rings, and the measurement between.
#pragma once

#include <sched.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <jacquard/actor/actor_system.hpp>
#include <jacquard/bench/clock.hpp>
#include <jacquard/bench/placement.hpp>
#include <jacquard/bench/suite/meter.hpp>
#include <jacquard/bench/suite/trial.hpp>
#include <jacquard/env/native_environment.hpp>

namespace jacquard::bench::suite {

/// Rung once, by whoever handles the last message; the clock stops there.
class bell {
 public:
  void ring() noexcept {
    at_ = ticks();
    rung_.store(true, std::memory_order::release);
    rung_.notify_one();
  }
  /// When it was rung. Sleeps until then.
  [[nodiscard]] std::uint64_t wait() const noexcept {
    rung_.wait(false, std::memory_order::acquire);
    return at_;
  }
  void reset() noexcept { rung_.store(false, std::memory_order::relaxed); }  // nobody waits

 private:
  std::uint64_t at_ = 0;
  std::atomic<bool> rung_{false};
};

/// Pins the threads that start while this lives: the calling thread is on the first processor, and the n-th new
/// one is put on the n-th in turn.
class pinned_start {
 public:
  explicit pinned_start(const std::vector<int>& processors)
      : processors_(processors), before_(threads()) {
    (void)pin_to(processors_.front());
  }
  ~pinned_start() {
    std::size_t number = 0;
    for (const int thread : threads()) {  // rising: as they were made
      if (before_.contains(thread)) continue;
      cpu_set_t where;
      CPU_ZERO(&where);
      CPU_SET(static_cast<unsigned>(processors_[number++ % processors_.size()]), &where);
      (void)sched_setaffinity(thread, sizeof where, &where);
    }
  }
  pinned_start(const pinned_start&) = delete;
  pinned_start& operator=(const pinned_start&) = delete;

 private:
  static std::set<int> threads() {
    std::set<int> found;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/task")) {
      found.insert(std::stoi(entry.path().filename().string()));
    }
    return found;
  }

  const std::vector<int>& processors_;
  std::set<int> before_;
};

/// A scheduler with one worker a processor of the plan, or as many as are asked for.
class bare_stage {
 public:
  explicit bare_stage(const trial_plan& plan, std::uint32_t workers = 0)
      : pins_(std::make_unique<pinned_start>(plan.processors)),
        workers_(world_,
                 {.workers = workers == 0 ? static_cast<std::uint32_t>(plan.processors.size())
                                          : workers}) {
    pins_.reset();
  }
  [[nodiscard]] scheduler& workers() noexcept { return workers_; }

 private:
  native_environment world_;
  std::unique_ptr<pinned_start> pins_;
  scheduler workers_;
};

/// The same with actors.
class stage {
 public:
  explicit stage(const trial_plan& plan, std::uint32_t workers = 0, bool count_messages = false)
      : pins_(std::make_unique<pinned_start>(plan.processors)),
        system_(world_, {.scheduling = {.workers = workers == 0 ? static_cast<std::uint32_t>(
                                                                      plan.processors.size())
                                                                : workers},
                         .count_messages = count_messages}) {
    pins_.reset();
  }
  [[nodiscard]] actor_system& system() noexcept { return system_; }

  /// Ends every actor. Empty, or what went wrong in the system.
  [[nodiscard]] std::string close() {
    const shutdown_report report = system_.shutdown(std::chrono::seconds{60});
    const system_counters counters = system_.counters();
    if (!report.complete) return std::to_string(report.stuck) + " actors did not end";
    if (counters.failed != 0) return std::to_string(counters.failed) + " actors failed";
    if (counters.dead_letters != 0)
      return std::to_string(counters.dead_letters) + " accepted messages were not handled";
    return {};
  }

 private:
  native_environment world_;
  std::unique_ptr<pinned_start> pins_;
  actor_system system_;
};

/// The timed part of a trial.
class stretch {
 public:
  explicit stretch(const trial_plan& plan) : plan_(plan), before_(usage_now()), start_(ticks()) {}
  [[nodiscard]] trial_result done(std::uint64_t end, std::uint64_t operations) const {
    trial_result made;
    made.ns = plan_.clock.ns(start_, end);
    made.operations = operations;
    made.spent = usage_now() - before_;
    return made;
  }

 private:
  const trial_plan& plan_;
  usage before_;
  std::uint64_t start_;
};

/// "counted 5 of 7 messages", or empty where they are equal.
[[nodiscard]] inline std::string expect(const char* what, std::uint64_t seen,
                                        std::uint64_t wanted) {
  if (seen == wanted) return {};
  return std::string(what) + ": " + std::to_string(seen) + " instead of " + std::to_string(wanted);
}

/// The first that is not empty.
[[nodiscard]] inline std::string first_fault(std::initializer_list<std::string> all) {
  for (const std::string& one : all) {
    if (!one.empty()) return one;
  }
  return {};
}

}  // namespace jacquard::bench::suite
