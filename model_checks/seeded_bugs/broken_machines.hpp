// seeded_bugs/broken_machines.hpp: inboxes with one thing wrong, caught by the check of the whole way of a letter.
#pragma once

#include <jacquard/actor/inbox.hpp>
#include <jacquard/sync/policy.hpp>

#include <checks/scheduling_state_machine.hpp>
#include <seeded_bugs/broken_policies.hpp>
#include <seeded_bugs/broken_schedulers.hpp>

namespace jacquard::bugs {

/// Gives up without a second look: a letter that came meanwhile goes with it.
template <class Letter, class Sync>
class gives_up_blindly : public basic_inbox<Letter, Sync> {
 public:
  idle_result try_idle() noexcept {
    if (this->is_closed()) return basic_inbox<Letter, Sync>::try_idle();
    this->reopen(false);
    return idle_result::idle;
  }
};

/// Takes what is left by the one way and what came before by the other: what the gate still names comes again.
template <class Letter, class Sync>
class takes_both_ways : public basic_inbox<Letter, Sync> {
 public:
  [[nodiscard]] Letter* take_rest() noexcept { return this->take_out(); }
};

}  // namespace jacquard::bugs
