// A copy with other comments.
inline int number_1() { return 1; }  // checked
inline int number_2() { return 2; }  // checked
inline int number_3() { return 3; }  // checked
inline int number_4() { return 4; }  // checked
inline int number_5() { return 5; }  // checked
inline int number_6() { return 6; }  // checked
inline int number_7() { return 7; }  // checked
inline int number_8() { return 8; }  // checked
inline int number_9() { return 9; }  // checked
inline int number_10() { return 10; }  // checked
inline int number_11() { return 11; }  // checked
inline int number_12() { return 12; }  // checked
inline int number_13() { return 13; }  // checked
