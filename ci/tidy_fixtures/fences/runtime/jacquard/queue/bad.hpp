// One fence goes round the policy.
#pragma once
inline void one() { std::atomic_thread_fence(std::memory_order::seq_cst); }
template <class Sync>
void two() {
  Sync::fence(std::memory_order::seq_cst);
}
inline void three() { __sync_synchronize(); }
