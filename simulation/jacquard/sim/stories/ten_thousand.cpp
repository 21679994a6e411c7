// Ten thousand actors, and a million messages a minute among them: senders from outside call on a guest, and that guest
// calls on another. How long it goes on is the plan's number of messages.
#include <fmt/core.h>

#include <algorithm>
#include <bitset>

#include <jacquard/sim/stories/stories.hpp>

namespace jacquard::sim {

namespace {

constexpr std::uint32_t guests_count = 10'000;

class town;

class guest : public simulated_actor {
 public:
  using messages = jacquard::messages<parcel>;
  guest(town& of, std::uint32_t index);
  void on(context<guest>& here, parcel&& m);

 private:
  town& town_;
  const std::uint32_t index_;
};

class town final : public actor_world {
 public:
  using actor_world::actor_world;

  void called(std::uint32_t guest, std::uint32_t from, const parcel& m) {
    visited_.set(guest);
    if (m.what == first_call) (void)tells(from, guests_[m.a], second_call);
  }

 private:
  static constexpr std::uint32_t first_call = 0;
  static constexpr std::uint32_t second_call = 1;

  void begins() override {
    guests_.reserve(guests_count);
    for (std::uint32_t i = 0; i < guests_count; ++i) guests_.push_back(spawns<guest>({}, *this, i));
  }
  // Two of the million: the call from outside, and the one that it brings about. Whom, both are drawn here, so that no
  // guest's fate moves another's calls.
  void emits(std::uint32_t who, std::uint32_t) override {
    const auto first = static_cast<std::uint32_t>(workload(who).below(guests_count));
    const auto second = static_cast<std::uint32_t>(workload(who).below(guests_count));
    (void)tells(outside + who, guests_[first], first_call, second);
  }
  // A plan names one of 64; they live all over the town.
  void hits(const fault& what) override {
    strikes(guests_[what.producer * 157 % guests_count], what.kind);
  }
  // All at once, each once: asking ten thousand again whenever one has ended would take the square of that.
  void winds_down() override {
    if (std::exchange(told_, true)) return;
    for (const resident<guest>& each : guests_) (void)each.ref.stop();
  }
  // Calls that go to a few only are not this story.
  void at_rest() override {
    const std::uint64_t handled = books().sums().handled;
    const std::uint64_t wide = std::min<std::uint64_t>(handled, guests_count);
    if (visited_.count() * 3 >= wide) return;
    broken("floor", fmt::format("{} messages were handled by {} of {} guests", handled,
                                visited_.count(), guests_count));
  }

  std::vector<resident<guest>> guests_;
  std::bitset<guests_count> visited_;
  bool told_ = false;
};

guest::guest(town& of, std::uint32_t index)
    : simulated_actor(of, fmt::format("guest-{}", index)), town_(of), index_(index) {}
void guest::on(context<guest>&, parcel&& m) {
  handling now(*this, m.ticket.id());
  now.works();
  town_.called(index_, self_, m);
}

}  // namespace

std::unique_ptr<actor_world> make_ten_thousand(const scenario& story, const plan& what,
                                               const run_options& options) {
  return std::make_unique<town>(story, what, options);
}

}  // namespace jacquard::sim
