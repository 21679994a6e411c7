// jacquard/sim/port.hpp: a mailbox as a simulation sees it, whichever kind it is.
//
// Behind a port stands the mailbox that ships: ring_mailbox, linked_mailbox or locked_mailbox over
// sync::native, the same templates with the same arguments as in a program with threads. A port adds a
// virtual call, so that scenarios, faults and canaries are written once for all of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include <jacquard/mailbox/mailbox.hpp>
#include <jacquard/sim/detour.hpp>

namespace jacquard::sim {

/// The message of the simulation: who sent it, and what it is called in the books. Move-only. Its move
/// is where a detour can stop a sender between claim and publish.
struct letter {
  std::uint32_t id = 0;      // its place in the ledger, from 1; 0: moved from
  std::uint32_t sender = 0;  // which producer
  std::uint32_t bytes = 64;  // what counts against payload_bytes_max

  letter() = default;
  letter(std::uint32_t name, std::uint32_t from, std::uint32_t size) noexcept
      : id(name), sender(from), bytes(size) {}
  letter(letter&& other) noexcept : id(other.id), sender(other.sender), bytes(other.bytes) {
    other.leave();
  }
  letter& operator=(letter&& other) noexcept {
    id = other.id;
    sender = other.sender;
    bytes = other.bytes;
    other.leave();
    return *this;
  }
  letter(const letter&) = delete;
  letter& operator=(const letter&) = delete;
  ~letter() = default;

 private:
  void leave() noexcept {
    const std::uint32_t left = std::exchange(id, 0);
    if (detour* const here = detour::current(); here != nullptr) here->passes(left);
  }
};

/// A control message: numbered in the order of sending.
struct order {
  std::uint32_t number = 0;
};

/// Receives what a port hands out. Must not throw.
class taker {
 public:
  virtual ~taker() = default;
  virtual void take(letter&& message) = 0;
  virtual void take(order&& message) = 0;
};

enum class mailbox_kind : std::uint8_t { ring, linked, locked };

[[nodiscard]] constexpr const char* to_string(mailbox_kind kind) noexcept {
  switch (kind) {
    case mailbox_kind::ring:
      return "ring";
    case mailbox_kind::linked:
      return "linked";
    case mailbox_kind::locked:
      return "locked";
  }
  return "unknown";
}

/// The members of a mailbox that never wait. See jacquard/mailbox/mailbox.hpp.
class port {
 public:
  virtual ~port() = default;
  virtual send_result try_send(letter&& message) = 0;
  virtual send_result send_control(order&& message) = 0;
  virtual receipt receive(std::uint32_t limit, taker& to) = 0;
  virtual idle_result try_idle() = 0;
  virtual bool close() = 0;
  [[nodiscard]] virtual mailbox_counters counters() const = 0;
  [[nodiscard]] virtual std::uint64_t size() const = 0;
};

using port_options = mailbox_options<letter>;

/// Null where `kind` can be set up so, otherwise a sentence that names option and range.
[[nodiscard]] const char* problem(mailbox_kind kind, const port_options& options);

/// Makes a mailbox of that kind. Requires problem(kind, options) == nullptr.
[[nodiscard]] std::unique_ptr<port> make_port(mailbox_kind kind, const port_options& options);

}  // namespace jacquard::sim

/// A letter says itself how large it is.
template <>
struct jacquard::payload_bytes<jacquard::sim::letter> {
  [[nodiscard]] static std::size_t of(const sim::letter& message) noexcept { return message.bytes; }
};
