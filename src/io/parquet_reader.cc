#include "io/parquet_reader.h"

#include <algorithm>
#include <array>

#include "io/duckdb.h"

namespace io {
namespace {

using duckdb::Api;
using duckdb::Handle;
using duckdb::Index;
using duckdb::QueryResult;

// Extensions that DuckDB would fetch over the net are not wanted.
constexpr const char* kSettings =
    "SET threads = 1; SET memory_limit = '256MB'; SET temp_directory = ''; SET autoinstall_known_extensions = false; "
    "SET autoload_known_extensions = false";

std::string quoted(std::string_view text, char quote) {
  std::string all(1, quote);
  for (const char c : text) {
    all += c;
    if (c == quote) all += quote;
  }
  return all += quote;
}

// What gives a column as text: exact for decimals, ISO for times, JSON for what is nested.
std::string as_text(const std::string& name, std::string_view type) {
  const std::string column = quoted(name, '"');
  const auto ends = [&](std::string_view with) { return type.ends_with(with); };
  if (ends("]") || type.starts_with("MAP(") || type.starts_with("STRUCT("))
    return "CAST(to_json(" + column + ") AS VARCHAR)";
  if (type == "TIMESTAMP WITH TIME ZONE")
    return "strftime(make_timestamp(epoch_us(" + column + ")), '%Y-%m-%dT%H:%M:%SZ')";
  if (type.starts_with("TIMESTAMP")) return "strftime(" + column + ", '%Y-%m-%dT%H:%M:%SZ')";
  return "CAST(" + column + " AS VARCHAR)";
}

}  // namespace

// An embedded DuckDB in memory, and the rows of one statement.
struct ParquetReader::Query {
  Query(const Api& used, std::string file) : api(used), path(std::move(file)) {}
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;
  ~Query() {
    end_rows();
    if (connection != nullptr) api.disconnect(&connection);
    if (database != nullptr) api.close(&database);
  }

  base::Failure failure(const char* said) const {
    // Below its first line DuckDB shows where in the statement it was.
    std::string words = said != nullptr ? said : "DuckDB does not say why";
    words.resize(std::min(words.size(), words.find('\n')));
    return base::fail(base::ErrorKind::invalid, "{}: it can't be read as Parquet: {}", path, words);
  }

  base::Result<> connect() {
    if (api.open(nullptr, &database) != duckdb::kSuccess || api.connect(database, &connection) != duckdb::kSuccess)
      return base::fail(base::ErrorKind::internal, "DuckDB does not start");
    QueryResult set{};
    const bool done = api.query(connection, kSettings, &set) == duckdb::kSuccess;
    const std::string why = done || api.result_error(&set) == nullptr ? std::string() : api.result_error(&set);
    api.destroy_result(&set);
    if (!done) return base::fail(base::ErrorKind::internal, "DuckDB does not take its settings: {}", why);
    return {};
  }

  base::Result<> begin_rows(const std::string& sql) {
    end_rows();
    if (api.prepare(connection, sql.c_str(), &statement) != duckdb::kSuccess)
      return failure(api.prepare_error(statement));
    Handle pending = nullptr;
    const bool ready = api.pending_streaming(statement, &pending) == duckdb::kSuccess;
    has_result = ready && api.execute_pending(pending, &result) == duckdb::kSuccess;
    const std::string why =
        has_result || api.pending_error(pending) == nullptr ? std::string() : api.pending_error(pending);
    api.destroy_pending(&pending);
    if (!has_result) return failure(why.c_str());
    columns = api.column_count(&result);
    data.resize(columns);
    validity.resize(columns);
    fields.resize(columns);
    return {};
  }

