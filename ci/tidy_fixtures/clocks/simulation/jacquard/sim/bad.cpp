// A simulation has its own time.
#include <chrono>
auto now() { return std::chrono::system_clock::now(); }
