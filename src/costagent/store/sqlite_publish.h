// Makes a delivery count, and clears away what doesn't: the statements behind both, on SQLite.
#pragma once

#include <set>
#include <span>
#include <string>

#include "costagent/domain/fact_store.h"
#include "io/sqlite.h"

namespace costagent {

// A charge's id: a part lies together in its table.
constexpr std::int64_t charge_id(std::int64_t part, std::int64_t number) { return (part << 32) + number; }

struct LoadedDelivery {
  std::int64_t id = 0;
  std::int64_t customer = 0;
  Restatement restatement = Restatement::by_days;
};

// Within the caller's transaction, which must be rolled back when files are missing or it fails. `now` in seconds since
// 1970; `asked_for`: digests of files that an earlier try said were missing.
base::Result<Publication> publish_delivery(io::Sqlite& connection, const LoadedDelivery& delivery, std::int64_t now,
                                           std::span<const std::string> known, const std::set<std::string>& asked_for);

// Removes a bounded number of rows within the caller's transaction; true while there is more to do. Deliveries that
// nobody has touched since `abandoned` (seconds since 1970) are taken for left.
base::Result<bool> clear_some_leftovers(io::Sqlite& connection, std::int64_t abandoned);

}  // namespace costagent
