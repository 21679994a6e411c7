// ops/mailbox_ops.hpp: one audited operation for every public member of a mailbox, for any kind of it.
//
// An operation is one message (or one refusal, or one look). A message that is sent is also received, so
// that the mailbox never fills; both halves must cost nothing, so their sum says enough.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <thread>
#include <utility>

#include <jacquard/mailbox/mailbox.hpp>
#include <jacquard/sync/native.hpp>

#include "ops/op.hpp"

namespace jacquard::audit {

/// 64 bytes, the size that the benchmarks send.
struct letter {
  std::uint64_t number = 0;
  std::array<std::uint64_t, 7> rest{};
};

struct control_letter {
  std::uint64_t number = 0;
};

template <class... F>
struct visitors : F... {
  using F::operator()...;
};
template <class... F>
visitors(F...) -> visitors<F...>;

/// The operations of `Box`. `Capacity` is what its options say (`unbounded` for one that never refuses).
template <class Box, std::uint32_t Capacity>
class mailbox_ops {
 public:
  static void add(const std::string& kind) {
    const auto one = [&kind](const char* name, std::uint64_t (*run)(std::uint64_t)) {
      ops().push_back({.name = kind + '.' + name, .run = run});
    };
    one("construct", construct);
    one("close", close);
    one("close_again", close_again);
    one("send", send);
    one("send_until", send_until);
    one("try_send", try_send);
    one("receive_1", receive_by<1>);
    one("receive_64", receive_by<64>);
    one("send_control", send_control);
    one("refused_closed", refused_closed);
    one("refused_too_large", refused_too_large);
    one("wait_receive", wait_receive);
    one("wait_receive_timeout", wait_receive_timeout);
    one("try_idle", try_idle);
    one("counters", counters);
    if constexpr (Capacity == unbounded) {
      one("burst", burst);
    } else {
      one("refused_busy", refused_busy);
      one("refused_would_deadlock", refused_would_deadlock);
      one("drop_newest", drop_newest);
      one("block", block);
      one("block_deadline", block_deadline);
      if (Box::problem({.capacity = Capacity, .overflow = overflow::drop_oldest}) == nullptr) {
        one("drop_oldest", drop_oldest);
      }
    }
  }

 private:
  using options = typename Box::options_type;
  using sync_native = sync::native;

  // What the options say is a shard's, where there are shards.
  static constexpr std::uint32_t capacity_in_all = [] {
    if constexpr (requires { Box::shards; }) return Capacity * Box::shards;
    return Capacity;
  }();

  static options plain() { return {.capacity = Capacity}; }

  static sync::deadline far() { return sync_native::after(std::chrono::minutes(5)); }

  static receipt take(Box& box, std::uint32_t limit, std::uint64_t& sum) {
    return box.receive(limit, visitors{[&sum](letter&& got) { sum += got.number + 1; },
                                       [&sum](control_letter&& got) { sum += got.number + 1; }});
  }

  static void accept(send_result result) {
    must(result == send_result::accepted, "the message is accepted");
  }
  static void expect(send_result result, send_result wanted) {
    must(result == wanted, to_string(wanted));
  }

  static void fill(Box& box, std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; ++i) accept(box.try_send(letter{.number = i}));
  }

  // Repeats `body` until n operations are done. `body` returns how many it did.
  template <class Body>
  static std::uint64_t repeat(std::uint64_t n, Body&& body) {
    std::uint64_t done = 0;
    while (done < n) done += body();
    return done;
  }

  static std::uint64_t construct(std::uint64_t n) {
    return repeat(n, [] {
      Box box(plain());
      must(!box.is_closed(), "a new mailbox is open");
      return 1u;
    });
  }

  // A mailbox closes once, so each operation brings its own: judged against `construct`.
  static std::uint64_t close(std::uint64_t n) {
    return repeat(n, [] {
      Box box(plain());
      must(box.close(), "the first close closes");
      return 1u;
    });
  }

  static std::uint64_t close_again(std::uint64_t n) {
    Box box(plain());
    must(box.close(), "the first close closes");
    return repeat(n, [&] {
      must(!box.close(), "the second close is told so");
      return 1u;
    });
  }

  static std::uint64_t send(std::uint64_t n) {
    Box box(plain());
    std::uint64_t sum = 0;
    return repeat(n, [&] {
      accept(box.send(letter{}));
      return take(box, 1, sum).messages;
    });
  }

  static std::uint64_t send_until(std::uint64_t n) {
    Box box(plain());
    std::uint64_t sum = 0;
    const sync::deadline until = far();
    return repeat(n, [&] {
      accept(box.send(letter{}, until));
      return take(box, 1, sum).messages;
    });
  }

  static std::uint64_t try_send(std::uint64_t n) {
    Box box(plain());
    std::uint64_t sum = 0;
    return repeat(n, [&] {
      accept(box.try_send(letter{}));
      return take(box, 1, sum).messages;
    });
  }

  template <std::uint32_t Limit>
  static std::uint64_t receive_by(std::uint64_t n) {
    Box box(plain());
    std::uint64_t sum = 0;
    return repeat(n, [&] {
      fill(box, 64);
      std::uint64_t got = 0;
      while (got < 64) got += take(box, Limit, sum).messages;
      return got;
    });
  }

  static std::uint64_t send_control(std::uint64_t n) {
    Box box(plain());
    std::uint64_t sum = 0;
    return repeat(n, [&] {
      accept(box.send_control(control_letter{}));
      return take(box, 1, sum).control;
    });
  }

