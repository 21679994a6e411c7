// jacquard/env/native_environment.hpp: threads, the steady clock, and a seeded choice.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>
#include <vector>

#include <jacquard/env/environment.hpp>

namespace jacquard {

/// The environment that ships. start_worker and join_workers are for one thread at a time.
class native_environment final : public environment {
 public:
  explicit native_environment(std::uint64_t seed = 1) : choices_(seed) {}
  ~native_environment() override { join(); }

  [[nodiscard]] std::int64_t now() noexcept override {
    return std::chrono::steady_clock::now().time_since_epoch().count();
  }

  [[nodiscard]] std::uint32_t pick(std::uint32_t count) noexcept override {
    // splitmix64 (Steele, Lea and Flood, OOPSLA 2014): the counter may be advanced by any thread.
    std::uint64_t z = choices_.fetch_add(0x9e37'79b9'7f4a'7c15u, std::memory_order::relaxed);
    z = (z ^ (z >> 30)) * 0xbf58'476d'1ce4'e5b9u;
    z = (z ^ (z >> 27)) * 0x94d0'49bb'1331'11ebu;
    z ^= z >> 31;
    return static_cast<std::uint32_t>(((z >> 32) * count) >> 32);
  }

  void start_worker(const worker_body& body) override { threads_.emplace_back(body.run, body.who); }
  void join_workers() override { join(); }

 private:
  void join() {
    for (std::thread& worker : threads_) worker.join();
    threads_.clear();
  }

  std::atomic<std::uint64_t> choices_;
  std::vector<std::thread> threads_;
};

}  // namespace jacquard
