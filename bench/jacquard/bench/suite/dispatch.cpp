// How a message finds its handler: by overload, as actors do, beside a virtual call, a table of std::function and a
// visited std::variant. Everything else is the same: one actor, four kinds of message in a random order, and one
// that sends them on the same worker.
#include <array>
#include <functional>
#include <variant>

#include <jacquard/bench/suite/catalogue.hpp>
#include <jacquard/bench/suite/stage.hpp>

namespace jacquard::bench::suite {

namespace {

constexpr std::uint64_t burst = 4'096;

struct tally {
  bell over;
  std::uint64_t left = 0;
  std::uint64_t sum = 0;

  void done() {
    if (--left == 0) over.ring();
  }
};

// What the four kinds do. The answer depends on the order.
constexpr std::uint64_t added(std::uint64_t sum, std::uint64_t n) { return sum + n; }
constexpr std::uint64_t mixed(std::uint64_t sum, std::uint64_t n) { return sum ^ (n << 7); }
constexpr std::uint64_t turned(std::uint64_t sum, std::uint64_t n) {
  return (sum << 1 | sum >> 63) + n;
}
constexpr std::uint64_t scaled(std::uint64_t sum, std::uint64_t n) { return sum * 3 + n; }

template <int Kind>
struct change {
  std::uint64_t by;
};
using changes = std::variant<change<0>, change<1>, change<2>, change<3>>;
// One type for all kinds: who dispatches by a virtual call or a table sends this.
struct numbered {
  std::uint32_t kind;
  std::uint64_t by;
};

struct by_overload {
  using messages = jacquard::messages<change<0>, change<1>, change<2>, change<3>>;
  explicit by_overload(tally& all) : all_(all) {}
  void on(context<by_overload>&, const change<0>& m) { take(added(all_.sum, m.by)); }
  void on(context<by_overload>&, const change<1>& m) { take(mixed(all_.sum, m.by)); }
  void on(context<by_overload>&, const change<2>& m) { take(turned(all_.sum, m.by)); }
  void on(context<by_overload>&, const change<3>& m) { take(scaled(all_.sum, m.by)); }

  static send_result send(const actor_ref<by_overload>& to, std::uint32_t kind, std::uint64_t by) {
    switch (kind) {
      case 0:
        return to.tell(change<0>{by});
      case 1:
        return to.tell(change<1>{by});
      case 2:
        return to.tell(change<2>{by});
      default:
        return to.tell(change<3>{by});
    }
  }

 private:
  void take(std::uint64_t sum) {
    all_.sum = sum;
    all_.done();
  }
  tally& all_;
};

struct operation {
  virtual ~operation() = default;
  virtual void run(tally& all, std::uint64_t by) const = 0;
};
template <std::uint64_t (*Change)(std::uint64_t, std::uint64_t)>
struct operation_of final : operation {
  void run(tally& all, std::uint64_t by) const override { all.sum = Change(all.sum, by); }
};

struct by_virtual_call {
  using messages = jacquard::messages<numbered>;
  explicit by_virtual_call(tally& all) : all_(all) {
    operations_[0] = std::make_unique<operation_of<added>>();
    operations_[1] = std::make_unique<operation_of<mixed>>();
    operations_[2] = std::make_unique<operation_of<turned>>();
    operations_[3] = std::make_unique<operation_of<scaled>>();
  }
  void on(context<by_virtual_call>&, const numbered& m) {
    operations_[m.kind]->run(all_, m.by);
    all_.done();
  }
  static send_result send(const actor_ref<by_virtual_call>& to, std::uint32_t kind,
                          std::uint64_t by) {
    return to.tell(numbered{kind, by});
  }

 private:
  tally& all_;
  std::array<std::unique_ptr<operation>, 4> operations_;
};

struct by_function {
  using messages = jacquard::messages<numbered>;
  explicit by_function(tally& all) : all_(all) {
    table_ = {[&all](std::uint64_t by) { all.sum = added(all.sum, by); },
              [&all](std::uint64_t by) { all.sum = mixed(all.sum, by); },
              [&all](std::uint64_t by) { all.sum = turned(all.sum, by); },
              [&all](std::uint64_t by) { all.sum = scaled(all.sum, by); }};
  }
  void on(context<by_function>&, const numbered& m) {
    table_[m.kind](m.by);
    all_.done();
  }
  static send_result send(const actor_ref<by_function>& to, std::uint32_t kind, std::uint64_t by) {
    return to.tell(numbered{kind, by});
  }

