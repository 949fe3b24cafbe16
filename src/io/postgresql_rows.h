// What a statement gave, of either of PostgreSQL's two forms: text and binary.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "base/decimal.h"

struct pg_result;

namespace io {

// Rows and columns count from 0. Owns its memory: it may outlive its connection.
class PostgresRows {
 public:
  explicit PostgresRows(pg_result* result);

  int size() const;
  int columns() const;
  // The column of that name; -1 where there is none.
  int column(const char* name) const;
  bool is_null(int row, int column) const;

  // Texts and bytes as they are, other types as they were sent. Valid as long as the rows are.
  std::string_view text(int row, int column) const;
  // Nothing for null, and for what is no number.
  std::optional<double> number(int row, int column) const;
  // Of a column of that type; 0 and false for null.
  std::int64_t integer(int row, int column) const;
  bool boolean(int row, int column) const;
  // Of a numeric in binary form. Nothing for null, and for what base::Decimal does not hold: no number, an infinite
  // one, 10^38 or more, more than 36 decimal places.
  std::optional<base::Decimal> decimal(int row, int column) const;

  // What was done, as "INSERT 0 1" or "COMMIT", and how many rows that changed, or copied.
  std::string_view command() const;
  std::int64_t affected() const;

 private:
  struct Clear {
    void operator()(pg_result* result) const;
  };
  std::unique_ptr<pg_result, Clear> result_;
};

}  // namespace io
