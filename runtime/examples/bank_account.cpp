// Accounts that are told and asked: no lock in sight, and no cent lost.
//
// An account is an actor: one message at a time, so its balance needs no lock. A teller is a strand: it asks the source
// to withdraw, awaits the answer without holding a thread, and tells the target. Four tellers transfer at random on two
// workers; the sum must not change.
#include <chrono>
#include <cstdio>
#include <jacquard/actor/actor_system.hpp>
#include <jacquard/env/native_environment.hpp>
#include <jacquard/messaging/await_future.hpp>
#include <jacquard/messaging/strand.hpp>
#include <string>
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

jacquard::strand<bool> transfer(account_ref source, account_ref target, long cents) {
  const auto withdrawn = co_await source.ask(withdraw{cents});
  if (!withdrawn || !*withdrawn) co_return false;  // no answer, or not enough money
  co_return target.tell(deposit{cents}) == jacquard::send_result::accepted;
}

// Transfers at random. How many went through.
jacquard::strand<unsigned> teller(const std::vector<account_ref>& bank, unsigned choice,
                                  unsigned transfers) {
  unsigned done = 0;
  for (unsigned i = 0; i < transfers; ++i) {
    choice = choice * 1'664'525u + 1'013'904'223u;
    const auto& source = bank[(choice >> 8) % bank.size()];
    const auto& target = bank[(choice >> 16) % bank.size()];
    if (co_await transfer(source, target, static_cast<long>(choice >> 24))) ++done;
  }
  co_return done;
}

// A plain thread may wait for an answer; an actor must not.
long balance_of(const account_ref& whom) {
  auto answer = whom.ask(balance{});
  return answer.wait() == jacquard::reply_status::ready ? answer.take() : 0;
}

}  // namespace

int main() {
  constexpr long opening = 1'000;
  constexpr unsigned accounts = 10;
  constexpr unsigned tellers = 4;
  constexpr unsigned transfers = 500;  // by each

  jacquard::native_environment world;
  jacquard::actor_system system(world, {.scheduling = {.workers = 2}});
  std::vector<account_ref> bank;
  for (unsigned i = 0; i < accounts; ++i) {
    bank.push_back(system.spawn<account>({.name = "account " + std::to_string(i)}, opening));
  }

  std::vector<jacquard::spawned<unsigned>> work;
  for (unsigned t = 0; t < tellers; ++t) {
    work.push_back(jacquard::spawn(system.workers(), teller(bank, t, transfers)));
  }
  unsigned went_through = 0;
  for (auto& each : work) went_through += each.wait();

  long sum = 0;
  for (const account_ref& each : bank) sum += balance_of(each);
  const bool refused = !jacquard::block_on(system.workers(), transfer(bank[0], bank[1], 1'000'000));
  const auto report = system.shutdown(std::chrono::seconds{5});

  std::printf("%u transfers went through, %u found too little money\n", went_through,
              tellers * transfers - went_through);
  std::printf("all accounts together: %ld cents, as at the beginning\n", sum);
  return sum == opening * accounts && refused && report.complete && report.dead_letters == 0 ? 0
                                                                                             : 1;
}
