// Records from Parquet, as if they were CSV: the raw text of one is its fields as a line of CSV.
#pragma once

#include <memory>

#include "costagent/ingest/bill_input.h"
#include "costagent/ingest/record_source.h"

namespace costagent {

// Fails as io::ParquetReader does. A bill's digest is that of the file, as it is for what isn't packed.
base::Result<std::unique_ptr<RecordSource>> open_parquet(std::unique_ptr<BillInput> input);

}  // namespace costagent
