// A benchmark leans on the simulation.
#include <jacquard/sim/kernel.hpp>
