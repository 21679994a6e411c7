// Tellers move money between accounts with questions: they give up at deadlines, change their minds, and the accounts
// are killed, stopped and crash meanwhile. Every question has one outcome, and no money comes or goes.
#include <fmt/core.h>

#include <deque>

#include <jacquard/sim/stories/stories.hpp>

namespace jacquard::sim {

namespace {

constexpr event_kind answered{"answered"};
constexpr event_kind gives_up{"gives up"};
constexpr event_kind reopens{"reopens"};

constexpr std::uint32_t accounts_count = 6;
constexpr std::uint64_t first_balance = 1000;
constexpr nanoseconds usual_patience = 60 * microsecond;

class bank;

class account : public simulated_actor {
 public:
  using messages = jacquard::messages<parcel, question>;
  enum : std::uint32_t { withdraw, deposit, look };

  account(bank& of, std::uint32_t index, std::uint32_t life, std::uint64_t balance);
  std::uint64_t on(context<account>& here, question&& m);
  void on(context<account>& here, parcel&& m);  // a deposit that nobody asks about
  void stopped(exit_reason why) noexcept;

 private:
  bank& bank_;
  const std::uint32_t index_;
  std::uint64_t balance_;
};

// Looks at accounts, and hears of it in its own turn, or never, where it has ended.
class auditor : public simulated_actor {
 public:
  using messages = jacquard::messages<tick>;
  explicit auditor(bank& of);
  void started(context<auditor>& here);
  void on(context<auditor>& here, const tick& m);
  void stopped(exit_reason why) noexcept;

 private:
  bank& bank_;
  std::uint32_t next_ = 0;
  std::vector<std::uint32_t> open_;
};

class bank final : public actor_world {
 public:
  using actor_world::actor_world;

  void withdrawn(std::uint64_t amount) { in_transit_ += amount; }
  void deposited(std::uint64_t amount) { in_transit_ -= amount; }
  future<std::uint64_t> looks(std::uint32_t auditor_number, std::uint32_t turn, std::uint32_t& id) {
    const window& at = windows_[turn % accounts_count];
    send_options expiring;
    expiring.expires = std::chrono::nanoseconds{now() + 10 * microsecond};
    return asks(auditor_number, at.who, account::look, 0, 0, id,
                turn % 2 == 0 ? &expiring : nullptr);
  }
  void audited(std::uint32_t id, reply_status how) {
    books().outcome(id, how, now());
    if (how == reply_status::ready) sees(point::answer_continued);
    if (how == reply_status::timed_out) sees(point::answer_timed_out);
  }
  void closed(std::uint32_t index, std::uint64_t balance) {
    estates_ += balance;
    clock_.after(40 * microsecond, self(), reopens, index);
  }

 private:
  struct window {
    resident<account> who;
    std::uint32_t lives = 0;
  };
  // A question under way. Its address is what the future knows.
  struct pending final : task, executor {
    explicit pending(bank& of) : task([](task&) noexcept {}), home(of) {}
    void schedule(task&, urgency) noexcept override {
      home.clock_.after(0, home.self(), answered, index);
    }
    bank& home;
    future<std::uint64_t> answer;
    std::uint32_t index = 0;
    std::uint32_t id = 0;
    std::uint32_t teller = 0;
    std::uint32_t to = 0;  // where the money goes; accounts_count: it has come home
    std::uint64_t amount = 0;
    bool over = false;
    bool cancels = false;
  };

