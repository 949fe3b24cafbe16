#include "costagent/store/postgres_rollup_sql.h"

#include <array>
#include <deque>

#include "costagent/store/rollup_sql.h"

namespace costagent::postgres {
namespace {

// Statements are kept by the addresses of their texts.
const char* keep(std::string text) {
  static std::deque<std::string> kept;
  return kept.emplace_back(std::move(text)).c_str();
}

RollupStatements make(Rollup rollup) {
  const char* table = table_of(rollup);
  const std::string key = key_names(rollup.level);
  const char* quantity = has_quantities(rollup.level) ? ", quantity" : "";
  RollupStatements made;
  made.select = fmt::format(
      "SELECT time, {}, part, billed, effective, list, contracted{} FROM costagent.{} "
      "WHERE customer = $1::bigint AND time >= $2::integer AND time < $3::integer ORDER BY time",
      key, quantity, table);
  made.declare = {keep(fmt::format("declare_{}", table)),
                  keep(fmt::format("DECLARE {}_rows NO SCROLL CURSOR FOR {}", table, made.select))};
  made.fetch = {keep(fmt::format("fetch_{}", table)), keep(fmt::format("FETCH {} FROM {}_rows", kFetched, table))};
  made.close = {keep(fmt::format("close_{}", table)), keep(fmt::format("CLOSE {}_rows", table))};
  made.clear = {keep(fmt::format("clear_{}", table)),
                keep(fmt::format("DELETE FROM costagent.{} "
                                 "WHERE customer = $1 AND time >= $2::integer AND time < $3::integer AND part = $4",
                                 table))};
  return made;
}

}  // namespace

const RollupStatements& statements_of(Rollup rollup) {
  static const std::array<RollupStatements, std::size(kRollups)> all = [] {
    std::array<RollupStatements, std::size(kRollups)> made;
    for (std::size_t i = 0; i < made.size(); ++i) made[i] = make(kRollups[i]);
    return made;
  }();
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (kRollups[i] == rollup) return all[i];
  }
  return all[0];
}

}  // namespace costagent::postgres
