// jacquard/actor/inbox.hpp: an actor's letters. Many senders, one consumer; the smallest mailbox there is: one
// word and a list.
//
// Shape       gate_    newest letter | control, closed, scheduled
//             oldest_  what the consumer has found and not yet handed out, oldest first
//             mark_    the newest letter that it has found. The gate may go on naming it: to look for letters
//                      is then a load, and the only read-modify-write of the consumer is the one that gives
//                      the inbox up.
//             Letters are intrusive: the sender brings one, the consumer ends up with it; with the marked one
//             only when the gate names another.
// Invariants  I1  A letter that was pushed is handed out exactly once, by take or by drain.
//             I2  Letters of one sender come out in the order they went in.
//             I3  Each change of the gate from unscheduled to scheduled is reported to exactly one caller,
//                 who must start the consumer. No letter sleeps with an idle consumer.
//             I4  After close every push is refused, until reopen.
//             I5  A letter that the gate names is not pushed again: who looks for news would take it for the
//                 one that it knows.
// Ordering    E1  push -> take     the letter and its link. Later pushes carry on the release sequence.
//             E3  try_idle, try_end, reopen -> push, raise, try_start   the consumer's own state. Whoever finds the gate
//                 unscheduled may run the consumer on another thread.
//             E4  raise -> try_idle, take_orders    what was announced.
// Progress    push is lock-free; everything else wait-free.
// Allocation  none.
// Checked by  model_checks: inbox, inbox.order, inbox.reopened, inbox.reused, inbox.taken_out (I1-I5, E1, E3, E4),
//             ask_inline (E3 of try_start and try_end).
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
  [[gnu::always_inline]] push_result push(Letter& fresh) noexcept {
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

  /// Consumer only. The oldest letter, or null. Its memory is the caller's, unless `keeps` says otherwise.
  [[nodiscard]] Letter* take() noexcept {
    return first_or([this] { return find_new(); });
  }

  /// As take, and the gate names no letter that was handed out; costs a read-modify-write where there is news.
  /// An inbox has the one or the other called, not both.
  [[nodiscard]] Letter* take_out() noexcept {
    return first_or([this] { return take_all(); });
  }

  /// Consumer only. True while the gate names a letter that was handed out: its message may go, its memory
  /// must not be pushed again. False once take has found a newer one, try_idle said idle, or after close.
  [[nodiscard]] bool keeps(const Letter& letter) const noexcept { return marked() == &letter; }

  /// Consumer only. Puts a letter back, to be taken next.
  void put_back(Letter& letter) noexcept {
    oldest_.with_mut([&](Letter*& first) {
      letter.next.with_mut([&](Letter*& next) { next = first; });
      first = &letter;
    });
  }

  /// Any thread. True where the inbox was idle, open and empty: the caller is the consumer now.
  [[nodiscard]] bool try_start() noexcept {
    word idle = 0;
    return gate_.compare_exchange_strong(idle, gate::scheduled,
                                         std::memory_order::acquire,   // E3 acquire
                                         std::memory_order::relaxed);  // decides by value alone
  }

  /// Consumer only, after try_start and without a take: gives the inbox up. False where something has come.
  [[nodiscard]] bool try_end() noexcept {
    if (oldest_.with([](Letter* const& first) { return first != nullptr; })) return false;
    word untouched = gate::scheduled;
    return gate_.compare_exchange_strong(untouched, 0,
                                         std::memory_order::release,   // E3 release
                                         std::memory_order::relaxed);  // decides by value alone
  }

  /// Consumer only, after take found nothing: gives the inbox up.
  [[gnu::always_inline]] idle_result try_idle() noexcept {
    word seen = gate_.load(std::memory_order::relaxed);  // validated by the compare-and-swap
    Letter* const mark = marked();
    if ((seen & gate::control) != 0 || letter_of(seen) != mark) return idle_result::more;
    if (oldest_.with([](Letter* const& first) { return first != nullptr; }))
      return idle_result::more;
    if ((seen & gate::closed) != 0) return idle_result::finished;
    set_mark(nullptr);  // after the compare-and-swap it is somebody else's
    if (gate_.compare_exchange_strong(seen, word{0},
                                      std::memory_order::release,     // E3 release
                                      std::memory_order::relaxed)) {  // look again
      return idle_result::idle;
    }
    set_mark(mark);
    return idle_result::more;
  }

  /// Any thread. Announces something outside the letters; true where the caller must start the consumer.
  [[nodiscard]] bool raise() noexcept {
    const word before = gate_.fetch_or(gate::control | gate::scheduled,
                                       std::memory_order::acq_rel);  // E3 acquire, E4 release
    return (before & gate::scheduled) == 0;
  }

  /// True where raise was called since the consumer last looked.
  [[nodiscard]] bool has_orders() const noexcept {
    return (gate_.load(std::memory_order::relaxed) & gate::control) != 0;  // a hint
  }
  /// Consumer only. As has_orders, and looks.
  [[nodiscard]] bool take_orders() noexcept {
    if (!has_orders()) return false;
    gate_.fetch_and(~gate::control, std::memory_order::acquire);  // E4 acquire
    return true;
  }

  /// Consumer only. Refuses every later push. What is inside can be taken.
  void close() noexcept {
    gate_.fetch_or(gate::closed, std::memory_order::relaxed);
  }  // only a flag

  /// Consumer only, or before there is one. Accepts pushes again; `starts_scheduled`: the caller starts the
  /// consumer itself. The inbox is empty.
  void reopen(bool starts_scheduled) noexcept {
    set_mark(nullptr);
    gate_.store(starts_scheduled ? gate::scheduled : word{0},
                std::memory_order::release);  // E3 release
  }

  /// Any thread. A moment's answer: nobody is the consumer.
  [[nodiscard]] bool is_idle() const noexcept {
    return (gate_.load(std::memory_order::relaxed) & gate::scheduled) == 0;  // a hint
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

  [[nodiscard]] Letter* marked() const noexcept {
    return mark_.with([](Letter* const& letter) { return letter; });
  }
  void set_mark(Letter* letter) noexcept {
    mark_.with_mut([&](Letter*& mark) { mark = letter; });
  }

  template <class F>
  Letter* first_or(F find) noexcept {
    Letter* oldest = oldest_.with([](Letter* const& first) { return first; });
    if (oldest == nullptr) {
      oldest = find();
      if (oldest == nullptr) return nullptr;
    }
    Letter* const after = oldest->next.with([](Letter* const& next) { return next; });
    oldest_.with_mut([&](Letter*& first) { first = after; });
    return oldest;
  }

  // Every letter since the marked one, oldest first; the newest is marked then.
  Letter* find_new() noexcept {
    Letter* const newest = letter_of(gate_.load(std::memory_order::acquire));  // E1 acquire
    Letter* const mark = marked();
    if (newest == mark) return nullptr;
    set_mark(newest);
    return turned(newest, mark);
  }

  // Every letter, oldest first; the gate names none then.
  Letter* take_all() noexcept {
    if (letter_of(gate_.load(std::memory_order::relaxed)) == nullptr) return nullptr;  // a hint
    Letter* const newest =
        letter_of(gate_.fetch_and(gate::all, std::memory_order::acquire));  // E1 acquire
    return turned(newest, nullptr);
  }

  // From the newest down to `end`, turned round.
  static Letter* turned(Letter* newest, Letter* end) noexcept {
    Letter* oldest = nullptr;
    for (Letter* at = newest; at != end;) {
      Letter* const older = at->next.with([](Letter* const& next) { return next; });
      at->next.with_mut([&](Letter*& next) { next = oldest; });
      oldest = at;
      at = older;
    }
    return oldest;
  }

  // Before the first reopen, as between two: whoever announces something starts nobody.
  sync::atomic<Sync, word> gate_{gate::closed | gate::scheduled};
  sync::cell<Sync, Letter*> oldest_{nullptr};
  sync::cell<Sync, Letter*> mark_{nullptr};
};

}  // namespace jacquard
