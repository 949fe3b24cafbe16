// Facts: charges, their daily rollups, and utilisation. Many rows, appended a file at a time and never edited.
//
// Implemented by store/; used by service/ through this interface, so that an analytical engine can take its place.
//
// Every call blocks and may be made from any thread. Errors: `unavailable` when the database is locked or away past its
// deadline, `io` on a full or failing disk, `corrupt` when it is not a database of ours, `too_large` when a question
// has more slices (200,000) or days of slices (8 million) than are summed in memory.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "costagent/domain/charge.h"
#include "costagent/domain/cost_series.h"
#include "costagent/domain/resource.h"

namespace costagent {

// A file that was taken in: known by what it holds (SHA-256, hex), not by its name.
struct SourceFile {
  std::string customer;
  std::string digest;
  std::string name;
  std::string header{};  // the line that names the columns of its raw lines
};

// What a file brought when it was taken in.
struct FileTally {
  std::int64_t rows = 0;  // charges, or utilisation samples
  std::int64_t rejected = 0;
  base::Decimal billed_cost;  // of all currencies together; a bill has one
  base::Decimal effective_cost;
};

struct SeriesQuery {
  std::string customer;
  Period period;
  CostMetric metric = CostMetric::effective;
  std::vector<Dimension> by;                // empty: the total
  std::map<Dimension, std::string> only{};  // keep charges with this value; a provider by any of its spellings
  std::size_t limit = 1000;                 // the dearest slices; never more
};

enum class Bucket { whole, day, week, month };

struct TotalsQuery {
  std::string customer;
  Period period;
  std::vector<Dimension> by;
  std::map<Dimension, std::string> only{};
  Bucket bucket = Bucket::whole;  // weeks begin on Monday
  std::size_t limit = 50;
  std::size_t offset = 0;
};

// A page of totals, dearest (effective cost) first within a bucket, buckets ascending.
struct TotalsPage {
  std::vector<CostTotal> totals;
  std::vector<CostTotal> sum;  // of everything that matched, page or not: one for each currency, exact
  bool more = false;
};

// Takes in one file, all or nothing: what is added counts once `commit` returned, and is gone if the writer dies
// before. One thread uses a writer; a store has one writer at a time and others wait for it.
class FactWriter {
 public:
  virtual ~FactWriter() = default;
  // `raw` is the line as the bill had it, so that no column is lost.
  virtual base::Result<> add(const Charge& charge, std::string_view raw) = 0;
  virtual base::Result<> add(const UtilisationSample& sample) = 0;
  virtual base::Result<> commit(const FileTally& tally) = 0;
};

class FactStore {
 public:
  virtual ~FactStore() = default;

  // What the file brought, if this customer's store has it already.
  virtual base::Result<std::optional<FileTally>> known(const SourceFile& file) = 0;

  // Fails with `conflict` if the file is known.
  virtual base::Result<std::unique_ptr<FactWriter>> begin(const SourceFile& file) = 0;

  // The days that have charges, or none for a customer that is not known.
  virtual base::Result<std::optional<Period>> extent(const std::string& customer) = 0;

  // A number that changes whenever the customer's facts do: what was computed under the same number still holds.
  virtual base::Result<std::int64_t> version(const std::string& customer) = 0;

  virtual base::Result<std::vector<CostSeries>> series(const SeriesQuery& query) = 0;
  virtual base::Result<TotalsPage> totals(const TotalsQuery& query) = 0;

  // Resources with a charge in the period, dearest first, at most `limit`. `provider` empty: of all. One that is billed
  // in two currencies has an entry for each.
  virtual base::Result<std::vector<ResourceUsage>> resources(const std::string& customer, const std::string& provider,
                                                             Period period, std::size_t limit) = 0;
};

}  // namespace costagent
