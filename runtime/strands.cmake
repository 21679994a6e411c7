# Timers, strands, channels: their tests. Included by runtime/CMakeLists.txt.
if(JACQUARD_TESTS)
  find_package(rapidcheck REQUIRED)
endif()

jacquard_add_test(timer_wheel_test jacquard/actor/timer_wheel.test.cpp
                  LIBRARIES jacquard_runtime rapidcheck LABELS native)