 private:
  tally& all_;
  std::array<std::function<void(std::uint64_t)>, 4> table_;
};

struct by_visit {
  using messages = jacquard::messages<changes>;
  explicit by_visit(tally& all) : all_(all) {}
  void on(context<by_visit>&, const changes& m) {
    std::visit([this](const auto& one) { run(one); }, m);
    all_.done();
  }
  static send_result send(const actor_ref<by_visit>& to, std::uint32_t kind, std::uint64_t by) {
    switch (kind) {
      case 0:
        return to.tell(changes{change<0>{by}});
      case 1:
        return to.tell(changes{change<1>{by}});
      case 2:
        return to.tell(changes{change<2>{by}});
      default:
        return to.tell(changes{change<3>{by}});
    }
  }

 private:
  void run(const change<0>& m) { all_.sum = added(all_.sum, m.by); }
  void run(const change<1>& m) { all_.sum = mixed(all_.sum, m.by); }
  void run(const change<2>& m) { all_.sum = turned(all_.sum, m.by); }
  void run(const change<3>& m) { all_.sum = scaled(all_.sum, m.by); }
  tally& all_;
};

// The kinds of one burst: the same for every arm of a block.
std::vector<std::uint8_t> kinds_of(std::uint64_t seed) {
  std::vector<std::uint8_t> kinds(burst);
  for (std::uint8_t& kind : kinds) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;  // Knuth's MMIX generator
    kind = static_cast<std::uint8_t>(seed >> 62);
  }
  return kinds;
}

std::uint64_t answer(const std::vector<std::uint8_t>& kinds, std::uint64_t laps) {
  std::uint64_t sum = 1;
  for (std::uint64_t lap = 0; lap < laps; ++lap) {
    for (std::uint64_t i = 0; i < kinds.size(); ++i) {
      switch (kinds[i]) {
        case 0:
          sum = added(sum, i);
          break;
        case 1:
          sum = mixed(sum, i);
          break;
        case 2:
          sum = turned(sum, i);
          break;
        default:
          sum = scaled(sum, i);
      }
    }
  }
  return sum;
}

// Sends from the same worker, 64 messages a turn: nobody sleeps while they are handled.
struct go {};
template <class Actor>
struct pump {
  using messages = jacquard::messages<go>;
  pump(actor_ref<Actor> to, const std::vector<std::uint8_t>& kinds, std::uint64_t count,
       bool& refused)
      : to_(to), kinds_(kinds), count_(count), refused_(refused) {}
  void on(context<pump>& here, const go&) {
    for (unsigned i = 0; i < 64; ++i, ++sent_) {
      const std::uint64_t at = sent_ % burst;
      refused_ |= Actor::send(to_, kinds_[at], at) != send_result::accepted;
    }
    if (sent_ < count_) (void)here.self().tell(go{});
  }

 private:
  const actor_ref<Actor> to_;
  const std::vector<std::uint8_t>& kinds_;
  const std::uint64_t count_;
  bool& refused_;
  std::uint64_t sent_ = 0;
};

template <class Actor>
trial_result handled(const trial_plan& plan) {
  stage here(plan);
  tally all;
  all.sum = 1;
  const auto to = here.system().spawn<Actor>({.batch = 64}, all);
  const std::vector<std::uint8_t> kinds = kinds_of(plan.seed);
  bool refused = false;
  const auto lap = [&](std::uint64_t count) {
    all.left = count;
    all.over.reset();
    const auto from = here.system().spawn<pump<Actor>>({.batch = 1}, to, kinds, count, refused);
    (void)from.tell(go{});
    const std::uint64_t end = all.over.wait();
    (void)from.stop();
    return end;
  };
  constexpr std::uint64_t warm = 2;
  (void)lap(warm * burst);
  const std::uint64_t laps = std::max<std::uint64_t>(1, plan.operations / burst);
  const stretch timed(plan);
  trial_result made = timed.done(lap(laps * burst), laps * burst);
  made.fault = first_fault({refused ? "a message was refused" : "", here.close(),
                            expect("the answer", all.sum, answer(kinds, warm + laps))});
  return made;
}

}  // namespace

std::vector<benchmark> dispatch_benchmarks() {
  return {
      {.name = "handler_dispatch",
       .about = "four kinds of message in random order to one actor: a handler by overload, "
                "beside a virtual call, std::function and std::visit",
       .operations = 50 * burst,
       .tiny = burst,
       .blocks = 9,
       .arms = {{.name = "jacquard", .run = handled<by_overload>},
                {.name = "virtual_call", .run = handled<by_virtual_call>, .who = role::reference},
                {.name = "std_function", .run = handled<by_function>, .who = role::reference},
                {.name = "variant_visit", .run = handled<by_visit>, .who = role::reference}},
       .goals = {{.name = "claim.dispatch_over_virtual_call",
                  .arm = "jacquard",
                  .over = "virtual_call",
                  .limit = 1.05},
                 {.name = "claim.dispatch_over_std_function",
                  .arm = "jacquard",
                  .over = "std_function",
                  .limit = 1.05}}}};
}

}  // namespace jacquard::bench::suite
