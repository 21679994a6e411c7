#include <jacquard/model/explore/search.hpp>

#include <algorithm>
#include <utility>

namespace jacquard::model::explorer {

search::search(program& what, search_options options)
    : program_(what), options_(std::move(options)) {
  push_level().graph.reset(program_.threads());
}

search::level& search::push_level() {
  if (depth_ == levels_.size()) levels_.push_back(std::make_unique<level>());
  level& fresh = *levels_[depth_++];
  fresh.choices.clear();
  return fresh;
}

std::size_t search::choices_open() const noexcept {
  std::size_t open = 0;
  for (std::size_t i = 0; i < depth_; ++i) open += levels_[i]->choices.size();
  return open;
}

bool search::run() {
  while (!stopped_ && advance()) {
  }
  return !stopped_;
}

bool search::advance() {
  if (!std::exchange(begun_, true)) {
    execute();
    return true;
  }
  for (;;) {
    if (depth_ == 0) return false;
    if (top().choices.empty()) {
      --depth_;
      continue;
    }
    if (take_choice()) break;
  }
  execute();
  return true;
}

// ---- work that moves ---------------------------------------------------------------------------------

void search::adopt(task what) {
  std::vector<location_id> numbers;
  numbers.reserve(what.names.size());
  for (const std::uint64_t name : what.names) numbers.push_back(program_.named(name));
  what.graph.renumber_locations(numbers);
  what.graph.set_foreign(true);
  level& fresh = push_level();
  fresh.graph = std::move(what.graph);
  fresh.choices.push_back(what.choice);
}

bool search::give_oldest(task& what) {
  for (std::size_t i = 0; i < depth_; ++i) {
    level& from = *levels_[i];
    if (from.choices.empty()) continue;
    what.choice = from.choices.front();
    from.choices.erase(from.choices.begin());
    what.graph = from.graph;
    what.graph.truncate(static_cast<std::size_t>(what.choice.event) + 1);
    what.names.clear();
    for (location_id l = 0; l < what.graph.locations(); ++l) {
      what.names.push_back(program_.name_of(l));
    }
    return true;
  }
  return false;
}

std::vector<task> search::give_all() {
  std::vector<task> all;
  for (task next; give_oldest(next);) all.push_back(std::move(next));
  return all;
}

// ---- choices ---------------------------------------------------------------------------------------

// Turns the newest choice into the graph it stands for. False where that graph has no execution of its
// own: it is inconsistent, or it only led to further choices.
bool search::take_choice() {
  level& here = top();
  const choice c = here.choices.back();
  here.choices.pop_back();
  here.graph.truncate(static_cast<std::size_t>(c.event) + 1);
  const location_id where = here.graph[c.event].where;
  switch (c.kind) {
    case choice::what::source:
      here.graph.set_source(c.event, here.graph.write_at(where, c.alternative), c.spurious);
      break;
    case choice::what::position:
      here.graph.place(c.event, c.alternative);
      break;
    case choice::what::revisit:
      if (!begin_revisit(c)) return false;
      break;
  }
  return complete_updates();
}

bool search::begin_revisit(const choice& c) {
  level& here = top();
  here.graph.unplace(c.event);
  const event& write = here.graph[c.event];
  kept_.assign(here.graph.size(), 0);
  for (event_id id = 0; id <= c.event; ++id) {
    const bool keep = id <= c.read || covers(write.porf, here.graph[id]);
    kept_[static_cast<std::size_t>(id)] = keep ? 1 : 0;
  }
  level& fresh = push_level();
  fresh.graph.revisit(here.graph, kept_, c.event, c.read, c.alternative, c.spurious);
  // The write stands last and its reader reads the last: neither closes a cycle.
  if (c.alternative == fresh.graph.last_position(write.where)) return true;
  if (is_ordered(fresh.graph, options_.model)) return true;
  --depth_;
  return false;
}

// Gives every successful update its write part, the lowest thread first. The values are known, so no
// user code need run. False where an update cannot stand next to what it read.
bool search::complete_updates() {
  for (unsigned t = 0; t < graph().threads(); ++t) {
    if (graph().is_pending(t) && !add_write(top().graph.append_write_part(t))) return false;
  }
  return true;
}

// The newest event is a write that is not placed: offers it to earlier reads, stores all places but one
// and takes that one. False where there is none.
bool search::add_write(event_id write) {
  offer_to_reads(write);
  level& here = top();
  explorer::graph& g = here.graph;
  const location_id where = g[write].where;
  if (g[write].part == part::write_part) {
    const std::int32_t position = g.position_of(g[g.read_part_of(write)].source) + 1;
    if (!may_stand_at(g, where, position)) return false;
    g.place(write, position);
    return stays_ordered(g[write]);
  }
  const std::int32_t first = earliest_readable(g, where, g.knowledge_before(g[write])) + 1;
  const std::int32_t last = g.last_position(where) + 1;
  std::int32_t taken = 0;
  for (std::int32_t p = first; p <= last; ++p) {
    g.unplace(write);
    if (!may_stand_at(g, where, p)) continue;
    if (p != last) {
      g.place(write, p);
      if (!stays_ordered(g[write])) continue;
    }
    if (taken != 0) {
      here.choices.push_back(
          {.event = write, .kind = choice::what::position, .alternative = taken});
    }
    taken = p;
  }
  if (taken == 0) return false;
  g.place(write, taken);
  return true;
}

// The newest event is a read without a source: stores all sources but one and takes that one.
bool search::add_read(event_id read, demand wanted) {
  level& here = top();
  explorer::graph& g = here.graph;
  const location_id where = g[read].where;
  const std::int32_t last = g.last_position(where);
  std::int32_t taken = -1;
  for (std::int32_t p = earliest_readable(g, where, g.knowledge_before(g[read])); p <= last; ++p) {
    if (wanted == demand::equal && p != last &&
        g.value_of(where, g.write_at(where, p)) != g[read].expected) {
      continue;
    }
    if (may_fail(g[read], g.value_of(where, g.write_at(where, p)))) {
      g.set_source(read, g.write_at(where, p), true);
      if (p == last || stays_ordered(g[read])) {
        here.choices.push_back(
            {.event = read, .kind = choice::what::source, .alternative = p, .spurious = true});
      }
    }
    if (p != last) {
      g.set_source(read, g.write_at(where, p));
      if (!stays_ordered(g[read])) continue;
    }
    if (taken >= 0) {
      here.choices.push_back({.event = read, .kind = choice::what::source, .alternative = taken});
    }
    taken = p;
  }
  if (taken < 0) return false;
  g.set_source(read, g.write_at(where, taken));
  return true;
}

// ---- backward revisits -----------------------------------------------------------------------------

// True where `e` was added maximally with respect to what stays when the newest write revisits: what came
// no later than `e`, and the write's past.
bool search::is_maximal(event_id id, const clock& past) const {
  const explorer::graph& g = graph();
  const event& e = g[id];
  const auto stays = [&](event_id x) { return x <= id || covers(past, g[x]); };
  if (!e.is_read() && !e.is_write()) return true;
  event_id write = id;
  event_id own_write_part = no_event;
  if (e.is_read()) {
    if (e.spurious) return false;  // of the ways to read one write, success is the maximal one
    write = e.source;
    if (write >= 0 && !stays(write)) return false;
    if (e.part == part::read_part) {
      const std::size_t next = static_cast<std::size_t>(e.index) + 1;
      if (next < g.length(e.thread)) own_write_part = g.at(e.thread, next);
    }
  } else {
    for (event_id r = e.first_reader; r >= 0; r = g[r].next_reader) {
      if (stays(r)) return false;
    }
  }
  const std::int32_t last = g.last_position(e.where);
  for (std::int32_t p = g.position_of(write) + 1; p <= last; ++p) {
    const event_id later = g.write_at(e.where, p);
    if (later != own_write_part && stays(later)) return false;
  }
  return true;
}

// Stores every backward revisit of `write`, the newest event, not placed. Everything newer than a
// revisited read is cut unless it is in the write's past, so the scan ends at the first event that was
// not added maximally.
void search::offer_to_reads(event_id write) {
  level& here = top();
  const explorer::graph& g = here.graph;
  const event& w = g[write];
  const std::vector<event_id>& mo = g.at(w.where).order;
  for (event_id id = write - 1; id >= 0; --id) {
    const event& e = g[id];
    if (covers(w.porf, e)) continue;
    if (!is_maximal(id, w.porf)) return;
    if (!e.is_read() || e.where != w.where) continue;

    // What stays of the modification order, and the first place in it that coherence allows: after
    // whatever is known to the write's past or to the read's.
    const clock& known_to_read = g.knowledge_before(e);
    const clock& known_to_write = g.knowledge_before(w);
    const auto stays = [&](event_id x) { return x <= id || covers(w.porf, g[x]); };
    const auto known = [&](event_id x) {
      return covers(known_to_read, g[x]) || covers(known_to_write, g[x]);
    };
    kept_order_.clear();
    std::int32_t first = 1;
    for (const event_id other : mo) {
      if (other == write || !stays(other)) continue;
      kept_order_.push_back(other);
      bool forces = known(other);
      for (event_id r = g[other].first_reader; r >= 0 && !forces; r = g[r].next_reader) {
        forces = r != id && stays(r) && known(r);
      }
      if (forces) first = static_cast<std::int32_t>(kept_order_.size()) + 1;
    }
    const std::int32_t last = static_cast<std::int32_t>(kept_order_.size()) + 1;
    const auto may_stand = [&](std::int32_t p) {
      if (p > static_cast<std::int32_t>(kept_order_.size())) return true;
      const event_id next = kept_order_[static_cast<std::size_t>(p) - 1];
      if (g[next].part != part::write_part) return true;
      const event_id before = p == 1 ? initial_write : kept_order_[static_cast<std::size_t>(p) - 2];
      const event_id reader = g.read_part_of(next);
      return reader == id || g[reader].source != before;
    };
    const auto store = [&](std::int32_t p) {
      for (const bool spurious : {true, false}) {
        if (spurious && !may_fail(e, w.value)) continue;
        here.choices.push_back({.event = write,
                                .kind = choice::what::revisit,
                                .read = id,
                                .alternative = p,
                                .spurious = spurious});
      }
    };
    if (w.part == part::write_part) {
      const event_id source = g[g.read_part_of(write)].source;
      std::int32_t p = 1;
      if (source != initial_write) {
        const auto at = std::find(kept_order_.begin(), kept_order_.end(), source);
        if (at == kept_order_.end()) continue;
        p = static_cast<std::int32_t>(at - kept_order_.begin()) + 2;
      }
      if (p >= first && may_stand(p)) store(p);
    } else {
      for (std::int32_t p = first; p <= last; ++p) {
        if (may_stand(p)) store(p);
      }
    }
  }
}

// ---- samples -----------------------------------------------------------------------------------------

double search::sample(const std::function<std::uint32_t(std::uint32_t)>& pick) {
  depth_ = 0;
  push_level().graph.reset(program_.threads());
  begun_ = true;
  double weight = 1.0;
  bool executes = true;  // what was taken has an execution of its own
  while (!stopped_) {
    if (executes) {
      execute();
      if (stopped_) break;
    }
    // Alternatives of one event lie next to each other, oldest event first. The run took one of each event's
    // alternatives itself; a choice that only led to further ones did not.
    std::vector<choice>& open = top().choices;
    std::size_t first = 0;
    bool moved = false;
    while (first < open.size() && !moved) {
      std::size_t last = first + 1;
      while (executes && last < open.size() && open[last].event == open[first].event) ++last;
      if (!executes) last = open.size();
      const auto others = static_cast<std::uint32_t>(last - first);
      const std::uint32_t ways = others + (executes ? 1 : 0);
      const std::uint32_t which = pick(ways);
      weight *= ways;
      if (which < others) {
        const choice taken = open[first + which];
        open.assign(1, taken);
        executes = take_choice();
        moved = true;
      } else {
        first = last;
      }
    }
    if (!moved) break;
    if (!executes && top().choices.empty()) return 0.0;
  }
  if (dead_ && !stopped_) weight = 0.0;  // a redundant attempt
  return weight;
}

}  // namespace jacquard::model::explorer
