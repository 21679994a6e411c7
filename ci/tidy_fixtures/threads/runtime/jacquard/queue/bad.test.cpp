// Tests may.
#include <thread>
std::thread sender;
