#include <jacquard/model/explore/graph.hpp>

#include <cstring>
#include <type_traits>

namespace jacquard::model::explorer {

namespace {
const clock nothing{};
}

void graph::reset(unsigned threads) {
  threads_ = threads;
  foreign_ = false;
  seq_cst_events_ = seq_cst_fences_ = 0;
  events_.clear();
  for (unsigned t = 0; t < threads_max; ++t) by_thread_[t].clear();
  start_.fill(no_event);
  for (location& l : locations_) {
    l.first_reader = no_event;
    l.order.clear();
  }
}

void graph::know(location_id where, word initial) {
  if (where >= locations_.size()) locations_.resize(where + 1);
  locations_[where].initial = initial;
}

bool graph::is_chained(location_id where, std::int32_t position) const noexcept {
  if (position < 1 || position > last_position(where)) return false;
  const event_id write = write_at(where, position);
  return (*this)[write].part == part::write_part &&
         (*this)[read_part_of(write)].source == write_at(where, position - 1);
}

const clock& graph::knowledge(unsigned thread) const noexcept {
  const event_id last = last_of(thread);
  return last != no_event ? (*this)[last].hb : knowledge_at_start(thread);
}

const clock& graph::knowledge_at_start(unsigned thread) const noexcept {
  return start_[thread] == no_event ? nothing : (*this)[start_[thread]].hb;
}

const clock& graph::knowledge_before(const event& e) const noexcept {
  if (e.index > 0) return (*this)[at(e.thread, static_cast<std::size_t>(e.index) - 1)].hb;
  return knowledge_at_start(e.thread);
}

void graph::count(const event& e, int sign) noexcept {
  if (e.order != order::seq_cst || e.part == part::write_part) return;
  seq_cst_events_ += static_cast<unsigned>(sign);
  if (e.kind == event_kind::fence) seq_cst_fences_ += static_cast<unsigned>(sign);
}

// Everything that follows from the program-order predecessor.
void graph::begin(event& e, unsigned thread) {
  e.thread = static_cast<std::uint8_t>(thread);
  e.index = static_cast<std::int16_t>(length(thread));
  const event_id before = last_of(thread) != no_event ? last_of(thread) : start_[thread];
  if (before == no_event) {
    e.hb = e.porf = e.pending = nothing;
    e.release_fence = no_event;
    e.spurious_before = 0;
  } else {
    const event& p = (*this)[before];
    e.hb = p.hb;
    e.porf = p.porf;
    if (p.thread == thread) {
      e.pending = p.pending;
      e.release_fence = p.release_fence;
      e.spurious_before = static_cast<std::uint8_t>(p.spurious_before + (p.spurious ? 1 : 0));
    } else {
      e.pending = nothing;
      e.release_fence = no_event;
      e.spurious_before = 0;
    }
  }
  e.hb.at[thread] = e.porf.at[thread] = static_cast<std::int16_t>(e.index + 1);
}

event_id graph::append(unsigned thread, const operation& op) {
  const event_id id = static_cast<event_id>(size());
  event& e = events_.emplace_back();
  begin(e, thread);
  e.kind = op.kind;
  e.order = e.success = op.order;
  e.failure = op.failure;
  e.update = op.update;
  e.weak = op.weak;
  e.bytes = op.bytes;
  e.where = op.where;
  e.operand = op.operand;
  e.expected = op.expected;
  e.site = op.site;
  switch (op.kind) {
    case event_kind::read:
      break;
    case event_kind::write:
      e.value = op.operand;
      if (is_release(e.order)) {
        e.released = e.hb;
      } else if (e.order != order::na && e.release_fence != no_event) {
        e.released = (*this)[e.release_fence].hb;
      }
      break;
    case event_kind::fence:
      if (is_acquire(e.order)) e.hb.join(e.pending);
      if (is_release(e.order)) e.release_fence = id;
      break;
    case event_kind::spawn:
      e.value = op.operand;
      for (unsigned t = 0; t < threads_max; ++t) {
        if ((op.operand >> t & 1) != 0) start_[t] = id;
      }
      break;
    case event_kind::join:
      e.value = op.operand;
      for (unsigned t = 0; t < threads_max; ++t) {
        if ((op.operand >> t & 1) == 0) continue;
        const event_id last = last_of(t) != no_event ? last_of(t) : start_[t];
        if (last == no_event) continue;
        e.hb.join((*this)[last].hb);
        e.porf.join((*this)[last].porf);
        // What the thread did after its last event is known as well.
        e.hb.at[t] = static_cast<std::int16_t>(length(t) + 1);
      }
      break;
  }
  by_thread_[thread].push_back(id);
  count(e, +1);
  return id;
}

event_id graph::append_write_part(unsigned thread) {
  const event_id id = static_cast<event_id>(size());
  event& e = events_.emplace_back();
  begin(e, thread);
  const event& r = (*this)[last_of(thread)];
  e.kind = event_kind::write;
  e.part = part::write_part;
  e.order = e.success = r.order;
  e.update = r.update;
  e.bytes = r.bytes;
  e.where = r.where;
  e.site = r.site;
  e.value = updated(r.update, value_of(r.where, r.source), r.operand, r.bytes);
  if (is_release(e.order)) {
    e.released = e.hb;
  } else if (e.release_fence != no_event) {
    e.released = (*this)[e.release_fence].hb;
  }
  if (r.source != initial_write)
    e.released.join((*this)[r.source].released);  // the release sequence
  by_thread_[thread].push_back(id);
  return id;
}

void graph::attach(event_id read) {
  event& r = mutable_at(read);
  event_id& head = r.source == initial_write ? locations_[r.where].first_reader
                                             : mutable_at(r.source).first_reader;
  r.next_reader = head;
  head = read;
}

void graph::detach(event_id read) {
  event& r = mutable_at(read);
  if (r.source == no_event) return;
  event_id* link = r.source == initial_write ? &locations_[r.where].first_reader
                                             : &mutable_at(r.source).first_reader;
  while (*link != read) link = &mutable_at(*link).next_reader;
  *link = r.next_reader;
  r.next_reader = no_event;
  r.source = no_event;
}

void graph::set_source(event_id read, event_id write, bool spurious) {
  detach(read);
  event& r = mutable_at(read);
  count(r, -1);
  r.source = write;
  r.spurious = spurious;
  if (r.update != update::none) {
    const bool succeeds =
        r.update != update::compare || (value_of(r.where, write) == r.expected && !spurious);
    r.part = succeeds ? part::read_part : part::whole;
    r.order = succeeds ? r.success : r.failure;
  }
  count(r, +1);
  // The clocks anew: predecessor, then source.
  const event_id before =
      r.index > 0 ? at(r.thread, static_cast<std::size_t>(r.index) - 1) : start_[r.thread];
  if (before == no_event) {
    r.hb = r.porf = r.pending = nothing;
  } else {
    const event& p = (*this)[before];
    r.hb = p.hb;
    r.porf = p.porf;
    r.pending = p.thread == r.thread ? p.pending : nothing;
  }
  r.hb.at[r.thread] = r.porf.at[r.thread] = static_cast<std::int16_t>(r.index + 1);
  if (write != initial_write) {
    const event& w = (*this)[write];
    r.porf.join(w.porf);
    if (r.order != order::na) {
      if (is_acquire(r.order)) {
        r.hb.join(w.released);
      } else {
        r.pending.join(w.released);
      }
    }
  }
  attach(read);
}

void graph::place(event_id write, std::int32_t position) {
  unplace(write);
  event& w = mutable_at(write);
  std::vector<event_id>& mo = locations_[w.where].order;
  mo.insert(mo.begin() + (position - 1), write);
  w.placed = true;
  for (std::size_t i = static_cast<std::size_t>(position) - 1; i < mo.size(); ++i) {
    mutable_at(mo[i]).position = static_cast<std::int32_t>(i) + 1;
  }
}

void graph::unplace(event_id write) {
  event& w = mutable_at(write);
  if (!w.placed) return;
  std::vector<event_id>& mo = locations_[w.where].order;
  const std::size_t index = static_cast<std::size_t>(w.position) - 1;
  mo.erase(mo.begin() + static_cast<std::ptrdiff_t>(index));
  for (std::size_t i = index; i < mo.size(); ++i) {
    mutable_at(mo[i]).position = static_cast<std::int32_t>(i) + 1;
  }
  w.placed = false;
}

void graph::truncate(std::size_t length) {
  while (size() > length) {
    const event_id id = newest();
    event& e = mutable_at(id);
    if (e.kind == event_kind::read) {
      detach(id);
    } else if (e.kind == event_kind::write) {
      unplace(id);
    } else if (e.kind == event_kind::spawn) {
      for (unsigned t = 0; t < threads_max; ++t) {
        if (start_[t] == id) start_[t] = no_event;
      }
    }
    count(e, -1);
    by_thread_[e.thread].pop_back();
    events_.pop_back();
  }
}

bool graph::is_pending(unsigned thread) const noexcept {
  const event_id last = last_of(thread);
  return last != no_event && (*this)[last].part == part::read_part;
}

void graph::revisit(const graph& from, const std::vector<std::uint8_t>& kept, event_id write,
                    event_id read, std::int32_t position, bool spurious) {
  reset(from.threads_);
  foreign_ = from.foreign_;
  if (locations_.size() < from.locations_.size()) locations_.resize(from.locations_.size());
  renumbered_.assign(from.size(), no_event);
  const auto moved = [this](event_id id) {
    return id < 0 ? id : renumbered_[static_cast<std::size_t>(id)];
  };
  for (event_id id = 0; id <= from.newest(); ++id) {
    if (kept[static_cast<std::size_t>(id)] == 0 && id != write) continue;
    const event_id fresh = static_cast<event_id>(size());
    renumbered_[static_cast<std::size_t>(id)] = fresh;
    event& e = events_.emplace_back(from[id]);
    e.first_reader = e.next_reader = no_event;
    e.placed = false;
    by_thread_[e.thread].push_back(fresh);
    count(e, +1);
    if (e.kind == event_kind::spawn) {
      for (unsigned t = 0; t < threads_max; ++t) {
        if ((e.value >> t & 1) != 0) start_[t] = fresh;
      }
    }
  }
  // Sources and fences may lie later than their readers, so they are renumbered in a second pass.
  for (event_id id = 0; id <= newest(); ++id) {
    event& e = mutable_at(id);
    e.release_fence = moved(e.release_fence);
    if (e.kind != event_kind::read) continue;
    e.source = id == moved(read) ? no_event : moved(e.source);
    if (e.source != no_event) attach(id);
  }
  for (std::size_t l = 0; l < from.locations_.size(); ++l) {
    locations_[l].initial = from.locations_[l].initial;
    std::vector<event_id>& mo = locations_[l].order;
    for (const event_id w : from.locations_[l].order) {
      if (moved(w) == no_event || w == write) continue;
      mo.push_back(moved(w));
      event& e = mutable_at(moved(w));
      e.position = static_cast<std::int32_t>(mo.size());
      e.placed = true;
    }
  }
  place(moved(write), position);
  // A revisited compare-and-swap may turn from failing to succeeding, or back: set_source decides.
  set_source(moved(read), moved(write), spurious);
}

void graph::renumber_locations(const std::vector<location_id>& to) {
  std::vector<location> moved;
  for (std::size_t l = 0; l < locations_.size(); ++l) {
    if (to[l] >= moved.size()) moved.resize(to[l] + 1);
    moved[to[l]] = std::move(locations_[l]);
  }
  locations_ = std::move(moved);
  for (event& e : events_) {
    if (e.where != no_location) e.where = to[e.where];
  }
}

namespace {

template <class T>
void put(std::string& to, const T& value) {
  static_assert(std::is_trivially_copyable_v<T>);
  to.append(reinterpret_cast<const char*>(&value), sizeof(T));
}
template <class T>
bool get(std::string_view& from, T& value) {
  static_assert(std::is_trivially_copyable_v<T>);
  if (from.size() < sizeof(T)) return false;
  std::memcpy(&value, from.data(), sizeof(T));
  from.remove_prefix(sizeof(T));
  return true;
}
template <class T>
void put_all(std::string& to, const std::vector<T>& values) {
  put(to, values.size());
  for (const T& v : values) put(to, v);
}
template <class T>
bool get_all(std::string_view& from, std::vector<T>& values) {
  std::size_t count = 0;
  if (!get(from, count) || count > from.size() / sizeof(T)) return false;
  values.resize(count);
  for (T& v : values) {
    if (!get(from, v)) return false;
  }
  return true;
}

}  // namespace

void graph::save(std::string& to) const {
  put(to, threads_);
  put(to, seq_cst_events_);
  put(to, seq_cst_fences_);
  put(to, start_);
  std::vector<event> events = events_;
  for (event& e : events) e.site = nullptr;  // another process has them elsewhere
  put_all(to, events);
  for (const std::vector<event_id>& mine : by_thread_) put_all(to, mine);
  put(to, locations_.size());
  for (const location& l : locations_) {
    put(to, l.initial);
    put(to, l.first_reader);
    put_all(to, l.order);
  }
}

bool graph::load(std::string_view& from) {
  std::size_t count = 0;
  if (!get(from, threads_) || threads_ > threads_max || !get(from, seq_cst_events_) ||
      !get(from, seq_cst_fences_) || !get(from, start_) || !get_all(from, events_)) {
    return false;
  }
  for (std::vector<event_id>& mine : by_thread_) {
    if (!get_all(from, mine)) return false;
  }
  if (!get(from, count) || count > from.size()) return false;
  locations_.assign(count, {});
  for (location& l : locations_) {
    if (!get(from, l.initial) || !get(from, l.first_reader) || !get_all(from, l.order))
      return false;
  }
  return true;
}

}  // namespace jacquard::model::explorer
