// Operations of locked_mailbox.
#include <jacquard/mailbox/locked_mailbox.hpp>

#include "ops/mailbox_ops.hpp"

namespace jacquard::audit {
namespace {

using box = locked_mailbox<letter, control_letter>;

const bool added = [] {
  mailbox_ops<box, 128>::add("locked");
  return true;
}();

}  // namespace
}  // namespace jacquard::audit