  void begins() override {
    orders_cells<account>();
    late_before_ = future_pool<std::uint64_t>::of_process().late();
    windows_.resize(accounts_count);
    for (std::uint32_t i = 0; i < accounts_count; ++i) opens(i, first_balance);
    auditor_ = spawns<auditor>({}, *this);
    stops_in(0, auditor_);
  }
  void opens(std::uint32_t index, std::uint64_t balance) {
    window& at = windows_[index];
    if (at.lives > 0) sees(point::name_reused);
    spawn_options how;
    how.name = fmt::format("account-{}", index);
    at.who = spawns<account>(how, *this, index, at.lives++, balance);
    stops_in(0, at.who);
  }
  void emits(std::uint32_t teller, std::uint32_t) override {
    stream& draws = workload(teller);
    const auto from = static_cast<std::uint32_t>(draws.below(accounts_count));
    const auto to = static_cast<std::uint32_t>(draws.below(accounts_count));
    const std::uint64_t amount = 1 + draws.below(50);
    const std::uint64_t mood = draws.below(100);
    asks_for(teller, from, account::withdraw, amount, to, mood);
  }
  void asks_for(std::uint32_t teller, std::uint32_t whom, std::uint32_t what, std::uint64_t amount,
                std::uint32_t then_to, std::uint64_t mood) {
    all_.emplace_back(*this);
    pending& fresh = all_.back();
    fresh.index = static_cast<std::uint32_t>(all_.size() - 1);
    fresh.teller = teller;
    fresh.to = then_to;
    fresh.amount = amount;
    fresh.cancels = mood % 10 == 0;
    send_options expiring;
    expiring.expires = std::chrono::nanoseconds{now() + 30 * microsecond};
    const bool expires = what == account::withdraw && mood % 7 == 0;
    fresh.answer = asks(outside + teller, windows_[whom].who, what, 0, amount, fresh.id,
                        expires ? &expiring : nullptr);
    ++open_;
    if (!fresh.answer.await(fresh, fresh)) {
      clock_.after(0, self(), answered, fresh.index);
      return;
    }
    const nanoseconds patience = fresh.cancels ? usual_patience / 10 : usual_patience;
    clock_.after(patience, self(), gives_up, fresh.index);
  }
  void happens(const event& what) override {
    if (*what.kind == reopens) {
      if (!healed() && senders_active() > 0) opens(what.a, 0);
      return;
    }
    pending& which = all_[what.a];
    if (*what.kind == gives_up) {
      if (which.over) return;
      const reply_status wanted = which.cancels ? reply_status::cancelled : reply_status::timed_out;
      const reply_status how = which.answer.cancel(wanted);
      if (how != wanted) return;  // the answer came first, and its event is on the way
      if (breaks(canary::two_answers, 3)) books().outcome(which.id, how, now());
      ends(which, how);
    } else if (*what.kind == answered && !which.over) {
      ends(which, which.answer.status());
    }
  }
  void ends(pending& which, reply_status how) {
    which.over = true;
    --open_;
    books().outcome(which.id, how, now());
    note(answered, std::uint64_t{which.id} << 8 | static_cast<std::uint64_t>(how));
    switch (how) {
      case reply_status::ready:
        sees(point::answer_ready);
        // What was withdrawn is carried on; what there was not enough for is not.
        if (which.answer.take() > 0 && which.to < accounts_count) carries(which);
        break;
      case reply_status::timed_out:
        sees(point::answer_timed_out);
        break;
      case reply_status::cancelled:
        sees(point::answer_cancelled);
        break;
      case reply_status::target_down:
        sees(point::answer_target_down);
        break;
      case reply_status::failed:
        sees(point::answer_failed);
        break;
      case reply_status::refused:
      case reply_status::would_deadlock:
        break;
    }
  }
  void carries(const pending& which) {
    asks_for(which.teller, which.to, account::deposit, which.amount, accounts_count, 1);
  }
  void hits(const fault& what) override {
    const std::uint32_t victim = what.producer % (accounts_count + 1);
    if (victim == accounts_count) {
      if (is_alive(auditor_)) kills(auditor_);
      return;
    }
    strikes(windows_[victim].who, what.kind);
  }
  bool wants_more() override { return open_ > 0; }
  void at_rest() override {
    if (future_pool<std::uint64_t>::of_process().late() > late_before_) sees(point::answer_late);
    const std::uint64_t all = accounts_count * first_balance;
    if (estates_ + in_transit_ == all) return;
    broken("money", fmt::format("{} in estates and {} in transit; there were {}", estates_,
                                in_transit_, all));
  }

  std::vector<window> windows_;
  resident<auditor> auditor_;
  std::deque<pending> all_;
  std::uint64_t open_ = 0;
  std::uint64_t in_transit_ = 0;
  std::uint64_t estates_ = 0;
  std::uint64_t late_before_ = 0;
};

account::account(bank& of, std::uint32_t index, std::uint32_t life, std::uint64_t balance)
    : simulated_actor(of, fmt::format("account-{}.{}", index, life)),
      bank_(of),
      index_(index),
      balance_(balance) {}

std::uint64_t account::on(context<account>&, question&& m) {
  handling now(*this, m.ticket.id());
  now.works();
  if (m.what == look) return balance_;
  if (m.what == deposit) {
    bank_.deposited(m.b);
    balance_ += m.b;
    return 1;
  }
  if (balance_ < m.b) return 0;
  if (!world_.breaks(canary::counterfeit)) balance_ -= m.b;
  bank_.withdrawn(m.b);
  return 1;
}

void account::on(context<account>&, parcel&& m) {
  handling now(*this, m.ticket.id());
  now.works();
}

void account::stopped(exit_reason why) noexcept {
  simulated_actor::stopped(why);
  bank_.closed(index_, balance_);
}

auditor::auditor(bank& of) : simulated_actor(of, "auditor"), bank_(of) {}

void auditor::started(context<auditor>& here) {
  (void)here.send_every(std::chrono::nanoseconds{25 * microsecond}, tick{});
}

void auditor::on(context<auditor>& here, const tick&) {
  const handling now(*this, 0);
  std::uint32_t id = 0;
  auto answer = bank_.looks(self_, next_++, id);
  open_.push_back(id);
  (void)here.then(std::move(answer), [this, id](jacquard::answered<std::uint64_t> got) {
    const handling then(*this, 0);
    std::erase(open_, id);
    bank_.audited(id, got.status());
  });
}

void auditor::stopped(exit_reason why) noexcept {
  simulated_actor::stopped(why);
  for (const std::uint32_t id : open_) world_.books().forgotten(id);
}

}  // namespace

std::unique_ptr<actor_world> make_bank(const scenario& story, const plan& what,
                                       const run_options& options) {
  return std::make_unique<bank>(story, what, options);
}

}  // namespace jacquard::sim
