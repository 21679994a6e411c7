// jacquard/actor/census.hpp: how many are alive, counted where they begin and end: each worker has a line of its own, so
// that a spawn and an end touch no word that others write. Only who waits for none to be alive pays for the sum.
//
// Shape       places_   for each worker, and one for all other threads: how many began and ended there
//             empty_    who waits for none to be alive
// Invariants  I1  `is_empty` is true only where everyone whose beginning the caller knows of has ended.
//             I2  Who waits until it is empty is woken by whoever ends last.
//             Whoever begins another is alive itself, or is a thread that nobody waits for.
// Ordering    E1  ended -> is_empty   what the one that ended did, and whom it began: the ends are read first, so that
//                 the beginnings of all that they know of are seen after.
//             (Between two that end at once, and between them and who waits: event_count's E1.)
// Progress    began and ended are wait-free; a wait blocks.
// Allocation  when constructed.
// Checked by  model_checks: census (I1, I2, E1), seeded bug sums_beginnings_first; actor_system.test.cpp.
#pragma once

#include <atomic>
#include <cstdint>
#include <new>

#include <jacquard/queue/event_count.hpp>
#include <jacquard/sync/native.hpp>
#include <jacquard/sync/policy.hpp>

namespace jacquard {

template <sync::policy Sync = sync::native>
class basic_census {
 public:
  /// Places 0 to `workers` - 1 are each written by one thread at a time; place `workers` by any. Throws std::bad_alloc.
  explicit basic_census(std::uint32_t workers)
      : workers_(workers), places_(Sync::template create_array<place>(workers + 1)) {
    if (places_ == nullptr) throw std::bad_alloc();
  }
  ~basic_census() { Sync::destroy_array(places_, workers_ + 1); }
  basic_census(const basic_census&) = delete;
  basic_census& operator=(const basic_census&) = delete;

  /// Before anybody else can know of who begins.
  void began(std::uint32_t at) noexcept {
    count& here = places_[at].began;
    if (at == workers_) {
      here.fetch_add(1, std::memory_order::relaxed);  // whatever tells of it orders it
    } else {
      here.store(here.load(std::memory_order::relaxed) + 1,  // one writer
                 std::memory_order::relaxed);                // whatever tells of it orders it
    }
  }
  /// The last act of who ends.
  void ended(std::uint32_t at) noexcept {
    count& here = places_[at].ended;
    if (at == workers_) {
      here.fetch_add(1, std::memory_order::release);  // E1 release
    } else {
      here.store(here.load(std::memory_order::relaxed) + 1,  // one writer
                 std::memory_order::release);                // E1 release
    }
    if (empty_.has_waiters() && is_empty()) empty_.notify_all();
  }

  [[nodiscard]] std::uint64_t ended_count() const noexcept {
    std::uint64_t sum = 0;
    for (std::uint32_t i = 0; i <= workers_; ++i)
      sum += places_[i].ended.load(std::memory_order::acquire);  // E1 acquire
    return sum;
  }
  [[nodiscard]] std::uint64_t began_count() const noexcept {
    std::uint64_t sum = 0;
    for (std::uint32_t i = 0; i <= workers_; ++i)
      sum += places_[i].began.load(std::memory_order::relaxed);  // E1 orders it after the ends
    return sum;
  }
  /// A moment's figure; never less than there are.
  [[nodiscard]] std::uint64_t alive() const noexcept {
    const std::uint64_t gone = ended_count();  // first: E1
    return began_count() - gone;
  }
  [[nodiscard]] bool is_empty() const noexcept { return alive() == 0; }

  /// False at the deadline.
  bool wait_until_empty(sync::deadline until = sync::deadline::never()) {
    for (bool in_time = true; in_time;) {
      const auto registered = empty_.prepare();
      if (is_empty()) {
        empty_.cancel();
        return true;
      }
      in_time = empty_.wait(registered, until);
    }
    return is_empty();
  }

 private:
  using count = sync::atomic<Sync, std::uint64_t>;
  struct alignas(64) place {
    count began{0};
    count ended{0};
  };

  const std::uint32_t workers_;
  place* const places_;
  basic_event_count<Sync> empty_;
};

using census = basic_census<>;

}  // namespace jacquard
