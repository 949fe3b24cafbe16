# Compiler settings that every target shares: the language, warnings as errors, sanitizers, ccache.

option(PROJECT_FUZZ "Build the fuzz targets (needs clang)" OFF)
set(PROJECT_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize= takes them")

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)

# Asserts stay on in release: they guard invariants that cost little, and a wrong bill is worse than a stop.
set(CMAKE_CXX_FLAGS_RELEASE "-O2")
# -Og keeps sanitized tests quick enough to run on every change; -g1 is enough for line numbers in their reports.
set(CMAKE_CXX_FLAGS_DEBUG "-Og -g1")

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  # Paths below the source folder are hashed as relative ones, so that every clone shares one cache.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1
                                  CCACHE_SLOPPINESS=pch_defines,time_macros CCACHE_PCH_EXTSUM=1
                                  ${CCACHE_PROGRAM})
endif()

add_library(project_options INTERFACE)
target_compile_options(
  project_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wold-style-cast
                            -Wcast-align -Wunused -Werror)
target_include_directories(project_options INTERFACE ${CMAKE_SOURCE_DIR}/src)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 sees overlapping copies and dangling writes in libstdc++'s own strings once it inlines them (GCC bug 105651).
  target_compile_options(project_options INTERFACE -Wno-restrict)
endif()

if(PROJECT_SANITIZE)
  add_compile_options(-fsanitize=${PROJECT_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${PROJECT_SANITIZE})
endif()
if(PROJECT_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
