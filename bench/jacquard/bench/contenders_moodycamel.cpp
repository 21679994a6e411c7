// moodycamel::ConcurrentQueue, with and without tokens, and its blocking form. Unbounded.
#include <concurrentqueue/blockingconcurrentqueue.h>
#include <concurrentqueue/concurrentqueue.h>

#include <jacquard/bench/rounds.hpp>

namespace jacquard::bench {

namespace {

using queue_type = moodycamel::ConcurrentQueue<message>;

template <bool Tokens>
struct moodycamel_adapter {
  static constexpr unsigned senders_max = bench::senders_max;
  static constexpr bool only_waits = false;
  struct nothing {
    explicit nothing(queue_type&) {}
  };

  struct sender {
    explicit sender(moodycamel_adapter& a) : queue(a.queue), token(a.queue) {}
    [[gnu::always_inline]] bool try_push(message&& m) {
      if constexpr (Tokens) {
        return queue.enqueue(token, m);
      } else {
        return queue.enqueue(m);
      }
    }
    queue_type& queue;
    [[no_unique_address]] std::conditional_t<Tokens, moodycamel::ProducerToken, nothing> token;
  };
  struct consumer {
    explicit consumer(moodycamel_adapter& a) : queue(a.queue), token(a.queue) {}
    template <class F>
    [[gnu::always_inline]] std::uint32_t try_pop(std::uint32_t max, F&& visit) {
      if (max == 1) {
        message m;
        bool got = false;
        if constexpr (Tokens) {
          got = queue.try_dequeue(token, m);
        } else {
          got = queue.try_dequeue(m);
        }
        if (got) visit(m);
        return got ? 1 : 0;
      }
      std::array<message, 64> taken;
      const std::size_t room = std::min<std::size_t>(max, taken.size());
      std::size_t got = 0;
      if constexpr (Tokens) {
        got = queue.try_dequeue_bulk(token, taken.data(), room);
      } else {
        got = queue.try_dequeue_bulk(taken.data(), room);
      }
      for (std::size_t i = 0; i < got; ++i) visit(taken[i]);
      return static_cast<std::uint32_t>(got);
    }
    queue_type& queue;
    [[no_unique_address]] std::conditional_t<Tokens, moodycamel::ConsumerToken, nothing> token;
  };
  queue_type queue{2 * field_capacity};
};

struct blocking_adapter {
  static constexpr unsigned senders_max = bench::senders_max;
  static constexpr bool only_waits = true;
  using blocking_queue = moodycamel::BlockingConcurrentQueue<message>;

  struct sender {
    explicit sender(blocking_adapter& a) : queue(a.queue), token(a.queue) {}
    [[gnu::always_inline]] bool try_push(message&& m) { return queue.enqueue(token, m); }
    blocking_queue& queue;
    moodycamel::ProducerToken token;
  };
  struct consumer {
    explicit consumer(blocking_adapter& a) : queue(a.queue), token(a.queue) {}
    template <class F>
    void wait_pop(F&& visit) {
      std::array<message, 64> taken;
      const std::size_t got = queue.wait_dequeue_bulk(token, taken.data(), taken.size());
      for (std::size_t i = 0; i < got; ++i) visit(taken[i]);
    }
    blocking_queue& queue;
    moodycamel::ConsumerToken token;
  };
  blocking_queue queue{2 * field_capacity};
};

}  // namespace

std::vector<contender> moodycamel_contenders() {
  return {make_contender<moodycamel_adapter<true>>("moodycamel_token", role::peer, false),
          make_contender<moodycamel_adapter<false>>("moodycamel", role::peer, false),
          make_contender<blocking_adapter>("moodycamel_blocking", role::peer, false)};
}

}  // namespace jacquard::bench
