// jacquard/mailbox/linked_mailbox.hpp: the mailbox for many consumers that are mostly empty: memory
// follows what waits.
#pragma once

#include <jacquard/mailbox/basic_mailbox.hpp>
#include <jacquard/queue/linked_lane.hpp>

namespace jacquard {

/// A mailbox of pooled nodes, bounded or unbounded. No overflow::drop_oldest. A send is two
/// compare-and-swaps (node, link); a receive takes everything with one exchange.
template <class T, class C = no_control, sync::policy Sync = sync::native>
using basic_linked_mailbox = basic_mailbox<basic_linked_lane<T, Sync>, C, Sync>;

template <class T, class C = no_control>
using linked_mailbox = basic_linked_mailbox<T, C>;

static_assert(mailbox<linked_mailbox<int>>);

}  // namespace jacquard
