// Three stages with bounded inboxes and a slow one among them. A stage keeps what the next has no room for, and tries
// again later; what a policy drops or evicts is reported.
#include <fmt/core.h>

#include <deque>

#include <jacquard/sim/stories/stories.hpp>

namespace jacquard::sim {

namespace {

constexpr std::uint32_t stages_count = 3;
constexpr std::chrono::nanoseconds tries_again_every{15 * microsecond};

class pipeline;

class stage : public simulated_actor {
 public:
  using messages = jacquard::messages<parcel, tick>;
  stage(pipeline& of, std::uint32_t index, std::uint32_t capacity);
  // A tick takes a place of this stage's own inbox, and may find none: the next one will.
  void started(context<stage>& here) { (void)here.send_every(tries_again_every, tick{}); }
  void on(context<stage>& here, parcel&& m);
  void on(context<stage>& here, const tick& m);

 private:
  void passes_on();

  pipeline& of_;
  const std::uint32_t index_;
  std::deque<std::uint64_t> held_;
};

class pipeline final : public actor_world {
 public:
  using actor_world::actor_world;

  // False where there is no room, and the caller keeps it.
  bool passes(std::uint32_t from, std::uint32_t to, std::uint64_t item) {
    if (to == stages_count) return true;
    const send_result result = tells(stages_[from].number, stages_[to], 0, 0, item);
    if (result == send_result::busy) sees(point::held_back);
    return result != send_result::busy;
  }
  void holds(std::int64_t more) {
    held_ += more;
    if (held_ == 0) progresses();
  }

 private:
  void begins() override {
    for (std::uint32_t i = 0; i < stages_count; ++i) {
      spawn_options how;
      how.capacity = story().capacity + (breaks(canary::roomy, 1) ? 1 : 0);
      how.overflow = story().overflow;
      how.block_for =
          std::chrono::nanoseconds{0};  // nobody outside may wait: the clock would stand still
      stages_.push_back(spawns<stage>(how, *this, i, story().capacity));
      stops_in(i, stages_.back());
    }
  }
  void emits(std::uint32_t who, std::uint32_t n) override {
    send_options how;
    how.expires = std::chrono::nanoseconds{now() + 25 * microsecond};
    (void)tells(outside + who, stages_[0], 0, 0, n, n % 5 == 0 ? &how : nullptr);
    for (std::uint32_t i = 0; i < stages_count; ++i) looks_at(i);
  }
  void looks_at(std::uint32_t i) {
    const std::optional<inbox_counters> seen = stages_[i].ref.inbox();
    if (!seen) return;
    if (seen->waiting == story().capacity) sees(point::full);
    if (seen->waiting > story().capacity + 0u) {
      broken("capacity_bound", fmt::format("stage {} says that {} wait; it holds {}", i,
                                           seen->waiting, story().capacity));
    }
  }
  bool wants_more() override { return held_ > 0; }

  std::vector<resident<stage>> stages_;
  std::int64_t held_ = 0;
};

stage::stage(pipeline& of, std::uint32_t index, std::uint32_t capacity)
    : simulated_actor(of, fmt::format("stage-{}", index), capacity), of_(of), index_(index) {}

void stage::on(context<stage>&, parcel&& m) {
  handling now(*this, m.ticket.id());
  now.works();
  held_.push_back(m.b);
  of_.holds(1);
  passes_on();
}

void stage::on(context<stage>&, const tick&) {
  const handling now(*this, 0);
  passes_on();
}

void stage::passes_on() {
  while (!held_.empty() && of_.passes(index_, index_ + 1, held_.front())) {
    held_.pop_front();
    of_.holds(-1);
  }
}

}  // namespace

std::unique_ptr<actor_world> make_pipeline(const scenario& story, const plan& what,
                                           const run_options& options) {
  return std::make_unique<pipeline>(story, what, options);
}

}  // namespace jacquard::sim
