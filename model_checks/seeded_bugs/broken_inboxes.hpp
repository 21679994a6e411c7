// seeded_bugs/broken_inboxes.hpp: the inbox that ships, with one of its promises taken away.
#pragma once

#include <jacquard/actor/inbox.hpp>
#include <jacquard/sync/policy.hpp>

#include <checks/inbox.hpp>

namespace jacquard::bugs {

/// Lets every letter go at once, also the one that the gate still names. Sent again, it looks like no news.
template <class Letter, class Sync>
class keeps_nothing : public basic_inbox<Letter, Sync> {
 public:
  [[nodiscard]] bool keeps(const Letter& /*letter*/) const noexcept { return false; }
};

}  // namespace jacquard::bugs
