// jacquard/queue/near.hpp: one end here, one in far.hpp.
//
// Shape       one word.
// Invariants  I1  It is counted.
// Ordering    E1  near -> far   what was given.
// Progress    wait-free.
// Allocation  none.
// Checked by  model_checks: a check (I1, E1).
#pragma once

template <class Word>
void near(Word& word) {
  word.store(1, std::memory_order::release);  // E1 release
}
