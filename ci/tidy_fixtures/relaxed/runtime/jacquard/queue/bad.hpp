// One relaxed order has no reason.
#pragma once
template <class Word>
int bad(Word& word) {
  word.store(1, std::memory_order::relaxed);
  word.store(2, std::memory_order::relaxed);  // nobody reads it yet
  // a guess
  return word.load(std::memory_order::relaxed);
}
template <class Word>
void good(Word& word) {
  word.fetch_sub(1, std::memory_order::relaxed);
}  // only a number
