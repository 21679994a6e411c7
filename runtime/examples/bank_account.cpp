// Accounts that are told and asked: no lock in sight, and no cent lost.
//
// An account is an actor: one message at a time, so its balance needs no lock. A transfer asks the source to
// withdraw, looks at the answer, and tells the target. Four threads transfer at random; the sum must not change.
#include <array>
#include <cstdio>
#include <jacquard/actor/actor_system.hpp>
#include <jacquard/env/native_environment.hpp>
#include <string>
#include <thread>
#include <vector>

namespace {

struct deposit {
  long cents;
};
struct withdraw {
  using reply = bool;  // a message that may be asked names the type of its answer
  long cents;
};
struct balance {
  using reply = long;
};

struct account {
  using messages = jacquard::messages<deposit, withdraw, balance>;

  explicit account(long opening) : cents(opening) {}

  void on(jacquard::context<account>&, const deposit& m) { cents += m.cents; }
  bool on(jacquard::context<account>&, const withdraw& m) {
    if (m.cents > cents) return false;
    cents -= m.cents;
    return true;
  }
  long on(jacquard::context<account>&, const balance&) { return cents; }

  long cents;
};

using account_ref = jacquard::actor_ref<account>;

// Asks and waits. A plain thread may wait; an actor must not.
template <class Question>
typename Question::reply ask(const account_ref& whom, Question question) {
  auto answer = whom.ask(question);
  if (answer.wait() != jacquard::reply_status::ready) return {};
  return answer.take();
}

bool transfer(const account_ref& source, const account_ref& target, long cents) {
  if (!ask(source, withdraw{cents})) return false;
  return target.tell(deposit{cents}) == jacquard::send_result::accepted;
}

}  // namespace

int main() {
  constexpr long opening = 1'000;
  constexpr unsigned accounts = 10;
  constexpr unsigned transfers = 500;  // by each thread

  jacquard::native_environment world;
  jacquard::actor_system system(world, {.scheduling = {.workers = 2}});
  std::vector<account_ref> bank;
  for (unsigned i = 0; i < accounts; ++i) {
    bank.push_back(system.spawn<account>({.name = "account " + std::to_string(i)}, opening));
  }

  std::array<unsigned, 4> done{};
  {
    std::vector<std::jthread> tellers;
    for (unsigned t = 0; t < done.size(); ++t) {
      tellers.emplace_back([&bank, &mine = done[t], t] {
        unsigned choice = t;
        for (unsigned i = 0; i < transfers; ++i) {
          choice = choice * 1'664'525u + 1'013'904'223u;
          const auto& source = bank[(choice >> 8) % accounts];
          const auto& target = bank[(choice >> 16) % accounts];
          if (transfer(source, target, static_cast<long>(choice >> 24))) ++mine;
        }
      });
    }
  }

  long sum = 0;
  for (const account_ref& each : bank) sum += ask(each, balance{});
  const unsigned went_through = done[0] + done[1] + done[2] + done[3];
  const bool refused = !transfer(bank[0], bank[1], 1'000'000);
  const auto report = system.shutdown(std::chrono::seconds{5});

  std::printf("%u transfers went through, %u found too little money\n", went_through,
              4 * transfers - went_through);
  std::printf("all accounts together: %ld cents, as at the beginning\n", sum);
  return sum == opening * accounts && refused && report.complete && report.dead_letters == 0 ? 0
                                                                                             : 1;
}
