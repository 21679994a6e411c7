// Includes it.
#include <jacquard/queue/ring.hpp>
inline int number_1() { return 1; }  // x
inline int number_2() { return 2; }  // x
inline int number_3() { return 3; }  // x
inline int number_4() { return 4; }  // x
inline int number_5() { return 5; }  // x
inline int number_6() { return 6; }  // x
inline int number_7() { return 7; }  // x
inline int number_8() { return 8; }  // x
