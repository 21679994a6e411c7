// Operations of sharded_mailbox. One thread uses one shard, so what all of them have together is audited besides.
#include <jacquard/mailbox/sharded_mailbox.hpp>

#include "ops/mailbox_ops.hpp"

namespace jacquard::audit {
namespace {

using box = sharded_mailbox<letter, 4, control_letter>;

const visitors count_nothing{[](letter&&) {}, [](control_letter&&) {}};

// A message into each shard, by a handle made for it, and a sweep. The mailbox goes idle in between, so each is news.
std::uint64_t sender_of(std::uint64_t n) {
  std::uint64_t scheduled = 0;
  box::options_type options{.capacity = 8};
  options.schedule = {.call = [](void* who) noexcept { ++*static_cast<std::uint64_t*>(who); },
                      .who = &scheduled};
  box mailbox(options);
  std::uint64_t done = 0;
  std::uint64_t rounds = 0;
  for (; done < n; ++rounds) {
    for (std::uint32_t sender = 0; sender < box::shards; ++sender) {
      must(mailbox.sender_of(sender).send(letter{.number = done}) == send_result::accepted,
           "the message is accepted");
    }
    done += mailbox.receive(batch_max, count_nothing).messages;
    must(mailbox.try_idle() == idle_result::idle, "an empty mailbox goes idle");
  }
  must(scheduled == rounds, "each round found the mailbox idle and scheduled it once");
  return done;
}

const bool added = [] {
  mailbox_ops<box, 128>::add("sharded");
  ops().push_back({.name = "sharded.sender_of", .run = sender_of});
  return true;
}();

}  // namespace
}  // namespace jacquard::audit
