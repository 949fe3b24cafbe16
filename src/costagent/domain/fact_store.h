// Facts: charges, their rollups, and utilisation. Many rows, appended or replaced a month of a bill at a time, and
// never edited.
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
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "costagent/domain/charge.h"
#include "costagent/domain/commitment.h"
#include "costagent/domain/cost_series.h"
#include "costagent/domain/coverage.h"
#include "costagent/domain/price.h"
#include "costagent/domain/resource.h"
#include "costagent/domain/usage.h"

namespace costagent {

// Files that belong together: what one manifest lists, or one command names. Counts as a whole or not at all.
//
// Providers deliver a month anew while it lasts and often weeks after it. What is replaced as a whole is a partition: a
// provider's charges of one billing account in one billing period.
enum class Restatement {
  // Days that were not there come beside those that are; where the delivery covers all days of an earlier one of its
  // partition, it takes its place. What covers a part of them could be either, and is refused.
  by_days,
  replace,  // it takes the place of all earlier ones with which it shares a day
  add,      // it comes on top of them
};
struct Delivery {
  std::string customer;
  Restatement restatement = Restatement::by_days;
};

// A file of a delivery. It is known by what it holds, not by its name.
struct SourceFile {
  std::string name;
  std::string format;     // as a person calls it: "FOCUS 1.2"
  std::string header;     // the line that names the columns of its raw lines; empty if each names its own
  std::string beginning;  // SHA-256 (hex) of its first 64 KiB, unpacked: most files are told apart by that
};

// What a file brought when it was taken in.
struct FileTally {
  std::int64_t rows = 0;  // charges, or utilisation samples
  std::int64_t rejected = 0;
  base::Decimal billed_cost;  // of all currencies together; a bill has one
  base::Decimal effective_cost;
};

// A partition's charges that a later delivery took the place of.
struct Replaced {
  std::string provider;
  std::string billing_account;
  base::Day billing_period;  // its first day
  std::int64_t rows = 0;
  std::vector<std::string> files;  // that they had come from
};

// What became of a delivery: either it counts now, and `replaced` says what no longer does; or nothing has changed
// yet, as it would take the place of files that were passed over because they were known: they must be added first.
struct Publication {
  std::vector<std::string> missing;  // digests
  std::vector<Replaced> replaced;
  bool prices_cut = false;  // it told more than FactWriter::kMostPrices prices, and the further ones are not kept
};

// Takes in one delivery, a file after the other. What is added counts once `publish` returned, all at the same moment,
// and never does if the writer goes before. One thread uses a writer; others may write beside it.
class FactWriter {
 public:
  // Of a delivery; so many lines of a price list no provider has. More are prices that change by the hour or the line.
  static constexpr std::size_t kMostPrices = 200'000;

  virtual ~FactWriter() = default;
  virtual base::Result<> begin_file(const SourceFile& file) = 0;
  // `raw` is the line as the bill had it, so that no column is lost.
  virtual base::Result<> add(const Charge& charge, std::string_view raw) = 0;
  virtual base::Result<> add(const UtilisationSample& sample) = 0;
  virtual base::Result<> add(const Commitment& commitment) = 0;
  // A file that isn't ended leaves nothing, which is meant for one of which no line could be read. `digest` is the
  // SHA-256 (hex) of all it holds, unpacked.
  virtual base::Result<> end_file(const std::string& digest, const FileTally& tally) = 0;

