// jacquard/actor/cell_send.hpp: sends with conditions. tidy allows cards: cell.hpp and inbox_bound.hpp.
//
// A sender comes here only where the cell's tenant is another than it knows, or says that there is something to
// heed. Actors without a bound pay nothing for it.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <utility>

#include <jacquard/actor/actor_system.hpp>
#include <jacquard/actor/cell.hpp>
#include <jacquard/actor/message.hpp>
#include <jacquard/actor/type_name.hpp>
#include <jacquard/actor/undelivered.hpp>

namespace jacquard {

template <class A>
template <class M>
[[gnu::noinline]] send_result actor_cell<A>::tell_with_care(M& message, std::uint32_t to,
                                                            const send_options* how) noexcept {
  std::uint8_t marks = 0;
  const send_result admitted = admit<M>(to, how, marks);
  if (admitted == send_result::accepted) {
    return (marks & letter::dated) != 0 ? deliver_marked<dated_letter>(message, to, marks, how)
                                        : deliver_marked<letter>(message, to, marks, how);
  }
  if (admitted == send_result::dropped) {
    const M gone = std::move(message);  // its life ends here
    (void)gone;
  }
  return admitted;
}

template <class A>
template <class Base, class M>
send_result actor_cell<A>::deliver_marked(M& message, std::uint32_t to, std::uint8_t marks,
                                          const send_options* how) noexcept {
  auto* const fresh = make_letter<told_letter<M, Base>>(
      to, detail::index_of<typename A::messages, M>::value, std::move(message));
  if (fresh == nullptr) {
    give_place_up(marks);
    return send_result::busy;
  }
  if constexpr (std::is_same_v<Base, dated_letter>) fresh->expires_ns = how->expires.count();
  return post(*fresh, marks) ? send_result::accepted : hand_back(*fresh, message);
}

template <class A>
template <class M>
send_result actor_cell<A>::admit(std::uint32_t to, const send_options* how,
                                 std::uint8_t& marks) noexcept {
  const std::uint64_t seen =
      tenant_.load(std::memory_order::relaxed);  // a hint: the letter decides
  if (static_cast<std::uint32_t>(seen) != to) return send_result::closed;
  if (how != nullptr && how->expires != std::chrono::nanoseconds::max()) marks |= letter::dated;
  if ((seen & heed_amnesia) != 0) marks |= letter::secret;
  if ((seen & heed_bound) == 0) return send_result::accepted;
  bool alarm = false;
  const send_result found =
      places().claim(alarm) ? send_result::accepted : find_room(to, message_name<M>(), how, alarm);
  if (alarm) [[unlikely]]
    actor_system::raise_alarm(*this, to, message_name<M>());
  if (found == send_result::accepted) marks |= letter::placed;
  return found;
}

// There was no room. Accepted: there is, and it is the caller's.
template <class A>
[[gnu::noinline]] send_result actor_cell<A>::find_room(std::uint32_t to, std::string_view message,
                                                       const send_options* how,
                                                       bool& alarm) noexcept {
  // How often drop_oldest makes room and loses it again before it says busy.
  constexpr unsigned evictions_max = 4;
  limits& here = places();
  switch (here.policy()) {
    case overflow::drop_newest:
      if (!pin(to)) return send_result::closed;
      here.lose(undelivered_reason::dropped_newest);
      apart_->system
          .load(std::memory_order::relaxed)  // the pinned actor's own
          ->report(undelivered_reason::dropped_newest, name(), message);
      here.unpin();
      return send_result::dropped;
    case overflow::drop_oldest:
      for (unsigned tries = 0; tries < evictions_max; ++tries) {
        if (!drop_oldest(to)) break;
        if (here.claim(alarm)) return send_result::accepted;
      }
      if (generation() != to) return send_result::closed;
      break;
    case overflow::block:
      return wait_for_room(to, how, alarm);
    case overflow::reject:
      if (inbox_.is_closed()) return send_result::closed;
      break;
  }
  return here.refuse(send_result::busy);
}

// Takes the oldest letter out and discards it. False where the actor is gone, or nobody's letter is there yet.
template <class A>
bool actor_cell<A>::drop_oldest(std::uint32_t to) noexcept {
  limits& here = places();
  letter* oldest = nullptr;
  {
    const limits::guard held(here);
    if (generation() != to) return false;
    oldest = take_to_drop();
    if (oldest == nullptr) return false;  // or its sender has claimed, and not yet pushed
    here.pin();
  }
  discard(*oldest, undelivered_reason::dropped_oldest);
  here.unpin();
  return true;
}

template <class A>
send_result actor_cell<A>::wait_for_room(std::uint32_t to, const send_options* how,
                                         bool& alarm) noexcept {
  limits& here = places();
  if (here.runner.load(std::memory_order::relaxed) == sync::native::this_thread())  // its own value
    return here.refuse(send_result::would_deadlock);
  if (!pin(to)) return send_result::closed;
  const bool may_wait =
      where_.load(std::memory_order::relaxed)->may_wait();  // the pinned actor's own
  here.unpin();
  if (!may_wait) return here.refuse(send_result::busy);
  sync::deadline last = how != nullptr && how->wait_until.has_value()
                            ? *how->wait_until
                            : sync::native::after(std::chrono::nanoseconds(here.block_ns()));
  if (how != nullptr && how->timeout != std::chrono::nanoseconds::max())
    last = std::min(last, sync::native::after(how->timeout));
  const send_result found =
      here.wait(last, alarm, [&] { return generation() != to || inbox_.is_closed(); });
  return found == send_result::deadline ? here.refuse(found) : found;
}

}  // namespace jacquard
