// Checks what is read of a table, whatever its format, on the way into it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "loadlab/plan/complaints.h"
#include "loadlab/plan/table.h"

namespace loadlab {

class TableBuilder {
 public:
  // `name`: the file's, for what is wrong with it.
  explicit TableBuilder(const std::string& name) : name_(name) {}

  // The names of the columns, which stand at `at`. Before any row.
  base::Result<> set_columns(std::vector<std::string> columns, Position at);

  // A row that begins at `at`, with as many values as there are columns.
  base::Result<> add_row(const std::vector<std::string_view>& values, Position at);

  bool has_columns() const { return table_.has_value(); }
  const std::vector<std::string>& columns() const { return table_->columns(); }

  // Fails where there is no row.
  base::Result<Table> finish();

  template <class... Args>
  base::Failure fail(Position at, fmt::format_string<Args...> format, Args&&... args) const {
    return base::fail(base::ErrorKind::invalid, "{}:{}:{}: {}", name_, at.line, at.column,
                      fmt::format(format, std::forward<Args>(args)...));
  }

 private:
  const std::string& name_;
  std::optional<Table> table_;
};

// The two formats' readers.
base::Result<Table> read_csv_table(std::string_view text, TableBuilder builder);
base::Result<Table> read_json_lines_table(std::string_view text, TableBuilder builder);

}  // namespace loadlab
