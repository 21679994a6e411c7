// Questions and their answers, and what a future costs by itself.
#include <future>

#include <jacquard/bench/suite/catalogue.hpp>
#include <jacquard/bench/suite/stage.hpp>

namespace jacquard::bench::suite {

namespace {

struct add {
  using reply = std::uint64_t;
  std::uint64_t number;
};
// The same question as a cast: the answer's future is the sender's business.
struct add_for {
  std::uint64_t number;
  promise<std::uint64_t> answer;
};

struct adder {
  using messages = jacquard::messages<add, add_for>;

  std::uint64_t on(context<adder>&, const add& m) { return sum += m.number; }
  void on(context<adder>&, const add_for& m) {
    (void)m.answer.fulfil(std::uint64_t{sum += m.number});
  }
  std::uint64_t sum = 0;
};

enum class call : std::uint8_t { ask, cast };

// Asks, waits for the answer, asks again: a task of the workers, as an actor's or a strand's turn would be.
class caller : public task {
 public:
  caller(scheduler& where, actor_ref<adder> whom, call how)
      : task(&caller::step), where_(where), whom_(whom), how_(how) {}

  void begin(std::uint64_t calls, histogram* times, std::uint64_t window, bell& over,
             std::atomic<std::uint64_t>& unfinished) {
    left_ = calls;
    times_ = times;
    window_ = window;
    over_ = &over;
    unfinished_ = &unfinished;
    last_ = 0;
    where_.schedule(*this, urgency::soon);
  }
  [[nodiscard]] bool went_wrong() const noexcept { return wrong_; }

 private:
  static void step(task& self) noexcept { static_cast<caller&>(self).go_on(); }
  void go_on() noexcept {
    for (;;) {
      if (answer_.valid()) {
        wrong_ |= answer_.status() != reply_status::ready;
        if (!wrong_) wrong_ |= answer_.take() == 0;
        answer_ = {};
        if (times_ != nullptr && ++answered_ % window_ == 0) {
          const std::uint64_t now = ticks();
          if (last_ != 0) times_->record(now - last_);
          last_ = now;
        }
      }
      if (left_ == 0 || wrong_) {
        if (unfinished_->fetch_sub(1, std::memory_order::acq_rel) == 1) over_->ring();
        return;
      }
      --left_;
      if (how_ == call::ask) {
        answer_ = whom_.ask(add{1});
      } else {
        answer_ = answers<std::uint64_t>().make();
        wrong_ |= whom_.tell(add_for{1, answer_.promise()}) != send_result::accepted;
      }
      if (answer_.await(*this, where_)) return;
    }
  }

