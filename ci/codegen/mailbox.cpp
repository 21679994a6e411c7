// ci/codegen/mailbox.cpp: the native ring_mailbox's hot operations, each as one function to be read in the
// disassembly by ci/codegen-check.
#include <jacquard/mailbox/ring_mailbox.hpp>
#include <utility>

namespace {
struct message {
  unsigned char bytes[64];
};
using box = jacquard::ring_mailbox<message>;
}  // namespace

extern "C" int probe_send(box& mailbox, message& sent) {
  return static_cast<int>(mailbox.send(std::move(sent)));
}

extern "C" int probe_try_send(box& mailbox, message& sent) {
  return static_cast<int>(mailbox.try_send(std::move(sent)));
}

extern "C" unsigned probe_receive(box& mailbox, message* place) {
  const jacquard::receipt got = mailbox.receive(64, [&](message&& taken) { *place++ = taken; });
  return got.messages;
}

extern "C" bool probe_try_idle(box& mailbox) {
  return mailbox.try_idle() == jacquard::idle_result::idle;
}

extern "C" bool probe_close(box& mailbox) { return mailbox.close(); }
