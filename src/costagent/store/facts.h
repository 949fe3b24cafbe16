// Answers questions about facts from rollups, whichever database they are in.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "costagent/domain/fact_store.h"
#include "costagent/store/fact_source.h"
#include "costagent/store/matching_rows.h"

namespace costagent {

// Made for a call and gone after it.
class FactReader {
 public:
  explicit FactReader(FactSource& source) : source_(source) {}

  base::Result<std::optional<FileTally>> known(const std::string& customer, const std::string& digest);
  base::Result<std::optional<Period>> extent(const std::string& customer);
  base::Result<std::int64_t> version(const std::string& customer);
  base::Result<std::vector<Bill>> bills(const std::string& customer, std::size_t limit);
  base::Result<std::vector<CostSeries>> series(const SeriesQuery& query);
  base::Result<std::vector<std::vector<CostSeries>>> series_by_level(const LevelsQuery& query);
  base::Result<TotalsPage> totals(const TotalsQuery& query);
  base::Result<std::vector<UsageTotal>> usage(const UsageQuery& query);
  base::Result<std::vector<ResourceUsage>> resources(const std::string& customer, const std::string& provider,
                                                     Period period, std::size_t limit);
  base::Result<std::vector<Commitment>> commitments(const std::string& customer, Period period, std::size_t limit);
  base::Result<CoveragePage> coverage(const CoverageQuery& query);
  base::Result<PricePage> prices(const PriceQuery& query);
  base::Result<InventoryPage> inventory(const InventoryQuery& query);

 private:
  // Of each level the `limit` dearest series.
  base::Result<std::vector<std::vector<CostSeries>>> summed_levels(const LevelsQuery& query, std::size_t limit);
  base::Result<SliceKey> texts_of(const std::vector<std::int64_t>& ids);

  // What a resource costs in one currency, by the numbers of its texts.
  struct ResourceCost {
    std::int64_t resource = 0;
    std::int64_t currency = 0;
    std::int64_t provider = 0;
    std::int64_t account = 0;  // these three as the last charge has them
    std::int64_t service = 0;
    std::int64_t region = 0;
    base::Decimal effective;
    int days = 0;
    std::int64_t last_day = -1;
  };
  base::Result<> expect(std::int64_t customer, const std::vector<ResourceCost>& costs, Period period);
  base::Result<std::vector<ResourceCost>> resource_costs(const RowFilter& filter, Period period);
  base::Result<ResourceUsage> describe(std::int64_t customer, Period period, const ResourceCost& cost);
  base::Result<> add_utilisation(std::int64_t customer, std::int64_t resource, Period period, ResourceUsage& usage);
  base::Result<Coverage> coverage_of_units(Coverage coverage,
                                           const std::map<std::int64_t, CoveredQuantity>& quantities);
  base::Result<PricePage> describe(const std::vector<PriceRow>& rows, PricePage page);
  base::Result<InventoryPage> describe(std::int64_t customer, Period period, const std::vector<InventoryRow>& rows,
                                       ColumnFilter& tags, InventoryPage page);
  base::Result<> add_names(std::int64_t customer, std::int64_t resource, ResourceUsage& usage);

  FactSource& source_;
};

}  // namespace costagent
