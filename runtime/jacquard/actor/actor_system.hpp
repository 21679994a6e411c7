// jacquard/actor/actor_system.hpp: spawns actors, knows them by name, reports what went wrong, and ends in
// order.
//
// Shape       scheduler_  runs the cells
//             names_      live actors by name, behind a mutex
//             census_     how many there are, and who waits for none
// Invariants  I1  An actor whose constructor throws was never there: no cell, no name, no count.
//             I2  A name belongs to one live actor at most, and is free again when that one has ended.
//             I3  wait_until_empty returns true only after the last actor's destructor has run.
// Ordering    the end of an actor -> wait_until_empty: the census' E1. The cells' own edges; reopen's E3 of the inbox
//             carries what spawn wrote.
// Progress    spawn and find take a mutex where there is a name; shutdown and wait_until_empty block.
// Allocation  when constructed, and for names. None for spawn, tell, ask and stop once the pools are warm.
// Checked by  model_checks: census (I3); actor_system.test.cpp (I1, I2, I3) on one and more workers, under ASan, UBSan and TSan;
//             alloc_audit (Allocation).
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <exception>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <jacquard/actor/actor_ref.hpp>
#include <jacquard/actor/actor_timer.hpp>
#include <jacquard/actor/cell.hpp>
#include <jacquard/actor/census.hpp>
#include <jacquard/actor/high_water_alarm.hpp>
#include <jacquard/actor/ref.hpp>
#include <jacquard/actor/scheduler.hpp>
#include <jacquard/actor/undelivered.hpp>
#include <jacquard/env/environment.hpp>
#include <jacquard/memory/zeroize.hpp>
#include <jacquard/sync/native.hpp>

namespace jacquard {

/// A name that a live actor has already.
class name_taken : public std::runtime_error {
 public:
  explicit name_taken(const std::string& name)
      : std::runtime_error("the name '" + name + "' belongs to a live actor") {}
};

/// Told of an actor that failed: its name (empty: none) and what its handler threw. On the worker that ran
/// it; must not throw.
struct failure_hook {
  void (*call)(void* who, const std::string& name,
               const std::exception_ptr& thrown) noexcept = nullptr;
  void* who = nullptr;
};

struct system_options {
  scheduler_options scheduling = {};
  failure_hook on_failure = {};
  undelivered_hook on_undelivered = {};
  /// Told where an actor's inbox reaches its spawn_options::high_water.
  high_water_alarm_hook on_high_water = {};
  /// Letters that may wait for an actor whose spawn options do not say: in [1, 1048576], or `unbounded`.
  std::uint32_t inbox_capacity = unbounded;
  /// An activation that has run that long ends after the present message, and others get their turn. >= 0; 0: it
  /// may run as long as its batch takes.
  std::chrono::nanoseconds yield_after = std::chrono::milliseconds{1};
  /// So does one that has handled so many messages, whatever its actor's batch. [1, 64]
  std::uint32_t yield_every_n_msgs = batch_max;
  /// Counts what each actor handles, for report_actors: an addition an activation. Off, a branch.
  bool count_messages = false;
};

/// A name, and whose it is.
struct actor_name {
  std::string name;
  const cell_base* home;
  std::uint32_t generation;
};

/// Exact when the system is at rest.
struct system_counters {
  std::uint64_t spawned = 0;
  std::uint64_t ended = 0;
  std::uint64_t failed = 0;
  std::uint64_t dead_letters = 0;       // accepted, and their actor ended before it handled them
  std::uint64_t message_yields = 0;     // activations that ended because their batch was used up
  std::uint64_t time_yields = 0;        // likewise: their time
  std::uint64_t timers_refused = 0;     // messages that were due and found no room
  std::uint64_t high_water_alarms = 0;  // inboxes that reached their mark
  std::uint64_t undelivered[undelivered_reasons] =
      {};  // by undelivered_reason; the last four are dead letters

  [[nodiscard]] std::uint64_t undelivered_for(undelivered_reason why) const noexcept {
    return undelivered[static_cast<std::size_t>(why)];
  }
};

/// What `shutdown` found at its deadline.
struct shutdown_report {
  bool complete = false;           // every actor has ended
  std::uint64_t stuck = 0;         // actors that have not
  std::vector<std::string> names;  // of those among them that have one, sorted
  std::uint64_t dead_letters = 0;  // accepted, and never handled, since the system began
};

class actor_system {
 public:
  using Sync = sync::native;

