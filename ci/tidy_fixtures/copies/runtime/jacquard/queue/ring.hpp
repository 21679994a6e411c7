// The original.
#pragma once
inline int number_1() { return 1; }  // ships
inline int number_2() { return 2; }  // ships
inline int number_3() { return 3; }  // ships
inline int number_4() { return 4; }  // ships
inline int number_5() { return 5; }  // ships
inline int number_6() { return 6; }  // ships
inline int number_7() { return 7; }  // ships
inline int number_8() { return 8; }  // ships
inline int number_9() { return 9; }  // ships
inline int number_10() { return 10; }  // ships
inline int number_11() { return 11; }  // ships
inline int number_12() { return 12; }  // ships
inline int number_13() { return 13; }  // ships
