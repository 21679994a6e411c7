// jacquard/queue/far.hpp: one end of near's edge.
//
// Shape       one word.
// Invariants  I1  It is counted.
// Ordering    near's E1.
// Progress    wait-free.
// Allocation  none.
// Checked by  model_checks: a check (I1).
#pragma once

template <class Word>
int far(Word& word) {
  (void)word.load(std::memory_order::acquire);  // E1 of stranger
  return word.load(std::memory_order::acquire);  // E1 of near
}
