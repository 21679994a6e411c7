// stress/actors.cpp: everything at once: tell, ask, call, then, stop, kill, fail, spawn, become, stash, timers, full
// inboxes; from several workers and from plain threads. The books must balance:
//   * what was accepted, or dropped for want of room, was handled or was undelivered, each once;
//   * each question has one end, and an answer that came is the right one, of a handler that ran once;
//   * the hook heard of what the system counted, reason by reason; what was spawned has ended;
//   * one worker at a time runs an actor; what one thread sent arrives in order; every message is destroyed once.
#include <stress/books.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <stdexcept>
#include <string_view>
#include <utility>

#include <jacquard/actor/actor_system.hpp>
#include <stress/run.hpp>

namespace jacquard::stress {
namespace {

using namespace std::chrono_literals;

using figure = std::atomic<std::uint64_t>;  // relaxed: figures order nothing
void count(figure& of) { of.fetch_add(1, std::memory_order::relaxed); }
std::uint64_t read(const figure& of) { return of.load(std::memory_order::relaxed); }

constexpr std::uint32_t lanes = 3;  // plain threads; a handler's messages are in no lane
constexpr std::uint32_t no_lane = lanes;

struct note {
  static constexpr std::string_view name = "note";
  parcel content;
  std::uint32_t lane = no_lane;
  std::uint32_t turn = 0;  // rises in each lane
  std::uint32_t hops = 0;
  std::uint64_t whom = 0;  // who it is meant for
};
struct question {
  static constexpr std::string_view name = "question";
  using reply = std::uint32_t;
  parcel content;
};
struct tick {
  static constexpr std::string_view name = "tick";
  parcel content;
};
struct wake {
  static constexpr std::string_view name = "wake";
};
std::uint32_t answer_to(const question& asked) { return asked.content.number() * 3 + 1; }

struct clerk;
struct moody;

// An actor, and the number it was given: no other one ever has it, whatever cell it lives in.
template <class A>
struct resident {
  actor_ref<A> ref;
  std::uint64_t number = 0;
};

// What is shared by all in one run.
struct town {
  books accounts;
  actor_system* system = nullptr;
  figure accepted{0}, dropped{0}, handled{0};  // notes
  figure asked{0}, ended{0};                   // questions
  std::array<figure, undelivered_reasons> heard{};
  figure lost_notes{0}, lost_questions{0};
  figure alarms{0};
  bool forgets = false;  // a seeded bug: the hook does not hear of one in so many

  std::mutex guard;
  std::array<resident<clerk>, 4> clerks;
  std::array<resident<moody>, 2> moods;
  figure numbers{0};

  template <class A>
  resident<A> move_in(const spawn_options& options) {
    const std::uint64_t number = numbers.fetch_add(1, std::memory_order::relaxed) + 1;
    return {.ref = system->spawn<A>(options, *this, number), .number = number};
  }
  resident<clerk> a_clerk() {
    const std::lock_guard lock(guard);
    return clerks[pick(clerks.size())];
  }
  resident<moody> a_mood() {
    const std::lock_guard lock(guard);
    return moods[pick(moods.size())];
  }
  actor_ref<clerk> some_clerk() { return a_clerk().ref; }
  actor_ref<moody> some_mood() { return a_mood().ref; }
  void book(send_result result) {
    if (result == send_result::accepted) count(accepted);
    if (result == send_result::dropped) count(dropped);
  }
  void book(reply_status how, std::uint32_t number, const std::uint32_t* answer) {
    count(ended);
    const bool ran = accounts.was_handled(number);
    if (how == reply_status::ready) {
      require(ran, "an answer comes of a handler that ran");
      require(*answer == number * 3 + 1, "the answer is that to this question");
    }
    if (how == reply_status::refused || how == reply_status::would_deadlock)
      require(!ran, "a question that was refused is not handled");
  }
  static void hear(void* who, const undelivered& what) noexcept {
    town& here = *static_cast<town*>(who);
    shake();
    if (here.forgets && one_in(4)) return;
    count(here.heard[static_cast<std::size_t>(what.why)]);
    if (what.message == note::name) count(here.lost_notes);
    if (what.message == question::name) count(here.lost_questions);
  }
  static void hear_alarm(void* who, const high_water_alarm& what) noexcept {
    town& here = *static_cast<town*>(who);
    shake();
    require(what.actor.empty() && what.high_water >= 1 && what.high_water <= 4,
            "an alarm is that of an actor with a mark");
    count(here.alarms);
  }
};

// At most one worker is in an actor. Plain memory, so that a sanitizer sees it too.
class alone {
 public:
  explicit alone(bool& inside) noexcept : inside_(inside) {
    require(!std::exchange(inside_, true), "one worker at a time runs an actor");
    shake();
  }
  ~alone() { inside_ = false; }
  alone(const alone&) = delete;
  alone& operator=(const alone&) = delete;

