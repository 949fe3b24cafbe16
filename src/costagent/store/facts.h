// Reads facts: series, totals and resources from the daily rollups.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "costagent/domain/fact_store.h"
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
    std::vector<std::pair<Dimension, std::int64_t>> only;
  };
  base::Result<std::optional<Filter>> filter_of(const std::string& customer,
                                                const std::map<Dimension, std::string>& only);
  base::Result<io::Statement*> select(const std::string& columns, const Filter& filter,
                                      const std::vector<Dimension>& by, Period period);
  base::Result<SliceKey> texts_of(const std::vector<std::int64_t>& ids);
  base::Result<std::string> text_of(std::int64_t id) { return dictionary_.text(connection_, id); }
  base::Result<> add_utilisation(std::int64_t customer, Period period,
                                 std::vector<std::pair<std::int64_t, ResourceUsage>>& usage);
  base::Result<> add_names(std::int64_t customer, std::int64_t resource, ResourceUsage& usage);

  io::Sqlite& connection_;
  DictionaryReader& dictionary_;
};

}  // namespace costagent
