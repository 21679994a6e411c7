// jacquard/model/asymmetric.hpp: a policy whose light fences order nothing but beside heavy ones.
//
// The engines' own fence_light and fence_heavy are sequentially consistent fences: a light one then also orders beside
// another light one, and is a release and an acquire fence, which the ones that ship are not. `asymmetric<S>` promises
// no more than sync/policy.hpp does. There is a word for each thread (an engine numbers
// them in a row): a light fence updates its own thread's, a heavy
// one all of them. Updates of one word come one after the other, and the later one knows all that the earlier one
// knew; so one of a pair of fences is the later one, unless both are light: they touch different words.
//
// What it does not see: data that travels by the fences alone, without a read. An update carries it, a pair of fences
// does not. The engines' own see that, so a check belongs under both.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <source_location>

#include <jacquard/sync/policy.hpp>

namespace jacquard::model {

/// `S` is an engine that searches, Relacy or the explorer; a check of `Threads` threads.
template <sync::policy S, unsigned Threads>
struct asymmetric : S {
  using here = std::source_location;

  /// The words of one execution. While one lives, the fences of this thread's executions use it.
  class sides {
   public:
    sides() { present_ = this; }
    ~sides() { present_ = nullptr; }
    sides(const sides&) = delete;
    sides& operator=(const sides&) = delete;

   private:
    friend struct asymmetric;
    std::array<typename S::template atomic<std::uint32_t>, Threads> words_{};
  };

  static void fence_light(here at = here::current()) { update(S::this_thread() % Threads, at); }
  static void fence_heavy(here at = here::current()) {
    for (std::size_t each = 0; each < Threads; ++each) update(each, at);
  }

 private:
  static void update(std::size_t which, here at) {
    present_->words_[which].fetch_add(1, std::memory_order::acq_rel, at);
  }

  // A search in several threads runs one execution at a time in each.
  inline static thread_local sides* present_ = nullptr;
};

/// `Check`, which is over `asymmetric<S, thread_count>`, with the words that its fences need.
template <class Check, sync::policy S>
class with_asymmetric_fences {
 public:
  static constexpr unsigned thread_count = Check::thread_count;

  void thread(unsigned index) { check_.thread(index); }
  void after() {
    if constexpr (requires { check_.after(); }) check_.after();
  }

 private:
  typename asymmetric<S, thread_count>::sides sides_;
  Check check_;
};

}  // namespace jacquard::model
