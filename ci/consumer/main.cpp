// Three senders, one consumer that sleeps while there is nothing, a close that loses nothing.
#include <cstdio>
#include <jacquard/mailbox/linked_mailbox.hpp>
#include <jacquard/mailbox/locked_mailbox.hpp>
#include <jacquard/mailbox/ring_mailbox.hpp>
#include <thread>
#include <vector>

namespace {

constexpr int senders = 3;
constexpr int messages = 1000;

template <jacquard::mailbox Mailbox>
long sum_through(Mailbox& box) {
  std::vector<std::jthread> threads;
  for (int sender = 0; sender < senders; ++sender) {
    threads.emplace_back([&box] {
      for (int i = 1; i <= messages; ++i) {
        int message = i;
        while (box.send(std::move(message)) == jacquard::send_result::busy) {
          std::this_thread::yield();
        }
      }
    });
  }
  std::jthread closer([&] {
    threads.clear();
    box.close();
  });
  long sum = 0;
  while (!box.wait_receive(64, [&sum](int&& message) { sum += message; }).finished) {
  }
  return sum;
}

template <jacquard::mailbox Mailbox>
bool holds(const char* name) {
  Mailbox box({.capacity = 16});
  const long sum = sum_through(box);
  const bool right =
      sum == long{senders} * messages * (messages + 1) / 2 && box.counters().balanced();
  std::printf("%s %ld %s\n", name, sum, right ? "holds" : "BROKEN");
  return right;
}

}  // namespace

int main() {
  const bool right = holds<jacquard::ring_mailbox<int>>("ring_mailbox") &
                     holds<jacquard::linked_mailbox<int>>("linked_mailbox") &
                     holds<jacquard::locked_mailbox<int>>("locked_mailbox");
  return right ? 0 : 1;
}
