// The few functions of DuckDB's C API that are used, loaded when they are first needed.
//
// Names, types and layouts are those of duckdb.h 1.x (duckdb.org/docs/api/c), which keeps them stable from version to
// version.
#pragma once

#include <cstdint>

#include "base/result.h"

namespace io::duckdb {

using Index = std::uint64_t;
using Handle = void*;

struct QueryResult {
  Index deprecated_column_count;
  Index deprecated_row_count;
  Index deprecated_rows_changed;
  void* deprecated_columns;
  char* deprecated_error_message;
  void* internal_data;
};

// A text of a vector: short ones stand in it, longer ones elsewhere.
struct Text {
  std::uint32_t size;
  char prefix[4];
  const char* data;
};
inline constexpr std::uint32_t kInlined = 12;

constexpr int kSuccess = 0;

// The environment's name for where the library is.
inline constexpr const char* kSetting = "COSTAGENT_DUCKDB";

struct Api {
  int (*open)(const char* path, Handle* database);
  void (*close)(Handle* database);
  int (*connect)(Handle database, Handle* connection);
  void (*disconnect)(Handle* connection);
  int (*query)(Handle connection, const char* sql, QueryResult* result);
  int (*prepare)(Handle connection, const char* sql, Handle* statement);
  const char* (*prepare_error)(Handle statement);
  void (*destroy_prepare)(Handle* statement);
  int (*pending_streaming)(Handle statement, Handle* pending);
  int (*execute_pending)(Handle pending, QueryResult* result);
  const char* (*pending_error)(Handle pending);
  void (*destroy_pending)(Handle* pending);
  const char* (*result_error)(QueryResult* result);
  void (*destroy_result)(QueryResult* result);
  Handle (*fetch_chunk)(QueryResult result);
  void (*destroy_chunk)(Handle* chunk);
  Index (*chunk_size)(Handle chunk);
  Handle (*chunk_vector)(Handle chunk, Index column);
  void* (*vector_data)(Handle vector);
  std::uint64_t* (*vector_validity)(Handle vector);
  Index (*column_count)(QueryResult* result);
};

// Loads it from what is `named`, or where nothing is, from one of the usual places. Not cached; fails as `api` does.
base::Result<const Api*> load(const char* named);

// Loaded once a process; thread-safe. Fails with `invalid` and the field kSetting, and says what to do: what isn't
// installed doesn't come by itself.
base::Result<const Api*> api();

}  // namespace io::duckdb
