# Headers of other people that nearly every file reads, compiled once a preset: GCC spends a third of a library's
# compilation in them, and half of a test's.
#
# use_precompiled(TARGET common_headers|test_headers)
#
# Only headers of the system stand here, so that no change of the project makes everything compile anew. Sources still
# include what they use: a build with PROJECT_PRECOMPILE=OFF, and every fuzz build, is without.

option(PROJECT_PRECOMPILE "Precompile the system's headers" ON)
if(PROJECT_FUZZ)
  set(PROJECT_PRECOMPILE OFF) # clang takes a precompiled header only where every definition is the same
endif()

# precompiled(NAME LIBRARIES library… HEADERS header…)
function(precompiled name)
  cmake_parse_arguments(ARG "" "" "LIBRARIES;HEADERS" ${ARGN})
  set(source ${CMAKE_BINARY_DIR}/precompiled/${name}.cc)
  file(CONFIGURE OUTPUT ${source} CONTENT "")
  add_library(${name} OBJECT ${source})
  target_link_libraries(${name} PRIVATE project_options ${ARG_LIBRARIES})
  list(TRANSFORM ARG_HEADERS REPLACE "(.+)" "<\\1>")
  target_precompile_headers(${name} PRIVATE ${ARG_HEADERS})
  # What ccache knows the precompiled header by (CCACHE_PCH_EXTSUM). Its bytes differ from one clone to the next.
  string(SHA256 sum "${ARG_HEADERS} ${CMAKE_CXX_COMPILER_VERSION} ${CMAKE_BUILD_TYPE} ${PROJECT_SANITIZE} \
${fmt_VERSION} ${GTest_VERSION} ${Boost_VERSION}")
  file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/CMakeFiles/${name}.dir/cmake_pch.hxx.gch.sum CONTENT ${sum})
endfunction()

if(PROJECT_PRECOMPILE)
  set(common algorithm chrono fmt/format.h functional map memory optional string string_view tl/expected.hpp variant vector)
  precompiled(common_headers LIBRARIES fmt::fmt HEADERS ${common})
  precompiled(test_headers LIBRARIES fmt::fmt GTest::gmock HEADERS ${common} gmock/gmock.h gtest/gtest.h)
endif()

function(use_precompiled name headers)
  if(PROJECT_PRECOMPILE)
    target_precompile_headers(${name} REUSE_FROM ${headers})
    # GCC 12 forgets which of the precompiled lines are the system's, and warns of libstdc++'s own strings (bug 105329).
    target_compile_options(${name} PRIVATE -Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread)
  endif()
endfunction()
