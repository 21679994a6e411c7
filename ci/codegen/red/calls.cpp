// An atomic too wide for the machine: every operation is a call into libatomic, which locks.
#include <atomic>

struct wide {
  long a, b, c, d;
};
extern "C" long probe_send(std::atomic<wide>& word) { return word.load().a; }
