// jacquard/memory/object_depot.hpp: objects of one type that are never destroyed while their depot lives: what is
// taken again is the object that was given, with what its owner left in it (a generation, say).
//
// Shape       free_    free objects in a row, behind one mutex; a magazine (slab.hpp) takes and gives
//                      `chain_length` of them at a time.
//             chunks_  chunk k holds base << k objects; where they have a second part, which is used more seldom, a
//                      second array holds these, so that the objects themselves lie dense.
// Invariants  I1  An object has one owner: a taker, a magazine, or the depot.
//             I2  An object lives until its depot is destroyed.
// Ordering    the mutex hands objects over: what the last owner did with one, its next owner sees.
// Progress    every call takes the mutex; behind a magazine that is one call in `chain_length`.
// Allocation  one chunk (with second parts: two arrays), twice the size of the last, when no object is free. None otherwise.
// Bounds      25 chunks.
// Checked by  model_checks: future.reuse (I1), future.magazine (I1), cell_magazine (I1); future.test.cpp (I2).
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <type_traits>

#include <jacquard/sync/native.hpp>
#include <jacquard/sync/policy.hpp>

namespace jacquard {

/// `Object` is default-constructed and has `Object* next_free()`, `void next_free(Object*)`, which its owner may
/// use for anything else, and `void belongs_to(Home&)`. One that has a second part names its type, `apart`, and has
/// `void belongs_to(Home&, apart&)` instead.
template <class Object, class Home, sync::policy Sync = sync::native,
          std::uint32_t ChainLength = 32>
class basic_object_depot {
  struct nothing {};
  template <class T>
  struct second_part {
    using type = nothing;
  };
  template <class T>
  requires requires { typename T::apart; }
  struct second_part<T> {
    using type = typename T::apart;
  };
  using apart = typename second_part<Object>::type;
  static constexpr bool has_apart = !std::is_same_v<apart, nothing>;

  struct chunk {
    Object* first = nullptr;
    apart* rest = nullptr;
    std::uint32_t size = 0;
  };
  static constexpr std::uint32_t chunks_max = 25;

 public:
  static constexpr std::uint32_t chain_length = ChainLength;

  /// Free objects in a row.
  struct chain {
    Object* first = nullptr;
    std::uint32_t count = 0;
  };

  /// The first chunk, made when it is needed, holds `base` objects.
  basic_object_depot(Home& home, std::uint32_t base) : home_(home), next_size_(base) {
    Sync::require(base >= 1, "a depot holds at least one object at first");
  }
  ~basic_object_depot() {
    for (std::uint32_t k = 0; k < chunk_count_; ++k) {
      Sync::destroy_array(chunks_[k].first, chunks_[k].size);
      if constexpr (has_apart) Sync::destroy_array(chunks_[k].rest, chunks_[k].size);
    }
  }
  basic_object_depot(const basic_object_depot&) = delete;
  basic_object_depot& operator=(const basic_object_depot&) = delete;

  /// Any thread. An object, or null where memory is out.
  [[nodiscard]] Object* take() {
    sync::lock_guard<Sync> guard(mutex_);
    if (free_.first == nullptr) grow();
    return free_.first == nullptr ? nullptr : end(free_);
  }
  /// Any thread. It came from this depot.
  void give(Object& home_again) {
    sync::lock_guard<Sync> guard(mutex_);
    add(free_, &home_again);
  }

  /// Any thread. At most chain_length objects; none where memory is out.
  [[nodiscard]] chain take_chain() {
    sync::lock_guard<Sync> guard(mutex_);
    if (free_.first == nullptr) grow();
    if (free_.first == nullptr) return {};
    // As they lie there: what was made together stays in a row.
    const chain taken{.first = free_.first, .count = std::min(ChainLength, free_.count)};
    free_.first = last_of(taken)->next_free();
    free_.count -= taken.count;
    return taken;
  }
  /// Any thread. A chain comes home.
  void give_chain(chain home_again) {
    if (home_again.count == 0) return;
    sync::lock_guard<Sync> guard(mutex_);
    last_of(home_again)->next_free(free_.first);
    free_.first = home_again.first;
    free_.count += home_again.count;
  }

  /// Any thread. Shows every object there is, taken or free; for objects that can be looked at by anybody. Meanwhile
  /// others may take and give.
  template <class F>
  void for_each(F&& look) {
    std::array<chunk, chunks_max> known{};
    {
      sync::lock_guard<Sync> guard(mutex_);
      known = chunks_;
    }
    for (const chunk& each : known) {
      for (std::uint32_t i = 0; i < each.size; ++i) look(each.first[i]);
    }
  }

  /// What a magazine does with its own chains.
  static Object* end(chain& from) {
    Object* const first = from.first;
    from.first = first->next_free();
    --from.count;
    return first;
  }
  static void add(chain& to, void* object) {
    auto* const added = static_cast<Object*>(object);
    added->next_free(to.first);
    to.first = added;
    ++to.count;
  }

 private:
  static Object* last_of(const chain& of) {
    Object* at = of.first;
    for (std::uint32_t i = 1; i < of.count; ++i) at = at->next_free();
    return at;
  }

  // Guarded by mutex_.
  void grow() {
    if (chunk_count_ == chunks_max || next_size_ > (1u << 30)) return;
    Object* const fresh = Sync::template create_array<Object>(next_size_);
    if (fresh == nullptr) return;
    apart* rest = nullptr;
    if constexpr (has_apart) {
      rest = Sync::template create_array<apart>(next_size_);
      if (rest == nullptr) return Sync::destroy_array(fresh, next_size_);
    }
    chunks_[chunk_count_++] = {.first = fresh, .rest = rest, .size = next_size_};
    for (std::uint32_t i = next_size_; i > 0; --i) {
      if constexpr (has_apart) {
        fresh[i - 1].belongs_to(home_, rest[i - 1]);
      } else {
        fresh[i - 1].belongs_to(home_);
      }
      add(free_, &fresh[i - 1]);
    }
    next_size_ *= 2;
  }

  Home& home_;
  typename Sync::mutex mutex_;
  chain free_;                              // guarded by mutex_
  std::uint32_t next_size_;                 // guarded by mutex_
  std::uint32_t chunk_count_ = 0;           // guarded by mutex_
  std::array<chunk, chunks_max> chunks_{};  // guarded by mutex_
};

}  // namespace jacquard
