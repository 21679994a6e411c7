#include "bad.hpp"
