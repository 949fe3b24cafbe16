// Brings along what the first version of the schema kept.
#pragma once

#include "base/result.h"
#include "io/sqlite.h"

namespace costagent {

// Takes every file in again, from what was kept of its charges and its raw lines, and drops the old tables. Within the
// migration's transaction.
base::Result<> move_first_facts(io::Sqlite& connection);

}  // namespace costagent
