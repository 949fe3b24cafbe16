#include "io/duckdb.h"

#include <dlfcn.h>
#include <stdlib.h>

#include <filesystem>
#include <string>
#include <vector>

namespace io::duckdb {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> usual_places() {
  std::vector<std::string> all;
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  if (!error) all.push_back((program.parent_path().parent_path() / "lib" / "libduckdb.so").string());
  all.emplace_back("libduckdb.so");
  return all;
}

template <class... Args>
base::Failure missing(fmt::format_string<Args...> why, Args&&... args) {
  auto failure = base::fail_field(kSetting, why, std::forward<Args>(args)...);
  failure.value().message.insert(0, "it is a Parquet file, which DuckDB's library reads, and ");
  failure.value().message += ": scripts/parquet fetches it, or the bill can be exported as CSV";
  return failure;
}

template <class Function>
bool find(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(::dlsym(library, name));
  return function != nullptr;
}

bool find_all(void* library, Api& api) {
  return find(library, "duckdb_open", api.open) && find(library, "duckdb_close", api.close) &&
         find(library, "duckdb_connect", api.connect) && find(library, "duckdb_disconnect", api.disconnect) &&
         find(library, "duckdb_query", api.query) && find(library, "duckdb_prepare", api.prepare) &&
         find(library, "duckdb_prepare_error", api.prepare_error) &&
         find(library, "duckdb_destroy_prepare", api.destroy_prepare) &&
         find(library, "duckdb_pending_prepared_streaming", api.pending_streaming) &&
         find(library, "duckdb_execute_pending", api.execute_pending) &&
         find(library, "duckdb_pending_error", api.pending_error) &&
         find(library, "duckdb_destroy_pending", api.destroy_pending) &&
         find(library, "duckdb_result_error", api.result_error) &&
         find(library, "duckdb_destroy_result", api.destroy_result) &&
         find(library, "duckdb_fetch_chunk", api.fetch_chunk) &&
         find(library, "duckdb_destroy_data_chunk", api.destroy_chunk) &&
         find(library, "duckdb_data_chunk_get_size", api.chunk_size) &&
         find(library, "duckdb_data_chunk_get_vector", api.chunk_vector) &&
         find(library, "duckdb_vector_get_data", api.vector_data) &&
         find(library, "duckdb_vector_get_validity", api.vector_validity) &&
         find(library, "duckdb_column_count", api.column_count);
}

}  // namespace

base::Result<const Api*> load(const char* named) {
  static Api api;
  // Where it is named, it is there or nowhere.
  const bool is_named = named != nullptr && *named != '\0';
  for (const std::string& place : is_named ? std::vector<std::string>{named} : usual_places()) {
    // Never closed: what a library of this size leaves behind in a process is not worth finding out.
    void* library = ::dlopen(place.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) continue;
    Api found;
    if (find_all(library, found)) return &(api = found);
    return missing("{} is none that can", place);
  }
  if (is_named) return missing("none can be loaded from {}, which {} names", named, kSetting);
  return missing("that isn't installed");
}

base::Result<const Api*> api() {
  static const base::Result<const Api*> loaded = load(::getenv(kSetting));
  return loaded;
}

}  // namespace io::duckdb
