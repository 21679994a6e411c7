# Timers, strands, channels: their tests. Included by runtime/CMakeLists.txt.
if(JACQUARD_TESTS)
  find_package(rapidcheck REQUIRED)
endif()

jacquard_add_test(timer_wheel_test jacquard/actor/timer_wheel.test.cpp
                  LIBRARIES jacquard_runtime rapidcheck LABELS native)
jacquard_add_test(scheduler_timers_test jacquard/actor/scheduler_timers.test.cpp
                  LIBRARIES jacquard_runtime LABELS native)
jacquard_add_test(actor_timers_test jacquard/actor/actor_timers.test.cpp
                  LIBRARIES jacquard_runtime LABELS native)
jacquard_add_test(manual_environment_test jacquard/env/manual_environment.test.cpp
                  LIBRARIES jacquard_runtime LABELS native)
jacquard_add_test(fairness_test jacquard/actor/fairness.test.cpp
                  LIBRARIES jacquard_runtime LABELS native)
jacquard_add_test(pinned_test jacquard/actor/pinned.test.cpp
                  LIBRARIES jacquard_runtime LABELS native)
jacquard_add_test(frame_pool_test jacquard/messaging/frame_pool.test.cpp
                  LIBRARIES jacquard_runtime LABELS native)
jacquard_add_test(strand_test jacquard/messaging/strand.test.cpp
                  LIBRARIES jacquard_runtime LABELS native)
jacquard_add_test(channel_test jacquard/messaging/channel.test.cpp
                  LIBRARIES jacquard_runtime LABELS native)
jacquard_add_test(fan_test jacquard/messaging/fan.test.cpp
                  LIBRARIES jacquard_runtime LABELS native)
jacquard_add_test(await_future_test jacquard/messaging/await_future.test.cpp
                  LIBRARIES jacquard_runtime LABELS native)
jacquard_add_test(actor_ask_test jacquard/actor/actor_ask.test.cpp
                  LIBRARIES jacquard_runtime LABELS native)
jacquard_add_test(first_use_test jacquard/actor/first_use.test.cpp
                  LIBRARIES jacquard_runtime LABELS native)
jacquard_add_test(lifetimes_test jacquard/actor/lifetimes.test.cpp
                  LIBRARIES jacquard_runtime LABELS native)
jacquard_add_test(ask_timeout_test jacquard/actor/ask_timeout.test.cpp
                  LIBRARIES jacquard_runtime LABELS native)
jacquard_add_test(actor_call_test jacquard/actor/actor_call.test.cpp
                  LIBRARIES jacquard_runtime LABELS native)
