// jacquard/sim/actor_environment.hpp: the world that an actor system gets in a simulation: a kernel's clock, keyed
// choices, and workers whose turns are events.
//
// Shape       /worker/i   has a stack of its own. A turn is one task; where a handler spends time the stack is put
//                         aside, others run, and the kernel comes back to it.
//             /timers     wakes the workers when the earliest timer is due, or a little late
// Invariants  I1  The clock is the kernel's: it moves between events only, never in one.
//             I2  A worker is in one task at a time; while it spends time it is nobody else's thread.
//             I3  A worker that is stalled gets no processor: neither a turn nor the rest of a handler.
//             I4  Whoever stirs the system wakes every worker that sleeps, each after a delay of its own.
// Not seen    What a sleeping worker misses: here all of them look. Waking the right one is the model checks' job.
// Progress    one thread.
// Allocation  a stack a worker, from a list of used ones.
// Checked by  actor_environment.test.cpp
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include <jacquard/env/environment.hpp>
#include <jacquard/sim/delay.hpp>
#include <jacquard/sim/detour.hpp>
#include <jacquard/sim/kernel.hpp>
#include <jacquard/sim/random.hpp>

namespace jacquard::sim {

struct actor_environment_options {
  /// From the moment there is work to a sleeping worker's first look.
  delay wake{.floor = 300, .jitter_mean = 700};
  /// Between two tasks of one worker.
  delay between{.floor = 40, .jitter_mean = 60};
  /// How late the world notices that a timer is due.
  delay lateness{.floor = 0, .jitter_mean = 2 * microsecond};
  /// Broken on purpose: a pick that remembers earlier runs; a worker that is not woken; stalls that never happen.
  bool leaks = false;
  bool deaf = false;
  bool calm = false;
};

/// Worlds of one thread. The kernel outlives it, and it outlives the system.
class actor_environment final : public environment {
 public:
  actor_environment(kernel& clock, const actor_environment_options& options);
  ~actor_environment() override;
  actor_environment(const actor_environment&) = delete;
  actor_environment& operator=(const actor_environment&) = delete;

  // The message seam.
  [[nodiscard]] std::int64_t now() noexcept override { return clock_.now(); }
  [[nodiscard]] std::uint32_t pick(std::uint32_t count) noexcept override;
  void start_worker(const worker_body& body) override;
  void join_workers() override;

  /// Inside a handler or a strand: time passes, and others run meanwhile. Elsewhere nothing happens.
  void spends(nanoseconds time);
  /// Somebody outside touched the system: sleeping workers look.
  void stirs();
  /// That worker gets no processor until then; true where it had something to do.
  bool stalls(std::uint32_t worker, nanoseconds until);
  /// All timers are noticed so much later.
  void delays_timers(nanoseconds extra) noexcept { extra_lateness_ = extra; }
  /// From now on nothing takes time: for the end of a run that is over. Finishes what is under way.
  void hurries();
  /// After `hurries`: a turn of each worker. True where one of them ran something.
  bool turns_all();

  /// The worker that runs now; `nobody` outside.
  static constexpr std::uint32_t nobody = 0xffff'ffffu;
  [[nodiscard]] std::uint32_t running() const noexcept { return running_; }

 private:
  enum class state : std::uint8_t { asleep, called, working, ended };

  struct worker final : entity {
    worker(actor_environment& home, std::uint32_t number, const worker_body& what);
    void on(kernel& clock, const event& what) override;

    actor_environment& home_;
    const std::uint32_t index_;
    const worker_body body_;
    entity_id self_;
    stream schedule_;
    detour stack_;
    state state_ = state::called;
    bool in_task_ = false;  // its stack is put aside in the middle of a task
    worker_turn last_{};
    nanoseconds stalled_until_ = 0;
  };
  struct timers final : entity {
    explicit timers(actor_environment& home);
    void on(kernel& clock, const event& what) override;
    actor_environment& home_;
    entity_id self_;
    stream lateness_;
    std::int64_t due_ = never;
  };
  static constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();

  void turn(worker& who);
  void continues(worker& who);
  void settles(worker& who);

  kernel& clock_;
  const actor_environment_options options_;
  std::vector<std::unique_ptr<worker>> workers_;
  timers timers_;
  stream choices_;
  std::uint32_t running_ = nobody;
  nanoseconds extra_lateness_ = 0;
  bool hurried_ = false;
  std::uint64_t calls_ = 0;
};

}  // namespace jacquard::sim
