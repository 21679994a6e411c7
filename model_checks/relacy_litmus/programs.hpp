// relacy_litmus/programs.hpp: litmus programs as checks, and the set of outcomes an engine finds.
//
// Each program is run by the full search of Relacy; the outcomes are collected over all executions.
#pragma once

#include <atomic>
#include <cstdint>
#include <set>
#include <vector>

#include <jacquard/sync/policy.hpp>

namespace jacquard::litmus {

using outcome = std::vector<int>;
using outcomes = std::set<outcome>;
using order = std::memory_order;

/// The outcomes of the program that runs now.
inline outcomes found;

/// Words x and y, both 0 at first, and the registers that the threads fill.
template <sync::policy Sync, unsigned Threads, unsigned Registers>
class program {
 public:
  static constexpr unsigned thread_count = Threads;
  void after() { found.insert(outcome(r, r + Registers)); }

 protected:
  sync::atomic<Sync, int> x{0};
  sync::atomic<Sync, int> y{0};
  int r[Registers] = {};  // one writer each
};

/// Store buffering.
template <sync::policy Sync, order Store, order Load, bool Fences>
class SB : public program<Sync, 2, 2> {
 public:
  void thread(unsigned index) {
    auto& mine = index == 0 ? this->x : this->y;
    auto& other = index == 0 ? this->y : this->x;
    mine.store(1, Store);
    if (Fences) Sync::fence(order::seq_cst);
    this->r[index] = other.load(Load);
  }
};

/// Store buffering, seq_cst accesses against relaxed ones around a seq_cst fence.
template <sync::policy Sync>
class SB_one_fence : public program<Sync, 2, 2> {
 public:
  void thread(unsigned index) {
    if (index == 0) {
      this->x.store(1, order::seq_cst);
      this->r[0] = this->y.load(order::seq_cst);
    } else {
      this->y.store(1, order::relaxed);
      Sync::fence(order::seq_cst);
      this->r[1] = this->x.load(order::relaxed);
    }
  }
};

/// Message passing.
template <sync::policy Sync, order Store, order Load>
class MP : public program<Sync, 2, 2> {
 public:
  void thread(unsigned index) {
    if (index == 0) {
      this->x.store(1, order::relaxed);
      this->y.store(1, Store);
    } else {
      this->r[0] = this->y.load(Load);
      this->r[1] = this->x.load(order::relaxed);
    }
  }
};

/// Load buffering.
template <sync::policy Sync>
class LB : public program<Sync, 2, 2> {
 public:
  void thread(unsigned index) {
    auto& from = index == 0 ? this->x : this->y;
    auto& to = index == 0 ? this->y : this->x;
    this->r[index] = from.load(order::relaxed);
    to.store(1, order::relaxed);
  }
};

/// Two writers of two words, crosswise; what each word holds in the end.
template <sync::policy Sync>
class two_plus_two_writes : public program<Sync, 2, 2> {
 public:
  void thread(unsigned index) {
    auto& first = index == 0 ? this->x : this->y;
    auto& second = index == 0 ? this->y : this->x;
    first.store(1, order::relaxed);
    second.store(2, order::relaxed);
  }
  void after() {
    this->r[0] = this->x.load(order::relaxed);
    this->r[1] = this->y.load(order::relaxed);
    program<Sync, 2, 2>::after();
  }
};

/// Two writers and a reader that looks twice: it must not see one store and then an older one.
template <sync::policy Sync>
class CoRR : public program<Sync, 3, 3> {
 public:
  void thread(unsigned index) {
    if (index < 2) {
      this->x.store(static_cast<int>(index) + 1, order::relaxed);
    } else {
      this->r[0] = this->x.load(order::relaxed);
      this->r[1] = this->x.load(order::relaxed);
    }
  }
  void after() {
    this->r[2] = this->x.load(order::relaxed);  // the last in modification order
    program<Sync, 3, 3>::after();
  }
};

/// Four stores, then a flag; the reader that sees the flag may see any of them.
template <sync::policy Sync>
class STALE5 : public program<Sync, 2, 2> {
 public:
  void thread(unsigned index) {
    if (index == 0) {
      for (int value = 1; value <= 4; ++value) this->x.store(value, order::relaxed);
      this->y.store(1, order::relaxed);
    } else {
      this->r[0] = this->y.load(order::relaxed);
      this->r[1] = this->x.load(order::relaxed);
    }
  }
};

/// A flag, then a compare-exchange of what was written before the flag.
template <sync::policy Sync>
class CASSTALE : public program<Sync, 2, 3> {
 public:
  void thread(unsigned index) {
    if (index == 0) {
      this->x.store(1, order::relaxed);
      this->y.store(1, order::relaxed);
    } else {
      this->r[0] = this->y.load(order::relaxed);
      int expected = 1;
      this->r[1] =
          this->x.compare_exchange_strong(expected, 5, order::relaxed, order::relaxed) ? 1 : 0;
      this->r[2] = expected;
    }
  }
};

/// A release store, then a relaxed one by the same thread: since C++20 it ends the release sequence.
template <sync::policy Sync>
class RELSEQ20 : public program<Sync, 2, 2> {
 public:
  void thread(unsigned index) {
    if (index == 0) {
      this->x.store(1, order::relaxed);
      this->y.store(1, order::release);
      this->y.store(2, order::relaxed);
    } else {
      this->r[0] = this->y.load(order::acquire);
      this->r[1] = this->x.load(order::relaxed);
    }
  }
};

/// Independent reads of independent writes.
template <sync::policy Sync, order Store, order First, order Second>
class IRIW : public program<Sync, 4, 4> {
 public:
  void thread(unsigned index) {
    if (index == 0) this->x.store(1, Store);
    if (index == 1) this->y.store(1, Store);
    if (index == 2) {
      this->r[0] = this->x.load(First);
      this->r[1] = this->y.load(Second);
    }
    if (index == 3) {
      this->r[2] = this->y.load(First);
      this->r[3] = this->x.load(Second);
    }
  }
};

/// Two increments that are a load and a store each.
template <sync::policy Sync>
class load_store_increments : public program<Sync, 2, 3> {
 public:
  void thread(unsigned index) {
    this->r[index] = this->x.load(order::relaxed);
    this->x.store(this->r[index] + 1, order::relaxed);
  }
  void after() {
    this->r[2] = this->x.load(order::relaxed);
    program<Sync, 2, 3>::after();
  }
};

/// Three atomic increments.
template <sync::policy Sync>
class fetch_adds : public program<Sync, 3, 3> {
 public:
  void thread(unsigned index) { this->r[index] = this->x.fetch_add(1, order::relaxed); }
};

}  // namespace jacquard::litmus
