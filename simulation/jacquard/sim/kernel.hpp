// jacquard/sim/kernel.hpp: the virtual clock and the events that move it.
//
// Shape       A heap of events keyed (time, phase, number). The clock jumps to the next event; nothing
//             happens between two events. An entity is told of its own events, one at a time.
// Invariants  I1  Time never goes back; an event runs at the time it was scheduled for.
//             I2  Events at one instant run by phase (faults before work), then in the order in which
//                 they were scheduled. Nothing depends on an address.
//             I3  Every event is folded into the history before its entity hears of it.
//             I4  A run ends in words: quiet, deadlock (work is pending and nothing is scheduled), out of
//                 events, out of time, or stopped.
// Progress    one thread.
// Allocation  the heap's vector and the history's, both amortised.
// Checked by  kernel.test.cpp
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <jacquard/sim/history.hpp>
#include <jacquard/sim/random.hpp>
#include <jacquard/sim/time.hpp>

namespace jacquard::sim {

class kernel;

/// What kind of event, with its digest computed where the kind is declared:
///   inline constexpr event_kind sent{"sent"};
struct event_kind {
  const char* name;
  std::uint64_t digest;

  consteval explicit event_kind(const char* text) : name(text), digest(digest_of(text)) {}
  friend bool operator==(const event_kind& a, const event_kind& b) noexcept {
    return a.digest == b.digest;
  }
};

/// What an entity is told. `a` and `b` are its own, and are folded into the history.
struct event {
  nanoseconds at = 0;
  std::uint64_t order = 0;  // phase and number
  const event_kind* kind = nullptr;
  std::uint32_t target = 0;
  std::uint32_t a = 0;
  std::uint64_t b = 0;
};

/// Order within one instant.
enum class phase : std::uint8_t { fault = 0, work = 1, afterwards = 2 };

/// Something that events happen to.
class entity {
 public:
  virtual ~entity() = default;
  virtual void on(kernel& world, const event& what) = 0;
};

/// Names an entity of one kernel.
struct entity_id {
  std::uint32_t index = 0;
};

/// A run may not take more than this.
struct budget {
  std::uint64_t events = 1'000'000;
  nanoseconds time = 60 * second;  // virtual
};

/// Why a run ended.
enum class stop_reason : std::uint8_t {
  quiet,          // nothing is scheduled and nothing is pending
  deadlock,       // nothing is scheduled, but work is pending
  out_of_events,  // budget.events were handled
  out_of_time,    // the next event lies beyond budget.time
  stopped,        // an entity called stop()
};

[[nodiscard]] constexpr const char* to_string(stop_reason reason) noexcept {
  switch (reason) {
    case stop_reason::quiet:
      return "quiet";
    case stop_reason::deadlock:
      return "deadlock";
    case stop_reason::out_of_events:
      return "out of events";
    case stop_reason::out_of_time:
      return "out of time";
    case stop_reason::stopped:
      return "stopped";
  }
  return "unknown";
}

class kernel {
 public:
  explicit kernel(std::uint64_t seed) : seed_(seed) {}
  kernel(const kernel&) = delete;
  kernel& operator=(const kernel&) = delete;

  /// Adds an entity, which must outlive the run. Its path must be unique: draws and the history know it
  /// by nothing else. Throws std::invalid_argument where the path is taken.
  entity_id add(std::string path, entity& who);

  /// Schedules an event for `who`, `delay` from now. A delay below 0 counts as 0.
  void after(nanoseconds delay, entity_id who, const event_kind& kind, std::uint32_t a = 0,
             std::uint64_t b = 0, phase when = phase::work);

  /// The rest of a message's life: folds something that happened now into the history.
  void note(entity_id who, const event_kind& kind, std::uint64_t detail) {
    history_.add(now_, kind.digest, kind.name, entities_[who.index].digest, detail);
  }

  /// Counts work that must finish: while any is pending, running out of events is a deadlock.
  void work_begins(std::uint64_t n = 1) noexcept { pending_ += n; }
  void work_ends(std::uint64_t n = 1) noexcept { pending_ -= n; }

  /// Handles events until one of the reasons in `stop_reason`. May be called again after a budget ran out.
  stop_reason run(const budget& limit = {});
  /// The run ends after the present event.
  void stop() noexcept { stopped_ = true; }

  [[nodiscard]] nanoseconds now() const noexcept { return now_; }
  [[nodiscard]] std::uint64_t seed() const noexcept { return seed_; }
  [[nodiscard]] std::uint64_t handled() const noexcept { return handled_; }
  [[nodiscard]] std::uint64_t pending() const noexcept { return pending_; }
  [[nodiscard]] std::size_t scheduled() const noexcept { return heap_.size(); }
  /// An entity's draws for one purpose, from the beginning.
  [[nodiscard]] stream draws(domain purpose, entity_id who) const noexcept {
    return {seed_, purpose, entities_[who.index].digest};
  }
  [[nodiscard]] sim::history& history() noexcept { return history_; }
  [[nodiscard]] const sim::history& history() const noexcept { return history_; }
  /// The path of an entity, or of the digest of one; "?" where nobody has it.
  [[nodiscard]] const std::string& path(entity_id who) const { return entities_[who.index].path; }
  [[nodiscard]] std::string path_of(std::uint64_t digest) const;
  /// Of every entity: the digest of its path, and the path.
  [[nodiscard]] std::vector<std::pair<std::uint64_t, std::string>> names() const;

 private:
  struct member {
    std::string path;
    std::uint64_t digest;
    entity* who;
  };

  void push(const event& what);
  event pop();

  std::uint64_t seed_;
  nanoseconds now_ = 0;
  std::uint64_t number_ = 0;
  std::uint64_t handled_ = 0;
  std::uint64_t pending_ = 0;
  bool stopped_ = false;
  std::vector<event> heap_;
  std::vector<member> entities_;
  // Looked up, never walked: its order is nobody's.
  std::unordered_map<std::uint64_t, std::uint32_t> by_digest_;
  sim::history history_;
};

}  // namespace jacquard::sim
