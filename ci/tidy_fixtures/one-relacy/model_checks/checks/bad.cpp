// The other.

#include "relacy/relacy.hpp"
