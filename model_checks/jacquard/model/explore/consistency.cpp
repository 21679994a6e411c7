#include <jacquard/model/explore/consistency.hpp>

#include <algorithm>
#include <limits>
#include <vector>

namespace jacquard::model::explorer {

std::int32_t earliest_readable(const graph& g, location_id where, const clock& known) {
  std::int32_t p = g.last_position(where);
  for (; p > 0; --p) {
    const event_id write = g.write_at(where, p);
    const event& w = g[write];
    if (covers(known, w)) return p;
    for (event_id r = w.first_reader; r >= 0; r = g[r].next_reader) {
      if (covers(known, g[r])) return p;
    }
  }
  return 0;
}

namespace {

// An event as the axioms see it: an update is one node.
struct node {
  event_id first = no_event;    // the read part, or the only event
  event_id last = no_event;     // the write part, or the only event
  std::int32_t reads_at = -1;   // position in modification order, -1: does not read
  std::int32_t writes_at = -1;  // -1: does not write
};

using bits = std::uint64_t;

// The seq_cst axiom: psc has no cycle. Names follow the definition, with S the seq_cst events and F the
// seq_cst fences among them:
//   scb = sb | sb;hb;sb | hb at one location | mo | fr
//   psc = ([S] | [F];hb?) ; scb ; ([S] | hb?;[F])  |  [F] ; (hb | hb;eco;hb) ; [F]
class seq_cst_axiom {
 public:
  seq_cst_axiom(const graph& g, memory_model model) : g_(g), model_(model) {}

  bool holds() {
    collect();
    const std::size_t n = strong_.size();
    if (n < 2) return true;
    edges_.assign(n * n, 0);
    if (g_.seq_cst_fences() > 0) {
      if (model_ == memory_model::cxx20) {
        fill_from_bounds();
      } else {
        fill_with_fences();
      }
    } else {
      for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = 0; j < n; ++j) {
          edges_[i * n + j] = i != j && scb(nodes_[strong_[i]], nodes_[strong_[j]]) ? 1 : 0;
        }
      }
    }
    return acyclic();
  }

 private:
  void collect() {
    nodes_.clear();
    strong_.clear();
    const bool fences = g_.seq_cst_fences() > 0;
    for (event_id id = 0; id <= g_.newest(); ++id) {
      const event& e = g_[id];
      if (e.part == part::write_part) continue;
      if (e.kind == event_kind::spawn || e.kind == event_kind::join) continue;
      if (!fences && e.order != order::seq_cst) continue;
      node n{.first = id, .last = id};
      if (e.is_read()) n.reads_at = g_.position_of(e.source);
      if (e.is_write()) n.writes_at = e.position;
      const std::size_t next = static_cast<std::size_t>(e.index) + 1;
      if (e.part == part::read_part && next < g_.length(e.thread)) {
        n.last = g_.at(e.thread, next);
        n.writes_at = g_[n.last].position;
      }
      if (e.order == order::seq_cst) strong_.push_back(nodes_.size());
      nodes_.push_back(n);
    }
  }

  bool is_fence(const node& a) const { return g_[a.first].kind == event_kind::fence; }

  bool hb(const node& a, const node& b) const {
    return a.first != b.first && covers(g_[b.last].hb, g_[a.last]);
  }
  bool sb(const node& a, const node& b) const {
    return a.first != b.first && g_[a.first].thread == g_[b.first].thread &&
           g_[a.first].index < g_[b.first].index;
  }
  bool same_location(const node& a, const node& b) const {
    return g_[a.first].where != no_location && g_[a.first].where == g_[b.first].where;
  }
  bool mo(const node& a, const node& b) const {
    return a.writes_at >= 0 && b.writes_at >= 0 && same_location(a, b) && a.writes_at < b.writes_at;
  }
  bool fr(const node& a, const node& b) const {
    return a.first != b.first && a.reads_at >= 0 && b.writes_at >= 0 && same_location(a, b) &&
           a.reads_at < b.writes_at;
  }
  bool eco(const node& a, const node& b) const {
    if (a.first == b.first || !same_location(a, b)) return false;
    const std::int32_t from = a.writes_at >= 0 ? a.writes_at : a.reads_at;
    if (b.writes_at >= 0) return from < b.writes_at;
    return a.writes_at >= 0 ? from <= b.reads_at : from < b.reads_at;
  }

