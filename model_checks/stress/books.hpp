// stress/books.hpp: what every world keeps books on: parcels that travel in messages, and the threads that send them.
#pragma once

#include <stress/shaken_native.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include <jacquard/env/environment.hpp>
#include <jacquard/env/native_environment.hpp>

namespace jacquard::stress {

/// One run's parcels: how often each was handled, and how often it ended. Relaxed: the books order nothing.
class books {
 public:
  static constexpr std::uint32_t room = 1u << 13;

  [[nodiscard]] std::uint32_t open() noexcept {
    const std::uint32_t number = opened_.fetch_add(1, std::memory_order::relaxed);
    require(number < room, "the books have room for every parcel of a run");
    return number;
  }
  void handled(std::uint32_t number) noexcept {
    require(entries_[number].handled.fetch_add(1, std::memory_order::relaxed) == 0,
            "a message is handled at most once");
  }
  void ended(std::uint32_t number) noexcept {
    require(entries_[number].ended.fetch_add(1, std::memory_order::relaxed) == 0,
            "a message is destroyed once");
  }
  [[nodiscard]] bool was_handled(std::uint32_t number) const noexcept {
    return entries_[number].handled.load(std::memory_order::relaxed) != 0;
  }
  /// After the run.
  void close() const noexcept {
    for (std::uint32_t i = 0; i < opened_.load(std::memory_order::relaxed); ++i) {
      require(entries_[i].ended.load(std::memory_order::relaxed) == 1,
              "every message is destroyed, once");
    }
  }

 private:
  struct entry {
    std::atomic<std::uint8_t> handled{0}, ended{0};
  };
  std::atomic<std::uint32_t> opened_{0};
  std::unique_ptr<entry[]> entries_ = std::make_unique<entry[]>(room);
};

/// What a message carries. It hesitates where it is moved and where it ends: in the middle of a send, and of a take.
class parcel {
 public:
  explicit parcel(books& in) noexcept : in_(&in), number_(in.open()), content_(seal()) {}
  parcel(parcel&& other) noexcept
      : in_(std::exchange(other.in_, nullptr)), number_(other.number_), content_(other.content_) {
    shake();
  }
  parcel& operator=(parcel&& other) noexcept {
    if (this != &other) {
      end();
      in_ = std::exchange(other.in_, nullptr);
      number_ = other.number_;
      content_ = other.content_;
    }
    return *this;
  }
  /// A parcel of its own.
  parcel(const parcel& other) noexcept : in_(other.in_), number_(in_->open()), content_(seal()) {}
  ~parcel() { end(); }

  void handle() const noexcept {
    require(in_ != nullptr && content_ == seal(), "a message arrives whole");
    in_->handled(number_);
    shake();
  }
  [[nodiscard]] std::uint32_t number() const noexcept { return number_; }

 private:
  [[nodiscard]] std::uint64_t seal() const noexcept { return number_ * 0x9e3779b97f4a7c15u + 1; }
  void end() noexcept {
    if (in_ == nullptr) return;
    shake();
    in_->ended(number_);
    in_ = nullptr;
  }

  books* in_;
  std::uint32_t number_;
  std::uint64_t content_;  // plain memory: a sanitizer sees who reads it too early
};

/// The environment that ships, and workers that hesitate.
class shaken_environment final : public environment {
 public:
  explicit shaken_environment(std::uint64_t seed) : seed_(seed), inner_(seed) {}

  [[nodiscard]] std::int64_t now() noexcept override {
    shake();
    return inner_.now();
  }
  [[nodiscard]] std::uint32_t pick(std::uint32_t count) noexcept override {
    shake();
    return inner_.pick(count);
  }
  void start_worker(const worker_body& body) override {
    bodies_.push_back(std::make_unique<start>(start{seed_, body}));
    inner_.start_worker({.run = &begin, .turn = body.turn, .who = bodies_.back().get()});
  }
  void join_workers() override { inner_.join_workers(); }

 private:
  struct start {
    std::uint64_t seed;
    worker_body body;
  };
  static void begin(void* who) {
    const start& mine = *static_cast<start*>(who);
    begin_to_shake(mine.seed);
    mine.body.run(mine.body.who);
  }

  const std::uint64_t seed_;
  native_environment inner_;
  std::vector<std::unique_ptr<start>> bodies_;
};

/// Plain threads that hesitate. Joined at the end.
class crowd {
 public:
  explicit crowd(std::uint64_t seed) : seed_(seed) {}
  ~crowd() { join(); }
  template <class F>
  void add(F body) {
    threads_.emplace_back([this, body] {
      begin_to_shake(seed_);
      body();
    });
  }
  void join() {
    for (std::thread& each : threads_) each.join();
    threads_.clear();
  }

 private:
  const std::uint64_t seed_;
  std::vector<std::thread> threads_;
};

}  // namespace jacquard::stress
