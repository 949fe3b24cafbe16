// Takes files in: bills and utilisation, from the command line and from the API alike.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/decimal.h"
#include "base/result.h"
#include "costagent/domain/fact_store.h"

namespace costagent {

// What became of one or more files.
struct IngestReport {
  // Of those that were refused, this many are told one by one; all are counted.
  static constexpr std::size_t kMaxProblems = 20;

  std::uint64_t charges = 0;     // or utilisation samples: taken in now
  std::uint64_t duplicates = 0;  // lines of files that had been taken in before
  std::uint64_t rejected = 0;    // lines that could not be read
  base::Decimal billed_cost;     // of the charges taken in now, whatever their currencies
  base::Decimal effective_cost;
  std::vector<std::string> problems;  // `FILE:LINE:COLUMN: NAME: what is wrong`

  void add(const IngestReport& other);
};

// Told how much of the file has been read, 0 to 1, now and then.
using IngestProgress = std::function<void(double share)>;

// Takes in a FOCUS file (CSV, gzip or not), all or nothing: lines that are wrong are reported and the rest is kept. A
// file whose contents this customer has already, under any name, packed or not, counts nothing. Blocks; thread-safe.
// Fails with `not_found` or `io` when the file can't be read, `invalid` when it is not FOCUS or its gzip data are
// damaged, `conflict` when it changes while it is read, and as the store does; then nothing of it was kept.
base::Result<IngestReport> ingest_bill(FactStore& facts, const std::string& customer, const std::string& path,
                                       const IngestProgress& progress = {});

// The same for a file of hourly utilisation.
base::Result<IngestReport> ingest_utilisation(FactStore& facts, const std::string& customer, const std::string& path,
                                              const IngestProgress& progress = {});

}  // namespace costagent
