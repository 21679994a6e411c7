// The one.
#pragma once
#include <relacy/relacy.hpp>
