// Makes a delivery count, and clears away what doesn't: the statements behind both, on PostgreSQL.
#pragma once

#include <set>
#include <span>
#include <string>

#include "costagent/store/publish.h"
#include "io/postgresql.h"

namespace costagent {

// As publish.h has it, in a transaction of its own, which is committed unless files are missing. Of several who publish
// something of a customer at once, one does, and the others wait. When it fails with `unavailable` and the session is
// lost, it may have gone well: a file that is then known did.
base::Result<Publication> publish_delivery(io::Postgres& session, const LoadedDelivery& delivery, std::int64_t now,
                                           std::span<const std::string> known, const std::set<std::string>& asked_for,
                                           base::Nanoseconds until);

// Removes a bounded number of rows; true while there is more to do, and false, too, while somebody else is at it.
// Deliveries that nobody has touched since `abandoned` (seconds since 1970) are taken for left.
base::Result<bool> clear_some_leftovers(io::Postgres& session, std::int64_t abandoned, base::Nanoseconds until);

}  // namespace costagent
