// A question that goes through an interceptor: an actor that looks at it, asks the one behind and passes the answer on.
// The target is not supervised: nothing supervises yet.
#include <jacquard/actor/ref.hpp>
#include <jacquard/bench/suite/catalogue.hpp>
#include <jacquard/bench/suite/stage.hpp>

namespace jacquard::bench::suite {

namespace {

struct lookup {
  using reply = std::uint64_t;
  std::uint64_t key;
};

// The tool at the end.
struct target {
  using messages = jacquard::messages<lookup>;
  std::uint64_t on(context<target>&, const lookup& m) { return m.key * 2 + 1; }
};

// Counts what passes, refuses keys above a limit, and asks the target in its own turn.
struct interceptor {
  using messages = jacquard::messages<lookup>;
  interceptor(actor_ref<target> behind, std::uint64_t key_max, std::uint64_t& passed)
      : behind_(behind), key_max_(key_max), passed_(passed) {}
  std::uint64_t on(context<interceptor>& here, const lookup& m) {
    if (m.key > key_max_) return 0;
    ++passed_;
    auto answer = here.call(behind_, lookup{m.key}, sync::deadline::never());
    return answer ? *answer : 0;
  }

 private:
  const actor_ref<target> behind_;
  const std::uint64_t key_max_;
  std::uint64_t& passed_;
};

// A task of the workers that asks one question after another through a view: it knows the question, not who answers.
class client : public task {
 public:
  client(scheduler& where, ref<lookup> whom) : task(&client::step), where_(where), whom_(whom) {}

  void begin(std::uint64_t calls, histogram* times, bell& over) {
    left_ = calls;
    times_ = times;
    over_ = &over;
    last_ = 0;
    where_.schedule(*this, urgency::soon);
  }
  [[nodiscard]] std::uint64_t wrong() const noexcept { return wrong_; }

 private:
  static void step(task& self) noexcept { static_cast<client&>(self).go_on(); }
  void go_on() noexcept {
    for (;;) {
      if (answer_.valid()) {
        const bool right =
            answer_.status() == reply_status::ready && answer_.take() == left_ * 2 + 1;
        wrong_ += right ? 0 : 1;
        answer_ = {};
        if (times_ != nullptr && ++answered_ % window == 0) {
          const std::uint64_t now = ticks();
          if (last_ != 0) times_->record(now - last_);
          last_ = now;
        }
      }
      if (left_ == 0) return over_->ring();
      --left_;
      answer_ = whom_.ask(lookup{left_});
      if (answer_.await(*this, where_)) return;
    }
  }

 public:
  static constexpr std::uint64_t window = 16;

 private:
  scheduler& where_;
  const ref<lookup> whom_;
  future<std::uint64_t> answer_;
  std::uint64_t left_ = 0;
  std::uint64_t wrong_ = 0;
  histogram* times_ = nullptr;
  std::uint64_t answered_ = 0;
  std::uint64_t last_ = 0;
  bell* over_ = nullptr;
};

template <bool Intercepted>
trial_result ask_through(const trial_plan& plan) {
  stage here(plan);
  std::uint64_t passed = 0;
  const auto behind = here.system().spawn<target>();
  const auto before = here.system().spawn<interceptor>({}, behind, plan.operations, passed);
  client asks(here.system().workers(), Intercepted ? ref<lookup>(before) : ref<lookup>(behind));
  bell over;
  histogram times;
  const auto lap = [&](std::uint64_t calls, histogram* kept) {
    over.reset();
    asks.begin(calls, kept, over);
    return over.wait();
  };
  const std::uint64_t warm = std::min<std::uint64_t>(plan.operations, 10'000);
  (void)lap(warm, nullptr);
  const stretch timed(plan);
  const std::uint64_t end = lap(plan.operations, &times);
  trial_result made = timed.done(end, plan.operations);
  made.times = std::move(times);
  made.window = client::window;
  made.fault = first_fault(
      {expect("wrong answers", asks.wrong(), 0),
       expect("questions that passed", passed, Intercepted ? warm + plan.operations : 0),
       here.close()});
  return made;
}

}  // namespace

std::vector<benchmark> roundtrip_benchmarks() {
  return {{.name = "ask_roundtrip",
           .about = "a question through an interceptor that asks the target and passes the answer "
                    "on, beside the target asked directly; times of 16 in a row",
           .operations = 50'000,
           .tiny = 20'000,
           .blocks = 7,
           .arms = {{.name = "jacquard", .run = ask_through<true>},
                    {.name = "direct", .run = ask_through<false>, .who = role::reference}},
           .goals = {{.name = "claim.ask_roundtrip",
                      .arm = "jacquard",
                      .limit = 500'000.0,
                      .by = basis::median}},
           .headed = headline::median}};
}

}  // namespace jacquard::bench::suite
