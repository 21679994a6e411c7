// jacquard/queue/bad.hpp: an edge with one end, an order without a label, a label that the card lacks.
//
// Shape       one word.
// Invariants  I1  It is counted.
// Ordering    E1  give -> take   what was given.
//             E2  give -> take   one end only.
//             E3  nobody -> nobody   listed, and on no order.
// Progress    wait-free.
// Allocation  none.
// Checked by  model_checks: a check (I1, E1-E3).
#pragma once

template <class Sync>
struct bad {
  void give() {
    word.store(1, std::memory_order::release);  // E1 release
    word.store(2, std::memory_order::release);  // E2 release
    word.store(3, std::memory_order::release);  // nothing that names an edge
  }
  int take() {
    if (word.load(std::memory_order::acquire) == 1) return 1;  // E1 acquire
    // E1 acquire: said above the statement
    const int seen =
        word.load(std::memory_order::acquire);
    return word.exchange(seen, std::memory_order::acq_rel);  // E4 release, E4 acquire
  }
  void light() {
    Sync::fence_light();  // nothing that names an edge
  }
  typename Sync::template atomic<int> word{0};
};
