#include <jacquard/sim/port.hpp>

#include <jacquard/mailbox/linked_mailbox.hpp>
#include <jacquard/mailbox/locked_mailbox.hpp>
#include <jacquard/mailbox/ring_mailbox.hpp>

namespace jacquard::sim {

namespace {

using ring = ring_mailbox<letter, order>;
using linked = linked_mailbox<letter, order>;
using locked = locked_mailbox<letter, order>;

struct hand_over {
  taker& to;
  void operator()(letter&& message) const { to.take(std::move(message)); }
  void operator()(order&& message) const { to.take(std::move(message)); }
};

template <class Mailbox>
class native_port final : public port {
 public:
  explicit native_port(const port_options& options) : box_(options) {}

  send_result try_send(letter&& message) override { return box_.try_send(std::move(message)); }
  send_result send_control(order&& message) override {
    return box_.send_control(std::move(message));
  }
  receipt receive(std::uint32_t limit, taker& to) override {
    return box_.receive(limit, hand_over{to});
  }
  idle_result try_idle() override { return box_.try_idle(); }
  bool close() override { return box_.close(); }
  [[nodiscard]] mailbox_counters counters() const override { return box_.counters(); }
  [[nodiscard]] std::uint64_t size() const override { return box_.size(); }

 private:
  Mailbox box_;
};

}  // namespace

const char* problem(mailbox_kind kind, const port_options& options) {
  switch (kind) {
    case mailbox_kind::ring:
      return ring::problem(options);
    case mailbox_kind::linked:
      return linked::problem(options);
    case mailbox_kind::locked:
      return locked::problem(options);
  }
  return "kind must be ring, linked or locked";
}

std::unique_ptr<port> make_port(mailbox_kind kind, const port_options& options) {
  switch (kind) {
    case mailbox_kind::linked:
      return std::make_unique<native_port<linked>>(options);
    case mailbox_kind::locked:
      return std::make_unique<native_port<locked>>(options);
    case mailbox_kind::ring:
      break;
  }
  return std::make_unique<native_port<ring>>(options);
}

}  // namespace jacquard::sim
