// What leaving nothing behind costs: 10,000 messages of a kilobyte a second, to an actor with amnesia and to one
// without. The sender sleeps between its bursts of ten, as a service does between requests.
#include <array>
#include <thread>

#include <jacquard/bench/suite/catalogue.hpp>
#include <jacquard/bench/suite/stage.hpp>

namespace jacquard::bench::suite {

namespace {

struct secret {
  std::uint64_t number;
  std::array<std::uint64_t, 127> words;
};

struct seen {
  bell over;
  std::uint64_t left = 0;
  std::uint64_t next = 0;
  std::uint64_t wrong = 0;
};

struct keeper {
  using messages = jacquard::messages<secret>;
  explicit keeper(seen& all) : all_(all) {}
  void on(context<keeper>&, const secret& m) {
    all_.wrong += m.number == all_.next && m.words.back() == all_.next ? 0 : 1;
    ++all_.next;
    if (--all_.left == 0) all_.over.ring();
  }

 private:
  seen& all_;
};

template <bool Amnesia>
trial_result paced(const trial_plan& plan) {
  stage here(plan);
  seen all;
  const auto to = here.system().spawn<keeper>({.amnesia = Amnesia}, all);
  bool refused = false;
  std::uint64_t sent = 0;
  const auto lap = [&](std::uint64_t count) {
    all.left = count;
    all.over.reset();
    auto due = std::chrono::steady_clock::now();
    for (std::uint64_t i = 0; i < count; ++i, ++sent) {
      if (i % 10 == 0) {
        std::this_thread::sleep_until(due);
        due += std::chrono::milliseconds{1};
      }
      secret fresh{.number = sent, .words = {}};
      fresh.words.back() = sent;
      refused |= to.tell(std::move(fresh)) != send_result::accepted;
    }
    return all.over.wait();
  };
  (void)lap(50);
  const stretch timed(plan);
  trial_result made = timed.done(lap(plan.operations), plan.operations);
  made.fault = first_fault({refused ? "a message was refused" : "",
                            expect("messages out of order", all.wrong, 0),
                            expect("messages", all.next, plan.operations + 50), here.close()});
  return made;
}

}  // namespace

std::vector<benchmark> zeroize_benchmarks() {
  return {
      {.name = "bench_zeroize",
       .about = "10,000 messages of a kilobyte a second, with amnesia and without; processor time",
       .operations = 800,
       .tiny = 100,
       .blocks = 15,
       .arms = {{.name = "amnesia", .run = paced<true>},
                {.name = "plain", .run = paced<false>, .who = role::reference}}}};
}

}  // namespace jacquard::bench::suite
