# Debian 12's packages. scripts/setup installs them; a missing one is named here with the package that brings it.

find_package(Threads REQUIRED)
find_package(fmt REQUIRED)      # libfmt-dev
find_package(spdlog REQUIRED)   # libspdlog-dev
find_package(SQLite3 REQUIRED)  # libsqlite3-dev
find_package(ZLIB REQUIRED)     # zlib1g-dev
find_package(OpenSSL REQUIRED)  # libssl-dev
find_package(CLI11 REQUIRED)    # libcli11-dev
find_package(yaml-cpp REQUIRED) # libyaml-cpp-dev
find_package(Boost 1.81 REQUIRED COMPONENTS json) # libboost1.81-dev libboost-json1.81-dev
find_package(prometheus-cpp REQUIRED COMPONENTS core) # prometheus-cpp-dev

find_path(NGHTTP2_INCLUDE nghttp2/nghttp2.h REQUIRED) # libnghttp2-dev
find_library(NGHTTP2_LIBRARY nghttp2 REQUIRED)

find_package(CURL REQUIRED) # libcurl4-openssl-dev
find_path(LIBPQ_INCLUDE libpq-fe.h PATH_SUFFIXES postgresql REQUIRED) # libpq-dev
find_library(LIBPQ_LIBRARY pq REQUIRED)
find_path(HIREDIS_INCLUDE hiredis/hiredis.h REQUIRED) # libhiredis-dev
find_library(HIREDIS_LIBRARY hiredis REQUIRED)
find_path(RE2_INCLUDE re2/re2.h REQUIRED) # libre2-dev
find_library(RE2_LIBRARY re2 REQUIRED)

find_path(ZSTD_INCLUDE zstd.h REQUIRED) # libzstd-dev
find_library(ZSTD_LIBRARY zstd REQUIRED)

find_path(BROTLI_INCLUDE brotli/decode.h REQUIRED) # libbrotli-dev
find_library(BROTLI_DECODER_LIBRARY brotlidec REQUIRED)
find_library(BROTLI_ENCODER_LIBRARY brotlienc REQUIRED)

find_path(TL_EXPECTED_INCLUDE tl/expected.hpp REQUIRED) # libexpected-dev

if(NOT PROJECT_FUZZ)
  find_package(GTest REQUIRED)     # libgtest-dev libgmock-dev
  find_package(benchmark REQUIRED) # libbenchmark-dev
endif()
