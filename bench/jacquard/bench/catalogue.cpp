#include <jacquard/bench/catalogue.hpp>

namespace jacquard::bench {

const std::vector<benchmark>& catalogue() {
  static const std::vector<benchmark> all = [] {
    std::vector<benchmark> list = {
        {.name = "bench_enqueue_64b",
         .about = "fill an empty queue with 512 messages",
         .work = workload::enqueue,
         .batch = 64},
        {.name = "bench_dequeue",
         .about = "drain 512 waiting messages, one a call",
         .work = workload::dequeue},
        {.name = "bench_pair_64b",
         .about = "enqueue one, dequeue one, uncontended",
         .work = workload::pair},
    };
    for (const std::uint32_t batch : {1u, 2u, 4u, 8u, 16u, 32u, 64u}) {
      list.push_back(
          {.name = "bench_mailbox_batch/" + std::to_string(batch),
           .about = "drain 512 waiting messages, up to " + std::to_string(batch) + " a call",
           .work = workload::dequeue,
           .batch = batch});
    }
    list.push_back({.name = "bench_sojourn_64",
                    .about = "time in the queue with 64 messages waiting",
                    .work = workload::sojourn,
                    .batch = 64});
    for (const std::uint32_t batch : {1u, 64u}) {
      for (const unsigned senders : {1u, 2u, 4u}) {
        if (batch > 1 && senders > 2) continue;
        list.push_back({.name = "bench_transfer_" + std::to_string(senders) + "to1" +
                                (batch > 1 ? "_batch" + std::to_string(batch) : ""),
                        .about = std::to_string(senders) + " sending thread(s) to one consumer, " +
                                 std::to_string(batch) + " a call",
                        .work = workload::transfer,
                        .batch = batch,
                        .senders = senders});
      }
    }
    list.push_back({.name = "bench_open_loop_10k",
                    .about = "10,000 messages a second on a timetable, consumer parks",
                    .work = workload::open_loop});
    list.push_back({.name = "bench_open_loop_10k_poisson",
                    .about = "the same with exponential gaps",
                    .work = workload::open_loop,
                    .poisson = true});
    return list;
  }();
  return all;
}

}  // namespace jacquard::bench
