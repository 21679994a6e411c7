// Nearly there.
int one();  // TODO: two
int methodology();