  // `known`: digests of files of this delivery that were not added, as the store has them. Fails with `conflict` and
  // the field `kTaken` when one of its files was taken in by somebody else meanwhile: it is worth looking again; and
  // the field `restatement` when it covers a part of the days that are there: it has to be said what it is.
  static constexpr std::string_view kTaken = "taken";
  virtual base::Result<Publication> publish(std::span<const std::string> known) = 0;
};

struct SeriesQuery {
  std::string customer;
  Period period;
  CostMetric metric = CostMetric::effective;
  std::vector<Dimension> by;                // empty: the total
  std::map<Dimension, std::string> only{};  // keep charges with this value; a provider by any of its spellings
  std::size_t limit = 1000;                 // the dearest slices; never more
};

// Series at several levels, from one reading of the facts.
struct LevelsQuery {
  std::string customer;
  Period period;
  CostMetric metric = CostMetric::effective;
  std::vector<SeriesLevel> levels;
  std::map<Dimension, std::string> only{};           // as above
  std::map<std::string, std::string> only_tagged{};  // keep charges whose tag has this value; empty: no such tag
  std::size_t most_series = 10'000;                  // of all levels together
};

// What counts of a provider's billing period, as the bills say it: its charges may be of days outside of it.
struct Bill {
  std::string provider;
  std::string billing_account;
  base::Day billing_period;  // its first day
  std::string currency;
  Costs costs;
  std::int64_t rows = 0;  // charges of all currencies
  Period days;            // of the charges
};

enum class Bucket { whole, day, week, month, quarter, year };

struct TotalsQuery {
  std::string customer;
  Period period;
  std::vector<Dimension> by;
  std::map<Dimension, std::string> only{};
  Bucket bucket = Bucket::whole;  // weeks begin on Monday
  std::size_t limit = 50;
  std::size_t offset = 0;
  std::vector<std::string> by_tags{};                // names of tags; their values come behind `by` in the key
  std::map<std::string, std::string> only_tagged{};  // keep charges whose tag has this value; empty: no such tag
  std::optional<base::Day> billing_period{};         // keep charges of bills for the period that begins so
};

// A page of totals, dearest (effective cost) first within a bucket, buckets ascending.
struct TotalsPage {
  std::vector<CostTotal> totals;
  std::vector<CostTotal> sum;  // of everything that matched, page or not: one for each currency, exact
  bool more = false;
};

class FactStore {
 public:
  virtual ~FactStore() = default;

  // Whether some file of this customer begins like that: only then can it be known.
  virtual base::Result<bool> has_beginning(const std::string& customer, const std::string& beginning) = 0;

  // What the file brought, if this customer's store has all of it, and nothing took its place.
  virtual base::Result<std::optional<FileTally>> known(const std::string& customer, const std::string& digest) = 0;

  virtual base::Result<std::unique_ptr<FactWriter>> begin(const Delivery& delivery) = 0;

  // Removes some of what no longer counts, or never did, from the disk: rows of replaced partitions, and of deliveries
  // that nobody has added to for an hour. A call takes well under a second; true while there is more to do.
  virtual base::Result<bool> clear_leftovers() = 0;

  // The days that have charges, or none for a customer that is not known.
  virtual base::Result<std::optional<Period>> extent(const std::string& customer) = 0;

  // A number that changes whenever the customer's facts do, whichever process changes them, and is 0 while there are
  // none: what was computed under the same number still holds. Asked for with every request.
  virtual base::Result<std::int64_t> version(const std::string& customer) = 0;

  // By billing period, the newest first, then provider, billing account and currency; at most `limit`.
  virtual base::Result<std::vector<Bill>> bills(const std::string& customer, std::size_t limit) = 0;

  virtual base::Result<std::vector<CostSeries>> series(const SeriesQuery& query) = 0;

  // For each level its series, the dearest first: all of them. Fails with `too_large` where they are more than
  // `most_series`.
  virtual base::Result<std::vector<std::vector<CostSeries>>> series_by_level(const LevelsQuery& query) = 0;

  virtual base::Result<TotalsPage> totals(const TotalsQuery& query) = 0;

  // In no particular order. Fails with `too_large` where there are more than `most`.
  virtual base::Result<std::vector<UsageTotal>> usage(const UsageQuery& query) = 0;

  // Resources with a charge in the period, dearest first, at most `limit`. `provider` empty: of all. One that is billed
  // in two currencies has an entry for each.
  virtual base::Result<std::vector<ResourceUsage>> resources(const std::string& customer, const std::string& provider,
                                                             Period period, std::size_t limit) = 0;

  // Contract commitments that hold on any day of the period, at most `limit`, by their ids.
  virtual base::Result<std::vector<Commitment>> commitments(const std::string& customer, Period period,
                                                            std::size_t limit) = 0;

  // What was used of what commitments cover, or could. Fails with `too_large` also where it would be by the hour for
  // more than kMaxDaysByHour days.
  virtual base::Result<CoveragePage> coverage(const CoverageQuery& query) = 0;

  virtual base::Result<PricePage> prices(const PriceQuery& query) = 0;

  // Resources that bills name.
  virtual base::Result<InventoryPage> inventory(const InventoryQuery& query) = 0;
};

}  // namespace costagent
