// The tables on PostgreSQL, as numbered migrations, in a schema of their own: `costagent`.
#pragma once

#include "base/result.h"
#include "io/postgresql.h"

namespace costagent {

// The version that a new database has. It counts for itself: SQLite's schema has numbers of its own.
int newest_postgres_schema();

// Brings the database to a version, the newest if nothing else is said, one migration after the other, all in one
// transaction. Of many processes that do so at once one migrates, and the others wait for it until `until` (monotonic
// clock). Fails with `corrupt`, changing nothing, when the schema belongs to another program or to a newer version of
// this, and with `invalid` when the role may not make it.
base::Result<> migrate_postgres(io::Postgres& session, base::Nanoseconds until, int up_to = newest_postgres_schema());

}  // namespace costagent
