// The mailboxes of the runtime, as users hold them: default options, no control lane.
#include <jacquard/mailbox/linked_mailbox.hpp>
#include <jacquard/mailbox/locked_mailbox.hpp>
#include <jacquard/mailbox/ring_mailbox.hpp>

#include <jacquard/bench/rounds.hpp>

namespace jacquard::bench {

namespace {

template <class Box>
struct mailbox_adapter {
  static constexpr unsigned senders_max = bench::senders_max;
  static constexpr bool only_waits = false;

  struct sender {
    explicit sender(mailbox_adapter& a) : box(a.box) {}
    [[gnu::always_inline]] bool try_push(message&& m) {
      return box.send(std::move(m)) == send_result::accepted;
    }
    Box& box;
  };
  struct consumer {
    explicit consumer(mailbox_adapter& a) : box(a.box) {}
    template <class F>
    [[gnu::always_inline]] std::uint32_t try_pop(std::uint32_t max, F&& visit) {
      return box.receive(std::min(max, batch_max), [&](message&& m) { visit(m); }).messages;
    }
    template <class F>
    void wait_pop(F&& visit) {
      (void)box.wait_receive(batch_max, [&](message&& m) { visit(m); });
    }
    Box& box;
  };

  Box box{mailbox_options<message>{.capacity = field_capacity}};
};

}  // namespace

std::vector<contender> our_contenders() {
  return {
      make_contender<mailbox_adapter<ring_mailbox<message>>>("ring_mailbox", role::ours, true),
      make_contender<mailbox_adapter<linked_mailbox<message>>>("linked_mailbox", role::ours, true),
      make_contender<mailbox_adapter<locked_mailbox<message>>>("locked_mailbox", role::ours, true)};
}

}  // namespace jacquard::bench
