// Operations of linked_mailbox, bounded and unbounded.
#include <jacquard/mailbox/linked_mailbox.hpp>

#include "ops/mailbox_ops.hpp"

namespace jacquard::audit {
namespace {

using box = linked_mailbox<letter, control_letter>;

const bool added = [] {
  mailbox_ops<box, 128>::add("linked");
  mailbox_ops<box, unbounded>::add("linked_unbounded");
  return true;
}();

}  // namespace
}  // namespace jacquard::audit
