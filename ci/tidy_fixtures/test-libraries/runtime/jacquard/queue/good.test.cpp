// Stands beside, and may.
#include <gtest/gtest.h>
