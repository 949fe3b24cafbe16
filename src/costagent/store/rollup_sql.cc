#include "costagent/store/rollup_sql.h"

#include <fmt/format.h>

#include <array>

namespace costagent {
namespace {

struct Statements {
  std::string add;
  std::string read;
  std::string clear;
};

Statements statements_of(Rollup rollup) {
  const char* table = table_of(rollup);
  const std::string key = key_names(rollup.level);
  const char* quantity = has_quantities(rollup.level) ? ", quantity" : "";
  std::string values = "?";
  for (std::size_t i = 1; i < key_size(rollup.level) + (has_quantities(rollup.level) ? 9 : 8); ++i) values += ", ?";
  return {
      fmt::format("INSERT INTO {} (customer, time, {}, part, flush, billed, effective, list, contracted{}) VALUES ({})",
                  table, key, quantity, values),
      fmt::format("SELECT time, {}, part, billed, effective, list, contracted{} FROM {} "
                  "WHERE customer = ?1 AND time >= ?2 AND time < ?3 ORDER BY time",
                  key, quantity, table),
      fmt::format("DELETE FROM {} WHERE customer = ?1 AND time = ?2 AND part = ?3", table)};
}

const Statements& statements(Rollup rollup) {
  static const std::array<Statements, std::size(kRollups)> all = [] {
    std::array<Statements, std::size(kRollups)> made;
    for (std::size_t i = 0; i < made.size(); ++i) made[i] = statements_of(kRollups[i]);
    return made;
  }();
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (kRollups[i] == rollup) return all[i];
  }
  return all[0];
}

}  // namespace

const char* table_of(Rollup rollup) {
  const bool month = rollup.grain == Grain::month;
  switch (rollup.level) {
    case Level::service:
      return month ? "monthly_service" : "daily_service";
    case Level::account:
      return month ? "monthly_account" : "daily_account";
    case Level::slice:
      return month ? "monthly_slice" : "daily_slice";
  }
  return "";
}

const char* key_names(Level level) {
  switch (level) {
    case Level::service:
      return "provider, service, category, currency";
    case Level::account:
      return "provider, service, category, currency, account, region";
    case Level::slice:
      return "slice";
  }
  return "";
}

const std::string& add_rollup_sql(Rollup rollup) { return statements(rollup).add; }
const std::string& read_rollup_sql(Rollup rollup) { return statements(rollup).read; }
const std::string& clear_rollup_sql(Rollup rollup) { return statements(rollup).clear; }

}  // namespace costagent
