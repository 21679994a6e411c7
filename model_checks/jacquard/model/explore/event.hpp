// jacquard/model/explore/event.hpp: one node of an execution graph, and the clocks it carries.
//
// A read-modify-write that succeeds is two neighbouring events, a read part and a write part, because
// the search adds and revisits them separately. The consistency check sees one node.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>

namespace jacquard::model::explorer {

inline constexpr unsigned threads_max = 16;
inline constexpr unsigned events_per_thread_max = 30'000;

/// Index of an event in its graph: the order in which the search added it.
using event_id = std::int32_t;
inline constexpr event_id no_event = -2;
/// The write that initialised a location. Not an event: it happens before everything.
inline constexpr event_id initial_write = -1;

/// Dense number of a shared word. The same word has the same number in every execution of one search.
using location_id = std::uint32_t;
inline constexpr location_id no_location = std::numeric_limits<location_id>::max();

using word = std::uint64_t;

/// For each thread, how many of its first events are covered.
struct clock {
  alignas(32) std::array<std::int16_t, threads_max> at{};

  void join(const clock& other) noexcept {
    for (unsigned i = 0; i < threads_max; ++i) at[i] = std::max(at[i], other.at[i]);
  }
  friend bool operator==(const clock&, const clock&) = default;
};

enum class order : std::uint8_t { na, relaxed, acquire, release, acq_rel, seq_cst };

constexpr bool is_acquire(order o) noexcept {
  return o == order::acquire || o == order::acq_rel || o == order::seq_cst;
}
constexpr bool is_release(order o) noexcept {
  return o == order::release || o == order::acq_rel || o == order::seq_cst;
}

enum class event_kind : std::uint8_t { read, write, fence, spawn, join };

/// What a read-modify-write does with the value it read.
enum class update : std::uint8_t {
  none,
  add,
  subtract,
  bit_or,
  bit_and,
  bit_xor,
  exchange,
  compare,  // compare-and-swap
};

/// Which values let a thread go on. Reading any other blocks it, so only the newest of those is worth
/// exploring: a read of an older one can neither be revisited nor lead to anything else.
enum class demand : std::uint8_t { none, equal };  // equal: to `expected`

/// What a thread asks for.
struct operation {
  event_kind kind = event_kind::fence;
  explorer::order order = explorer::order::relaxed;
  explorer::order failure = explorer::order::relaxed;  // of a failing compare-and-swap
  explorer::update update = explorer::update::none;  // not none: a read-modify-write (kind is read)
  explorer::demand demand = explorer::demand::none;
  bool weak = false;       // a compare-and-swap that may fail although it reads what it expects
  std::uint8_t bytes = 8;  // results are cut to this width
  location_id where = no_location;
  word operand = 0;   // stored value, addend, new value; spawn and join: a bit mask of threads
  word expected = 0;  // compare-and-swap
  const void* site = nullptr;  // for reports; may be null
};

/// Which half of a read-modify-write an event is.
enum class part : std::uint8_t { whole, read_part, write_part };

struct event {
  std::uint8_t thread = 0;
  event_kind kind = event_kind::fence;
  explorer::order order =
      explorer::order::relaxed;  // in force: a failing CAS has its failure order
  explorer::part part = explorer::part::whole;
  explorer::update update = explorer::update::none;
  explorer::order success = explorer::order::relaxed;
  explorer::order failure = explorer::order::relaxed;
  std::uint8_t bytes = 8;
  std::int16_t index = 0;  // position in its thread
  bool placed = false;     // a write that stands in its location's modification order
  bool weak = false;       // a compare-and-swap that may fail spuriously, and one that does
  bool spurious = false;
  std::uint8_t spurious_before = 0;  // spurious failures of its thread before it
  location_id where = no_location;
  event_id source = no_event;         // of a read
  event_id first_reader = no_event;   // of a write: newest first
  event_id next_reader = no_event;    // of a read: the next reader of the same write
  event_id release_fence = no_event;  // the thread's last release fence, if any
  std::int32_t position = 0;          // of a placed write: 1 is first after the initial write
  word value = 0;                     // of a write; of a spawn or join: the mask
  word operand = 0;
  word expected = 0;
  const void* site = nullptr;
  clock hb;        // happens-before, this event included
  clock porf;      // program order and reads-from, this event included
  clock pending;   // what relaxed reads have seen released: an acquire fence takes it
  clock released;  // of a write: what an acquiring reader takes

  [[nodiscard]] bool is_read() const noexcept { return kind == event_kind::read; }
  [[nodiscard]] bool is_write() const noexcept { return kind == event_kind::write; }
};

/// The value a read-modify-write stores after reading `old`.
[[nodiscard]] constexpr word updated(update what, word old, word operand, unsigned bytes) noexcept {
  word fresh = old;
  switch (what) {
    case update::none:
      break;
    case update::add:
      fresh = old + operand;
      break;
    case update::subtract:
      fresh = old - operand;
      break;
    case update::bit_or:
      fresh = old | operand;
      break;
    case update::bit_and:
      fresh = old & operand;
      break;
    case update::bit_xor:
      fresh = old ^ operand;
      break;
    case update::exchange:
    case update::compare:
      fresh = operand;
      break;
  }
  return bytes >= 8 ? fresh : fresh & ((word{1} << (8 * bytes)) - 1);
}

/// True where `e` comes before the end of the prefix that `c` covers.
[[nodiscard]] inline bool covers(const clock& c, const event& e) noexcept {
  return e.index < c.at[e.thread];
}

}  // namespace jacquard::model::explorer