  // sb;hb;sb with the first and last steps as long as they need be: the event next to each end decides.
  bool sb_hb_sb(const node& a, const node& b) const {
    const event& first = g_[a.last];
    const event& last = g_[b.first];
    std::size_t from = static_cast<std::size_t>(first.index) + 1;
    std::ptrdiff_t to = static_cast<std::ptrdiff_t>(last.index) - 1;
    event_id c = no_event;
    event_id d = no_event;
    if (model_ == memory_model::split_rmw && a.first != a.last) {
      c = a.last;
    } else {
      while (from < g_.length(first.thread) && passes_over(first, g_.at(first.thread, from)))
        ++from;
      if (from >= g_.length(first.thread)) return false;
      c = g_.at(first.thread, from);
    }
    if (model_ == memory_model::split_rmw && b.first != b.last) {
      d = b.last;
    } else {
      while (to >= 0 && passes_over(last, g_.at(last.thread, static_cast<std::size_t>(to)))) --to;
      if (to < 0) return false;
      d = g_.at(last.thread, static_cast<std::size_t>(to));
    }
    return c != d && covers(g_[d].hb, g_[c]);
  }
  // PLDI'17 only: the outer program-order steps go to a different location.
  bool passes_over(const event& end, event_id neighbour) const {
    return model_ == memory_model::pldi17 && end.where != no_location &&
           g_[neighbour].where == end.where;
  }

  bool scb(const node& a, const node& b) const {
    return sb(a, b) || (same_location(a, b) && hb(a, b)) || mo(a, b) || fr(a, b) || sb_hb_sb(a, b);
  }

  // With fences every event can carry an edge, but for each fence and location only the ends count: the
  // first positions of what it happens before, and the last positions of what happens before it. Steps by
  // happens-before alone need no events between, except to an access that a fence reaches by its location.
  struct bounds {
    std::int32_t first_write = std::numeric_limits<std::int32_t>::max();
    std::int32_t first_read = std::numeric_limits<std::int32_t>::max();
    std::int32_t last_write = -1;
    std::int32_t last_read = -1;
  };

