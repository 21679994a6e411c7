// Properties may lean on both.
#include <jacquard/model/check.hpp>
#include <jacquard/sim/kernel.hpp>
