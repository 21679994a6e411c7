// jacquard/diagnostics/actor_report.hpp: what every actor of a system is doing, without asking any of them.
//
//   for (const jacquard::actor_facts& one : jacquard::report_actors(system).actors) std::puts(describe(one).c_str());
//
// Shape       the pools that cells live in are the registry: a cell is never freed, so who looks needs no list of
//             actors, and a spawn has nothing to enter into one.
// Invariants  I1  An actor that lives throughout the look is in the report once, under its name and its type.
//             I2  A figure is one that was true at some moment of the look. The whole is exact when the system is at rest.
// Progress    report_actors takes the mutex of names and that of each pool's growth; the actors go on.
// Allocation  the report's own. None where nobody asks for one.
// Checked by  diagnostics.test.cpp (I1, I2) on one and more workers, under ASan, UBSan and TSan.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <jacquard/actor/actor_system.hpp>
#include <jacquard/actor/cell.hpp>
#include <jacquard/actor/limits.hpp>

namespace jacquard {

/// What an actor is doing.
enum class actor_activity : std::uint8_t {
  idle,     // it waits for a message
  busy,     // it runs, or waits for a worker
  leaving,  // it takes no more messages, and has not ended
};

[[nodiscard]] constexpr const char* to_string(actor_activity what) noexcept {
  switch (what) {
    case actor_activity::idle:
      return "idle";
    case actor_activity::busy:
      return "busy";
    case actor_activity::leaving:
      return "leaving";
  }
  return "unknown";
}

struct actor_facts {
  std::string name;       // empty: it has none
  std::string_view type;  // as the compiler spells it
  std::uint32_t generation = 0;
  actor_activity activity = actor_activity::idle;
  /// Letters that it took and questions that it answered in place, since it was spawned, up to its last
  /// activation. Nothing where the system does not count them
  /// (system_options::count_messages).
  std::optional<std::uint64_t> handled = std::nullopt;
  /// What went through its inbox and waits there; nothing where it has neither bound nor mark.
  std::optional<inbox_counters> inbox = std::nullopt;
};

struct actor_report {
  std::vector<actor_facts> actors;  // those with a name first, sorted; then by type
  system_counters totals;
};

/// Looks at every live actor of `system`. Any thread; takes time in proportion to the most actors that ever lived at
/// once in the process, and n log n for the n that it finds. Throws std::bad_alloc.
[[nodiscard]] inline actor_report report_actors(const actor_system& system) {
  struct looker {
    const actor_system& system;
    const std::vector<actor_name>& names;  // sorted by home
    std::vector<actor_facts>& found;
    std::string_view type;
  };
  actor_report made;
  std::vector<actor_name> names = system.names();
  std::ranges::sort(names, {}, &actor_name::home);
  looker who{.system = system, .names = names, .found = made.actors, .type = {}};
  cell_type::for_each_cell_by_type(
      [&who](std::string_view type) { who.type = type; },
      [](void* self, cell_base& cell) {
        looker& here = *static_cast<looker*>(self);
        const auto tenant = cell.tenant_of(&here.system);
        if (!tenant) return;
        actor_facts facts{
            .name = {}, .type = here.type, .generation = *tenant, .activity = actor_activity::idle};
        if (cell.is_leaving()) {
          facts.activity = actor_activity::leaving;
        } else if (!cell.is_idle()) {
          facts.activity = actor_activity::busy;
        }
        if (here.system.counts_messages()) facts.handled = cell.handled();
        facts.inbox = cell.inbox_counts(facts.generation);
        // What was read may be the next one's.
        if (cell.tenant_of(&here.system) != tenant) return;
        const cell_base* const home = &cell;
        for (const actor_name& each :
             std::ranges::equal_range(here.names, home, {}, &actor_name::home)) {
          if (each.generation == facts.generation) facts.name = each.name;
        }
        here.found.push_back(std::move(facts));
      },
      &who);
  made.totals = system.counters();
  std::sort(made.actors.begin(), made.actors.end(), [](const actor_facts& a, const actor_facts& b) {
    if (a.name.empty() != b.name.empty()) return b.name.empty();
    return a.name != b.name ? a.name < b.name : a.type < b.type;
  });
  return made;
}

}  // namespace jacquard
