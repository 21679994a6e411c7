// Brings a test library into the product.
#pragma once
#include <gtest/gtest.h>
#include <vector>
#include <relacy/relacy.hpp>
