// checks/asymmetric_fences.hpp: the checks of what uses light and heavy fences, for jacquard/model/asymmetric.hpp.
#pragma once

#include <checks/idle_workers.hpp>
#include <checks/idle_workers_calls.hpp>
#include <checks/idle_workers_watch.hpp>
#include <checks/scheduler_timers.hpp>
#include <checks/work_stealing_deque.hpp>
#include <jacquard/model/asymmetric.hpp>
#include <seeded_bugs/broken_policies.hpp>
