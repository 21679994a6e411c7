// jacquard/actor/inbox.hpp: an actor's letters. Many senders, one consumer that takes everything at once; the
// smallest mailbox there is: one word and a list.
//
// Shape       gate_    newest letter | control, closed, scheduled
//             oldest_  what the consumer has taken and not yet handled, oldest first
//             Letters are intrusive: the sender brings one, the consumer ends up with it.
// Invariants  I1  A letter that was pushed is handed out exactly once, by take or by drain.
//             I2  Letters of one sender come out in the order they went in.
//             I3  Each change of the gate from unscheduled to scheduled is reported to exactly one caller,
//                 who must start the consumer. No letter sleeps with an idle consumer.
//             I4  After close every push is refused, until reopen.
// Ordering    E1  push -> take     the letter and its link. Later pushes carry on the release sequence.
//             E3  try_idle, reopen -> push, raise   the consumer's own state. Whoever finds the gate
//                 unscheduled may run the consumer on another thread.
//             E4  raise -> try_idle, take_orders    what was announced.
// Progress    push is lock-free; everything else wait-free.
// Allocation  none.
// Checked by  model_checks: inbox (I1-I4, E1, E3, E4).
#pragma once

#include <atomic>
#include <cstdint>

#include <jacquard/mailbox/mailbox.hpp>
#include <jacquard/queue/lane.hpp>
#include <jacquard/sync/native.hpp>
#include <jacquard/sync/policy.hpp>

namespace jacquard {

/// `Letter` has a member `sync::cell<Sync, Letter*> next`, which belongs to the inbox that holds it, and is
/// aligned to 8 bytes at least.
template <class Letter, sync::policy Sync = sync::native>
class basic_inbox {
 public:
  /// Closed until it is reopened.
  basic_inbox() = default;
  basic_inbox(const basic_inbox&) = delete;
  basic_inbox& operator=(const basic_inbox&) = delete;

  /// Any thread. `queued`, `queued_schedule` or `closed`; the letter is the inbox's unless closed.
  push_result push(Letter& fresh) noexcept {
    word seen = gate_.load(std::memory_order::relaxed);  // a guess; the compare-and-swap decides
    do {
      if ((seen & gate::closed) != 0) return push_result::closed;
      fresh.next.with_mut([&](Letter*& next) { next = letter_of(seen); });
    } while (!gate_.compare_exchange_weak(seen,
                                          address_of(fresh) | (seen & gate::all) | gate::scheduled,
                                          std::memory_order::acq_rel,    // E1 release, E3 acquire
                                          std::memory_order::relaxed));  // a guess again
    return (seen & gate::scheduled) != 0 ? push_result::queued : push_result::queued_schedule;
  }

  /// Consumer only. The oldest letter, or null.
  [[nodiscard]] Letter* take() noexcept {
    Letter* oldest = oldest_.with([](Letter* const& first) { return first; });
    if (oldest == nullptr) {
      oldest = take_all();
      if (oldest == nullptr) return nullptr;
    }
    Letter* const after = oldest->next.with([](Letter* const& next) { return next; });
    oldest_.with_mut([&](Letter*& first) { first = after; });
    return oldest;
  }

  /// Consumer only. Puts a letter back, to be taken next.
  void put_back(Letter& letter) noexcept {
    oldest_.with_mut([&](Letter*& first) {
      letter.next.with_mut([&](Letter*& next) { next = first; });
      first = &letter;
    });
  }

  /// Consumer only, after take found nothing: gives the inbox up.
  idle_result try_idle() noexcept {
    word seen = gate_.load(std::memory_order::relaxed);  // validated by the compare-and-swap
    if ((seen & gate::control) != 0 || letter_of(seen) != nullptr) return idle_result::more;
    if (oldest_.with([](Letter* const& first) { return first != nullptr; }))
      return idle_result::more;
    if ((seen & gate::closed) != 0) return idle_result::finished;
    return gate_.compare_exchange_strong(seen, seen & ~gate::scheduled,
                                         std::memory_order::release,  // E3 release
                                         std::memory_order::relaxed)  // look again
               ? idle_result::idle
               : idle_result::more;
  }

  /// Any thread. Announces something outside the letters; true where the caller must start the consumer.
  [[nodiscard]] bool raise() noexcept {
    const word before = gate_.fetch_or(gate::control | gate::scheduled,
                                       std::memory_order::acq_rel);  // E3 acquire, E4 release
    return (before & gate::scheduled) == 0;
  }

  /// Consumer only. True where raise was called since it last looked.
  [[nodiscard]] bool take_orders() noexcept {
    if ((gate_.load(std::memory_order::relaxed) & gate::control) == 0) return false;  // a hint
    gate_.fetch_and(~gate::control, std::memory_order::acquire);                      // E4 acquire
    return true;
  }

  /// Consumer only. Refuses every later push. What is inside can be taken.
  void close() noexcept {
    gate_.fetch_or(gate::closed, std::memory_order::relaxed);
  }  // only a flag

  /// Consumer only, or before there is one. Accepts pushes again; `starts_scheduled`: the caller starts the
  /// consumer itself. The inbox is empty.
  void reopen(bool starts_scheduled) noexcept {
    gate_.store(starts_scheduled ? gate::scheduled : word{0},
                std::memory_order::release);  // E3 release
  }

  [[nodiscard]] bool is_closed() const noexcept {
    return (gate_.load(std::memory_order::relaxed) & gate::closed) != 0;  // a hint; push decides
  }

 private:
  using word = std::uint64_t;

  [[nodiscard]] static Letter* letter_of(word seen) noexcept {
    return reinterpret_cast<Letter*>(seen & ~gate::all);
  }
  [[nodiscard]] static word address_of(Letter& letter) noexcept {
    return reinterpret_cast<std::uintptr_t>(&letter);
  }

  // Everything that waits, oldest first.
  Letter* take_all() noexcept {
    if (letter_of(gate_.load(std::memory_order::relaxed)) == nullptr) return nullptr;  // a hint
    Letter* at = letter_of(gate_.fetch_and(gate::all, std::memory_order::acquire));    // E1 acquire
    Letter* oldest = nullptr;
    while (at != nullptr) {
      Letter* const older = at->next.with([](Letter* const& next) { return next; });
      at->next.with_mut([&](Letter*& next) { next = oldest; });
      oldest = at;
      at = older;
    }
    return oldest;
  }

  sync::atomic<Sync, word> gate_{gate::closed};
  sync::cell<Sync, Letter*> oldest_{nullptr};
};

}  // namespace jacquard