  /// `world` outlives the system.
  explicit actor_system(environment& world, const system_options& options = {})
      : on_failure_(options.on_failure),
        on_undelivered_(options.on_undelivered),
        on_high_water_(options.on_high_water),
        inbox_capacity_(checked_capacity(options.inbox_capacity)),
        yield_after_ns_(options.yield_after.count()),
        yield_every_n_msgs_(options.yield_every_n_msgs),
        counts_messages_(options.count_messages),
        census_(options.scheduling.workers),
        scheduler_(world, options.scheduling) {
    Sync::require(yield_after_ns_ >= 0, "yield_after must not be negative");
    Sync::require(yield_every_n_msgs_ >= 1 && yield_every_n_msgs_ <= batch_max,
                  "yield_every_n_msgs must be in [1, 64]");
  }
  /// Waits until every actor has ended: call `shutdown` first, or stop them.
  ~actor_system() { (void)wait_until_empty(sync::deadline::never()); }
  actor_system(const actor_system&) = delete;
  actor_system& operator=(const actor_system&) = delete;

  /// Starts an actor A, constructed from `args`. What the constructor throws is thrown, and nothing was
  /// started. Throws name_taken, and std::bad_alloc where memory is out. Any thread.
  template <class A, class... Args>
  actor_ref<A> spawn(spawn_options options, Args&&... args) {
    Sync::require(options.batch >= 1 && options.batch <= batch_max,
                  "spawn: batch must be in [1, 64]");
    Sync::require(options.block_for.count() >= 0, "spawn: block_for must not be negative");
    const std::uint32_t capacity =
        options.capacity == 0 ? inbox_capacity_ : checked_capacity(options.capacity);
    const water_marks marks = checked_marks(capacity, options);
    void* const taken = actor_cell<A>::shelf::take();
    if (taken == nullptr) throw std::bad_alloc();
    actor_cell<A>& home = *static_cast<actor_cell<A>*>(taken);
    bool constructed = false;
    try {
      ::new (static_cast<void*>(home.room_)) A(std::forward<Args>(args)...);
      constructed = true;
      home.states_.begin();
      const actor_ref<A> self(home, home.generation());
      home.evictable_ = false;
      home.bounded_ = capacity != unbounded || marks.any();
      if (home.bounded_) bound_inbox(home, capacity, marks, options);
      home.amnesia_ = options.amnesia;
      if (options.amnesia)
        home.tenant_.fetch_or(cell_base::heed_amnesia,
                              std::memory_order::relaxed);  // reopen's E3 publishes it
      home.run = home.evictable_ ? &actor_cell<A>::template run_cell<true>
                                 : &actor_cell<A>::template run_cell<false>;
      if (!options.name.empty()) {
        auto kept = std::make_unique<const std::string>(options.name);
        enter(options.name, self);
        home.apart_->name = std::move(kept);
      }
      home.batch_ = static_cast<std::uint8_t>(std::min(options.batch, yield_every_n_msgs_));
      home.share_ = {};
      home.draining_ = false;
      home.counted_ = counts_messages_;
      home.apart_->handled.store(0, std::memory_order::relaxed);  // reopen's E3 publishes it
      executor& where =
          options.pinned.has_value() ? scheduler_.on_worker(*options.pinned) : scheduler_;
      home.where_.store(&where, std::memory_order::relaxed);  // reopen's E3 publishes it
      home.put_timers_on(scheduler_.wheel());
      home.belong_to(this, self.generation_);
      home.leaving_.store(false, std::memory_order::relaxed);  // reopen's E3 publishes it
      census_.began(scheduler_.worker_here());
      constexpr bool starts = requires(A & a, context<A> & c) { a.started(c); };
      home.inbox_.reopen(starts);
      if constexpr (starts) where.schedule(home, urgency::soon);
      return self;
    } catch (...) {
      home.tenant_.store(home.generation(), std::memory_order::relaxed);  // nobody has a reference
      if (constructed) {
        home.states_.end();
        home.behaviour().~A();
      }
      if (options.amnesia) zeroize(home.room_, sizeof(home.room_));
      actor_cell<A>::shelf::give(&home);
      throw;
    }
  }
  template <class A>
  actor_ref<A> spawn() {
    return spawn<A>(spawn_options{});
  }

  /// Tells `whom` a message after `delay` (<= 0: at once), unless the timer is cancelled or the actor ends before. The
  /// message is accepted or refused when it is due; one that finds no room is counted in `timers_refused`. Invalid
  /// where the actor is gone or memory is out. `whom` may live in another system, whose clock then counts. Any thread.
  template <class A, class M>
  timer_handle send_after(const actor_ref<A>& whom, std::chrono::nanoseconds delay, M message) {
    if (whom.home_ == nullptr) return {};
    return message_timer<A, M>::start(*whom.home_, whom.generation_, delay,
                                      std::chrono::nanoseconds{0}, std::move(message));
  }
  /// Tells `whom` a copy of a message after each `period` > 0, on a grid: lateness does not add up, and what
  /// was missed is not made up for. Copying must not throw. Any thread.
  template <class A, class M>
  timer_handle send_every(const actor_ref<A>& whom, std::chrono::nanoseconds period, M message) {
    static_assert(std::is_nothrow_copy_constructible_v<M>,
                  "a message that is sent again and again is copied, and that must not throw");
    Sync::require(period.count() > 0, "send_every: the period must be positive");
    if (whom.home_ == nullptr) return {};
    return message_timer<A, M>::start(*whom.home_, whom.generation_, period, period,
                                      std::move(message));
  }

