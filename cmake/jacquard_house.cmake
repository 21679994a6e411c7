# What every room's CMakeLists.txt may use.
#
#   jacquard_house_rules            link it PRIVATE to everything that is ours: warnings are errors
#   jacquard_add_test(name src...)  a GoogleTest program, its cases found by ctest, labelled by room
#   jacquard_native_tests           a target: the test programs that ci/test also runs under sanitizers
#   jacquard_add_command(name ...)  a program behind the front: `jacquard name`
#   jacquard_compile_quickly(src...)  sources that read options and write reports: less optimised
#   jacquard_install_room(component target...)  headers and targets of one installed component

add_library(jacquard_house_rules INTERFACE)
target_compile_options(jacquard_house_rules INTERFACE -Wall -Wextra -Wconversion -Wshadow)
if(JACQUARD_WERROR)
  target_compile_options(jacquard_house_rules INTERFACE -Werror)
endif()

if(JACQUARD_SANITIZE)
  # -g1: a report names function, file and line; the rest of -g is a quarter of the time that it takes to compile.
  # The presets are at -Og, in two thirds of the time of -O1; no access that -O1 leaves is left out.
  add_compile_options(-fsanitize=${JACQUARD_SANITIZE} -fno-omit-frame-pointer -g1)
  add_link_options(-fsanitize=${JACQUARD_SANITIZE})
  if(JACQUARD_SANITIZE MATCHES "undefined")
    add_compile_options(-fno-sanitize-recover=undefined)
  endif()
  if(JACQUARD_SANITIZE MATCHES "address")
    # g++ 12 sees uninitialised members in <regex> once AddressSanitizer has moved its temporaries.
    add_compile_options($<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
  endif()
  if(JACQUARD_SANITIZE MATCHES "thread")
    # g++ 12 says that TSan does not follow std::atomic_thread_fence. Known, and said in the README.
    add_compile_options($<$<CXX_COMPILER_ID:GNU>:-Wno-tsan>)
  endif()
endif()

# jacquard_add_test(<program> <source>... [LIBRARIES <target>...] [LABELS <label>...] [TIMEOUT <s>] [COST <s>])
# COST is how long its longest case takes, where that is long: ctest starts the longest first.
# The room's name is always a label, so `ctest -L runtime` runs one room. The label `native` says that the
# program runs the product on real threads; the target jacquard_native_tests builds all of these, and
# ci/test runs them under ASan + UBSan and under TSan. The runtime's own tests are native. The label `asan` says
# that the program is to run under ASan + UBSan only: it switches stacks, which TSan is not told of.
add_custom_target(jacquard_native_tests)
function(jacquard_add_test program)
  if(NOT JACQUARD_TESTS)
    return()
  endif()
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "TIMEOUT;COST" "LIBRARIES;LABELS")
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)
  endif()
  if(NOT arg_COST)
    set(arg_COST 0)
  endif()
  cmake_path(RELATIVE_PATH CMAKE_CURRENT_SOURCE_DIR BASE_DIRECTORY ${PROJECT_SOURCE_DIR}
             OUTPUT_VARIABLE room)
  string(REGEX REPLACE "/.*" "" room ${room})
  add_executable(${program} ${arg_UNPARSED_ARGUMENTS})
  target_link_libraries(${program} PRIVATE ${arg_LIBRARIES} jacquard_house_rules
                                           GTest::gtest GTest::gmock GTest::gtest_main)
  set(labels ${room} ${arg_LABELS})
  if(room STREQUAL "runtime")
    list(APPEND labels native)
  endif()
  if("native" IN_LIST labels OR ("asan" IN_LIST labels AND JACQUARD_SANITIZE MATCHES "address"))
    add_dependencies(jacquard_native_tests ${program})
  endif()
  # gtest_discover_tests loses all labels but the first; this file sets them where ctest reads the cases.
  gtest_discover_tests(${program} TEST_PREFIX "${room}/" DISCOVERY_TIMEOUT 60
                       TEST_LIST ${program}_cases PROPERTIES TIMEOUT ${arg_TIMEOUT} COST ${arg_COST})
  set(file ${CMAKE_CURRENT_BINARY_DIR}/${program}.labels.cmake)
  list(REMOVE_DUPLICATES labels)
  file(WRITE ${file} "if(${program}_cases)\n  set_tests_properties(\${${program}_cases} "
                     "PROPERTIES LABELS \"${labels}\")\nendif()\n")
  set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES ${file})
endfunction()

# jacquard_compile_quickly(<source>...): what parses command lines and writes JSON takes longest to compile and no time
# to run. At -Og it compiles in two thirds of the time. Of sources in this directory's targets; not for what is timed.
function(jacquard_compile_quickly)
  set_property(SOURCE ${ARGN} APPEND PROPERTY COMPILE_OPTIONS $<$<CONFIG:Release>:-Og>)
endfunction()

# jacquard_add_command(<name> <source>... [LIBRARIES <target>...]): builds bin/jacquard-<name>, which the
# front runs for `jacquard <name>`; installed to libexec/jacquard.
function(jacquard_add_command name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "LIBRARIES")
  add_executable(jacquard-${name} ${arg_UNPARSED_ARGUMENTS})
  target_link_libraries(jacquard-${name} PRIVATE jacquard_command ${arg_LIBRARIES}
                                                 jacquard_house_rules)
  install(TARGETS jacquard-${name} RUNTIME DESTINATION ${CMAKE_INSTALL_LIBEXECDIR}/jacquard)
endfunction()

# jacquard_install_room(<component> <target>... [HEADERS <dir>...]): HEADERS are folders relative to
# the caller that are installed below include/.
function(jacquard_install_room component)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "HEADERS")
  install(TARGETS ${arg_UNPARSED_ARGUMENTS} EXPORT jacquard-${component}
          ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
  foreach(folder IN LISTS arg_HEADERS)
    cmake_path(GET folder PARENT_PATH parent)
    install(DIRECTORY ${folder} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/${parent}
            FILES_MATCHING PATTERN "*.hpp")
  endforeach()
  install(EXPORT jacquard-${component} NAMESPACE jacquard::
          DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/jacquard FILE jacquard-${component}-targets.cmake)
endfunction()

# Called once, after every room: the package file that find_package(jacquard CONFIG) reads.
function(jacquard_install_package)
  set(where ${CMAKE_INSTALL_LIBDIR}/cmake/jacquard)
  configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/jacquard-config.cmake.in
                                ${PROJECT_BINARY_DIR}/jacquard-config.cmake
                                INSTALL_DESTINATION ${where})
  write_basic_package_version_file(${PROJECT_BINARY_DIR}/jacquard-config-version.cmake
                                   COMPATIBILITY SameMinorVersion)
  install(FILES ${PROJECT_BINARY_DIR}/jacquard-config.cmake
                ${PROJECT_BINARY_DIR}/jacquard-config-version.cmake DESTINATION ${where})
  file(GLOB helpers ${PROJECT_SOURCE_DIR}/*/cmake/jacquard-*.cmake)
  install(FILES ${helpers} DESTINATION ${where})
endfunction()
