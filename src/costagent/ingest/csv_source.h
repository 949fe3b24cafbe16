// Records from CSV, whose first line names the columns.
#pragma once

#include <memory>

#include "costagent/ingest/bill_input.h"
#include "costagent/ingest/record_source.h"

namespace costagent {

// Reads the header. Fails (invalid, with the path) when there is none or the file is no CSV.
base::Result<std::unique_ptr<RecordSource>> open_csv(std::unique_ptr<BillInput> input);

}  // namespace costagent
