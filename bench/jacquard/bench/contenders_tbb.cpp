// oneTBB: concurrent_queue (unbounded) and concurrent_bounded_queue.
#include <oneapi/tbb/concurrent_queue.h>

#include <jacquard/bench/rounds.hpp>

namespace jacquard::bench {

namespace {

template <class Queue, bool Bounded>
struct tbb_adapter {
  static constexpr unsigned senders_max = bench::senders_max;
  static constexpr bool only_waits = false;

  tbb_adapter() {
    if constexpr (Bounded) queue.set_capacity(field_capacity);
  }

  struct sender {
    explicit sender(tbb_adapter& a) : queue(a.queue) {}
    [[gnu::always_inline]] bool try_push(message&& m) {
      if constexpr (Bounded) {
        return queue.try_push(m);
      } else {
        queue.push(m);
        return true;
      }
    }
    Queue& queue;
  };
  struct tries {
    explicit tries(tbb_adapter& a) : queue(a.queue) {}
    template <class F>
    [[gnu::always_inline]] std::uint32_t try_pop(std::uint32_t max, F&& visit) {
      std::uint32_t got = 0;
      for (message m; got < max && queue.try_pop(m); ++got) visit(m);
      return got;
    }
    Queue& queue;
  };
  struct waits : tries {
    using tries::tries;
    template <class F>
    void wait_pop(F&& visit) {
      message m;
      this->queue.pop(m);
      visit(m);
    }
  };
  using consumer = std::conditional_t<Bounded, waits, tries>;
  Queue queue;
};

}  // namespace

std::vector<contender> tbb_contenders() {
  using oneapi::tbb::concurrent_bounded_queue;
  using oneapi::tbb::concurrent_queue;
  return {make_contender<tbb_adapter<concurrent_bounded_queue<message>, true>>("tbb_bounded_queue",
                                                                               role::peer, true),
          make_contender<tbb_adapter<concurrent_queue<message>, false>>("tbb_queue", role::peer,
                                                                        false)};
}

}  // namespace jacquard::bench
