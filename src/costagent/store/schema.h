// The tables, as numbered migrations.
#pragma once

#include <string>

#include "base/result.h"
#include "io/sqlite.h"

namespace costagent {

// The version that a new database has.
int newest_schema_version();

// Brings the database to a version, the newest if nothing else is said, one migration after the other, all in one
// transaction. An empty one is made ours. Fails with `corrupt`, changing nothing, when the database belongs to another
// program or to a newer version of this.
base::Result<> migrate(io::Sqlite& connection, const std::string& path, int up_to = newest_schema_version());

}  // namespace costagent
