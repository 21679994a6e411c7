// seeded_bugs/broken_actors.hpp: mistakes in what an actor's cell does around its inbox.
#pragma once

#include <atomic>
#include <cstdint>

#include <jacquard/actor/census.hpp>
#include <jacquard/actor/inbox_bound.hpp>

#include <seeded_bugs/broken_policies.hpp>
#include "checks/census.hpp"
#include "checks/inbox_bound.hpp"

namespace jacquard::bugs {

/// Looks for room and takes it in two steps.
template <sync::policy Sync>
struct claims_in_two_steps : basic_inbox_bound<Sync> {
  bool claim() noexcept {
    if (this->waiting() >= this->capacity()) return false;
    this->set(capacity_max, overflow::reject, 0);
    const bool got = basic_inbox_bound<Sync>::claim();
    this->set(1, overflow::reject, 0);
    return got;
  }
};

/// Ends without a look at who has pinned it.
template <sync::policy Sync>
struct ends_while_pinned : basic_inbox_bound<Sync> {
  void wait_until_unpinned() {}
};

/// Reads how many began before it reads how many ended.
template <sync::policy Sync>
struct sums_beginnings_first : basic_census<Sync> {
  using basic_census<Sync>::basic_census;
  bool wait_until_empty() {
    const std::uint64_t began = this->began_count();
    return began == this->ended_count() || basic_census<Sync>::wait_until_empty();
  }
};

}  // namespace jacquard::bugs
