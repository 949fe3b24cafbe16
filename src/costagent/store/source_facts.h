// The reading half of a store of facts: every call has a view of the database of its own.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "costagent/domain/fact_store.h"
#include "costagent/store/fact_source.h"

namespace costagent {

class SourceFacts : public FactStore {
 public:
  base::Result<std::optional<FileTally>> known(const std::string& customer, const std::string& digest) override;
  base::Result<std::optional<Period>> extent(const std::string& customer) override;
  base::Result<std::int64_t> version(const std::string& customer) override;
  base::Result<std::vector<Bill>> bills(const std::string& customer, std::size_t limit) override;
  base::Result<std::vector<CostSeries>> series(const SeriesQuery& query) override;
  base::Result<std::vector<std::vector<CostSeries>>> series_by_level(const LevelsQuery& query) override;
  base::Result<TotalsPage> totals(const TotalsQuery& query) override;
  base::Result<std::vector<UsageTotal>> usage(const UsageQuery& query) override;
  base::Result<std::vector<ResourceUsage>> resources(const std::string& customer, const std::string& provider,
                                                     Period period, std::size_t limit) override;
  base::Result<std::vector<Commitment>> commitments(const std::string& customer, Period period,
                                                    std::size_t limit) override;
  base::Result<CoveragePage> coverage(const CoverageQuery& query) override;
  base::Result<PricePage> prices(const PriceQuery& query) override;
  base::Result<InventoryPage> inventory(const InventoryQuery& query) override;

 protected:
  // Made for a call, and gone after it.
  virtual base::Result<std::unique_ptr<FactSource>> source() = 0;

 private:
  template <class Call>
  auto read(Call call);
};

}  // namespace costagent
