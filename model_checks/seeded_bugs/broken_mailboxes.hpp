// seeded_bugs/broken_mailboxes.hpp: the checks and the broken parts that are run through them.
#pragma once

#include <checks/control_lane_immune.hpp>
#include <checks/event_count.hpp>
#include <checks/loom_backpressure_consistency.hpp>
#include <checks/loom_shutdown_no_drop.hpp>
#include <checks/parker.hpp>
#include <checks/payload_race_free.hpp>
#include <checks/push_vs_park.hpp>
#include <checks/schedule_once.hpp>
#include <seeded_bugs/broken_lanes.hpp>
#include <seeded_bugs/broken_policies.hpp>
