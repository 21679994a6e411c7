// Yardsticks written here: the two-RMW ring, a mutex with a condition variable, and no queue at
// all.
#include <array>
#include <condition_variable>
#include <mutex>

#include <jacquard/bench/rounds.hpp>
#include <jacquard/bench/two_rmw_ring.hpp>

namespace jacquard::bench {

namespace {

struct two_rmw_adapter {
  static constexpr unsigned senders_max = bench::senders_max;
  static constexpr bool only_waits = false;
  using ring = two_rmw_ring<message, field_capacity>;

  struct sender {
    explicit sender(two_rmw_adapter& a) : queue(a.queue) {}
    [[gnu::always_inline]] bool try_push(message&& m) { return queue.try_push(std::move(m)); }
    ring& queue;
  };
  struct consumer {
    explicit consumer(two_rmw_adapter& a) : queue(a.queue) {}
    template <class F>
    [[gnu::always_inline]] std::uint32_t try_pop(std::uint32_t max, F&& visit) {
      std::uint32_t got = 0;
      for (message m; got < max && queue.try_pop(m); ++got) visit(m);
      return got;
    }
    ring& queue;
  };
  ring queue;
};

// The textbook: a ring behind a mutex, and a condition variable for the sleeper.
struct mutex_adapter {
  static constexpr unsigned senders_max = bench::senders_max;
  static constexpr bool only_waits = false;

  struct sender {
    explicit sender(mutex_adapter& a) : all(a) {}
    [[gnu::always_inline]] bool try_push(message&& m) {
      {
        const std::lock_guard hold(all.mutex);
        if (all.tail - all.head == field_capacity) return false;
        all.places[all.tail++ % field_capacity] = m;
      }
      all.some.notify_one();
      return true;
    }
    mutex_adapter& all;
  };
  struct consumer {
    explicit consumer(mutex_adapter& a) : all(a) {}
    template <class F>
    [[gnu::always_inline]] std::uint32_t try_pop(std::uint32_t max, F&& visit) {
      std::array<message, 64> taken;
      std::uint32_t got = 0;
      {
        const std::lock_guard hold(all.mutex);
        got = take(max, taken);
      }
      for (std::uint32_t i = 0; i < got; ++i) visit(taken[i]);
      return got;
    }
    template <class F>
    void wait_pop(F&& visit) {
      std::array<message, 64> taken;
      std::uint32_t got = 0;
      {
        std::unique_lock hold(all.mutex);
        all.some.wait(hold, [&] { return all.tail != all.head; });
        got = take(64, taken);
      }
      for (std::uint32_t i = 0; i < got; ++i) visit(taken[i]);
    }
    std::uint32_t take(std::uint32_t max, std::array<message, 64>& into) {
      std::uint32_t got = 0;
      for (; got < max && got < into.size() && all.head != all.tail; ++got) {
        into[got] = all.places[all.head++ % field_capacity];
      }
      return got;
    }
    mutex_adapter& all;
  };

  std::mutex mutex;
  std::condition_variable some;
  std::uint64_t head = 0;
  std::uint64_t tail = 0;
  std::array<message, field_capacity> places;
};

// What writing, copying and reading the message cost by themselves. One thread only.
struct payload_adapter {
  static constexpr unsigned senders_max = 0;
  static constexpr bool only_waits = false;

  struct sender {
    explicit sender(payload_adapter& a) : all(a) {}
    [[gnu::always_inline]] bool try_push(message&& m) {
      all.places[all.tail++ % field_capacity] = m;
      asm volatile("" ::: "memory");  // the copy happens
      return true;
    }
    payload_adapter& all;
  };
  struct consumer {
    explicit consumer(payload_adapter& a) : all(a) {}
    template <class F>
    [[gnu::always_inline]] std::uint32_t try_pop(std::uint32_t max, F&& visit) {
      std::uint32_t got = 0;
      for (; got < max && all.head != all.tail; ++got)
        visit(all.places[all.head++ % field_capacity]);
      asm volatile("" ::: "memory");
      return got;
    }
    payload_adapter& all;
  };
  std::uint64_t head = 0;
  std::uint64_t tail = 0;
  std::array<message, field_capacity> places;
};

}  // namespace

std::vector<contender> reference_contenders() {
  return {make_contender<two_rmw_adapter>("two_rmw_ring", role::reference, true),
          make_contender<mutex_adapter>("mutex_condvar", role::reference, true),
          make_contender<payload_adapter>("payload_only", role::reference, true)};
}

}  // namespace jacquard::bench