 private:
  bool& inside_;
};

struct clerk {
  using messages = jacquard::messages<note, question, tick>;
  clerk(town& in, std::uint64_t number) : here_(in), number_(number) {}

  void on(context<clerk>& here, const note& m) {
    const alone now(inside_);
    require(m.whom == number_, "a message reaches the actor that it was meant for");
    m.content.handle();
    count(here_.handled);
    if (m.lane != no_lane) {
      require(last_[m.lane] < m.turn, "what one thread sent arrives in the order it was sent in");
      last_[m.lane] = m.turn;
    }
    act(here, m.hops);
  }
  std::uint32_t on(context<clerk>& here, const question& m) {
    const alone now(inside_);
    m.content.handle();
    if (one_in(16)) throw std::runtime_error("a clerk fails");
    if (one_in(16)) here.stop();
    return answer_to(m);
  }
  void on(context<clerk>&, const tick& m) {
    const alone now(inside_);
    m.content.handle();
    if (++ticks_ >= 3) (void)every_.cancel();
  }

 private:
  void act(context<clerk>& here, std::uint32_t hops);

  town& here_;
  const std::uint64_t number_;
  bool inside_ = false;
  std::array<std::uint32_t, lanes> last_{};
  std::uint32_t ticks_ = 0;
  timer_handle every_;
};

// Keeps what comes while it sleeps.
struct moody {
  using messages = jacquard::messages<note, question, wake>;
  struct asleep {
    void on(context<moody>& here, const wake&);
  };
  struct awake {
    void on(context<moody>& here, const note& m);
    std::uint32_t on(context<moody>& here, const question& m);
  };
  using states = jacquard::states<asleep, awake>;
  static constexpr std::uint32_t stash_capacity = 3;

