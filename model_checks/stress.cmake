# The real system, shaken: actor_system, scheduler, timers, strands and channels as they ship, compiled on a policy that
# hesitates (stress/shaken_native.hpp). Its program is the engine `stress` of `jacquard check`.
set(JACQUARD_ENGINE stress)
configure_file(engine_main.cpp.in ${CMAKE_CURRENT_BINARY_DIR}/jacquard-check-stress.cpp @ONLY)
add_executable(jacquard-check-stress ${CMAKE_CURRENT_BINARY_DIR}/jacquard-check-stress.cpp
               stress/actors.cpp stress/channels.cpp stress/run.cpp stress/timers.cpp)
target_link_libraries(jacquard-check-stress PRIVATE jacquard_model jacquard_house_rules)
target_include_directories(jacquard-check-stress PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
install(TARGETS jacquard-check-stress RUNTIME DESTINATION ${CMAKE_INSTALL_LIBEXECDIR}/jacquard)

if(JACQUARD_TESTS)
  foreach(world actors actors.tenants channels timers)
    add_test(NAME model_checks/stress/${world} COMMAND jacquard-check-stress --filter ^${world}$)
    set_tests_properties(model_checks/stress/${world} PROPERTIES LABELS "model_checks;native;stress" TIMEOUT 300)
  endforeach()
  add_test(NAME model_checks/stress/actors.hook_forgets
           COMMAND jacquard-check-stress --seeded-bugs --filter ^actors[.]hook_forgets$)
  set_tests_properties(model_checks/stress/actors.hook_forgets PROPERTIES LABELS "model_checks;seeded;stress" TIMEOUT 300)
  add_dependencies(jacquard_native_tests jacquard-check-stress)
endif()
