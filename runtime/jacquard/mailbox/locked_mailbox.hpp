// jacquard/mailbox/locked_mailbox.hpp: the mailbox behind one mutex: a baseline to beat, and a
// reading that needs no memory model.
#pragma once

#include <jacquard/mailbox/basic_mailbox.hpp>
#include <jacquard/queue/locked_lane.hpp>

namespace jacquard {

/// A bounded mailbox behind one mutex. Every overflow policy.
template <class T, class C = no_control, sync::policy Sync = sync::native>
using basic_locked_mailbox = basic_mailbox<basic_locked_lane<T, Sync>, C, Sync>;

template <class T, class C = no_control>
using locked_mailbox = basic_locked_mailbox<T, C>;

static_assert(mailbox<locked_mailbox<int>>);

}  // namespace jacquard
