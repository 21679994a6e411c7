# Installs the package into a scratch folder, builds the example against it, runs it and reads its report.
# Needs BINARY_DIR (the project's build), SOURCE (the example), SCRATCH and ENGINE.
file(REMOVE_RECURSE ${SCRATCH})
function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE code OUTPUT_VARIABLE text ERROR_VARIABLE text)
  if(code)
    message(FATAL_ERROR "failed (${code}): ${ARGN}\n${text}")
  endif()
endfunction()
run(${CMAKE_COMMAND} --install ${BINARY_DIR} --prefix ${SCRATCH}/installed)
# The generator that ci/setup installs; a machine need not have make.
run(${CMAKE_COMMAND} -S ${SOURCE} -B ${SCRATCH}/build -G Ninja -Dengine=${ENGINE} -DCMAKE_BUILD_TYPE=Release
    -DCMAKE_PREFIX_PATH=${SCRATCH}/installed)
run(${CMAKE_COMMAND} --build ${SCRATCH}/build)
execute_process(COMMAND ${SCRATCH}/build/handover_check RESULT_VARIABLE code OUTPUT_VARIABLE report
                ERROR_VARIABLE report)
message("${report}")
if(NOT code EQUAL 1)
  message(FATAL_ERROR "the bug must be found: exit code ${code}, not 1")
endif()
foreach(wanted "BROKEN" "data_race" "handover.hpp:[0-9]+" "thread 0" "thread 1" "repeat: .*--schedule")
  if(NOT report MATCHES "${wanted}")
    message(FATAL_ERROR "the report lacks '${wanted}'")
  endif()
endforeach()
