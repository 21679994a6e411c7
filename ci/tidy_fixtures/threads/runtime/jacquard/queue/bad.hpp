// std::mutex in a comment is no finding.
#pragma once
#include <atomic>
#include <mutex>
inline std::atomic<int> word{0};
inline std::mutex lock;
inline const char* text = "std::thread";
inline thread_local int mine = 0;
inline std::memory_order fine = std::memory_order::relaxed;
inline void wait() { std::this_thread::yield(); }
inline std::condition_variable later;
// tidy allows threads: this one is explained, so it is no finding.
inline std::mutex explained;

inline std::mutex unexplained;  // tidy allows threads:
