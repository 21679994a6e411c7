// A check goes through its policy, too.
#pragma once
inline std::atomic_flag seen;
