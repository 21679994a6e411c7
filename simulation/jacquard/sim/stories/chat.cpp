// A room says everything to everybody. Members join, leave, are killed and crash meanwhile, and others come under the
// same names.
#include <fmt/core.h>

#include <jacquard/sim/stories/stories.hpp>

namespace jacquard::sim {

namespace {

constexpr std::uint32_t seats_count = 8;

class chat;

class member : public simulated_actor {
 public:
  using messages = jacquard::messages<parcel>;
  member(chat& of, std::uint32_t seat, std::uint32_t life);
  void on(context<member>& here, parcel&& m);

 private:
  chat& of_;
  const std::uint32_t seat_;
};

class room : public simulated_actor {
 public:
  using messages = jacquard::messages<parcel>;
  enum : std::uint32_t { says, joins };

  explicit room(chat& of);
  void on(context<room>& here, parcel&& m);

 private:
  chat& of_;
  std::vector<std::uint32_t>
      present_;  // by number in the chat's list of everybody who ever was there
};

class chat final : public actor_world {
 public:
  using actor_world::actor_world;

  /// False where the member is gone.
  bool repeats(std::uint32_t from, std::uint32_t to, std::uint64_t line) {
    return tells(from, guests_[to], 0, 0, line) != send_result::closed;
  }
  /// A member has something to say, too.
  void says(std::uint32_t seat, std::uint32_t from, std::uint64_t line) {
    posts(seat, [this, from, line] { (void)tells(from, room_, room::says, 0, line); });
  }

 private:
  void begins() override {
    room_ = spawns<room>({}, *this);
    stops_in(0, room_);
    for (std::uint32_t seat = 0; seat < seats_count; ++seat) takes_seat(seat);
  }
  void takes_seat(std::uint32_t seat) {
    const std::string name = fmt::format("member-{}", seat);
    if (system().find<member>(name).is_alive()) return;  // told to leave, and not gone yet
    spawn_options how;
    how.name = name;
    try {
      guests_.push_back(spawns<member>(how, *this, seat, lives_[seat]));
    } catch (const name_taken&) {
      return broken("mortality", name + " is gone, and its name is taken");
    }
    if (lives_[seat]++ > 0) sees(point::name_reused);
    stops_in(1, guests_.back());
    seats_[seat] = static_cast<std::uint32_t>(guests_.size() - 1);
    (void)tells(outside + seat, room_, room::joins, seats_[seat]);
  }
  void emits(std::uint32_t who, std::uint32_t n) override {
    stream& draws = workload(who);
    const std::uint64_t mood = draws.below(100);
    const auto seat = static_cast<std::uint32_t>(draws.below(seats_count));
    const resident<member>& at = guests_[seats_[seat]];
    if (!is_alive(at)) {
      takes_seat(seat);
    } else if (mood < 8) {
      (void)at.ref.stop();
    } else if (mood < 12) {
      kills(at);
    } else {
      // The first of a conversation: members answer while it has life in it.
      (void)tells(outside + 100 + who, room_, room::says, 0, 2 + n % 2);
    }
  }
  void hits(const fault& what) override {
    strikes(guests_[seats_[what.producer % seats_count]], what.kind);
  }

  resident<room> room_;
  std::vector<resident<member>> guests_;
  std::uint32_t seats_[seats_count] = {};
  std::uint32_t lives_[seats_count] = {};
};

member::member(chat& of, std::uint32_t seat, std::uint32_t life)
    : simulated_actor(of, fmt::format("member-{}.{}", seat, life)), of_(of), seat_(seat) {}

void member::on(context<member>&, parcel&& m) {
  handling now(*this, m.ticket.id());
  now.works();
  if (m.b > 0 && m.ticket.id() % 7 == 0) of_.says(seat_, self_, m.b - 1);
}

room::room(chat& of) : simulated_actor(of, "room"), of_(of) {}

void room::on(context<room>&, parcel&& m) {
  handling now(*this, m.ticket.id());
  if (m.what == joins) {
    present_.push_back(m.a);
    return;
  }
  now.works();
  std::erase_if(present_, [&](std::uint32_t each) { return !of_.repeats(self_, each, m.b); });
}

}  // namespace

std::unique_ptr<actor_world> make_chat(const scenario& story, const plan& what,
                                       const run_options& options) {
  return std::make_unique<chat>(story, what, options);
}

}  // namespace jacquard::sim
