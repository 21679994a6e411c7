// jacquard/queue/good.hpp: whole.
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
template <class Word>
void bad(Word& word) {
  word.store(1, std::memory_order::relaxed);  // a number
}
