#include <jacquard/model/explore/session.hpp>

#include <jacquard/model/explore/failing_step.hpp>
#include <jacquard/model/explore/fault.hpp>
#include <jacquard/model/explore/report.hpp>

#include <cstring>
#include <exception>
#include <stdexcept>

namespace jacquard::model::explorer {

namespace {
constexpr std::uint64_t object_mark = std::uint64_t{1} << 63;
}

thread_local session* session::current_ = nullptr;

session::session(const body_operations& body) : body_(body) {
  if (body.threads < 1 || body.threads + 1 > threads_max) {
    throw std::invalid_argument("a check under the explorer has 1 to " +
                                std::to_string(threads_max - 1) + " threads, not " +
                                std::to_string(body.threads));
  }
  if (body.spawned_threads >= threads_max || threads() > threads_max) {
    throw std::invalid_argument(
        "a check under the explorer has at most " + std::to_string(threads_max) +
        " threads: " + std::to_string(body.threads) + " and the main one, and each may start " +
        std::to_string(body.spawned_threads));
  }
}

session::~session() = default;

void session::restart(search& engine) {
  catch_faults(&session::on_a_fiber, &session::fault);
  engine_ = &engine;
  begun_ = 0;
  looking_ = on_looker_ = false;
  for (unsigned t = 0; t < threads(); ++t) {
    arenas_[t].reset();
    made_[t] = 0;
    waits_[t] = {};
    hint_at_[t] = hint_before_[t] = 0;
    starts_[t] = 0;
  }
  wakes_.clear();
  returns_.clear();
  for (const auto& [name, where] : objects_) words_[where].known = false;
}

void session::run(search& engine, unsigned thread) {
  (void)engine;
  session* const outer = current_;
  current_ = this;
  if ((begun_ >> thread & 1) == 0) {
    begun_ |= std::uint32_t{1} << thread;
    fibers_[thread].prepare(entry, this);
  }
  fibers_[thread].enter();
  current_ = outer;
}

bool session::on_a_fiber(const void* stack_pointer) {
  if (current_ == nullptr) return false;
  for (const fiber& each : current_->fibers_) {
    if (each.holds(stack_pointer)) return true;
  }
  return false;
}

void session::fault() {
  current_->fail(
      failure_kind::bad_access,
      "an address is used at which there is no memory; right after the thread's last step",
      nullptr);
}

void session::entry(void* self) {
  session& s = *static_cast<session*>(self);
  const unsigned thread = s.running();
  try {
    if (thread == 0) {
      s.main_thread();
    } else if (thread <= s.body_.threads) {
      s.body_.thread(s.object_, thread - 1);
    } else {
      s.started_[thread].code(s.started_[thread].argument);
    }
  } catch (const std::exception& error) {
    s.fail(failure_kind::claim, std::string("an exception left the thread: ") + error.what(),
           nullptr);
  }
  s.engine_->finish();
}

void session::main_thread() {
  object_ = arenas_[0].allocate(body_.size, body_.alignment, nullptr);
  if (object_ == nullptr)
    fail(failure_kind::limit, "the check itself does not fit the arena", nullptr);
  body_.construct(object_);
  if (body_.before != nullptr) body_.before(object_);
  check_invariant();
  const word others = ((word{1} << (body_.threads + 1)) - 1) & ~word{1};
  perform({.kind = event_kind::spawn, .operand = others});
  waits_[0].why = waiting::join;
  perform({.kind = event_kind::join, .operand = others});
  waits_[0].why = waiting::no;
  check_invariant();
  if (body_.after != nullptr) body_.after(object_);
  body_.destroy(object_);
  arenas_[0].find(object_)->live = false;
  for (unsigned t = 0; t < threads(); ++t) {
    for (const arena::block& b : arenas_[t].blocks()) {
      if (b.live) {
        fail(failure_kind::leak,
             "an object of " + std::to_string(b.bytes) + " bytes was created and never destroyed",
             b.site);
      }
    }
  }
}

// ---- threads that the check starts ------------------------------------------------------------------

unsigned session::start_thread(void (*code)(void*), void* argument, const void* site) {
  refuse_while_looking("starts a thread", site);
  const unsigned by = running();
  if (by > body_.threads || starts_[by] == body_.spawned_threads) {
    fail(failure_kind::limit,
         by > body_.threads ? "a thread that was started starts another"
                            : "a thread starts more than " + std::to_string(body_.spawned_threads) +
                                  " others: the check's spawned_threads says how many",
         site);
  }
  const unsigned number = body_.threads + 1 + by * body_.spawned_threads + starts_[by]++;
  started_[number] = {.code = code, .argument = argument};
  (void)perform({.kind = event_kind::spawn, .operand = word{1} << number, .site = site});
  return number;
}

void session::join_thread(unsigned number, const void* site) {
  refuse_while_looking("joins a thread", site);
  thread_wait& mine = waits_[running()];
  mine = {.why = waiting::join, .site = site};
  (void)perform({.kind = event_kind::join, .operand = word{1} << number, .site = site});
  mine = {};
}

// ---- the invariant ---------------------------------------------------------------------------------

void session::check_invariant() {
  if (body_.invariant == nullptr) return;
  looking_ = true;
  body_.invariant(object_);
  looking_ = false;
}

void session::look_entry(void* self) { static_cast<session*>(self)->check_invariant(); }

void session::look(search& engine) {
  if (body_.invariant == nullptr || !engine.is_parallel()) return;
  session* const outer = current_;
  current_ = this;
  on_looker_ = true;
  looker_.prepare(look_entry, this);
  looker_.enter();
  on_looker_ = looking_ = false;
  current_ = outer;
}

word session::peek(const operation& op) {
  if (op.kind != event_kind::read || op.update != update::none) {
    refuse_while_looking("changes a word or fences", op.site);
  }
  if (words_[op.where].destroyed) fail_access(words_[op.where], op.kind, op.site);
  return newest_value(op.where);
}

void session::refuse_while_looking(const char* what, const void* site) {
  if (!looking_) return;
  fail(failure_kind::claim, std::string("invariant() ") + what + "; it may only read", site);
}

void session::fail(failure_kind kind, std::string what, const void* site) {
  failure_ = {.kind = kind, .what = std::move(what), .site = site};
  if (engine_->is_following() || shows_failing_step_) {
    jacquard_explore_failing_step(failure_.what.c_str());
  }
  engine_->abandon();
  for (;;) leave();
}

void session::look_at_length(const void* site) {
  if (in_turns_) {
    repeats_ = cycle_of(engine_->graph());
    if (repeats_.events == 0) fail(failure_kind::limit, "in turns, and no end", site);
    fail(failure_kind::livelock,
         whereabouts(engine_->graph(), repeats_) + ": the same steps " +
             std::to_string(repeats_.times) +
             " times over while each had its turn; evidence that they never end, no proof",
         site);
  }
  if (steps_looked_at_ < steps_max) {
    has_grown_long_ = true;
    steps_looked_at_ = steps_max;
    return;
  }
  fail(failure_kind::limit,
       "a thread takes more than " + std::to_string(steps_max) +
           " steps: a loop that writes on every round, and never repeats one?",
       site);
}

// ---- words ---------------------------------------------------------------------------------------

location_id session::make_location(word initial) {
  refuse_while_looking("makes a word", nullptr);
  const unsigned t = running();
  const location_id where = named(std::uint64_t{t} << 32 | made_[t]++);
  word_state& s = words_[where];
  s.creator = static_cast<std::uint8_t>(t);
  s.destroyed = false;
  s.created = now();
  engine_->know(where, initial);
  return where;
}

// An object's word is named by its thread's arena and its place there; the first reference in an execution
// brings its value.
location_id session::adopt_object(const void* object, word value, const void* site) {
  for (unsigned t = 0; t < threads(); ++t) {
    if (!arenas_[t].contains(object)) continue;
    const location_id where =
        named(object_mark | std::uint64_t{t} << 32 | arenas_[t].offset_of(object));
    if (!words_[where].known) {
      words_[where].known = true;
      engine_->know(where, value);
    }
    return where;
  }
  fail(failure_kind::limit,
       "an atomic reference to something outside the check: the explorer cannot put it back", site);
}

word session::newest_value(location_id where) const {
  const graph& g = engine_->graph();
  return g.value_of(where, g.write_at(where, g.last_position(where)));
}

std::uint64_t session::name_of(location_id where) const {
  if (words_[where].object != 0) return words_[where].object;
  return std::uint64_t{words_[where].creator} << 32 | words_[where].number;
}

location_id session::named(std::uint64_t name) {
  if ((name & object_mark) != 0) {
    const auto [at, fresh] = objects_.try_emplace(name, static_cast<location_id>(words_.size()));
    if (fresh) words_.push_back({.object = name});
    return at->second;
  }
  const auto thread = static_cast<std::size_t>(name >> 32);
  std::vector<location_id>& mine = names_[thread];
  while (mine.size() <= (name & 0xffff'ffff)) {
    words_.push_back({.creator = static_cast<std::uint8_t>(thread),
                      .number = static_cast<std::uint32_t>(mine.size())});
    mine.push_back(static_cast<location_id>(words_.size() - 1));
  }
  return mine[name & 0xffff'ffff];
}

void session::destroy_location(location_id where, const void* site) {
  word_state& s = words_[where];
  if (s.destroyed) fail_access(s, event_kind::write, site);
  if (engine_->is_parallel()) {
    // Whoever has used the word and is not known to this thread uses it while it goes away.
    const graph& g = engine_->graph();
    const auto unknown = [&](event_id id) {
      return g[id].thread != running() && !covers(known(), g[id]);
    };
    const auto check = [&](event_id write) {
      for (event_id r = g.first_reader(where, write); r >= 0; r = g[r].next_reader) {
        if (unknown(r))
          fail(failure_kind::use_after_free, "a word is destroyed while another thread reads it",
               site);
      }
    };
    check(initial_write);
    for (const event_id w : g.at(where).order) {
      if (unknown(w))
        fail(failure_kind::use_after_free, "a word is destroyed while another thread writes it",
             site);
      check(w);
    }
  }
  s.destroyed = true;
}

void session::fail_access(const word_state& s, event_kind what, const void* site) {
  if (s.destroyed)
    fail(failure_kind::use_after_free, "a word is used after it was destroyed", site);
  if (what == event_kind::read) {
    fail(failure_kind::uninitialised_read, "a word is read before its construction is visible",
         site);
  }
  fail(failure_kind::data_race, "a word is written before its construction is visible", site);
}

// ---- plain memory --------------------------------------------------------------------------------

void session::make_cell(shadow& s) {
  s.writer = static_cast<std::uint8_t>(running());
  s.written = now();
}

void session::read_cell(shadow& s, const void* site) {
  if (looking_ && !s.destroyed) return;
  if (s.destroyed)
    fail(failure_kind::use_after_free, "a cell is read after it was destroyed", site);
  if (s.read_races(running(), known())) {
    fail(failure_kind::data_race, "a cell is read while another thread writes it", site);
  }
  s.reads.at[running()] = now();
  s.read_site = site;
}

void session::write_cell(shadow& s, const void* site) {
  refuse_while_looking("writes a cell", site);
  if (s.destroyed)
    fail(failure_kind::use_after_free, "a cell is written after it was destroyed", site);
  if (s.write_races(running(), known())) {
    fail(failure_kind::data_race,
         s.read_races(running(), known()) ? "two threads write a cell"
                                          : "a cell is written while another thread reads it",
         site);
  }
  make_cell(s);
  s.write_site = site;
}

void session::destroy_cell(shadow& s, const void* site) {
  if (s.destroyed) fail(failure_kind::double_free, "a cell is destroyed twice", site);
  if (s.write_races(running(), known())) {
    fail(failure_kind::use_after_free, "a cell is destroyed while another thread uses it", site);
  }
  s.destroyed = true;
}

// ---- lifetimes -----------------------------------------------------------------------------------

void* session::allocate(std::size_t bytes, std::size_t alignment, const void* site) {
  refuse_while_looking("creates an object", site);
  void* const room = arenas_[running()].allocate(bytes, alignment, site);
  if (room == nullptr)
    fail(failure_kind::limit, "a thread's arena is full (64 MiB in one execution)", site);
  std::memset(room, 0xa5, bytes);
  return room;
}

void session::release(void* address, const void* site) {
  refuse_while_looking("destroys an object", site);
  for (unsigned t = 0; t < threads(); ++t) {
    if (arena::block* const b = arenas_[t].find(address)) {
      if (!b->live) fail(failure_kind::double_free, "an object is destroyed twice", site);
      b->live = false;
      return;
    }
  }
  fail(failure_kind::double_free, "what is destroyed was not made by create", site);
}

// ---- waiting -------------------------------------------------------------------------------------

void session::leave_until_resumed() {
  const unsigned t = running();
  do {
    leave();
    if (showing_) jacquard_explore_failing_step(failure_.what.c_str());
  } while (engine_->state(t) == thread_state::blocked);
  waits_[t] = {};
}

void session::wait(waiting why, const void* site) {
  refuse_while_looking("waits", site);
  if (engine_->is_followed_further()) return;
  const unsigned t = running();
  const std::size_t now_at = engine_->cursor(t);
  waits_[t] = {.why = why, .site = site, .from = now_at, .to = now_at};
  if (why == waiting::await || why == waiting::event) waits_[t].from = await_from_[t];
  if (why == waiting::mutex && now_at > 0) waits_[t].from = now_at - 1;
  if (why == waiting::spin) waits_[t].from = hint_at_[t] < now_at ? hint_at_[t] : now_at - 1;
  engine_->block_on_reads(waits_[t].from);
  leave_until_resumed();
}

void session::sleep(location_id on, const void* site) {
  refuse_while_looking("sleeps", site);
  if (engine_->is_followed_further()) return;
  const unsigned t = running();
  const std::size_t now_at = engine_->cursor(t);
  waits_[t] = {.why = waiting::sleep, .site = site, .word = on, .from = now_at - 1, .to = now_at};
  engine_->block();
  leave_until_resumed();
}

// In an interleaving the sleepers that this call is for are known: all, or the one with the lowest number.
void session::wake(location_id on, bool all, const void* site) {
  refuse_while_looking("wakes", site);
  check_lifetime({.kind = event_kind::write, .where = on, .site = site});
  wakes_.push_back({.word = on, .all = all, .known = known()});
  if (!engine_->is_interleaving()) return;
  for (unsigned t = 1; t < threads(); ++t) {
    if (waits_[t].why != waiting::sleep || waits_[t].word != on) continue;
    if (engine_->state(t) != thread_state::blocked) continue;
    engine_->resume(t);
    if (!all) return;
  }
}

// Two rounds between hints that did the same with the same values, where everything new that the second
// read was the thread's own: only another thread's store can end the loop, so the thread waits for one. (A
// round may write: it locks and unlocks, for example.)
void session::spin_hint(const void* site) {
  refuse_while_looking("waits", site);
  const unsigned t = running();
  const graph& g = engine_->graph();
  const std::size_t end = engine_->cursor(t);
  const std::size_t begin = hint_at_[t];
  const std::size_t before = hint_before_[t];
  bool same = end > begin && end - begin == begin - before;
  for (std::size_t i = 0; same && i < end - begin; ++i) {
    const event& a = g[g.at(t, before + i)];
    const event& b = g[g.at(t, begin + i)];
    same = a.kind == b.kind && a.where == b.where && a.update == b.update && a.part == b.part;
    if (same && b.is_write()) same = a.value == b.value;
    if (!same || !b.is_read() || a.source == b.source) continue;
    const bool own = b.source >= 0 && g[b.source].thread == t &&
                     static_cast<std::size_t>(g[b.source].index) >= before;
    same = own && g.value_of(a.where, a.source) == g.value_of(b.where, b.source);
  }
  if (same) wait(waiting::spin, site);
  hint_before_[t] = begin;
  hint_at_[t] = end;
}

// A loop without a hint: the same read from the same place of the same value, many times over.
bool session::spins(const operation& op) const {
  constexpr std::size_t rounds = 8;
  if (op.kind != event_kind::read || op.site == nullptr) return false;
  const unsigned t = running();
  const graph& g = engine_->graph();
  const std::size_t length = g.length(t);
  for (std::size_t period = 1; period <= 3; ++period) {
    if (length < rounds * period || g[g.at(t, length - period)].site != op.site) continue;
    bool same = true;
    for (std::size_t i = length - rounds * period; same && i < length; ++i) {
      const event& e = g[g.at(t, i)];
      same = e.is_read() && e.part == part::whole;
      if (!same || i + period >= length) continue;
      const event& later = g[g.at(t, i + period)];
      same = e.site == later.site && e.where == later.where && e.source == later.source;
    }
    if (same) return true;
  }
  return false;
}

// ---- the end of an execution ---------------------------------------------------------------------

// A thread that waits for ever: what it read is the newest there is, or it sleeps and no wake-up is due.
bool session::is_final(unsigned thread, const graph& g) const {
  const thread_wait& w = waits_[thread];
  if (w.why == waiting::sleep) return !is_due(thread, g);
  for (std::size_t i = w.from; i < w.to; ++i) {
    const event& e = g[g.at(thread, i)];
    if (!e.is_read()) continue;
    for (std::int32_t p = g.position_of(e.source) + 1; p <= g.last_position(e.where); ++p) {
      if (g[g.write_at(e.where, p)].thread != thread) return false;
    }
  }
  return w.why != waiting::no;  // a join waits for a thread that is judged itself
}

// [atomics.wait]: the sleeper saw X; a notifier is eligible to wake it where some Y after X in modification
// order happens before the notification.
bool session::may_wake(const wake_call& w, std::int32_t saw, const graph& g) const {
  for (std::int32_t p = saw + 1; p <= g.last_position(w.word); ++p) {
    if (covers(w.known, g[g.write_at(w.word, p)])) return true;
  }
  return false;
}

// A wait that returned may have slept before, on an older value that it could still have seen, and have been
// woken: then it has used up one of the calls that could have woken `sleeper`. Not if it returned before the
// sleeper looked: the sleeper would have seen what came before that call.
bool session::may_have_taken(const wait_return& r, unsigned sleeper, const graph& g) const {
  const thread_wait& sleeps = waits_[sleeper];
  if (r.word != sleeps.word || r.thread == sleeper) return false;
  const event& looked = g[g.at(sleeper, sleeps.from)];
  const event& saw = g[g.at(r.thread, r.index)];
  if (covers(g.knowledge_before(looked), saw)) return false;
  const std::int32_t end = g.position_of(saw.source);
  for (std::int32_t p = earliest_readable(g, r.word, g.knowledge_before(saw)); p < end; ++p) {
    if (g.value_of(r.word, g.write_at(r.word, p)) != r.expected) continue;
    for (const wake_call& w : wakes_) {
      if (w.word == r.word && !w.all && may_wake(w, p, g) &&
          may_wake(w, g.position_of(looked.source), g)) {
        return true;
      }
    }
  }
  return false;
}

// A wake_all is for everybody; of several that a wake_one may be for, all but one sleep on.
bool session::is_due(unsigned thread, const graph& g) const {
  const thread_wait& sleeper = waits_[thread];
  const std::int32_t saw = g.position_of(g[g.at(thread, sleeper.from)].source);
  std::size_t calls = 0;
  for (const wake_call& w : wakes_) {
    if (w.word != sleeper.word || !may_wake(w, saw, g)) continue;
    if (w.all) return true;
    ++calls;
  }
  std::size_t takers = 0;
  for (unsigned t = 1; t < threads(); ++t) {
    takers += waits_[t].why == waiting::sleep && waits_[t].word == sleeper.word ? 1 : 0;
  }
  if (calls < takers) return false;
  for (const wait_return& r : returns_) takers += may_have_taken(r, thread, g) ? 1 : 0;
  return calls >= takers;
}

// Each stands on its own stack, in the call that waits.
void session::show_waiting_threads() {
  showing_ = true;
  for (unsigned t = 1; t < threads(); ++t) {
    if (waits_[t].why == waiting::no || waits_[t].why == waiting::join) continue;
    engine_->set_running(t);
    run(*engine_, t);
  }
  showing_ = false;
}

bool session::judge(const execution& e) {
  if (!e.blocked) return true;
  const void* site = nullptr;
  std::string who;
  failure_kind kind = failure_kind::deadlock;
  bool only_look = true;  // nobody sleeps or is kept out: they look again and again
  for (unsigned t = 1; t < threads(); ++t) {
    if (engine_->state(t) == thread_state::finished) continue;
    if (!is_final(t, e.graph)) return true;
    const thread_wait& w = waits_[t];
    if (w.why == waiting::sleep) {
      const event& saw = e.graph[e.graph.at(t, w.from)];
      bool due = e.graph.position_of(saw.source) != e.graph.last_position(w.word);
      for (const wake_call& call : wakes_) due = due || call.word == w.word;
      if (due) kind = failure_kind::lost_wakeup;
    }
    if (w.why == waiting::spin && kind == failure_kind::deadlock) kind = failure_kind::livelock;
    only_look = only_look && w.why == waiting::await;
    if (site == nullptr || w.why == waiting::sleep) site = w.site;
    static constexpr const char* words[] = {
        "runs",  "awaits a condition", "waits for a mutex", "spins", "sleeps",
        "joins", "waits for an event"};
    who += (who.empty() ? "thread " : ", thread ") + std::to_string(t - 1) + " " +
           words[static_cast<std::size_t>(w.why)];
    if (w.site != nullptr) who += " at " + to_string_site(w.site);
  }
  if (who.empty()) {
    who = "the main thread waits";
  } else if (only_look) {
    kind = failure_kind::livelock;
  }
  failure_ = {.kind = kind, .what = who + " for ever", .site = site};
  if (engine_->is_following()) show_waiting_threads();
  return false;
}

}  // namespace jacquard::model::explorer
