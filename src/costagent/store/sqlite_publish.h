// Makes a delivery count, and clears away what doesn't: the statements behind both, on SQLite.
#pragma once

#include <set>
#include <span>
#include <string>

#include "costagent/store/publish.h"
#include "io/sqlite.h"

namespace costagent {

// As publish.h has it, within the caller's transaction.
base::Result<Publication> publish_delivery(io::Sqlite& connection, const LoadedDelivery& delivery, std::int64_t now,
                                           std::span<const std::string> known, const std::set<std::string>& asked_for);

// Removes a bounded number of rows within the caller's transaction; true while there is more to do. Deliveries that
// nobody has touched since `abandoned` (seconds since 1970) are taken for left.
base::Result<bool> clear_some_leftovers(io::Sqlite& connection, std::int64_t abandoned);

}  // namespace costagent
