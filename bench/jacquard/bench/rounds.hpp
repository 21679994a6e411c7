// jacquard/bench/rounds.hpp: the workloads, once, for whatever queue is given.
//
// A queue is wrapped by an adapter Q:
//   Q()                                     bounded ones hold field_capacity messages
//   Q::sender(Q&)   .try_push(message&&)    one per sending thread
//   Q::consumer(Q&) .try_pop(max, visit)    hands up to `max` messages to visit; the number handed
//   Q::consumer     .wait_pop(visit)        optional: sleeps until there is at least one
//   Q::senders_max                          sending threads it allows; 0: it is not for threads
//   Q::only_waits                           true: it takes part in open_loop alone
// Each round asserts its answer (every message once, in order, undamaged), warms up outside the
// clock, and stops the clock when the last message has been handled.
#pragma once

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include <jacquard/bench/contender.hpp>
#include <jacquard/bench/message.hpp>

namespace jacquard::bench {

/// What a thread does after a try that failed. On one processor it yields at once, because only
/// another thread can change the answer; across processors it pauses, and yields after 64 tries.
class patience {
 public:
  explicit patience(placement where) noexcept
      : tries_max_(where == placement::same_core ? 0 : 64) {}
  void failed() noexcept {
    if (tries_++ < tries_max_) {
#if defined(__x86_64__)
      __builtin_ia32_pause();
#endif
    } else {
      tries_ = 0;
      std::this_thread::yield();
    }
  }
  void reset() noexcept { tries_ = 0; }

 private:
  unsigned tries_max_;
  unsigned tries_ = 0;
};

/// A second thread that sleeps for as long as this lives. glibc takes a mutex without an atomic operation
/// while a process has one thread, which would flatter whatever is built on a mutex.
class company {
 public:
  company() : thread_([this] { left_.wait(false, std::memory_order::acquire); }) {}
  ~company() {
    left_.store(true, std::memory_order::release);
    left_.notify_one();
    thread_.join();
  }
  company(const company&) = delete;
  company& operator=(const company&) = delete;

 private:
  std::atomic<bool> left_{false};
  std::thread thread_;
};

/// The canary's extra work: waits until `factor` times the elapsed time is over. Returns the time
/// then.
inline std::uint64_t slowed(std::uint64_t start, std::uint64_t end, double factor) noexcept {
  if (factor <= 1.0) return end;
  const auto until = start + static_cast<std::uint64_t>(static_cast<double>(end - start) * factor);
  while (end < until) end = ticks();
  return end;
}

/// The canary where a wait would feed back into the next message: its times are drawn out instead.
inline std::uint64_t scaled(std::uint64_t elapsed, double factor) noexcept {
  return factor <= 1.0 ? elapsed
                       : static_cast<std::uint64_t>(static_cast<double>(elapsed) * factor);
}

namespace detail {

// One thread, both ends. What a loop counts is in `tally`, which the loops keep in a local variable. Copied member
// by member and passed to functions that are always inlined, it stays in registers, for every arm alike; left
// to the compiler's measure it does so for one queue and not for another.
struct tally {
  tally() = default;
  tally(const tally& other) noexcept : sent(other.sent), reader(other.reader), ok(other.ok) {}
  tally& operator=(const tally& other) noexcept {
    sent = other.sent;
    reader = other.reader;
    ok = other.ok;
    return *this;
  }

  std::uint64_t sent = 0;
  solo_judge reader;
  bool ok = true;
};

template <class Q>
struct solo {
  solo() : box(std::make_unique<Q>()), sender(*box), consumer(*box) {}

  [[gnu::always_inline]] void push(tally& now, std::uint64_t stamp = 0) {
    now.ok &= sender.try_push(message(0, now.sent++, stamp));
  }
  [[gnu::always_inline]] std::uint32_t pop(tally& now, std::uint32_t max) {
    return consumer.try_pop(max, [&now](const message& seen) { now.reader.see(seen); });
  }
  void fill(tally& all, std::uint32_t count) {
    tally now = all;
    for (std::uint32_t i = 0; i < count; ++i) push(now);
    all = now;
  }
  void drain(tally& all, std::uint32_t count, std::uint32_t batch) {
    tally now = all;
    for (std::uint32_t left = count; left > 0 && now.ok;) {
      const std::uint32_t got = pop(now, std::min(batch, left));
      now.ok &= got != 0;
      left -= got;
    }
    all = now;
  }
  [[nodiscard]] static std::string fault(const tally& all) {
    if (!all.ok) return "a message was refused with room left, or was not there to take";
    return all.reader.fault(all.sent);
  }

