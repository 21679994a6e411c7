// Chance that no seed repeats.
#include <random>
std::random_device entropy;
int draw() { return std::uniform_int_distribution<int>(0, 9)(entropy); }
int fine(int grand(int), int x) { return grand(x); }
int worse() { return rand(); }
