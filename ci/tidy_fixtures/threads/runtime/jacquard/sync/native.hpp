// The native policy may.
#pragma once
#include <mutex>
inline std::mutex lock;