  std::unique_ptr<Q> box;
  typename Q::sender sender;
  typename Q::consumer consumer;
};

// The bursts of a round.
class stopwatch {
 public:
  explicit stopwatch(const round_plan& plan) : plan_(plan) {
    bursts_.reserve(plan.operations / field_capacity);
  }
  void burst(std::uint64_t start, std::uint64_t end) {
    bursts_.push_back(slowed(start, end, plan_.slow_down) - start);
    if (plan_.bursts != nullptr) plan_.bursts->record(bursts_.back());
  }
  [[nodiscard]] std::uint64_t operations() const noexcept {
    return bursts_.size() * field_capacity;
  }
  [[nodiscard]] round_result result(std::string fault) {
    round_result all;
    all.operations = operations();
    all.fault = std::move(fault);
    for (const std::uint64_t burst : bursts_) all.ns += plan_.clock.ns(0, burst);
    if (bursts_.empty()) return all;
    const auto middle = bursts_.begin() + static_cast<std::ptrdiff_t>(bursts_.size() / 2);
    std::nth_element(bursts_.begin(), middle, bursts_.end());
    all.middle_ns = plan_.clock.ns(0, *middle) / field_capacity;
    return all;
  }

 private:
  const round_plan& plan_;
  std::vector<std::uint64_t> bursts_;
};

// Fills and drains; times one of the two halves.
template <class Q>
round_result burst_round(const round_plan& plan, bool time_the_drain) {
  (void)pin_to(plan.on.consumer);
  solo<Q> run;
  tally all;
  for (int lap = 0; lap < 3; ++lap) {
    run.fill(all, field_capacity);
    run.drain(all, field_capacity, plan.batch);
  }
  stopwatch watch(plan);
  while (all.ok && watch.operations() < plan.operations) {
    const std::uint64_t start = ticks();
    run.fill(all, field_capacity);
    const std::uint64_t filled = ticks();
    if (!time_the_drain) watch.burst(start, filled);
    const std::uint64_t full = ticks();
    run.drain(all, field_capacity, plan.batch);
    if (time_the_drain) watch.burst(full, ticks());
  }
  return watch.result(run.fault(all));
}

}  // namespace detail

template <class Q>
round_result enqueue_round(const round_plan& plan) {
  return detail::burst_round<Q>(plan, false);
}

template <class Q>
round_result dequeue_round(const round_plan& plan) {
  return detail::burst_round<Q>(plan, true);
}

template <class Q>
round_result pair_round(const round_plan& plan) {
  (void)pin_to(plan.on.consumer);
  detail::solo<Q> run;
  detail::tally all;
  const auto pairs = [&](std::uint64_t count) {
    detail::tally now = all;
    for (std::uint64_t i = 0; i < count; ++i) {
      run.push(now);
      now.ok &= run.pop(now, 1) == 1;
    }
    all = now;
  };
  pairs(3 * field_capacity);
  detail::stopwatch watch(plan);
  while (all.ok && watch.operations() < plan.operations) {
    const std::uint64_t start = ticks();
    pairs(field_capacity);
    watch.burst(start, ticks());
  }
  return watch.result(run.fault(all));
}

// One clock read a message: its arrival is the next one's departure.
template <class Q>
round_result sojourn_round(const round_plan& plan) {
  (void)pin_to(plan.on.consumer);
  detail::solo<Q> run;
  detail::tally all;
  run.fill(all, field_capacity);
  run.drain(all, field_capacity, 1);
  for (std::uint32_t i = 0; i < plan.batch; ++i) run.push(all, ticks());
  const auto pass = [&](bool keep) {
    std::uint64_t stamp = 0;
    all.ok &= run.consumer.try_pop(1, [&](const message& seen) {
      all.reader.see(seen);
      stamp = seen.stamp();
    }) == 1;
    const std::uint64_t now = ticks();
    if (keep && plan.latencies != nullptr)
      plan.latencies->record(scaled(now - stamp, plan.slow_down));
    run.push(all, now);
  };
  for (std::uint32_t i = 0; i < 2 * plan.batch; ++i) pass(false);
  const std::uint64_t start = ticks();
  for (std::uint64_t i = 0; i < plan.operations && all.ok; ++i) pass(true);
  const std::uint64_t end = ticks();
  run.drain(all, plan.batch, 1);
  return {.ns = plan.clock.ns(start, end),
          .operations = plan.operations,
          .middle_ns = 0.0,
          .sender_late_ns = 0.0,
          .fault = run.fault(all)};
}

template <class Q>
round_result transfer_round(const round_plan& plan) {
  (void)pin_to(plan.on.consumer);
  const auto box = std::make_unique<Q>();
  const std::uint64_t each = plan.operations / plan.senders;
  const std::uint64_t warm_each = field_capacity;  // outside the clock
  std::atomic<unsigned> ready{0};
  std::atomic<bool> go{false};
  std::vector<std::thread> threads;
  threads.reserve(plan.senders);
  for (unsigned index = 0; index < plan.senders; ++index) {
    threads.emplace_back([&, index] {
      (void)pin_to(plan.on.sender(index));
      typename Q::sender sender(*box);
      patience wait(plan.where);
      const auto send = [&](std::uint64_t from, std::uint64_t to) {
        for (std::uint64_t sequence = from; sequence < to; ++sequence) {
          while (!sender.try_push(message(index, sequence, 0))) wait.failed();
          wait.reset();
        }
      };
      send(0, warm_each);
      ready.fetch_add(1, std::memory_order::acq_rel);
      while (!go.load(std::memory_order::acquire)) wait.failed();
      send(warm_each, warm_each + each);
    });
  }
  typename Q::consumer consumer(*box);
  judge reader;
  patience wait(plan.where);
  const auto receive = [&](std::uint64_t until) {
    while (reader.count() < until) {
      const std::uint64_t left = until - reader.count();
      const auto max = static_cast<std::uint32_t>(std::min<std::uint64_t>(plan.batch, left));
      if (consumer.try_pop(max, [&](const message& seen) { reader.see(seen); }) == 0) {
        wait.failed();
      } else {
        wait.reset();
      }
    }
  };
  const std::uint64_t warm = warm_each * plan.senders;
  receive(warm);
  while (ready.load(std::memory_order::acquire) < plan.senders) wait.failed();
  const std::uint64_t start = ticks();
  go.store(true, std::memory_order::release);
  const std::uint64_t last = warm + each * plan.senders;
  for (std::uint64_t until = warm, before = start; until < last;) {
    until = std::min<std::uint64_t>(until + field_capacity, last);
    receive(until);
    const std::uint64_t now = ticks();
    if (plan.bursts != nullptr) plan.bursts->record(now - before);
    before = now;
  }
  const std::uint64_t end = slowed(start, ticks(), plan.slow_down);
  for (std::thread& thread : threads) thread.join();
  return {.ns = plan.clock.ns(start, end),
          .operations = each * plan.senders,
          .middle_ns = 0.0,
          .sender_late_ns = 0.0,
          .fault = reader.fault(plan.senders, warm_each + each)};
}

// The timetable is fixed before the first send. A send that is late is not skipped, and its
// lateness is part of its latency.
template <class Q>
round_result open_loop_round(const round_plan& plan) {
  (void)pin_to(plan.on.consumer);
  const auto box = std::make_unique<Q>();
  const std::uint64_t warm = 64;
  const std::uint64_t all = warm + plan.operations;
  std::vector<std::uint64_t> offsets(all);
  std::uint64_t state = plan.seed;
  double at_ns = 0.0;
  for (std::uint64_t& offset : offsets) {
    double gap = plan.period_ns;
    if (plan.poisson) {  // splitmix64, then the exponential by inversion
      std::uint64_t z = (state += 0x9e3779b97f4a7c15u);
      z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
      z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
      z ^= z >> 31;
      gap *= -std::log((static_cast<double>(z >> 11) + 1.0) * 0x1.0p-53);
    }
    at_ns += gap;
    offset = plan.clock.ticks_of(at_ns);
  }
  std::vector<std::uint64_t> sent_at(all);
  const std::uint64_t start = ticks() + plan.clock.ticks_of(1e6);
  std::thread sending([&] {
    (void)pin_to(plan.on.sender(0));
    typename Q::sender sender(*box);
    for (std::uint64_t i = 0; i < all; ++i) {
      const std::uint64_t intended = start + offsets[i];
      while (ticks() < intended) {
#if defined(__x86_64__)
        __builtin_ia32_pause();
#endif
      }
      sent_at[i] = ticks();
      while (!sender.try_push(message(0, i, intended))) std::this_thread::yield();
    }
  });
  typename Q::consumer consumer(*box);
  judge reader;
  std::vector<std::uint64_t> handled_at(all);
  while (reader.count() < all) {
    consumer.wait_pop([&](const message& seen) {
      const std::uint64_t index = reader.count();
      reader.see(seen);
      handled_at[index] = ticks();
    });
  }
  sending.join();
  round_result result;
  histogram late;
  for (std::uint64_t i = warm; i < all; ++i) {
    const std::uint64_t intended = start + offsets[i];
    late.record(sent_at[i] - intended);
    if (plan.latencies != nullptr) {
      plan.latencies->record(scaled(handled_at[i] - intended, plan.slow_down));
    }
    if (plan.service != nullptr)
      plan.service->record(handled_at[i] - std::min(sent_at[i], handled_at[i]));
  }
  result.ns = plan.clock.ns(start + offsets[warm], handled_at[all - 1]);
  result.operations = plan.operations;
  result.sender_late_ns = plan.clock.ns(0, late.percentile(95));
  result.fault = reader.fault(1, all);
  return result;
}

/// The rounds that an adapter can run.
template <class Q>
contender make_contender(std::string name, role what, bool bounded) {
  contender entry{.name = std::move(name),
                  .role = what,
                  .bounded = bounded,
                  .senders_max = Q::senders_max,
                  .rounds = {}};
  const auto place = [&](workload work, round run) {
    entry.rounds[static_cast<std::size_t>(work)] = run;
  };
  if constexpr (!Q::only_waits) {
    place(workload::enqueue, &enqueue_round<Q>);
    place(workload::dequeue, &dequeue_round<Q>);
    place(workload::pair, &pair_round<Q>);
    place(workload::sojourn, &sojourn_round<Q>);
    place(workload::transfer, &transfer_round<Q>);
  }
  if constexpr (requires(typename Q::consumer consumer, void (*visit)(const message&)) {
                  consumer.wait_pop(visit);
                }) {
    place(workload::open_loop, &open_loop_round<Q>);
  }
  return entry;
}

}  // namespace jacquard::bench