  void fill_from_bounds() {
    const std::size_t n = strong_.size();
    place_.assign(g_.locations(), no_place);
    std::size_t places = 0;
    for (const node& x : nodes_) {
      const location_id where = g_[x.first].where;
      if (where != no_location && place_[where] == no_place) {
        place_[where] = static_cast<std::uint32_t>(places++);
      }
    }
    bounds_.assign(n * places, {});
    reaches_.assign(n * n, 0);  // a fence happens before an access of the location of another node
    for (std::size_t i = 0; i < n; ++i) {
      const node& f = nodes_[strong_[i]];
      if (!is_fence(f)) continue;
      for (const node& x : nodes_) {
        const location_id where = g_[x.first].where;
        if (where == no_location) continue;
        bounds& b = bounds_[i * places + place_[where]];
        if (hb(f, x)) {
          if (x.writes_at >= 0) b.first_write = std::min(b.first_write, x.writes_at);
          if (x.reads_at >= 0) b.first_read = std::min(b.first_read, x.reads_at);
          for (std::size_t j = 0; j < n; ++j) {
            const node& to = nodes_[strong_[j]];
            if (g_[to.first].where == where && hb(x, to)) reaches_[i * n + j] = 1;
          }
        } else if (hb(x, f)) {
          b.last_write = std::max(b.last_write, x.writes_at);
          b.last_read = std::max(b.last_read, x.reads_at);
        }
      }
    }
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < n; ++j) {
        if (i != j && edge(i, j, places)) edges_[i * n + j] = 1;
      }
    }
  }

  bool edge(std::size_t i, std::size_t j, std::size_t places) const {
    const node& a = nodes_[strong_[i]];
    const node& b = nodes_[strong_[j]];
    const auto at = [&](std::size_t which, location_id where) -> const bounds& {
      return bounds_[which * places + place_[where]];
    };
    if (is_fence(a) && is_fence(b)) {
      if (hb(a, b)) return true;
      for (std::size_t l = 0; l < places; ++l) {
        const bounds& from = bounds_[i * places + l];
        const bounds& to = bounds_[j * places + l];
        if (from.first_write < to.last_write || from.first_write <= to.last_read ||
            from.first_read < to.last_write || from.first_read < to.last_read) {
          return true;
        }
      }
      return false;
    }
    if (is_fence(a)) {
      const bounds& from = at(i, g_[b.first].where);
      if (b.writes_at >= 0 && (from.first_write < b.writes_at || from.first_read < b.writes_at)) {
        return true;
      }
      if (reaches_[i * strong_.size() + j] != 0) return true;
      const event& e = g_[b.first];
      if (e.index == 0) return false;
      const event_id before = g_.at(e.thread, static_cast<std::size_t>(e.index) - 1);
      return covers(g_[before].hb, g_[a.first]);
    }
    if (is_fence(b)) {
      const bounds& to = at(j, g_[a.first].where);
      return hb(a, b) || (a.writes_at >= 0 && a.writes_at < to.last_write) ||
             (a.reads_at >= 0 && a.reads_at < to.last_write);
    }
    return scb(a, b);
  }

  // The same for the other wordings, edge by edge: rows of bits over all nodes.
  void fill_with_fences() {
    const std::size_t n = strong_.size();
    const std::size_t all = nodes_.size();
    const std::size_t words = (all + 63) / 64;
    const auto set = [](bits* row, std::size_t i) { row[i / 64] |= bits{1} << (i % 64); };
    const auto meets = [words](const bits* a, const bits* b) {
      for (std::size_t w = 0; w < words; ++w) {
        if ((a[w] & b[w]) != 0) return true;
      }
      return false;
    };
    scb_.assign(all * words, 0);
    eco_.assign(all * words, 0);
    needed_.assign(all, 0);
    before_.assign(n * words, 0);  // where an edge that arrives at strong_[j] may end
    after_.assign(n * words, 0);   // where an edge that leaves strong_[i] may start
    for (std::size_t i = 0; i < n; ++i) {
      const node& s = nodes_[strong_[i]];
      set(&before_[i * words], strong_[i]);
      set(&after_[i * words], strong_[i]);
      needed_[strong_[i]] = 1;
      if (!is_fence(s)) continue;
      for (std::size_t x = 0; x < all; ++x) {
        if (hb(s, nodes_[x])) {
          set(&after_[i * words], x);
          needed_[x] = 1;
        }
        if (hb(nodes_[x], s)) set(&before_[i * words], x);
      }
    }
    for (std::size_t x = 0; x < all; ++x) {
      if (needed_[x] == 0) continue;
      for (std::size_t y = 0; y < all; ++y) {
        if (x == y) continue;
        if (scb(nodes_[x], nodes_[y])) set(&scb_[x * words], y);
        if (eco(nodes_[x], nodes_[y])) set(&eco_[x * words], y);
      }
    }
    for (std::size_t i = 0; i < n; ++i) {
      const bool from_fence = is_fence(nodes_[strong_[i]]);
      for (std::size_t x = 0; x < all; ++x) {
        if ((after_[i * words + x / 64] >> (x % 64) & 1) == 0) continue;
        for (std::size_t j = 0; j < n; ++j) {
          const bool between_fences = from_fence && is_fence(nodes_[strong_[j]]);
          if (meets(&scb_[x * words], &before_[j * words]) ||
              (between_fences && meets(&eco_[x * words], &before_[j * words]))) {
            edges_[i * n + j] = 1;
          }
        }
      }
      for (std::size_t j = 0; j < n; ++j) {
        if (from_fence && is_fence(nodes_[strong_[j]]) &&
            hb(nodes_[strong_[i]], nodes_[strong_[j]])) {
          edges_[i * n + j] = 1;
        }
      }
    }
  }

  // Takes away nodes without an incoming edge until none is left, or every one left has one: a cycle.
  bool acyclic() {
    const std::size_t n = strong_.size();
    std::vector<std::uint32_t>& incoming = incoming_;
    std::vector<std::size_t>& ready = ready_;
    incoming.assign(n, 0);
    ready.clear();
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < n; ++j) incoming[j] += edges_[i * n + j];
    }
    for (std::size_t i = 0; i < n; ++i) {
      if (incoming[i] == 0) ready.push_back(i);
    }
    std::size_t taken = 0;
    while (!ready.empty()) {
      const std::size_t i = ready.back();
      ready.pop_back();
      ++taken;
      for (std::size_t j = 0; j < n; ++j) {
        if (edges_[i * n + j] != 0 && --incoming[j] == 0) ready.push_back(j);
      }
    }
    return taken == n;
  }

  const graph& g_;
  memory_model model_;
  // Reused between calls; one search runs on one thread.
  static thread_local std::vector<node> nodes_;
  static thread_local std::vector<std::size_t> strong_;
  static thread_local std::vector<std::uint8_t> edges_, needed_;
  static thread_local std::vector<bits> scb_, eco_, before_, after_;
  static thread_local std::vector<std::uint32_t> incoming_;
  static thread_local std::vector<std::size_t> ready_;
  static constexpr std::uint32_t no_place = std::numeric_limits<std::uint32_t>::max();
  static thread_local std::vector<std::uint32_t> place_;
  static thread_local std::vector<bounds> bounds_;
  static thread_local std::vector<std::uint8_t> reaches_;
};