  /// The live actor of that name and type; an empty reference where there is none.
  template <class A>
  [[nodiscard]] actor_ref<A> find(const std::string& name) const {
    sync::lock_guard<Sync> guard(names_mutex_);
    const auto found = names_.find(name);
    if (found == names_.end() || found->second.type != type_id<A>()) return {};
    return actor_ref<A>(*static_cast<actor_cell<A>*>(found->second.home), found->second.generation);
  }

  /// The names of live actors, in no order. Any thread.
  [[nodiscard]] std::vector<actor_name> names() const {
    std::vector<actor_name> all;
    sync::lock_guard<Sync> guard(names_mutex_);
    for (const auto& [name, who] : names_) {
      all.push_back({.name = name, .home = who.home, .generation = who.generation});
    }
    return all;
  }
  [[nodiscard]] bool counts_messages() const noexcept { return counts_messages_; }

  /// Tells every actor to handle what it has accepted and end, also those that are spawned meanwhile, and
  /// waits until all have, or for `patience`. Who is still there then is stuck in a handler: the report names
  /// it. A plain thread only.
  [[nodiscard]] shutdown_report shutdown(std::chrono::nanoseconds patience) {
    const sync::deadline until = Sync::after(patience);
    for (;;) {
      cell_type::for_each_cell(
          [](void* who, cell_base& cell) {
            if (const auto mine = cell.tenant_of(static_cast<actor_system*>(who)))
              (void)cell.give(cell_base::order::stop, *mine);
          },
          this);
      const sync::deadline look_again = Sync::after(std::chrono::milliseconds{10});
      if (wait_until_empty(look_again < until ? look_again : until)) break;
      if (Sync::after(std::chrono::nanoseconds{0}) >= until) break;
    }
    shutdown_report report;
    report.stuck = live();
    report.complete = report.stuck == 0;
    report.dead_letters = dead_letters();
    sync::lock_guard<Sync> guard(names_mutex_);
    for (const auto& [name, where] : names_) report.names.push_back(name);
    std::sort(report.names.begin(), report.names.end());
    return report;
  }

  /// Waits until every actor has ended; false at the deadline. A plain thread only.
  [[nodiscard]] bool wait_until_empty(sync::deadline until) {
    while (live() != 0 && scheduler_.world().drive()) {
      if (Sync::after(std::chrono::nanoseconds{0}) >= until) break;
    }
    return census_.wait_until_empty(until);
  }

  [[nodiscard]] std::uint64_t live() const noexcept { return census_.alive(); }
  [[nodiscard]] system_counters counters() const noexcept {
    system_counters now{.spawned = census_.began_count(),
                        .ended = census_.ended_count(),
                        .failed = failed_.count(),
                        .dead_letters = dead_letters(),
                        .message_yields = message_yields_.count(),
                        .time_yields = time_yields_.count(),
                        .timers_refused = timers_refused_.count(),
                        .high_water_alarms = high_water_alarms_.count()};
    for (std::size_t i = 0; i < undelivered_reasons; ++i) now.undelivered[i] = lost_[i].count();
    return now;
  }
  /// The environment's clock; expiry times are on it. Any thread.
  [[nodiscard]] std::chrono::nanoseconds now() const noexcept {
    return std::chrono::nanoseconds(scheduler_.world().now());
  }
  [[nodiscard]] scheduler& workers() noexcept { return scheduler_; }

 private:
  template <class A>
  friend class actor_cell;
  friend class cell_base;

  struct entry {
    cell_base* home;
    std::uint32_t generation;
    const void* type;
  };

  template <class A>
  static const void* type_id() noexcept {
    static const char identity = 0;
    return &identity;
  }

  template <class A>
  void enter(const std::string& name, const actor_ref<A>& who) {
    sync::lock_guard<Sync> guard(names_mutex_);
    const auto [at, fresh] =
        names_.try_emplace(name, entry{who.home_, who.generation_, type_id<A>()});
    if (fresh) return;
    // Its owner has ended, and no reference finds it, but it has not come to `leave` yet.
    if (at->second.home->generation() == at->second.generation) throw name_taken(name);
    at->second = entry{who.home_, who.generation_, type_id<A>()};
  }