  scheduler& where_;
  const actor_ref<adder> whom_;
  const call how_;
  future<std::uint64_t> answer_;
  std::uint64_t left_ = 0;
  histogram* times_ = nullptr;
  std::uint64_t window_ = 1;
  std::uint64_t answered_ = 0;
  std::uint64_t last_ = 0;
  bell* over_ = nullptr;
  std::atomic<std::uint64_t>* unfinished_ = nullptr;
  bool wrong_ = false;
};

template <call How, unsigned Callers>
trial_result calls(const trial_plan& plan) {
  stage here(plan);
  const auto sums = here.system().spawn<adder>();
  std::vector<std::unique_ptr<caller>> all;
  for (unsigned i = 0; i < Callers; ++i) {
    all.push_back(std::make_unique<caller>(here.system().workers(), sums, How));
  }
  histogram times;
  bell over;
  std::atomic<std::uint64_t> unfinished{0};
  const auto lap = [&](std::uint64_t operations, histogram* kept) {
    over.reset();
    unfinished = Callers;
    for (auto& one : all) one->begin(operations / Callers, kept, 16, over, unfinished);
    return over.wait();
  };
  const std::uint64_t warm = std::min<std::uint64_t>(plan.operations, 10'000);
  (void)lap(warm, nullptr);
  const stretch timed(plan);
  const std::uint64_t end = lap(plan.operations, Callers == 1 ? &times : nullptr);
  trial_result made = timed.done(end, plan.operations / Callers * Callers);
  made.times = std::move(times);
  made.window = 16;
  bool wrong = false;
  for (const auto& one : all) wrong |= one->went_wrong();
  auto total = sums.ask(add{0});
  (void)total.wait();
  made.fault = first_fault(
      {wrong ? "a question was not answered" : "",
       expect("the sum", total.take(), made.operations + warm / Callers * Callers), here.close()});
  return made;
}

// An actor that asks another; each answer comes back as a letter, in its own turn.
struct begin {
  std::uint64_t calls;
};
struct asker {
  using messages = jacquard::messages<begin>;

  asker(actor_ref<adder> whom, bell& over) : whom_(whom), over_(over) {}
  void on(context<asker>& here, const begin& m) {
    left_ = m.calls;
    next(here);
  }

 private:
  void next(context<asker>& here) {
    if (left_-- == 0) return over_.ring();
    const bool sent =
        whom_.ask(add{1}).then(here, [this](context<asker>& now, answered<std::uint64_t> got) {
          if (!got) left_ = 0;  // the sum will say so
          next(now);
        });
    if (!sent) over_.ring();
  }

  const actor_ref<adder> whom_;
  bell& over_;
  std::uint64_t left_ = 0;
};

trial_result ask_then(const trial_plan& plan) {
  stage here(plan);
  const auto sums = here.system().spawn<adder>();
  bell over;
  const auto asking = here.system().spawn<asker>({}, sums, over);
  const auto lap = [&](std::uint64_t calls) {
    over.reset();
    (void)asking.tell(begin{calls});
    return over.wait();
  };
  const std::uint64_t warm = std::min<std::uint64_t>(plan.operations, 10'000);
  (void)lap(warm);
  const stretch timed(plan);
  trial_result made = timed.done(lap(plan.operations), plan.operations);
  auto total = sums.ask(add{0});
  (void)total.wait();
  made.fault = first_fault({expect("the sum", total.take(), plan.operations + warm), here.close()});
  return made;
}

// A plain thread on the second processor, where there is one; a worker on the first.
trial_result from_a_thread(const trial_plan& plan) {
  trial_plan worker = plan;
  worker.processors = {plan.processors.front()};
  stage here(worker);
  const auto sums = here.system().spawn<adder>();
  (void)pin_to(plan.processors.back());
  histogram times;
  bool wrong = false;
  const auto one = [&] {
    auto answer = sums.ask(add{1});
    if (answer.wait() == reply_status::ready) {
      (void)answer.take();
    } else {
      wrong = true;
    }
  };
  const std::uint64_t warm = std::min<std::uint64_t>(plan.operations, 1'000);
  for (std::uint64_t i = 0; i < warm; ++i) one();
  const stretch timed(plan);
  for (std::uint64_t i = 0; i < plan.operations && !wrong; ++i) {
    const std::uint64_t start = ticks();
    one();
    times.record(ticks() - start);
  }
  trial_result made = timed.done(ticks(), plan.operations);
  made.times = std::move(times);
  auto total = sums.ask(add{0});
  (void)total.wait();
  made.fault = first_fault({wrong ? "a question was not answered" : "",
                            expect("the sum", total.take(), plan.operations + warm), here.close()});
  (void)pin_to(plan.processors.front());
  return made;
}

template <class Once>
trial_result by_itself(const trial_plan& plan, Once&& once) {
  (void)pin_to(plan.processors.front());
  histogram times;
  std::uint64_t sum = 0;
  const std::uint64_t window = 64;
  const auto lap = [&](std::uint64_t count) {
    for (std::uint64_t i = 0; i < count; ++i) sum += once(i);
  };
  lap(window);
  sum = 0;
  const stretch timed(plan);
  std::uint64_t done = 0;
  for (std::uint64_t before = ticks(); done < plan.operations; done += window) {
    lap(window);
    const std::uint64_t now = ticks();
    times.record(now - before);
    before = now;
  }
  trial_result made = timed.done(ticks(), done);
  made.times = std::move(times);
  made.window = window;
  made.fault = expect("the sum of the values", sum, done / window * (window * (window - 1) / 2));
  return made;
}

trial_result our_future(const trial_plan& plan) {
  auto& pool = future_pool<std::uint64_t>::of_process();  // where questions get theirs
  return by_itself(plan, [&pool](std::uint64_t i) {
    auto value = pool.make();
    (void)value.promise().fulfil(std::uint64_t{i});
    return value.wait() == reply_status::ready ? value.take() : ~std::uint64_t{0};
  });
}

trial_result std_future(const trial_plan& plan) {
  return by_itself(plan, [](std::uint64_t i) {
    std::promise<std::uint64_t> promised;
    std::future<std::uint64_t> value = promised.get_future();
    promised.set_value(i);
    return value.get();
  });
}

}  // namespace

std::vector<benchmark> ask_benchmarks() {
  return {
      {.name = "actor_sync_call",
       .about = "ask an actor on the same worker and await the answer; times of 16 in a row",
       .operations = 100'000,
       .tiny = 20'000,
       .arms = {{.name = "jacquard", .run = calls<call::ask, 1>}, caf_arm("ask")},
       .goals = {{.name = "claim.actor_sync_call_p50",
                  .arm = "jacquard",
                  .limit = 50.0,
                  .by = basis::median},
                 {.name = "claim.actor_sync_call_over_caf",
                  .arm = "jacquard",
                  .over = "caf",
                  .limit = 1.0 / 3.0}},
       .headed = headline::median},
      {.name = "actor_async_call",
       .about = "cast with a pooled future for the answer, then await; times of 16 in a row",
       .operations = 100'000,
       .tiny = 20'000,
       .arms = {{.name = "jacquard", .run = calls<call::cast, 1>}},
       .headed = headline::median},
      {.name = "future_overhead_ratio",
       .about = "cast and future beside ask: the ratio of the two, in the same blocks",
       .operations = 100'000,
       .tiny = 20'000,
       .arms = {{.name = "jacquard", .run = calls<call::cast, 1>},
                {.name = "ask", .run = calls<call::ask, 1>, .who = role::reference}},
       .goals = {{.name = "claim.future_overhead", .arm = "jacquard", .over = "ask", .limit = 1.5}},
       .headed = headline::ratio},
      {.name = "ask_inline",
       .about = "an ask that the idle target answers in the caller's turn; beside a letter's way",
       .operations = 100'000,
       .tiny = 20'000,
       .blocks = 7,
       .arms = {{.name = "jacquard", .run = calls<call::ask, 1>},
                {.name = "by_letter", .run = calls<call::cast, 1>, .who = role::reference}}},
      {.name = "actor_ask_then",
       .about = "an actor asks another; the answer comes back as a letter",
       .operations = 100'000,
       .tiny = 20'000,
       .blocks = 7,
       .arms = {{.name = "jacquard", .run = ask_then}}},
      {.name = "throughput_sync_serial",
       .about = "one caller asks and awaits",
       .operations = 100'000,
       .tiny = 1'000,
       .blocks = 7,
       .arms = {{.name = "jacquard", .run = calls<call::ask, 1>}},
       .headed = headline::calls_per_second},
      {.name = "throughput_sync_concurrent_10",
       .about = "ten callers ask one actor and await",
       .operations = 100'000,
       .tiny = 1'000,
       .blocks = 7,
       .arms = {{.name = "jacquard", .run = calls<call::ask, 10>}},
       .headed = headline::calls_per_second},
      {.name = "actor_ask_from_thread",
       .about = "a plain thread asks an actor and sleeps until the answer; two processors",
       .operations = 3'000,
       .tiny = 1'000,
       .blocks = 7,
       .arms = {{.name = "jacquard", .run = from_a_thread, .two_processors = true},
                caf_arm("ask_from_thread")},
       .goals = {{.name = "claim.actor_ask_from_thread_over_caf",
                  .arm = "jacquard",
                  .over = "caf",
                  .limit = 1.0,
                  .by = basis::median}},
       .headed = headline::median},
      {.name = "future_create_resolve_await",
       .about = "make a future, resolve it, await it, take the value, on one thread; 64 in a row",
       .operations = 128'000,
       .tiny = 64'000,
       .arms = {{.name = "jacquard", .run = our_future},
                {.name = "std_promise", .run = std_future, .who = role::peer}},
       .goals = {{.name = "claim.future", .arm = "jacquard", .limit = 10.0, .by = basis::median},
                 {.name = "claim.future_over_std_promise",
                  .arm = "jacquard",
                  .over = "std_promise",
                  .limit = 1.0 / 3.0}},
       .headed = headline::median},
  };
}

}  // namespace jacquard::bench::suite
