#include "brute_force.hpp"

#include <array>
#include <stdexcept>

namespace explore_tests {

namespace x = jacquard::model::explorer;
namespace litmus = x::litmus;

namespace {

using value = std::int64_t;
using row = std::uint64_t;  // a set of events
using relation = std::vector<row>;

struct made {  // an event of a partial graph
  enum kind : int { read, write, update, fence } what = read;
  int where = -1;
  x::order order = x::order::relaxed;
  int from_thread = -1;  // source of a read or update; -1: the initial write
  int from_index = -1;
  value stores = 0;
  value saw = 0;
  bool spurious = false;  // an update that failed although it saw what it expected
  auto operator<=>(const made&) const = default;
};

using name = std::pair<int, int>;  // thread, index

struct partial {
  std::vector<std::vector<made>> threads;
  std::vector<std::vector<name>> mo;
  auto operator<=>(const partial&) const = default;
};

struct pause {  // where a thread stands
  enum { next, finished, blocked } state = finished;
  const litmus::instruction* op = nullptr;
  value operand = 0, expected = 0;
};

value eval(const litmus::expression& e, const std::vector<value>& r) {
  return static_cast<value>(
      (e.reg < 0 ? 0u : static_cast<std::uint64_t>(r[static_cast<std::size_t>(e.reg)])) +
      static_cast<std::uint64_t>(e.constant));
}

bool truth(const litmus::condition& c, const std::vector<value>& r) {
  const value a = eval(c.left, r), b = eval(c.right, r);
  using enum litmus::comparison;
  return (c.how == equal && a == b) || (c.how == different && a != b) || (c.how == less && a < b) ||
         (c.how == at_most && a <= b) || (c.how == greater && a > b) ||
         (c.how == at_least && a >= b);
}

pause follow(const litmus::thread_text& text, const std::vector<made>& done) {
  std::vector<value> r(text.registers.size());
  std::size_t seen = 0;
  for (std::size_t pc = 0; pc < text.code.size();) {
    const litmus::instruction& i = text.code[pc];
    if (i.what == litmus::statement::access) {
      if (seen == done.size()) {
        return {pause::next, &i, eval(i.operand, r), eval(i.expected, r)};
      }
      if (i.result >= 0) r[static_cast<std::size_t>(i.result)] = done[seen].saw;
      ++seen;
      ++pc;
    } else if (truth(i.holds, r)) {
      ++pc;
    } else if (i.what == litmus::statement::assume) {
      return {pause::blocked};
    } else {
      pc = i.target;
    }
  }
  return {pause::finished};
}

relation closed(relation r) {
  for (std::size_t k = 0; k < r.size(); ++k) {
    for (row& from : r) {
      if ((from >> k & 1) != 0) from |= r[k];
    }
  }
  return r;
}

relation then(const relation& a, const relation& b) {
  relation r(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    for (std::size_t j = 0; j < a.size(); ++j) {
      if ((a[i] >> j & 1) != 0) r[i] |= b[j];
    }
  }
  return r;
}

bool reflexive_somewhere(const relation& r) {
  for (std::size_t i = 0; i < r.size(); ++i) {
    if ((r[i] >> i & 1) != 0) return true;
  }
  return false;
}

// The axioms of RC11 and of SC, over events 0..n-1 and one initial write for each location behind them.
bool consistent(const partial& p, x::memory_model model) {
  std::vector<made> e;
  std::vector<name> who;
  std::vector<std::vector<std::size_t>> number(p.threads.size());
  for (std::size_t t = 0; t < p.threads.size(); ++t) {
    for (std::size_t i = 0; i < p.threads[t].size(); ++i) {
      number[t].push_back(e.size());
      who.emplace_back(static_cast<int>(t), static_cast<int>(i));
      e.push_back(p.threads[t][i]);
    }
  }
  const std::size_t n = e.size();
  const std::size_t all = n + p.mo.size();
  if (all > 64) throw std::runtime_error("brute force: more than 64 events");
  const auto bit = [](std::size_t i) { return row{1} << i; };
  const auto id = [&](int t, int i) {
    return number[static_cast<std::size_t>(t)][static_cast<std::size_t>(i)];
  };
  const auto loads = [&](std::size_t i) {
    return i < n && (e[i].what == made::read || e[i].what == made::update);
  };
  const auto source = [&](std::size_t i) {
    return e[i].from_thread < 0 ? n + static_cast<std::size_t>(e[i].where)
                                : id(e[i].from_thread, e[i].from_index);
  };
  relation sb(all), rf(all), mo(all), fr(all), sw(all);
  for (std::size_t a = 0; a < n; ++a) {
    for (std::size_t l = n; l < all; ++l) sb[l] |= bit(a);
    for (std::size_t b = 0; b < n; ++b) {
      if (who[a].first == who[b].first && who[a].second < who[b].second) sb[a] |= bit(b);
    }
  }
  std::vector<std::vector<std::size_t>> order(p.mo.size());
  for (std::size_t l = 0; l < p.mo.size(); ++l) {
    order[l].push_back(n + l);
    for (const name& w : p.mo[l]) order[l].push_back(id(w.first, w.second));
    for (std::size_t i = 0; i < order[l].size(); ++i) {
      for (std::size_t j = i + 1; j < order[l].size(); ++j) mo[order[l][i]] |= bit(order[l][j]);
    }
  }
  for (std::size_t a = 0; a < n; ++a) {
    if (!loads(a)) continue;
    rf[source(a)] |= bit(a);
    fr[a] |= mo[source(a)] & ~bit(a);
    if (e[a].what != made::update) continue;
    const auto& line = order[static_cast<std::size_t>(e[a].where)];
    for (std::size_t i = 1; i < line.size(); ++i) {
      if (line[i] == a && line[i - 1] != source(a)) return false;  // atomicity
    }
  }
  const auto with = [&](relation a, const relation& b) {
    for (std::size_t i = 0; i < all; ++i) a[i] |= b[i];
    return a;
  };
  if (model == x::memory_model::sc) {
    return !reflexive_somewhere(closed(with(with(sb, rf), with(mo, fr))));
  }
  const auto mode = [&](std::size_t i) { return i < n ? e[i].order : x::order::na; };
  for (std::size_t w = 0; w < n; ++w) {
    if (e[w].what == made::read || e[w].what == made::fence || mode(w) == x::order::na) continue;
    row sequence = bit(w);  // the write and the updates that follow it, each reading the one before
    for (std::size_t round = 0; round < n; ++round) {
      for (std::size_t u = 0; u < n; ++u) {
        if (e[u].what == made::update && (sequence >> source(u) & 1) != 0) sequence |= bit(u);
      }
    }
    row starts = x::is_release(mode(w)) ? bit(w) : 0;
    for (std::size_t f = 0; f < n; ++f) {
      if (e[f].what == made::fence && x::is_release(mode(f)) && (sb[f] >> w & 1) != 0)
        starts |= bit(f);
    }
    for (std::size_t r = 0; r < n; ++r) {
      if (!loads(r) || mode(r) == x::order::na || (sequence >> source(r) & 1) == 0) continue;
      row ends = x::is_acquire(mode(r)) ? bit(r) : 0;
      for (std::size_t f = 0; f < n; ++f) {
        if (e[f].what == made::fence && x::is_acquire(mode(f)) && (sb[r] >> f & 1) != 0)
          ends |= bit(f);
      }
      for (std::size_t a = 0; a < n; ++a) {
        if ((starts >> a & 1) != 0) sw[a] |= ends;
      }
    }
  }
  const relation hb = closed(with(sb, sw));
  if (reflexive_somewhere(hb)) return false;
  const relation eco = closed(with(rf, with(mo, fr)));
  if (reflexive_somewhere(eco) || reflexive_somewhere(then(hb, eco))) return false;

  const auto place = [&](std::size_t i) {
    return i >= n ? static_cast<int>(i - n) : e[i].what == made::fence ? -1 : e[i].where;
  };
  relation outer = sb, hb_here(all);
  for (std::size_t i = 0; i < all; ++i) {
    for (std::size_t j = 0; j < all; ++j) {
      const bool same = place(i) >= 0 && place(i) == place(j);
      if (same && model == x::memory_model::pldi17) outer[i] &= ~bit(j);
      if (same) hb_here[i] |= hb[i] & bit(j);
    }
    if (model == x::memory_model::split_rmw && i < n && e[i].what == made::update)
      outer[i] |= bit(i);
  }
  const relation scb = with(with(sb, then(then(outer, hb), outer)), with(hb_here, with(mo, fr)));
  relation pre(all), post(all);
  row strong = 0, fences = 0;
  for (std::size_t i = 0; i < n; ++i) {
    if (mode(i) != x::order::seq_cst) continue;
    strong |= bit(i);
    if (e[i].what == made::fence) fences |= bit(i);
  }
  for (std::size_t i = 0; i < all; ++i) {
    if ((strong >> i & 1) != 0) {
      pre[i] |= bit(i);
      post[i] |= bit(i);
    }
    if ((fences >> i & 1) != 0) pre[i] |= hb[i];
    post[i] |= hb[i] & fences;
  }
  relation psc = then(then(pre, scb), post);
  const relation far = then(then(hb, eco), hb);
  for (std::size_t i = 0; i < n; ++i) {
    if ((fences >> i & 1) != 0) psc[i] |= (hb[i] | far[i]) & fences;
  }
  return !reflexive_somewhere(closed(psc));
}

graph_text text_of(const partial& p) {
  graph_text t;
  for (const auto& thread : p.threads) {
    t.push_back(-100);
    for (const made& m : thread) {
      t.insert(t.end(), {m.what, m.where, static_cast<int>(m.order), m.from_thread, m.from_index});
    }
  }
  for (const auto& line : p.mo) {
    t.push_back(-200);
    for (const name& w : line) t.insert(t.end(), {w.first, w.second});
  }
  return t;
}

value value_of(const partial& p, const litmus::source& program, int where, const name& write) {
  if (write.first < 0) return program.initial[static_cast<std::size_t>(where)];
  return p.threads[static_cast<std::size_t>(write.first)][static_cast<std::size_t>(write.second)]
      .stores;
}

// Every graph that `op` of thread t can make of p, consistent or not.
std::vector<partial> children(const partial& p, const litmus::source& program, int t,
                              const pause& at, unsigned spurious_max) {
  std::vector<partial> made_of;
  const x::operation& op = at.op->op;
  const std::size_t thread = static_cast<std::size_t>(t);
  const name self{t, static_cast<int>(p.threads[thread].size())};
  made m{.where = static_cast<int>(op.where), .order = op.order};
  if (op.kind == x::event_kind::fence) {
    m.what = made::fence;
    m.where = -1;
    partial q = p;
    q.threads[thread].push_back(m);
    return {q};
  }
  const auto& line = p.mo[op.where];
  const auto place_at = [&](partial q, std::size_t position) {
    q.threads[thread].push_back(m);
    auto& mo = q.mo[op.where];
    mo.insert(mo.begin() + static_cast<std::ptrdiff_t>(position), self);
    made_of.push_back(std::move(q));
  };
  if (op.kind == x::event_kind::write) {
    m.what = made::write;
    m.stores = at.operand;
    for (std::size_t i = 0; i <= line.size(); ++i) place_at(p, i);
    return made_of;
  }
  unsigned spurious = 0;
  for (const made& before : p.threads[thread]) spurious += before.spurious ? 1 : 0;
  const auto read_only = [&] {
    m.what = made::read;
    m.order = op.update == x::update::none ? op.order : op.failure;
    m.stores = 0;
    partial q = p;
    q.threads[thread].push_back(m);
    made_of.push_back(std::move(q));
  };
  for (std::size_t i = 0; i <= line.size(); ++i) {
    const name from = i == 0 ? name{-1, -1} : line[i - 1];
    m.from_thread = from.first;
    m.from_index = from.second;
    m.saw = value_of(p, program, m.where, from);
    m.spurious = op.weak && m.saw == at.expected && spurious < spurious_max;
    if (m.spurious) read_only();
    m.spurious = false;
    if (op.update != x::update::none && (op.update != x::update::compare || m.saw == at.expected)) {
      m.what = made::update;
      m.order = op.order;
      m.stores = op.update == x::update::add
                     ? static_cast<value>(static_cast<std::uint64_t>(m.saw) +
                                          static_cast<std::uint64_t>(at.operand))
                     : at.operand;
      place_at(p, i);
    } else {
      read_only();
    }
  }
  return made_of;
}

}  // namespace

brute_result brute_force(const litmus::source& program, x::memory_model model,
                         std::size_t states_max, unsigned spurious_max) {
  brute_result result;
  partial start;
  start.threads.resize(program.threads.size());
  start.mo.resize(program.locations.size());
  std::set<partial> seen{start};
  std::vector<partial> open{start};
  while (!open.empty()) {
    const partial p = std::move(open.back());
    open.pop_back();
    bool finished = true;
    bool stuck = true;
    for (std::size_t t = 0; t < program.threads.size(); ++t) {
      const pause at = follow(program.threads[t], p.threads[t]);
      finished = finished && at.state == pause::finished;
      if (at.state != pause::next) continue;
      for (partial& child : children(p, program, static_cast<int>(t), at, spurious_max)) {
        if (!consistent(child, model)) continue;
        stuck = false;
        if (!seen.insert(child).second) continue;
        if (seen.size() > states_max)
          throw std::runtime_error("brute force: too many partial graphs");
        open.push_back(std::move(child));
      }
    }
    if (finished) {
      result.complete.insert(text_of(p));
    } else if (stuck) {
      result.blocked.insert(text_of(p));
    }
  }
  return result;
}

graph_text text_of(const x::graph& g) {
  graph_text t;
  // Events are numbered without write parts.
  const auto index = [&](x::event_id id) {
    int i = 0;
    for (std::size_t k = 0; k < static_cast<std::size_t>(g[id].index); ++k) {
      i += g[g.at(g[id].thread, k)].part == x::part::write_part ? 0 : 1;
    }
    return g[id].part == x::part::write_part ? i - 1 : i;
  };
  for (unsigned thread = 0; thread < g.threads(); ++thread) {
    t.push_back(-100);
    for (std::size_t k = 0; k < g.length(thread); ++k) {
      const x::event& e = g[g.at(thread, k)];
      if (e.part == x::part::write_part) continue;
      const int what = e.part == x::part::read_part ? made::update
                       : e.is_read()                ? made::read
                       : e.is_write()               ? made::write
                                                    : made::fence;
      const bool sourced = e.is_read() && e.source >= 0;
      t.insert(t.end(), {what, e.where == x::no_location ? -1 : static_cast<int>(e.where),
                         static_cast<int>(e.order), sourced ? g[e.source].thread : -1,
                         sourced ? index(e.source) : -1});
    }
  }
  for (x::location_id l = 0; l < g.locations(); ++l) {
    t.push_back(-200);
    for (const x::event_id w : g.at(l).order) t.insert(t.end(), {g[w].thread, index(w)});
  }
  return t;
}

}  // namespace explore_tests