  [[nodiscard]] static std::uint32_t checked_capacity(std::uint32_t capacity) noexcept {
    Sync::require(capacity == unbounded || (capacity >= 1 && capacity <= capacity_max),
                  "an inbox's capacity must be in [1, 1048576], or unbounded");
    return capacity;
  }

  [[nodiscard]] static water_marks checked_marks(std::uint32_t capacity,
                                                 const spawn_options& options) noexcept {
    const char* const wrong = problem_of_marks(capacity, options.high_water, options.low_water);
    Sync::require(wrong == nullptr, wrong != nullptr ? wrong : "");
    return marks_of(options.high_water, options.low_water);
  }

  // Before there is an actor; only its spawner is here. Throws std::bad_alloc where memory is out.
  static void bound_inbox(cell_base& home, std::uint32_t capacity, water_marks marks,
                          const spawn_options& options) {
    if (home.apart_->places.load(std::memory_order::relaxed) == nullptr) {  // this cell's own
      limits* const fresh = Sync::create<limits>();
      if (fresh == nullptr) throw std::bad_alloc();
      home.bring(*fresh);
    }
    const overflow policy = capacity == unbounded ? overflow::reject : options.overflow;
    home.places().set(capacity, policy, static_cast<std::uint64_t>(options.block_for.count()),
                      marks);
    home.places().begin();
    home.evictable_ = policy == overflow::drop_oldest;
    home.tenant_.store(std::uint64_t{home.generation()} | cell_base::heed_bound,
                       std::memory_order::relaxed);  // reopen's E3 publishes it
  }

  [[nodiscard]] std::uint64_t dead_letters() const noexcept {
    std::uint64_t sum = 0;
    for (std::size_t i = static_cast<std::size_t>(undelivered_reason::stopped);
         i < undelivered_reasons; ++i) {
      sum += lost_[i].count();
    }
    return sum;
  }
  // A message that nobody handles. Any thread that knows an actor of this system to be there.
  void report(undelivered_reason why, std::string_view actor, std::string_view message) noexcept {
    lost_[static_cast<std::size_t>(why)].add(1);
    if (on_undelivered_.call != nullptr) {
      on_undelivered_.call(on_undelivered_.who, {.actor = actor, .message = message, .why = why});
    }
  }

  // A sender's place is the one that reaches the mark of the actor of that generation.
  static void raise_alarm(cell_base& home, std::uint32_t to, std::string_view message) noexcept {
    limits& here = home.places();
    if (!home.pin(to)) return here.lower_alarm();
    limits::bump(here.alarms);
    actor_system& its =
        *home.apart_->system.load(std::memory_order::relaxed);  // the pinned actor's own
    its.high_water_alarms_.add(1);
    if (its.on_high_water_.call != nullptr) {
      its.on_high_water_.call(
          its.on_high_water_.who,
          {.actor = home.name(), .message = message, .high_water = here.marks().high});
    }
    here.unpin();
  }

  // The actor is gone; its cell is not used again before this returns.
  void leave(cell_base& home, exit_reason why, const std::exception_ptr& thrown) noexcept {
    if (home.apart_->name != nullptr) {
      sync::lock_guard<Sync> guard(names_mutex_);
      const auto mine = names_.find(*home.apart_->name);  // or of somebody who has come since
      if (mine != names_.end() && mine->second.home == &home) names_.erase(mine);
    }
    if (why == exit_reason::failed) {
      failed_.add(1);
      if (on_failure_.call != nullptr) on_failure_.call(on_failure_.who, home.name(), thrown);
    }
  }
  void one_less() noexcept { census_.ended(scheduler_.worker_here()); }

  const failure_hook on_failure_;
  const undelivered_hook on_undelivered_;
  const high_water_alarm_hook on_high_water_;
  const std::uint32_t inbox_capacity_;
  const std::int64_t yield_after_ns_;
  const std::uint32_t yield_every_n_msgs_;
  const bool counts_messages_;
  typename Sync::tally failed_;
  typename Sync::tally message_yields_;
  typename Sync::tally time_yields_;
  typename Sync::tally timers_refused_;
  typename Sync::tally high_water_alarms_;
  typename Sync::tally lost_[undelivered_reasons];
  census census_;
  mutable Sync::mutex names_mutex_;
  std::unordered_map<std::string, entry> names_;  // guarded by names_mutex_
  scheduler scheduler_;                           // first to go: no task runs when the rest ends
};

}  // namespace jacquard

#include <jacquard/actor/cell_body.hpp>
#include <jacquard/actor/cell_send.hpp>