thread_local std::vector<node> seq_cst_axiom::nodes_;
thread_local std::vector<std::size_t> seq_cst_axiom::strong_;
thread_local std::vector<std::uint8_t> seq_cst_axiom::edges_;
thread_local std::vector<std::uint8_t> seq_cst_axiom::needed_;
thread_local std::vector<bits> seq_cst_axiom::scb_;
thread_local std::vector<bits> seq_cst_axiom::eco_;
thread_local std::vector<bits> seq_cst_axiom::before_;
thread_local std::vector<bits> seq_cst_axiom::after_;
thread_local std::vector<std::uint32_t> seq_cst_axiom::incoming_;
thread_local std::vector<std::size_t> seq_cst_axiom::ready_;
thread_local std::vector<std::uint32_t> seq_cst_axiom::place_;
thread_local std::vector<seq_cst_axiom::bounds> seq_cst_axiom::bounds_;
thread_local std::vector<std::uint8_t> seq_cst_axiom::reaches_;

// Sequential consistency: po | rf | mo | fr has no cycle. The two parts of an update stand for each
// other, so that nothing comes between them.
class interleaving_axiom {
 public:
  explicit interleaving_axiom(const graph& g) : g_(g) {}

  bool holds() {
    state_.assign(g_.size(), fresh);
    for (event_id id = 0; id <= g_.newest(); ++id) {
      if (state_[index(id)] == fresh && finds_cycle(id)) return false;
    }
    return true;
  }

 private:
  enum : std::uint8_t { fresh, open, closed };
  static std::size_t index(event_id id) { return static_cast<std::size_t>(id); }

  event_id representative(event_id id) const {
    return g_[id].part == part::write_part ? g_.read_part_of(id) : id;
  }

  bool visit(event_id from, event_id next) {
    if (next < 0) return false;
    next = representative(next);
    if (next == representative(from)) return false;
    if (state_[index(next)] == open) return true;
    return state_[index(next)] == fresh && finds_cycle(next);
  }

  bool leads_on(event_id id) {
    const event& e = g_[id];
    const std::size_t following = static_cast<std::size_t>(e.index) + 1;
    if (following < g_.length(e.thread) && visit(id, g_.at(e.thread, following))) return true;
    if (e.kind == event_kind::spawn) {
      for (unsigned t = 0; t < g_.threads(); ++t) {
        if ((e.value >> t & 1) != 0 && g_.length(t) > 0 && visit(id, g_.at(t, 0))) return true;
      }
    }
    for (unsigned t = 0; t < g_.threads(); ++t) {  // joins come last in what they wait for
      if (g_.last_of(e.thread) != id || t == e.thread) break;
      for (std::size_t i = 0; i < g_.length(t); ++i) {
        const event& j = g_[g_.at(t, i)];
        if (j.kind == event_kind::join && (j.value >> e.thread & 1) != 0 &&
            visit(id, g_.at(t, i))) {
          return true;
        }
      }
    }
    if (e.is_read()) {
      const std::int32_t p = g_.position_of(e.source) + 1;
      return p <= g_.last_position(e.where) && visit(id, g_.write_at(e.where, p));
    }
    if (!e.is_write()) return false;
    if (e.placed && e.position < g_.last_position(e.where) &&
        visit(id, g_.write_at(e.where, e.position + 1))) {
      return true;
    }
    for (event_id r = e.first_reader; r >= 0; r = g_[r].next_reader) {
      if (visit(id, r)) return true;
    }
    return false;
  }

  bool finds_cycle(event_id id) {
    state_[index(id)] = open;
    if (leads_on(id)) return true;
    const event& e = g_[id];
    if (e.part == part::read_part) {
      const std::size_t next = static_cast<std::size_t>(e.index) + 1;
      if (next < g_.length(e.thread) && leads_on(g_.at(e.thread, next))) return true;
    }
    state_[index(id)] = closed;
    return false;
  }

  const graph& g_;
  static thread_local std::vector<std::uint8_t> state_;
};

thread_local std::vector<std::uint8_t> interleaving_axiom::state_;

}  // namespace

bool is_ordered(const graph& g, memory_model model) {
  if (model == memory_model::sc) return interleaving_axiom(g).holds();
  if (g.seq_cst_events() < 2) return true;
  return seq_cst_axiom(g, model).holds();
}

bool has_data_race(const graph& g) {
  for (event_id a = 0; a <= g.newest(); ++a) {
    const event& first = g[a];
    if (first.where == no_location) continue;
    for (event_id b = a + 1; b <= g.newest(); ++b) {
      const event& second = g[b];
      if (first.where != second.where || first.thread == second.thread) continue;
      if (first.order != order::na && second.order != order::na) continue;
      if (!first.is_write() && !second.is_write()) continue;
      if (!covers(second.hb, first) && !covers(first.hb, second)) return true;
    }
  }
  return false;
}

}  // namespace jacquard::model::explorer
