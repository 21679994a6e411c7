// Executions that somebody steers: one that a schedule describes, or one interleaving, step by step.
#include <jacquard/model/explore/search.hpp>

#include <string>

namespace jacquard::model::explorer {

// ---- one schedule ------------------------------------------------------------------------------------

void search::follow(const schedule& what) {
  begun_ = true;
  followed_ = &what;
  ranks_.clear();
  begin_execution();
  grew_in_order_ = !what.steps.empty();
  // Step by step, if the schedule says whose each one is; then whatever follows without a step.
  for (const unsigned t : what.steps) {
    if (dead_ || !can_run(t)) break;
    running_ = chosen_ = t;
    may_step_ = true;
    program_.run(*this, t);
    if (!dead_) program_.look(*this);
  }
  may_step_ = !grew_in_order_;
  for (bool moved = true; moved && !dead_;) {
    moved = false;
    for (unsigned t = 0; t < graph().threads() && !dead_; ++t) {
      if (!can_run(t)) continue;
      running_ = chosen_ = t;
      const std::size_t before = graph().size();
      program_.run(*this, t);
      moved = moved || graph().size() != before || !can_run(t);
    }
  }
  if (!dead_) end_execution();
  followed_ = nullptr;
}

step search::follow_one(const operation& op, word& result) {
  explorer::graph& g = top().graph;
  const std::size_t index = g.length(running_);
  if (!is_followed_further() || !may_step_) return step::wait;
  const std::vector<scheduled_event>& mine = followed_->threads[running_];
  const scheduled_event& wanted = mine[index];
  if (wanted.kind != op.kind) {
    diverge(in_words(wanted.kind, update::none, no_location),
            in_words(op.kind, op.update, op.where));
    return step::wait;
  }
  const auto place = [&](event_id write, std::int32_t rank) {
    ranks_.resize(g.size(), 0);
    ranks_[static_cast<std::size_t>(write)] = rank;
    std::int32_t position = 1;
    for (const event_id other : g.at(op.where).order) {
      if (ranks_[static_cast<std::size_t>(other)] < rank) ++position;
    }
    g.place(write, position);
  };
  if (op.kind == event_kind::read) {
    const auto from = static_cast<unsigned>(wanted.source_thread);
    if (wanted.source_thread >= 0 &&
        (from >= g.threads() || g.length(from) <= static_cast<std::size_t>(wanted.source_index))) {
      return step::wait;
    }
    const event_id source = wanted.source_thread < 0
                                ? initial_write
                                : g.at(from, static_cast<std::size_t>(wanted.source_index));
    if (source >= 0 && (!g[source].is_write() || g[source].where != op.where)) {
      diverge("its source to be a write of the same word", "a read of another");
      return step::wait;
    }
    const event_id id = g.append(running_, in_model(op));
    g.set_source(id, source, wanted.spurious);
    result = g.value_of(op.where, source);
    if (g.is_pending(running_)) {
      const event_id write = g.append_write_part(running_);
      place(write, index + 1 < mine.size() ? mine[index + 1].rank : 0);
    }
  } else if (op.kind == event_kind::join) {
    for (unsigned t = 0; t < g.threads(); ++t) {
      if ((op.operand >> t & 1) != 0 && states_[t] != thread_state::finished) return step::wait;
    }
    g.append(running_, op);
  } else {
    const event_id id = g.append(running_, in_model(op));
    if (op.kind == event_kind::write) place(id, wanted.rank);
    if (op.kind == event_kind::spawn) {
      for (unsigned t = 0; t < g.threads(); ++t) {
        if ((op.operand >> t & 1) != 0) states_[t] = thread_state::ready;
      }
    }
  }
  cursor_[running_] = g.length(running_);
  may_step_ = !grew_in_order_;
  return step::done;
}

// ---- one interleaving --------------------------------------------------------------------------------

void search::interleave(picker& who) {
  depth_ = 0;
  push_level().graph.reset(program_.threads());
  begun_ = true;
  picker_ = &who;
  grew_in_order_ = true;
  begin_execution();
  std::uint32_t at_join = 0;  // threads that asked for a step and could not have it
  while (!dead_) {
    std::uint32_t ready = 0;
    for (unsigned t = 0; t < graph().threads(); ++t) {
      if (states_[t] == thread_state::blocked && has_news(t)) states_[t] = thread_state::ready;
      if (can_run(t)) ready |= std::uint32_t{1} << t;
    }
    if ((ready & ~at_join) == 0) break;
    running_ = chosen_ = who.next(ready & ~at_join);
    may_step_ = true;
    const std::size_t before = graph().size();
    program_.run(*this, running_);
    if (states_[running_] == thread_state::blocked) who.waits(running_);
    if (!dead_ && graph().size() != before) program_.look(*this);
    if (graph().size() != before || !can_run(running_)) {
      at_join = 0;
    } else {
      at_join |= std::uint32_t{1} << running_;
    }
  }
  if (!dead_) end_execution();
  picker_ = nullptr;
}

// A blocked thread looks again once another thread has stored to a word that it looked at.
bool search::has_news(unsigned thread) const {
  const explorer::graph& g = graph();
  for (std::size_t i = looked_from_[thread]; i < g.length(thread); ++i) {
    const event& e = g[g.at(thread, i)];
    if (!e.is_read()) continue;
    for (std::int32_t p = g.position_of(e.source) + 1; p <= g.last_position(e.where); ++p) {
      if (g[g.write_at(e.where, p)].thread != thread) return true;
    }
  }
  return false;
}

// One step: every read reads the newest write, and every write is the newest.
step search::interleave_one(const operation& op, word& result) {
  explorer::graph& g = top().graph;
  if (!may_step_ || dead_) return step::wait;
  if (op.kind == event_kind::join) {
    for (unsigned t = 0; t < g.threads(); ++t) {
      if ((op.operand >> t & 1) != 0 && states_[t] != thread_state::finished) return step::wait;
    }
  }
  may_step_ = false;
  const event_id id = g.append(running_, in_model(op));
  if (op.kind == event_kind::read) {
    const event_id newest = g.write_at(op.where, g.last_position(op.where));
    g.set_source(id, newest);
    result = g.value_of(op.where, newest);
    if (g.is_pending(running_)) {
      g.place(g.append_write_part(running_), g.last_position(op.where) + 1);
    }
  } else if (op.kind == event_kind::write) {
    g.place(id, g.last_position(op.where) + 1);
  } else if (op.kind == event_kind::spawn) {
    for (unsigned t = 0; t < g.threads(); ++t) {
      if ((op.operand >> t & 1) != 0) states_[t] = thread_state::ready;
    }
  }
  cursor_[running_] = g.length(running_);
  return step::done;
}

}  // namespace jacquard::model::explorer
