// One execution of a search: the program is run through what the graph already has, then beyond it.
#include <jacquard/model/explore/search.hpp>

#include <string>

namespace jacquard::model::explorer {

std::string in_words(event_kind kind, update how, location_id where) {
  static constexpr const char* kinds[] = {"a read", "a write", "a fence", "a start of threads",
                                          "a join"};
  const std::string what =
      how == update::none ? kinds[static_cast<std::size_t>(kind)] : "an update";
  return where == no_location ? what : what + " of word " + std::to_string(where);
}

void search::begin_execution() {
  dead_ = false;
  cursor_.fill(0);
  looked_from_.fill(never_looked);
  aside_ = let_in_ = 0;
  const std::uint32_t started = program_.started();
  for (unsigned t = 0; t < threads_max; ++t) {
    states_[t] =
        t < graph().threads() && ((started >> t & 1) != 0 || graph().start_of(t) != no_event)
            ? thread_state::ready
            : thread_state::finished;
  }
  program_.restart(*this);
}

void search::end_execution() {
  bool blocked = false;
  for (unsigned t = 0; t < graph().threads(); ++t) {
    // What is still ready waits for a join that will not come: it is blocked as well.
    blocked = blocked || states_[t] != thread_state::finished;
  }
  ++(blocked ? counts_.blocked : counts_.executions);
  if (options_.at_end && !options_.at_end({.graph = graph(), .blocked = blocked})) stopped_ = true;
}

void search::execute() {
  begin_execution();
  replay();
  top().graph.set_foreign(top().graph.is_foreign() && dead_);
  if (!dead_) extend();
  if (!dead_) end_execution();
}

void search::diverge(const std::string& expected, const std::string& came) {
  dead_ = diverged_ = stopped_ = true;
  if (!divergence_.empty()) return;
  divergence_ = "thread " + std::to_string(running_) + ", operation " +
                std::to_string(cursor_[running_] + 1) + ": a replay expected " + expected +
                " and the program did " + came +
                "; something besides the explorer decides what it does";
}

// Runs the threads through what the graph already has, sources before their readers.
void search::replay() {
  chosen_ = threads_max;
  unsigned t = 0;
  bool awaited = false;
  while (!dead_) {
    if (!awaited && cursor_[t] == graph().length(t)) {
      t = 0;
      while (t < graph().threads() && cursor_[t] == graph().length(t)) ++t;
      if (t == graph().threads()) return;
    }
    // A thread that another one starts comes after its start.
    for (event_id start = graph().start_of(t); start >= 0; start = graph().start_of(t)) {
      const event& e = graph()[start];
      if (cursor_[e.thread] > static_cast<std::size_t>(e.index)) break;
      t = e.thread;
      awaited = true;
    }
    waits_for_ = threads_max;
    running_ = t;
    const std::size_t before = cursor_[t];
    program_.run(*this, t);
    const bool moved = cursor_[t] != before || states_[t] == thread_state::finished;
    if (waits_for_ != threads_max) {
      awaited = true;
      t = waits_for_;
    } else if (!moved) {
      diverge("another operation", "nothing more");
    } else {
      awaited = false;
      if (states_[t] != thread_state::ready && cursor_[t] != graph().length(t)) {
        diverge("another operation", "nothing more");
      }
    }
  }
}

void search::block_on_reads(std::size_t from) noexcept {
  block();
  looked_from_[running_] = from;
  if (picker_ != nullptr) return;
  const explorer::graph& g = graph();
  const event_id last = g.last_of(running_);
  if (last != g.newest() || last < 0 || !g[last].is_read()) return;
  if (g.position_of(g[last].source) != g.last_position(g[last].where)) dead_ = true;
}

bool search::can_run(unsigned thread) const noexcept {
  return states_[thread] == thread_state::ready;
}

// Lets the lowest thread that can run add events, until none can. Those that stand aside come last, one look
// at a time.
void search::extend() {
  std::uint32_t waiting = 0;  // threads that stand at a join
  for (;;) {
    const auto lowest = [&](std::uint32_t without) {
      unsigned t = 0;
      while (t < graph().threads() && (!can_run(t) || (without >> t & 1) != 0)) ++t;
      return t;
    };
    unsigned t = lowest(waiting | aside_);
    if (t == graph().threads()) {
      t = lowest(waiting);
      if (t != graph().threads()) let_in_ = std::uint32_t{1} << t;
      aside_ &= ~let_in_;
    }
    if (t == graph().threads() || dead_) return;
    chosen_ = running_ = t;
    waits_for_ = threads_max;
    const std::size_t before = graph().size();
    program_.run(*this, t);
    if (dead_) return;
    if (states_[t] != thread_state::ready || graph().size() != before) {
      waiting = 0;
    }
    if (states_[t] == thread_state::ready && (aside_ >> t & 1) == 0) {
      waiting |= std::uint32_t{1} << t;
    }
  }
}

operation search::in_model(const operation& op) const noexcept {
  operation as = op;
  if (options_.model == memory_model::sc) {
    if (as.order != order::na) as.order = order::seq_cst;
    as.failure = order::seq_cst;
  }
  return as;
}

step search::perform(const operation& op, word& result) {
  if (followed_ != nullptr) return follow_one(op, result);
  if (picker_ != nullptr) return interleave_one(op, result);
  if (cursor_[running_] < graph().length(running_)) return replay_one(op, result);
  if (chosen_ != running_ || dead_) return step::wait;
  return perform_new(op, result);
}

step search::replay_one(const operation& op, word& result) {
  std::size_t& cursor = cursor_[running_];
  const explorer::graph& g = graph();
  const event& e = g[g.at(running_, cursor)];
  if (e.kind != op.kind || e.where != op.where || e.update != op.update) {
    diverge(in_words(e.kind, e.update, e.where), in_words(op.kind, op.update, op.where));
    return step::wait;
  }
  if (e.is_read()) {
    if (e.source >= 0) {
      const event& w = g[e.source];
      if (cursor_[w.thread] <= static_cast<std::size_t>(w.index)) {
        waits_for_ = w.thread;
        return step::wait;
      }
    }
    if (g.is_foreign()) refresh(op);
    result = g.value_of(e.where, e.source);
    cursor += e.part == part::read_part ? 2 : 1;
    return step::done;
  }
  if (e.kind == event_kind::join) {
    for (unsigned t = 0; t < g.threads(); ++t) {
      if ((e.value >> t & 1) != 0 && (cursor_[t] < g.length(t) || can_run(t))) {
        waits_for_ = t;
        return step::wait;
      }
    }
  }
  if (g.is_foreign()) refresh(op);
  if (e.kind == event_kind::write && e.value != op.operand) {
    diverge("a store of " + std::to_string(e.value), "a store of " + std::to_string(op.operand));
    return step::wait;
  }
  ++cursor;
  return step::done;
}

// The running thread's next event came from another search: its addresses become ours.
void search::refresh(const operation& op) {
  explorer::graph& g = top().graph;
  const event_id id = g.at(running_, cursor_[running_]);
  g.set_site(id, op.site);
  const event& e = g[id];
  if (e.kind == event_kind::write) g.refresh(id, op.operand);
  if (e.update == update::none) return;
  g.refresh_operands(id, op.operand, op.expected);
  if (e.part != part::read_part) return;
  const event_id write = g.at(running_, cursor_[running_] + 1);
  g.set_site(write, op.site);
  g.refresh(write, updated(e.update, g.value_of(e.where, e.source), op.operand, e.bytes));
}

step search::perform_new(const operation& op, word& result) {
  level& here = top();
  std::size_t& cursor = cursor_[running_];
  if (op.kind == event_kind::join) {
    for (unsigned t = 0; t < here.graph.threads(); ++t) {
      if ((op.operand >> t & 1) != 0 && states_[t] != thread_state::finished) return step::wait;
    }
  }
  const event_id id = here.graph.append(running_, in_model(op));
  switch (op.kind) {
    case event_kind::read:
      if (!add_read(id, op.demand) || !complete_updates()) dead_ = true;
      result = here.graph.value_of(op.where, here.graph[id].source);
      break;
    case event_kind::write:
      if (!add_write(id)) dead_ = true;
      break;
    case event_kind::fence:
      break;  // nothing follows it yet
    case event_kind::spawn:
      for (unsigned t = 0; t < here.graph.threads(); ++t) {
        if ((op.operand >> t & 1) != 0) states_[t] = thread_state::ready;
      }
      break;
    case event_kind::join:
      break;
  }
  if (dead_) return step::wait;
  cursor = here.graph.length(running_);
  return step::done;
}

}  // namespace jacquard::model::explorer
