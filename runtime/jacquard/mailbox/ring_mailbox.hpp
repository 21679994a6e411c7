// jacquard/mailbox/ring_mailbox.hpp: the mailbox for long-lived consumers: bounded, messages in
// place.
#pragma once

#include <jacquard/mailbox/basic_mailbox.hpp>
#include <jacquard/queue/sequence_ring.hpp>

namespace jacquard {

/// A bounded mailbox whose places are made with it. Every overflow policy. A send is one
/// compare-and-swap, a receive none. Memory: capacity x (message + 8 bytes, rounded up to the
/// message's alignment).
template <class T, class C = no_control, sync::policy Sync = sync::native>
using basic_ring_mailbox = basic_mailbox<basic_sequence_ring<T, Sync>, C, Sync>;

template <class T, class C = no_control>
using ring_mailbox = basic_ring_mailbox<T, C>;

static_assert(mailbox<ring_mailbox<int>>);

}  // namespace jacquard