  base::Result<bool> next_row() {
    while (row == size) {
      if (chunk != nullptr) api.destroy_chunk(&chunk);
      chunk = api.fetch_chunk(result);
      row = size = 0;
      if (chunk == nullptr) {
        const char* why = api.result_error(&result);
        if (why != nullptr && *why != '\0') return failure(why);
        return false;
      }
      size = api.chunk_size(chunk);
      if (size == 0) return false;
      for (Index column = 0; column < columns; ++column) {
        Handle vector = api.chunk_vector(chunk, column);
        data[column] = static_cast<const duckdb::Text*>(api.vector_data(vector));
        validity[column] = api.vector_validity(vector);
      }
    }
    for (Index column = 0; column < columns; ++column) {
      const std::uint64_t* valid = validity[column];
      const bool null = valid != nullptr && ((valid[row / 64] >> (row % 64)) & 1) == 0;
      const duckdb::Text& text = data[column][row];
      const char* bytes = text.size <= duckdb::kInlined ? text.prefix : text.data;
      fields[column] = null ? std::string_view() : std::string_view(bytes, text.size);
    }
    ++row;
    return true;
  }

  void end_rows() {
    if (chunk != nullptr) api.destroy_chunk(&chunk);
    if (has_result) api.destroy_result(&result);
    if (statement != nullptr) api.destroy_prepare(&statement);
    has_result = false;
    row = size = 0;
  }

  const Api& api;
  std::string path;
  Handle database = nullptr;
  Handle connection = nullptr;
  Handle statement = nullptr;
  QueryResult result{};
  bool has_result = false;
  Handle chunk = nullptr;
  Index columns = 0;
  Index size = 0;  // rows of the chunk
  Index row = 0;   // of it, that comes next
  std::vector<const duckdb::Text*> data;
  std::vector<const std::uint64_t*> validity;
  std::vector<std::string_view> fields;
  std::vector<std::string> names;
  std::uint64_t rows = 0;
};

ParquetReader::ParquetReader(std::unique_ptr<Query> query) : query_(std::move(query)) {}
ParquetReader::ParquetReader(ParquetReader&&) noexcept = default;
ParquetReader::~ParquetReader() = default;

base::Result<ParquetReader> ParquetReader::open(const std::string& path) {
  const auto api = duckdb::api();
  if (!api) return base::fail_field(duckdb::kSetting, "{}: {}", path, api.error().message);
  auto query = std::make_unique<Query>(**api, path);
  if (const auto connected = query->connect(); !connected) return base::pass_on(connected);
  const std::string from = "read_parquet(" + quoted(path, '\'') + ")";
  const auto one = [&](const std::string& sql, auto take) -> base::Result<> {
    if (auto begun = query->begin_rows(sql); !begun) return begun;
    for (;;) {
      const auto more = query->next_row();
      if (!more) return base::pass_on(more);
      if (!*more) return {};
      take();
    }
  };
  std::string selected;
  const auto described = one(
      "SELECT CAST(column_name AS VARCHAR), CAST(column_type AS VARCHAR) FROM (DESCRIBE SELECT * FROM " + from + ")",
      [&] {
        query->names.emplace_back(query->fields[0]);
        selected += (selected.empty() ? "" : ", ") + as_text(query->names.back(), query->fields[1]);
      });
  if (!described) return base::pass_on(described);
  const auto counted = one("SELECT CAST(count(*) AS VARCHAR) FROM " + from,
                           [&] { query->rows = std::stoull(std::string(query->fields[0])); });
  if (!counted) return base::pass_on(counted);
  if (const auto begun = query->begin_rows("SELECT " + selected + " FROM " + from); !begun) return base::pass_on(begun);
  return ParquetReader(std::move(query));
}

bool ParquetReader::is_missing(const base::Error& error) { return error.field == duckdb::kSetting; }

const std::vector<std::string>& ParquetReader::names() const { return query_->names; }
std::uint64_t ParquetReader::rows() const { return query_->rows; }

base::Result<bool> ParquetReader::next(std::span<const std::string_view>& fields) {
  auto more = query_->next_row();
  if (more && *more) fields = query_->fields;
  return more;
}

}  // namespace io
