// Boost.Lockfree: the multi-sender queue, and the single-sender ring for reference.
#include <boost/lockfree/queue.hpp>
#include <boost/lockfree/spsc_queue.hpp>

#include <jacquard/bench/rounds.hpp>

namespace jacquard::bench {

namespace {

template <class Queue, unsigned Senders>
struct boost_adapter {
  static constexpr unsigned senders_max = Senders;
  static constexpr bool only_waits = false;
  static constexpr bool has_bulk = Senders == 1;

  struct sender {
    explicit sender(boost_adapter& a) : queue(a.queue) {}
    [[gnu::always_inline]] bool try_push(message&& m) { return queue.push(m); }
    Queue& queue;
  };
  struct consumer {
    explicit consumer(boost_adapter& a) : queue(a.queue) {}
    template <class F>
    [[gnu::always_inline]] std::uint32_t try_pop(std::uint32_t max, F&& visit) {
      if constexpr (has_bulk) {
        if (max > 1) {
          std::array<message, 64> taken;
          const std::size_t got = queue.pop(taken.data(), std::min<std::size_t>(max, taken.size()));
          for (std::size_t i = 0; i < got; ++i) visit(taken[i]);
          return static_cast<std::uint32_t>(got);
        }
      }
      std::uint32_t got = 0;
      for (message m; got < max && queue.pop(m); ++got) visit(m);
      return got;
    }
    Queue& queue;
  };
  Queue queue;
};

using many = boost::lockfree::queue<message, boost::lockfree::capacity<field_capacity>>;
using single = boost::lockfree::spsc_queue<message, boost::lockfree::capacity<field_capacity>>;

}  // namespace

std::vector<contender> boost_contenders() {
  return {make_contender<boost_adapter<many, bench::senders_max>>("boost_queue", role::peer, true),
          make_contender<boost_adapter<single, 1>>("boost_spsc", role::peer, true)};
}

}  // namespace jacquard::bench
