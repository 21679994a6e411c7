// jacquard/queue/bad.hpp: no card at all.
#pragma once
template <class Word>
void bad(Word& word) {
  word.store(1, std::memory_order::relaxed);  // a number
}
