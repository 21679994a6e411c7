// Names files that are not there, or not that way.
#pragma once
#include <jacquard/queue/bad.hpp>
#include <jacquard/queue/gone.hpp>
#include "bad.hpp"
#include "../queue/bad.hpp"
