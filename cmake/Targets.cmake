# project_library(NAME SOURCES a.cc … [PUBLIC lib …] [PRIVATE lib …])   one library a folder
# project_test(NAME SOURCES a_test.cc … LIBRARIES lib … [LABELS label …])   its unit tests, one binary a folder
# project_program(NAME SOURCES main.cc LIBRARIES lib …)

include(Precompiled)

# What a sanitizer's build needs: the unit tests alone, without benchmarks and tests of whole programs.
add_custom_target(unit_tests)

function(project_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  if(ARG_SOURCES)
    add_library(${name} STATIC ${ARG_SOURCES})
    target_link_libraries(${name} PUBLIC project_options ${ARG_PUBLIC} PRIVATE ${ARG_PRIVATE})
    use_precompiled(${name} common_headers)
  else()
    add_library(${name} INTERFACE)
    target_link_libraries(${name} INTERFACE project_options ${ARG_PUBLIC})
  endif()
endfunction()

function(project_test name)
  if(PROJECT_FUZZ)
    return()
  endif()
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBRARIES;LABELS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_LIBRARIES} GTest::gmock GTest::gtest_main)
  use_precompiled(${name} test_headers)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  add_dependencies(unit_tests ${name})
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES LABELS "unit;${ARG_LABELS}" TIMEOUT 120)
  # Tests that read the public bills find them here, and are skipped with a word where the folder is absent.
  set_tests_properties(${name} PROPERTIES ENVIRONMENT "SHARED_DATA=${CMAKE_SOURCE_DIR}/../shared/data")
endfunction()

function(project_program name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBRARIES" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE project_options ${ARG_LIBRARIES})
endfunction()
