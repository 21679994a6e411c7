// A locked instruction that no std::atomic stands behind.
extern "C" void probe_send(long* word) { asm volatile("lock addq $1, %0" : "+m"(*word)); }
