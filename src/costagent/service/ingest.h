// Takes files in: bills, contract commitments and utilisation, from the command line and from the API alike.
#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/decimal.h"
#include "base/result.h"
#include "costagent/domain/fact_store.h"

namespace costagent {

// What became of one or more files.
struct IngestReport {
  // Of those that were refused, this many are told one by one; all are counted. The same for notes.
  static constexpr std::size_t kMaxProblems = 20;

  std::uint64_t charges = 0;     // taken in now
  std::uint64_t duplicates = 0;  // charges of files that had been taken in before
  std::uint64_t rejected = 0;    // lines that could not be read
  std::uint64_t replaced = 0;    // charges taken in before, whose month these files bring anew

  struct Sum {
    base::Decimal billed;
    base::Decimal effective;
  };
  std::map<std::string, Sum> totals;  // of the charges taken in now, by currency

  struct Others {
    std::uint64_t taken = 0;
    std::uint64_t duplicates = 0;
    std::uint64_t rejected = 0;
  };
  Others utilisation;  // hours of resources
  Others commitments;  // of contracts

  std::vector<std::string> problems;  // `FILE:LINE:COLUMN: NAME: what is wrong`
  std::vector<std::string> notes;     // sentences: what was assumed, and what took the place of what

  // What each file that was read holds, by its path: SHA-256 (hex), unpacked.
  std::map<std::string, std::string> digests;

  bool all_read() const { return rejected + utilisation.rejected + commitments.rejected == 0; }
};

// Told now and then which file is being read, and how much of it, 0 to 1.
struct IngestStep {
  std::string path;
  std::size_t file = 0;  // its place in the list, from 0
  std::size_t files = 0;
  double share = 0;
};
// Says whether to go on: false ends it, and nothing is kept.
using IngestProgress = std::function<bool(const IngestStep&)>;

// Takes in files, manifests and folders (bill_files.h) as one delivery (domain/fact_store.h), all or nothing: lines
// that are wrong are reported and the rest is kept, but an error leaves everything as it was. What a file is, its
// contents tell. One whose contents this customer has already, under any name, packed or not, counts nothing. What
// manifests bring replaces what was there of their months, unless the delivery says something else. Blocks;
// thread-safe. Fails with `not_found` or `io` when a file can't be read, `invalid` when it is none that is known, or
// damaged, `conflict` when it changes while it is read, `cancelled` when it was not to go on, and as the store does.
base::Result<IngestReport> ingest_files(FactStore& facts, const Delivery& delivery, std::span<const std::string> paths,
                                        const IngestProgress& progress = {});

// SHA-256 (hex) of what a file holds, unpacked, as `IngestReport::digests`. Fails with `not_found`, `io` or `invalid`.
base::Result<std::string> content_digest(const std::string& path);

}  // namespace costagent
