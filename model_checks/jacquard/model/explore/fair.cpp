#include <jacquard/model/explore/fair.hpp>

#include <algorithm>
#include <stdexcept>
#include <string_view>
#include <utility>

#include <jacquard/model/explore/sampling.hpp>

namespace jacquard::model::explorer {

namespace {

constexpr std::string_view prefix = "explore:fair;";
constexpr std::string_view digits = "0123456789abcdef";
static_assert(digits.size() == threads_max);
constexpr std::size_t run_costs_min = 100;  // in steps, of a run that ends soon

class in_turn final : public picker {
 public:
  explicit in_turn(const turns& t) : turns_(t) {}

  unsigned next(std::uint32_t ready) override {
    const auto can = [&](unsigned t) { return (ready >> t & 1) != 0; };
    if ((ready & ~std::uint32_t{1}) == 0) return 0;  // the main thread runs alone
    ++steps_;
    while (at_ < turns_.head.size()) {
      if (const unsigned t = turns_.head[at_++]; can(t)) return t;
    }
    for (std::size_t tried = 0; tried < turns_.round.size(); ++tried) {
      const unsigned t = turns_.round[(at_++ - turns_.head.size()) % turns_.round.size()];
      if (can(t)) return t;
    }
    unsigned lowest = 1;
    while (!can(lowest)) ++lowest;
    return lowest;
  }
  void waits(unsigned) override {}

  [[nodiscard]] std::size_t steps() const noexcept { return steps_; }

 private:
  const turns& turns_;
  std::size_t at_ = 0;
  std::size_t steps_ = 0;
};

// Lock-step, with a lead for each thread in turn; then rounds at random.
class orders {
 public:
  orders(unsigned threads, std::uint64_t seed) : threads_(threads), random_(seed) {}

  turns next() {
    turns made;
    if (lead_ <= lead_max) {
      for (unsigned t = 1; t < threads_; ++t) made.round.push_back(t);
      made.head.assign(lead_, leader_);
      if (lead_ == 0 || ++leader_ == threads_) {
        ++lead_;
        leader_ = 1;
      }
      return made;
    }
    for (std::uint32_t i = random_.below(lead_max); i > 0; --i) made.head.push_back(any());
    for (unsigned t = 1; t < threads_; ++t) made.round.push_back(t);
    for (std::uint32_t i = random_.below(2 * threads_); i > 0; --i) made.round.push_back(any());
    for (std::size_t i = made.round.size(); i > 1; --i) {
      std::swap(made.round[i - 1], made.round[random_.below(static_cast<std::uint32_t>(i))]);
    }
    return made;
  }

 private:
  unsigned any() { return 1 + random_.below(threads_ - 1); }

  static constexpr std::uint32_t lead_max = 16;
  unsigned threads_;
  draws random_;
  std::uint32_t lead_ = 0;
  unsigned leader_ = 1;
};

}  // namespace

std::string to_string(const turns& t) {
  std::string text(prefix);
  for (const unsigned thread : t.head) text += digits[thread];
  text += ';';
  for (const unsigned thread : t.round) text += digits[thread];
  return text;
}

bool is_fair_schedule(const std::string& text) noexcept { return text.starts_with(prefix); }

turns turns_from(const std::string& text, unsigned threads) {
  turns made;
  std::vector<unsigned>* to = &made.head;
  for (std::size_t at = prefix.size(); at < text.size(); ++at) {
    if (text[at] == ';' && to == &made.head) {
      to = &made.round;
      continue;
    }
    const std::size_t thread = digits.find(text[at]);
    if (thread == 0 || thread >= threads) {
      throw std::invalid_argument("schedule: at character " + std::to_string(at + 1) +
                                  ": expected one of the threads (1 to " + digits[threads - 1] +
                                  ")" + (to == &made.head ? " or ';'" : ""));
    }
    to->push_back(static_cast<unsigned>(thread));
  }
  for (unsigned t = 1; t < threads; ++t) {
    if (std::ranges::find(made.round, t) == made.round.end()) {
      throw std::invalid_argument(std::string("schedule: thread ") + digits[t] +
                                  " has no turn in the round that repeats");
    }
  }
  return made;
}

void run_in_turns(worker& one, const turns& t) {
  in_turn order(t);
  one.program.expect_a_livelock();
  one.engine.interleave(order);
  if (one.program.found().kind != failure_kind::livelock || one.program.repeats().events == 0) {
    return;
  }
  const cycle& c = one.program.repeats();
  one.engine.shorten(c.begin + 2 * c.events);
  one.in_turns = to_string(t);
}

std::unique_ptr<worker> look_for_livelock(const body_operations& operations,
                                          const run_options& options, std::size_t steps_max) {
  auto scout = std::make_unique<worker>(operations, options);
  orders tried(scout->program.threads(), options.seed);
  for (std::size_t steps = 0; steps < steps_max;) {
    run_in_turns(*scout, tried.next());
    if (scout->engine.diverged()) return scout;
    const failure_kind found = scout->program.found().kind;
    if (found != failure_kind::none && found != failure_kind::limit) return scout;
    scout->program.forget_failure();
    steps += std::max(scout->engine.graph().size(), run_costs_min);
  }
  return nullptr;
}

}  // namespace jacquard::model::explorer