  static std::uint64_t refused_closed(std::uint64_t n) {
    Box box(plain());
    must(box.close(), "the first close closes");
    return repeat(n, [&] {
      expect(box.send(letter{}), send_result::closed);
      expect(box.send_control(control_letter{}), send_result::closed);
      return 1u;
    });
  }

  static std::uint64_t refused_too_large(std::uint64_t n) {
    Box box({.capacity = Capacity, .payload_bytes_max = sizeof(letter) - 1});
    return repeat(n, [&] {
      expect(box.send(letter{}), send_result::too_large);
      return 1u;
    });
  }

  static std::uint64_t refused_busy(std::uint64_t n) {
    Box box(plain());
    fill(box, Capacity);
    return repeat(n, [&] {
      expect(box.send(letter{}), send_result::busy);
      return 1u;
    });
  }

  static std::uint64_t refused_would_deadlock(std::uint64_t n) {
    Box box({.capacity = 1, .overflow = overflow::block});
    return repeat(n, [&] {
      if (box.size() == 0) accept(box.send(letter{}));
      std::uint64_t refused = 0;
      const auto answer = [&](letter&&) {
        // Whether the place of the message in hand is free already is the mailbox's own affair.
        send_result result = box.send(letter{});
        if (result == send_result::accepted) result = box.send(letter{});
        expect(result, send_result::would_deadlock);
        ++refused;
      };
      (void)box.receive(1, visitors{answer, [](control_letter&&) {}});
      return refused;
    });
  }

  static std::uint64_t drop_newest(std::uint64_t n) {
    Box box({.capacity = Capacity, .overflow = overflow::drop_newest});
    fill(box, Capacity);
    return repeat(n, [&] {
      expect(box.send(letter{}), send_result::dropped);
      return 1u;
    });
  }

  static std::uint64_t drop_oldest(std::uint64_t n) {
    Box box({.capacity = Capacity, .overflow = overflow::drop_oldest});
    fill(box, Capacity);
    return repeat(n, [&] {
      accept(box.send(letter{}));
      return 1u;
    });
  }

  // One sender, often blocked for room; one consumer thread.
  static std::uint64_t block(std::uint64_t n) {
    Box box({.capacity = 1, .overflow = overflow::block});
    std::uint64_t received = 0;
    std::thread consumer([&box, &received] {
      std::uint64_t sum = 0;
      for (;;) {
        const receipt got = box.wait_receive(
            1, visitors{[&sum](letter&& l) { sum += l.number; }, [](control_letter&&) {}});
        if (got.finished) return;
        received += got.messages;
      }
    });
    for (std::uint64_t i = 0; i < n; ++i) accept(box.send(letter{.number = i}, far()));
    must(box.close(), "the first close closes");
    consumer.join();
    return received;
  }

  static std::uint64_t block_deadline(std::uint64_t n) {
    Box box({.capacity = 1, .overflow = overflow::block});
    fill(box, 1);
    return repeat(n, [&] {
      expect(box.send(letter{}, sync_native::after(std::chrono::nanoseconds(0))),
             send_result::deadline);
      return 1u;
    });
  }

  // Two mailboxes, two threads, one message to and fro: each side parks for nearly every message.
  static std::uint64_t wait_receive(std::uint64_t n) {
    Box there(plain());
    Box back(plain());
    std::thread echo([&] {
      for (;;) {
        const receipt got =
            there.wait_receive(1, visitors{[&back](letter&& l) { accept(back.send(std::move(l))); },
                                           [](control_letter&&) {}});
        if (got.finished) return;
      }
    });
    std::uint64_t sum = 0;
    const std::uint64_t done = repeat(n, [&] {
      accept(there.send(letter{}));
      return back
          .wait_receive(
              1, visitors{[&sum](letter&& l) { sum += l.number; }, [](control_letter&&) {}}, far())
          .messages;
    });
    must(there.close(), "the first close closes");
    echo.join();
    return done;
  }

  static std::uint64_t wait_receive_timeout(std::uint64_t n) {
    Box box(plain());
    return repeat(n, [&] {
      const receipt got = box.wait_receive(1, visitors{[](letter&&) {}, [](control_letter&&) {}},
                                           sync_native::after(std::chrono::nanoseconds(0)));
      must(got.timed_out, "nothing came by the deadline");
      return 1u;
    });
  }

  // As a scheduler runs it: the hook starts the consumer, which gives the mailbox up again.
  static std::uint64_t try_idle(std::uint64_t n) {
    std::uint64_t scheduled = 0;
    options with_hook = plain();
    with_hook.schedule = {.call = [](void* who) noexcept { ++*static_cast<std::uint64_t*>(who); },
                          .who = &scheduled};
    Box box(with_hook);
    std::uint64_t sum = 0;
    const std::uint64_t done = repeat(n, [&] {
      accept(box.send(letter{}));
      const std::uint64_t got = take(box, 64, sum).messages;
      must(box.try_idle() == idle_result::idle, "an empty mailbox goes idle");
      return got;
    });
    must(scheduled == done, "each message found the mailbox idle and scheduled it once");
    return done;
  }

  static std::uint64_t counters(std::uint64_t n) {
    Box box(plain());
    fill(box, 1);
    return repeat(n, [&] {
      must(box.counters().undelivered == 1 && box.size() == 1 && box.capacity() == capacity_in_all,
           "the counters say what waits");
      return 1u;
    });
  }

  // Fills and drains: the memory of a burst is used again by the next.
  static std::uint64_t burst(std::uint64_t n) {
    Box box(plain());
    std::uint64_t sum = 0;
    return repeat(n, [&] {
      fill(box, 1024);
      std::uint64_t got = 0;
      while (got < 1024) got += take(box, 64, sum).messages;
      return got;
    });
  }
};

}  // namespace jacquard::audit
