// jacquard/model/explore/graph.hpp: an execution graph that grows at its end and is cut back to any
// earlier length.
//
// Shape       events in the order the search added them; per thread their program order; per location
//             the modification order and the readers of every write.
// Invariants  I1  Clocks of an event follow from its program-order predecessor and its source: they are
//                 computed when the event is appended, and only the newest event's source changes.
//             I2  truncate(n) restores exactly the graph that had n events, except that the newest
//                 remaining write may have been moved in modification order since.
//             I3  Readers are listed newest first, so cutting takes them off the front.
// Allocation  vectors keep their capacity: a graph that is reused stops allocating.
// Checked by  model_checks/explore_tests (counts against brute force; no graph twice)
#pragma once

#include <jacquard/model/explore/event.hpp>

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace jacquard::model::explorer {

/// One shared word of a graph.
struct location {
  word initial = 0;
  event_id first_reader = no_event;  // of the initial write
  std::vector<event_id> order;       // modification order, the initial write left out
};

class graph {
 public:
  /// Back to an empty graph over `threads` threads; knows no location.
  void reset(unsigned threads);

  [[nodiscard]] unsigned threads() const noexcept { return threads_; }
  [[nodiscard]] std::size_t size() const noexcept { return events_.size(); }
  [[nodiscard]] bool empty() const noexcept { return events_.empty(); }
  [[nodiscard]] event_id newest() const noexcept { return static_cast<event_id>(size()) - 1; }
  [[nodiscard]] const event& operator[](event_id id) const noexcept {
    return events_[static_cast<std::size_t>(id)];
  }
  [[nodiscard]] std::size_t length(unsigned thread) const noexcept {
    return by_thread_[thread].size();
  }
  [[nodiscard]] event_id at(unsigned thread, std::size_t index) const noexcept {
    return by_thread_[thread][index];
  }
  [[nodiscard]] event_id last_of(unsigned thread) const noexcept {
    return by_thread_[thread].empty() ? no_event : by_thread_[thread].back();
  }
  [[nodiscard]] event_id start_of(unsigned thread) const noexcept { return start_[thread]; }

  /// Makes a location known. Idempotent; the initial value may change between executions (addresses).
  void know(location_id where, word initial);
  [[nodiscard]] std::size_t locations() const noexcept { return locations_.size(); }
  [[nodiscard]] const location& at(location_id where) const noexcept { return locations_[where]; }

  /// The newest first reader of a write, and the value a write holds.
  [[nodiscard]] event_id first_reader(location_id where, event_id write) const noexcept {
    return write == initial_write ? locations_[where].first_reader : (*this)[write].first_reader;
  }
  [[nodiscard]] word value_of(location_id where, event_id write) const noexcept {
    return write == initial_write ? locations_[where].initial : (*this)[write].value;
  }
  [[nodiscard]] std::int32_t position_of(event_id write) const noexcept {
    return write == initial_write ? 0 : (*this)[write].position;
  }
  /// The write at a position; 0 is the initial one.
  [[nodiscard]] event_id write_at(location_id where, std::int32_t position) const noexcept {
    return position == 0 ? initial_write
                         : locations_[where].order[static_cast<std::size_t>(position) - 1];
  }
  [[nodiscard]] std::int32_t last_position(location_id where) const noexcept {
    return static_cast<std::int32_t>(locations_[where].order.size());
  }
  /// True where the write at `position` is the write part of an update that read the one before it.
  [[nodiscard]] bool is_chained(location_id where, std::int32_t position) const noexcept;
  /// The read part of the update whose write part is `write`.
  [[nodiscard]] event_id read_part_of(event_id write) const noexcept {
    const event& e = (*this)[write];
    return at(e.thread, static_cast<std::size_t>(e.index) - 1);
  }
  /// What the thread's next event would know before it does anything: happens-before.
  [[nodiscard]] const clock& knowledge(unsigned thread) const noexcept;
  [[nodiscard]] const clock& knowledge_at_start(unsigned thread) const noexcept;
  /// Happens-before of the event's program-order predecessor.
  [[nodiscard]] const clock& knowledge_before(const event& e) const noexcept;

  /// Appends an event for `thread`. A read needs set_source next, a write place (or stays unplaced).
  event_id append(unsigned thread, const operation& op);
  /// Appends the write part of the update whose read part is the thread's last event. Not placed.
  event_id append_write_part(unsigned thread);
  /// Gives a read its source; the read must be the newest event of its thread, and nothing may depend on it.
  /// `spurious`: a compare-and-swap that fails although it reads what it expects.
  void set_source(event_id read, event_id write, bool spurious = false);
  /// Puts a write at `position` in modification order (moves it if it stands elsewhere).
  void place(event_id write, std::int32_t position);
  void unplace(event_id write);
  /// Cuts back to the first `count` events.
  void truncate(std::size_t count);

  /// True where the thread's last event is the read part of a successful update without its write part.
  [[nodiscard]] bool is_pending(unsigned thread) const noexcept;

  /// Becomes the part of `from` that `kept[id]` says, plus `write` (from's newest event, unplaced), and
  /// the revisited `read` takes `write` as its source at `position`, failing spuriously or not.
  void revisit(const graph& from, const std::vector<std::uint8_t>& kept, event_id write,
               event_id read, std::int32_t position, bool spurious);

  /// Values can change between executions where they are addresses: replay writes them again.
  void refresh(event_id write, word value) noexcept { mutable_at(write).value = value; }
  void refresh_operands(event_id read, word operand, word expected) noexcept {
    mutable_at(read).operand = operand;
    mutable_at(read).expected = expected;
  }
  void set_site(event_id id, const void* site) noexcept { mutable_at(id).site = site; }

  /// Gives every location the number `to` says.
  void renumber_locations(const std::vector<location_id>& to);
  /// A graph that came from another search holds that one's addresses until a replay has refreshed them.
  [[nodiscard]] bool is_foreign() const noexcept { return foreign_; }
  void set_foreign(bool foreign) noexcept { foreign_ = foreign; }

  /// As bytes, for a file that the same program reads again.
  void save(std::string& to) const;
  /// Takes a graph off the front of `from`. False where the bytes are not one.
  [[nodiscard]] bool load(std::string_view& from);

  [[nodiscard]] unsigned seq_cst_events() const noexcept { return seq_cst_events_; }
  [[nodiscard]] unsigned seq_cst_fences() const noexcept { return seq_cst_fences_; }

 private:
  event& mutable_at(event_id id) noexcept { return events_[static_cast<std::size_t>(id)]; }
  void begin(event& e, unsigned thread);
  void detach(event_id read);
  void attach(event_id read);
  void count(const event& e, int sign) noexcept;

  unsigned threads_ = 0;
  bool foreign_ = false;
  unsigned seq_cst_events_ = 0;
  unsigned seq_cst_fences_ = 0;
  std::vector<event> events_;
  std::array<std::vector<event_id>, threads_max> by_thread_;
  std::array<event_id, threads_max>
      start_{};  // the spawn event, or no_event for one that runs from the start
  std::vector<location> locations_;
  std::vector<event_id> renumbered_;  // scratch of revisit
};

}  // namespace jacquard::model::explorer
