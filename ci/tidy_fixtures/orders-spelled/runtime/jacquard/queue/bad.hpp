// Two operations leave their order to the default.
#pragma once
template <class Word>
int bad(Word& word) {
  word.store(word.load());
  word.fetch_add(1, std::memory_order::relaxed);  // a number
  return word.exchange(f(2),
                       std::memory_order::relaxed);  // likewise
}
