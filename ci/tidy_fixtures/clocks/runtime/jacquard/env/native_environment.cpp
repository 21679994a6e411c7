// The native environment may.
#include <chrono>
auto now() { return std::chrono::steady_clock::now(); }