  moody(town& in, std::uint64_t number) : town_(in), number_(number) {}
  void on(context<moody>& here, const wake&) {
    if (one_in(2)) here.become<asleep>();
  }
  town& town_;
  const std::uint64_t number_;
  bool inside_ = false;
};
void moody::asleep::on(context<moody>& here, const wake&) {
  const alone now(here.actor().inside_);
  here.become<awake>();
  (void)here.unstash_all();
}
void moody::awake::on(context<moody>& here, const note& m) {
  const alone now(here.actor().inside_);
  require(m.whom == here.actor().number_, "a message reaches the actor that it was meant for");
  m.content.handle();
  count(here.actor().town_.handled);
}
std::uint32_t moody::awake::on(context<moody>& here, const question& m) {
  const alone now(here.actor().inside_);
  m.content.handle();
  return answer_to(m);
}

template <class A>
void tell_note(town& in, const resident<A>& whom, std::uint32_t lane, std::uint32_t turn,
               std::uint32_t hops) {
  note letter{.content = parcel(in.accounts),
              .lane = lane,
              .turn = turn,
              .hops = hops,
              .whom = whom.number};
  if (one_in(6)) {
    const auto expires = in.system->now() + std::chrono::microseconds(pick(100));
    in.book(whom.ref.tell(std::move(letter), {.expires = expires}));
  } else {
    in.book(whom.ref.tell(std::move(letter)));
  }
}

void clerk::act(context<clerk>& here, std::uint32_t hops) {
  switch (pick(24)) {
    case 0:
    case 1:
    case 2:
      if (hops < 3) tell_note(here_, here_.a_clerk(), no_lane, 0, hops + 1);
      break;
    case 3:
      if (hops < 3) tell_note(here_, resident<clerk>{here.self(), number_}, no_lane, 0, hops + 1);
      break;
    case 4:
      tell_note(here_, here_.a_mood(), no_lane, 0, 3);
      break;
    case 5:
    case 6: {
      question asked{.content = parcel(here_.accounts)};
      const std::uint32_t number = asked.content.number();
      // The parcel in the handler: it is called or destroyed, and in any case once.
      parcel promise(here_.accounts);
      (void)here_.some_clerk()
          .ask(std::move(asked))
          .then(here,
                [number, &in = here_, kept = std::move(promise)](answered<std::uint32_t> got) {
                  kept.handle();
                  if (got) require(*got == number * 3 + 1, "the answer is that to this question");
                });
      break;
    }
    case 7: {
      question asked{.content = parcel(here_.accounts)};
      const std::uint32_t number = asked.content.number();
      count(here_.asked);
      answered<std::uint32_t> got =
          here.call(here_.some_clerk(), std::move(asked), sync::native::after(200us));
      here_.book(got.status(), number, got ? &*got : nullptr);
      break;
    }
    case 8:
      if (one_in(2)) here.stop();
      break;
    case 9:
      if (one_in(2)) throw std::runtime_error("a clerk fails");
      break;
    case 10:
      if (!every_.valid()) every_ = here.send_every(1ms, tick{parcel(here_.accounts)});
      break;
    case 11:
    case 12: {
      const timer_handle once =
          here.send_after(std::chrono::microseconds(pick(200)), tick{parcel(here_.accounts)});
      if (one_in(2)) (void)once.cancel();
      break;
    }
    default:
      break;
  }
}

spawn_options some_options(std::uint32_t workers) {
  spawn_options made;
  made.batch = 1 + pick(8);
  if (one_in(2)) {
    made.capacity = 1 + pick(4);
    made.overflow = static_cast<overflow>(pick(4));
    made.block_for = std::chrono::microseconds(pick(200));
  }
  if (one_in(3)) {
    made.high_water = 1 + pick(made.capacity == 0 ? 4 : made.capacity);
    made.low_water = pick(*made.high_water);
  }
  if (one_in(4)) made.pinned = pick(workers);
  made.amnesia = one_in(8);
  return made;
}

// What a plain thread does.
void walk(town& in, std::uint32_t lane, std::uint32_t workers) {
  std::uint32_t turn = 0;
  for (int step = 0; step < 24; ++step) {
    switch (pick(16)) {
      case 0: {
        const auto fresh = in.move_in<clerk>(some_options(workers));
        const std::lock_guard lock(in.guard);
        in.clerks[pick(in.clerks.size())] = fresh;
        break;
      }
      case 1: {
        const auto fresh = in.move_in<moody>(some_options(workers));
        const std::lock_guard lock(in.guard);
        in.moods[pick(in.moods.size())] = fresh;
        break;
      }
      case 2:
        (void)in.some_clerk().stop();
        break;
      case 3:
        (void)in.some_clerk().kill();
        break;
      case 4:
      case 5: {
        question asked{.content = parcel(in.accounts)};
        const std::uint32_t number = asked.content.number();
        count(in.asked);
        // A clerk answers or ends; so a quarter of them wait without an end.
        auto answer = in.some_clerk().ask(std::move(asked));
        const reply_status how =
            answer.wait(one_in(4) ? sync::deadline::never()
                                  : sync::native::after(std::chrono::microseconds(pick(300))));
        const std::uint32_t got = how == reply_status::ready ? answer.take() : 0;
        in.book(how, number, &got);
        break;
      }
      case 6: {
        question asked{.content = parcel(in.accounts)};
        const std::uint32_t number = asked.content.number();
        count(in.asked);
        auto answer = in.some_mood().ask(std::move(asked));
        if (one_in(2)) (void)in.some_mood().tell(wake{});
        const reply_status how =
            one_in(2) ? answer.wait(sync::native::after(std::chrono::microseconds(pick(300))))
                      : answer.cancel();
        const std::uint32_t got = how == reply_status::ready ? answer.take() : 0;
        in.book(how, number, &got);
        break;
      }
      case 7:
        (void)in.some_mood().tell(wake{});
        break;
      case 8:
        tell_note(in, in.a_mood(), lane, 0, 3);
        break;
      case 9: {
        tick later{parcel(in.accounts)};
        const std::uint32_t number = later.content.number();
        const timer_handle once = in.system->send_after(
            in.some_clerk(), std::chrono::microseconds(pick(200)), std::move(later));
        if (one_in(2) && once.cancel())
          require(!in.accounts.was_handled(number), "a timer that was cancelled has not fired");
        break;
      }
      default:
        tell_note(in, in.a_clerk(), lane, ++turn, 0);
    }
  }
}

// One after the other moves into the same cell, as fast as it goes, while the others go on writing to whom they knew.
void move(town& in, std::uint32_t lane, std::uint32_t workers) {
  std::uint32_t turn = 0;
  for (int step = 0; step < 24; ++step) {
    if (lane != 0) {
      const auto known = in.a_clerk();
      for (int letter = 0; letter < 3; ++letter) tell_note(in, known, lane, ++turn, 3);
      continue;
    }
    const auto before = in.some_clerk();
    (void)(one_in(2) ? before.kill() : before.stop());
    while (before.is_alive()) shake();
    const auto fresh = in.move_in<clerk>(some_options(workers));
    const std::lock_guard lock(in.guard);
    in.clerks.fill(fresh);
  }
}

using walker = void (*)(town& in, std::uint32_t lane, std::uint32_t workers);

void run_town(std::uint64_t seed, walker walks, bool forgets) {
  town here;
  here.forgets = forgets;
  shaken_environment world(seed);
  system_counters counted;
  {
    const std::uint32_t workers = 1 + pick(3);
    system_options options;
    options.scheduling.workers = workers;
    options.scheduling.slot_uses_max = 1 + pick(4);
    options.scheduling.injector_period = 1 + pick(8);
    options.yield_after = std::chrono::microseconds(pick(3));
    options.yield_every_n_msgs = 1 + pick(8);
    options.on_undelivered = {.call = &town::hear, .who = &here};
    options.on_high_water = {.call = &town::hear_alarm, .who = &here};
    actor_system system(world, options);
    here.system = &system;
    for (auto& each : here.clerks) each = here.move_in<clerk>(some_options(workers));
    for (auto& each : here.moods) each = here.move_in<moody>(some_options(workers));
    {
      crowd outside(seed);
      for (std::uint32_t lane = 0; lane < (walks == &move ? lanes : 1 + seed % lanes); ++lane)
        outside.add([&here, walks, lane, workers] { walks(here, lane, workers); });
    }
    require(system.shutdown(60s).complete, "a system that is told to end ends");
    counted = system.counters();
  }
  here.accounts.close();
  require(counted.spawned == counted.ended, "what was spawned has ended");
  for (std::size_t why = 0; why < undelivered_reasons; ++why) {
    require(counted.undelivered[why] == read(here.heard[why]),
            "the hook hears of every undelivered message, once");
  }
  require(counted.high_water_alarms == read(here.alarms), "the hook hears of every alarm, once");
  require(read(here.accepted) + read(here.dropped) == read(here.handled) + read(here.lost_notes),
          "what was accepted is handled or undelivered");
  require(read(here.asked) == read(here.ended), "each question has one end");
}

void town_in_order(std::uint64_t seed) { run_town(seed, &walk, false); }
void town_of_tenants(std::uint64_t seed) { run_town(seed, &move, false); }
void town_that_forgets(std::uint64_t seed) { run_town(seed, &walk, true); }

[[maybe_unused]] const bool added =
    add("actors", "cell I1 I2 I3 I4", &town_in_order) &&
    add("actors.tenants", "cell I2 I3", &town_of_tenants) &&
    add("actors.hook_forgets", "none", &town_that_forgets, model::failure_kind::claim);

}  // namespace
}  // namespace jacquard::stress
