# The explorer: every execution exactly once, under the C++20 memory model. Included by CMakeLists.txt.
set(here ${CMAKE_CURRENT_LIST_DIR})
set(explore ${here}/jacquard/model/explore)
add_library(jacquard_model_explore STATIC
  ${explore}/arena.cpp
  ${explore}/cycle.cpp
  ${explore}/engine.cpp
  ${explore}/execution.cpp
  ${explore}/fair.cpp
  ${explore}/failing_step.cpp
  ${explore}/fault.cpp
  ${explore}/fiber.cpp
  ${explore}/graph.cpp
  ${explore}/consistency.cpp
  ${explore}/report.cpp
  ${explore}/sampling.cpp
  ${explore}/schedule.cpp
  ${explore}/search.cpp
  ${explore}/session.cpp
  ${explore}/steered.cpp
  ${explore}/view.cpp
  ${explore}/worker.cpp
  ${explore}/litmus/parser.cpp
  ${explore}/litmus/interpreter.cpp)
add_library(jacquard::model_explore ALIAS jacquard_model_explore)
set_target_properties(jacquard_model_explore PROPERTIES EXPORT_NAME model_explore)
target_include_directories(jacquard_model_explore PUBLIC
  $<BUILD_INTERFACE:${here}> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_compile_features(jacquard_model_explore PUBLIC cxx_std_20)
find_package(Boost REQUIRED COMPONENTS context)  # the switch between two stacks
target_link_libraries(jacquard_model_explore PUBLIC jacquard_runtime Boost::context Threads::Threads
                      PRIVATE $<BUILD_INTERFACE:jacquard_house_rules>)

# The programs of litmus/ are compiled in: an installed command can list them.
file(GLOB litmus_files CONFIGURE_DEPENDS ${here}/litmus/*.litmus)
set(JACQUARD_LITMUS_TEXTS "")
foreach(file IN LISTS litmus_files)
  file(READ ${file} text)
  cmake_path(GET file FILENAME name)
  string(APPEND JACQUARD_LITMUS_TEXTS "      {\"${name}\", R\"litmus(${text})litmus\"},\n")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
endforeach()
configure_file(${explore}/litmus/shipped.cpp.in ${CMAKE_CURRENT_BINARY_DIR}/litmus_shipped.cpp @ONLY)
jacquard_compile_quickly(${explore}/litmus/command.cpp)
jacquard_add_command(litmus ${explore}/litmus/command.cpp ${CMAKE_CURRENT_BINARY_DIR}/litmus_shipped.cpp
                     LIBRARIES jacquard_model_explore)

# ctest -L explore
set(tests ${here}/explore_tests)
if(JACQUARD_TESTS)
  add_library(explore_oracle STATIC ${tests}/brute_force.cpp ${tests}/random_program.cpp)
  target_include_directories(explore_oracle PUBLIC ${tests})
  target_link_libraries(explore_oracle PUBLIC jacquard_model_explore PRIVATE jacquard_house_rules)
endif()
jacquard_add_test(explore_litmus_test ${tests}/litmus.test.cpp LIBRARIES explore_oracle LABELS explore asan)
jacquard_add_test(explore_random_programs_test ${tests}/random_programs.test.cpp
                  LIBRARIES explore_oracle LABELS explore asan property TIMEOUT 1200 COST 10)
if(JACQUARD_TESTS)
  target_compile_definitions(explore_litmus_test PRIVATE JACQUARD_LITMUS_FOLDER="${here}/litmus")
endif()

# The text programs on every engine of this build: what they see is a subset of what the explorer sees.
set(sources ${tests}/subset.test.cpp ${tests}/text_on_explore.cpp ${tests}/text_on_perturbed.cpp)
if("relacy" IN_LIST engines)
  list(APPEND sources ${tests}/text_on_relacy.cpp)
endif()
jacquard_add_test(explore_subset_test ${sources} LIBRARIES jacquard_model jacquard_model_explore
                  LABELS explore model)
if(JACQUARD_TESTS)
  target_compile_definitions(explore_subset_test PRIVATE JACQUARD_LITMUS_FOLDER="${here}/litmus")
  if("relacy" IN_LIST engines)
    target_compile_definitions(explore_subset_test PRIVATE JACQUARD_WITH_RELACY)
    target_include_directories(explore_subset_test SYSTEM PRIVATE ${JACQUARD_RELACY_INCLUDE})
  endif()
endif()
jacquard_add_test(explore_policy_test ${tests}/policy.test.cpp LIBRARIES jacquard_model_explore
                  LABELS explore asan)
jacquard_add_test(explore_fair_test ${tests}/fair.test.cpp LIBRARIES jacquard_model_explore
                  LABELS explore asan)
jacquard_add_test(explore_sampling_test ${tests}/sampling.test.cpp
                  LIBRARIES jacquard_model jacquard_model_explore
                  LABELS explore asan)
jacquard_add_test(explore_spurious_test ${tests}/spurious.test.cpp LIBRARIES jacquard_model_explore
                  LABELS explore)
jacquard_add_test(explore_invariant_test ${tests}/invariant.test.cpp LIBRARIES jacquard_model_explore
                  LABELS explore)
jacquard_add_test(explore_failing_step_test ${tests}/failing_step.test.cpp LIBRARIES jacquard_model_explore
                  LABELS explore)
if(JACQUARD_TESTS)
  # A debugger stops at the failing step, on the failing thread's stack; and where two threads wait for ever,
  # once on each one's.
  add_executable(explore_gdb_target ${tests}/gdb_target.cpp)
  target_link_libraries(explore_gdb_target PRIVATE jacquard_model_explore jacquard_house_rules)
  target_compile_options(explore_gdb_target PRIVATE -O0 -g)
  set(stop "break jacquard_explore_failing_step")
  foreach(case claim:the_step_that_fails trap:the_step_that_fails deadlock:one_way.*other_way)
    string(REPLACE ":" ";" pair ${case})
    list(GET pair 0 what)
    list(GET pair 1 frames)
    if(what STREQUAL "trap")
      set(stop "handle SIGTRAP stop")
    endif()
    add_test(NAME model_checks/explore.gdb_stops_at_the_${what}
             COMMAND gdb -q -batch -nx -ex "set debuginfod enabled off" -ex ${stop} -ex run -ex bt
                     -ex continue -ex bt --args $<TARGET_FILE:explore_gdb_target> ${what})
    set(stop "break jacquard_explore_failing_step")
    set_tests_properties(model_checks/explore.gdb_stops_at_the_${what} PROPERTIES
      LABELS "model_checks;explore" TIMEOUT 120
      PASS_REGULAR_EXPRESSION "jacquard_explore_failing_step.*${frames}")
  endforeach()
endif()

# Executions a second: bin/explore_rate
add_executable(explore_rate ${explore}/rate.cpp)
target_link_libraries(explore_rate PRIVATE jacquard_command jacquard_model_explore jacquard_house_rules)
# The mailboxes' worlds at stated sizes: bin/mailbox_sizes
add_executable(mailbox_sizes ${here}/checks/mailbox_sizes.cpp)
target_link_libraries(mailbox_sizes PRIVATE jacquard_command jacquard_model_explore jacquard_house_rules)
target_include_directories(mailbox_sizes PRIVATE ${here})
jacquard_add_test(explore_sequence_ring_test ${tests}/sequence_ring.test.cpp
                  LIBRARIES jacquard_model_explore LABELS explore asan)
jacquard_add_test(explore_anchors_test ${tests}/anchors.test.cpp LIBRARIES jacquard_model_explore
                  LABELS explore asan)
if(JACQUARD_TESTS)
  target_include_directories(explore_anchors_test PRIVATE ${here})
endif()
jacquard_add_test(explore_work_test ${tests}/work.test.cpp LIBRARIES jacquard_model_explore
                  LABELS explore asan TIMEOUT 900)
jacquard_add_test(explore_standard_test ${tests}/standard.test.cpp LIBRARIES jacquard_model_explore
                  LABELS explore asan)
if(JACQUARD_TESTS)
  # --json on standard output: one object for each of the 113 programs and nothing else.
  add_test(NAME model_checks/litmus.answers_only
           COMMAND sh -c "$<TARGET_FILE:jacquard-litmus> --json ${here}/litmus/*.litmus > answers.json && \
test $(wc -l < answers.json) = 113 && test $(grep -c '\"outcomes\":' answers.json) = 113")
  set_tests_properties(model_checks/litmus.answers_only PROPERTIES LABELS "model_checks;explore" TIMEOUT 60)
endif()
