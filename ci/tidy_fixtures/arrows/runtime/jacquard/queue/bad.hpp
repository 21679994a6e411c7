// The product leans on its checks.
#pragma once
#include <jacquard/model/check.hpp>
#include <jacquard/queue/lane.hpp>
