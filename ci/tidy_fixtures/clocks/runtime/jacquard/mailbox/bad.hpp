// Reads a clock that no simulation can set.
#pragma once
#include <chrono>
inline auto now() { return std::chrono::steady_clock::now(); }
inline auto fine() { return std::chrono::nanoseconds{1}; }
