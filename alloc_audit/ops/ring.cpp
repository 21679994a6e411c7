// Operations of ring_mailbox.
#include <jacquard/mailbox/ring_mailbox.hpp>

#include "ops/mailbox_ops.hpp"

namespace jacquard::audit {
namespace {

using box = ring_mailbox<letter, control_letter>;

const bool added = [] {
  mailbox_ops<box, 128>::add("ring");
  return true;
}();

}  // namespace
}  // namespace jacquard::audit
