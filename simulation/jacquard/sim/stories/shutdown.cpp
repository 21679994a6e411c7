// A system is shut down while it is busy: who accepted something handles it or it is reported, and at the deadline the
// report says the truth about who is still there.
#include <fmt/core.h>

#include <set>
#include <string>

#include <jacquard/sim/stories/stories.hpp>

namespace jacquard::sim {

namespace {

constexpr event_kind presses{"shutdown"};

constexpr std::uint32_t desks_count = 10;
constexpr nanoseconds presses_every = 10 * microsecond;
constexpr nanoseconds patience = 150 * microsecond;

class office;

class desk : public simulated_actor {
 public:
  using messages = jacquard::messages<parcel>;
  desk(office& of, std::uint32_t index);
  void on(context<desk>& here, parcel&& m);

 private:
  office& of_;
  const std::uint32_t index_;
};

class office final : public actor_world {
 public:
  using actor_world::actor_world;

  void hands_over(std::uint32_t from, std::uint32_t index, std::uint64_t left) {
    const std::uint32_t to = (index + 1) % desks_count;
    (void)tells(from, desks_[to], 0, 0, left);
  }

 private:
  void begins() override {
    orders_cells<desk>();
    for (std::uint32_t i = 0; i < desks_count; ++i) {
      spawn_options how;
      how.name = fmt::format("desk-{}", i);
      desks_.push_back(spawns<desk>(how, *this, i));
    }
    begins_at_ = story().span() * 6 / 10;
    clock_.after(begins_at_, self(), presses);
  }
  void emits(std::uint32_t who, std::uint32_t n) override {
    const auto to = static_cast<std::uint32_t>(workload(who).below(desks_count));
    (void)tells(outside + who, desks_[to], 0, 0, n % 3);
  }
  // What actor_system::shutdown does, in virtual time: it presses again and again until its deadline.
  void happens(const event&) override {
    if (reported_) return;
    shutdown_report report = system().shutdown(std::chrono::nanoseconds{0});
    if (breaks(canary::false_report, 1)) {
      report.complete = true;
      report.stuck = 0;
      report.names.clear();
    }
    const bool late = now() >= begins_at_ + patience;
    if (!report.complete && !late) {
      clock_.after(presses_every, self(), presses);
      return;
    }
    reported_ = true;
    note(presses, report.stuck);
    judges(report);
    for (const resident<desk>& each : desks_) {
      if (is_alive(each)) kills(each);
    }
  }
  void judges(const shutdown_report& report) {
    sees(report.complete ? point::ended_in_time : point::stuck_at_deadline);
    std::set<std::string> there;
    for (std::uint32_t i = 0; i < desks_count; ++i) {
      if (is_alive(desks_[i])) there.insert(fmt::format("desk-{}", i));
    }
    const std::set<std::string> said(report.names.begin(), report.names.end());
    if (report.complete == there.empty() && report.stuck == there.size() && said == there) return;
    broken("shutdown", fmt::format("the report says {} and {} stuck, {} of them by name; {} are "
                                   "there",
                                   report.complete ? "complete" : "incomplete", report.stuck,
                                   said.size(), there.size()));
  }
  bool wants_more() override { return !reported_; }
  void winds_down() override {}

  std::vector<resident<desk>> desks_;
  nanoseconds begins_at_ = 0;
  bool reported_ = false;
};

desk::desk(office& of, std::uint32_t index)
    : simulated_actor(of, fmt::format("desk-{}", index)), of_(of), index_(index) {}

void desk::on(context<desk>&, parcel&& m) {
  handling now(*this, m.ticket.id());
  now.works();
  if (m.b > 0) of_.hands_over(self_, index_, m.b - 1);
}

}  // namespace

std::unique_ptr<actor_world> make_shutdown(const scenario& story, const plan& what,
                                           const run_options& options) {
  return std::make_unique<office>(story, what, options);
}

}  // namespace jacquard::sim
