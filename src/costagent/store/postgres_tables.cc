#include "costagent/store/postgres_tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <deque>
#include <utility>

#include "costagent/store/rollup_sql.h"

namespace costagent {
namespace {

// By their numbers in PostgreSQL's catalogue (pg_type.dat).
std::uint32_t number_of_type(std::string_view type) {
  constexpr std::array<std::pair<std::string_view, std::uint32_t>, 6> kTypes{
      {{"bigint", 20}, {"integer", 23}, {"smallint", 21}, {"numeric", 1700}, {"bytea", 17}, {"float8", 701}}};
  for (const auto& [name, number] : kTypes) {
    if (name == type) return number;
  }
  assert(false);
  return 0;
}

constexpr std::string_view kCostColumns = "billed numeric\neffective numeric\nlist numeric\ncontracted numeric";

std::string rollup_columns(Level level) {
  std::string columns = "customer bigint";
  std::string_view keys = key_names(level);
  while (!keys.empty()) {
    const auto end = keys.find(", ");
    columns += fmt::format("\n{} bigint", keys.substr(0, end));
    keys = end == std::string_view::npos ? std::string_view{} : keys.substr(end + 2);
  }
  columns += fmt::format("\npart bigint\ntime integer\nflush integer\n{}", kCostColumns);
  return has_quantities(level) ? columns + "\nquantity numeric" : columns;
}

std::string coverage_columns() {
  return fmt::format(
      "customer bigint\nprovider bigint\naccount bigint\nservice bigint\nregion bigint\nusage_type bigint\n"
      "pricing_category bigint\ncommitment bigint\nunit bigint\ncurrency bigint\npart bigint\ntime integer\n"
      "status smallint\nquantity numeric\nhours bytea\n{}",
      kCostColumns);
}

}  // namespace

PostgresTable::PostgresTable(std::string_view name, std::string_view columns) {
  std::string names;
  std::string lists;
  while (!columns.empty()) {
    const std::string_view column = columns.substr(0, columns.find('\n'));
    columns.remove_prefix(std::min(columns.size(), column.size() + 1));
    const auto space = column.find(' ');
    const std::string_view type = column.substr(space + 1);
    types.push_back(number_of_type(type));
    if (!names.empty()) names += ", ", lists += ", ";
    names += column.substr(0, space);
    lists += fmt::format("${}::{}[]", types.size(), type);
  }
  copy = fmt::format("COPY costagent.{} ({}) FROM STDIN (FORMAT binary)", name, names);
  insert_name_ = fmt::format("insert_{}", name);
  insert_sql_ = fmt::format("INSERT INTO costagent.{} ({}) SELECT * FROM unnest({})", name, names, lists);
  insert = {insert_name_.c_str(), insert_sql_.c_str()};
}

namespace postgres {

const PostgresTable& charge_table() {
  static const PostgresTable table("charge", fmt::format("id bigint\nslice bigint\nstart bigint\nseconds bigint\n"
                                                         "month integer\nquantity numeric\n{}",
                                                         kCostColumns));
  return table;
}

const PostgresTable& raw_block_table() {
  static const PostgresTable table("raw_block",
                                   "part bigint\nnumber bigint\nfile bigint\nlines bigint\nsize bigint\npacked bytea");
  return table;
}

const PostgresTable& utilisation_table() {
  static const PostgresTable table(
      "daily_utilisation",
      "customer bigint\nresource bigint\npart bigint\nday integer\nflush integer\nhours bigint\ncpu_sum float8\n"
      "cpu_max float8\nmemory_sum float8\nmemory_max float8\nnetwork_sum float8\ndisk_sum float8");
  return table;
}

const PostgresTable& commitment_table() {
  static const PostgresTable table(
      "commitment",
      "part bigint\nnumber bigint\nprovider bytea\ncontract bytea\nid bytea\ncategory bytea\ntype bytea\n"
      "description bytea\nunit bytea\nquantity numeric\ncurrency bytea\ncost numeric\ncontract_start bigint\n"
      "contract_end bigint\nstart bigint\nfinish bigint");
  return table;
}

const PostgresTable& rollup_table(Rollup rollup) {
  static const std::deque<PostgresTable> tables = [] {
    std::deque<PostgresTable> made;
    for (const Rollup each : kRollups) made.emplace_back(table_of(each), rollup_columns(each.level));
    return made;
  }();
  const auto* const at = std::find(std::begin(kRollups), std::end(kRollups), rollup);
  return tables[static_cast<std::size_t>(at - std::begin(kRollups))];
}

const PostgresTable& coverage_table(CoverageGrain grain) {
  static const PostgresTable monthly("monthly_coverage", coverage_columns());
  static const PostgresTable daily("daily_coverage", coverage_columns());
  return grain == CoverageGrain::month ? monthly : daily;
}

const PostgresTable& price_table() {
  static const PostgresTable table(
      "price",
      "customer bigint\nsku bigint\nusage_type bigint\nprovider bigint\nservice bigint\nregion bigint\n"
      "pricing_category bigint\ncurrency bigint\nunit bigint\npart bigint\nfirst_day integer\nlast_day integer\n"
      "list numeric\ncontracted numeric");
  return table;
}

const PostgresTable& inventory_table() {
  static const PostgresTable table(
      "inventory", "customer bigint\nresource bigint\npart bigint\nslice bigint\nfirst_day integer\nlast_day integer");
  return table;
}

}  // namespace postgres
}  // namespace costagent
