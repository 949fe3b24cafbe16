// Reads facts: series, totals and resources from the daily rollups.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "costagent/domain/fact_store.h"
#include "costagent/store/daily_costs.h"
#include "costagent/store/dictionary.h"
#include "io/sqlite.h"

namespace costagent {

// One connection's view of the facts; made for a call and gone after it.
class FactReader {
 public:
  FactReader(io::Sqlite& connection, DictionaryReader& dictionary) : connection_(connection), dictionary_(dictionary) {}

  base::Result<std::optional<FileTally>> known(const SourceFile& file);
  base::Result<std::optional<Period>> extent(const std::string& customer);
  base::Result<std::int64_t> version(const std::string& customer);
  base::Result<std::vector<CostSeries>> series(const SeriesQuery& query);
  base::Result<TotalsPage> totals(const TotalsQuery& query);
  base::Result<std::vector<ResourceUsage>> resources(const std::string& customer, const std::string& provider,
                                                     Period period, std::size_t limit);

 private:
  // Dictionary numbers of a query's texts; none where one of them is in no bill, so that nothing can match.
  struct Filter {
    std::int64_t customer = 0;
    DimensionFilter only;
  };
  base::Result<std::optional<Filter>> filter_of(const std::string& customer,
                                                const std::map<Dimension, std::string>& only);
  // The daily costs that match; `by` decides with the filter which rollup they come from.
  base::Result<DailyCosts> daily_costs(const Filter& filter, const std::vector<Dimension>& by, Period period);
  base::Result<SliceKey> texts_of(const std::vector<std::int64_t>& ids);
  base::Result<std::string> text_of(std::int64_t id) { return dictionary_.text(connection_, id); }

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
  base::Result<std::vector<ResourceCost>> resource_costs(const Filter& filter, Period period);
  base::Result<ResourceUsage> describe(std::int64_t customer, Period period, const ResourceCost& cost);
  base::Result<> add_utilisation(std::int64_t customer, std::int64_t resource, Period period, ResourceUsage& usage);
  base::Result<> add_names(std::int64_t customer, std::int64_t resource, ResourceUsage& usage);

  io::Sqlite& connection_;
  DictionaryReader& dictionary_;
};

}  // namespace costagent
