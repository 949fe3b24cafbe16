#include "costagent/store/source_facts.h"

#include "costagent/store/facts.h"

namespace costagent {

template <class Call>
auto SourceFacts::read(Call call) {
  using Answer = decltype(call(std::declval<FactReader&>()));
  const auto source = this->source();
  if (!source) return Answer(base::pass_on(source));
  FactReader reader(**source);
  return call(reader);
}

base::Result<std::optional<FileTally>> SourceFacts::known(const std::string& customer, const std::string& digest) {
  return read([&](FactReader& reader) { return reader.known(customer, digest); });
}

base::Result<std::optional<Period>> SourceFacts::extent(const std::string& customer) {
  return read([&](FactReader& reader) { return reader.extent(customer); });
}

base::Result<std::int64_t> SourceFacts::version(const std::string& customer) {
  return read([&](FactReader& reader) { return reader.version(customer); });
}

base::Result<std::vector<Bill>> SourceFacts::bills(const std::string& customer, std::size_t limit) {
  return read([&](FactReader& reader) { return reader.bills(customer, limit); });
}

base::Result<std::vector<CostSeries>> SourceFacts::series(const SeriesQuery& query) {
  return read([&](FactReader& reader) { return reader.series(query); });
}

base::Result<std::vector<std::vector<CostSeries>>> SourceFacts::series_by_level(const LevelsQuery& query) {
  return read([&](FactReader& reader) { return reader.series_by_level(query); });
}

base::Result<TotalsPage> SourceFacts::totals(const TotalsQuery& query) {
  return read([&](FactReader& reader) { return reader.totals(query); });
}

base::Result<std::vector<UsageTotal>> SourceFacts::usage(const UsageQuery& query) {
  return read([&](FactReader& reader) { return reader.usage(query); });
}

base::Result<std::vector<ResourceUsage>> SourceFacts::resources(const std::string& customer,
                                                                const std::string& provider, Period period,
                                                                std::size_t limit) {
  return read([&](FactReader& reader) { return reader.resources(customer, provider, period, limit); });
}

base::Result<std::vector<Commitment>> SourceFacts::commitments(const std::string& customer, Period period,
                                                               std::size_t limit) {
  return read([&](FactReader& reader) { return reader.commitments(customer, period, limit); });
}

base::Result<CoveragePage> SourceFacts::coverage(const CoverageQuery& query) {
  return read([&](FactReader& reader) { return reader.coverage(query); });
}

base::Result<PricePage> SourceFacts::prices(const PriceQuery& query) {
  return read([&](FactReader& reader) { return reader.prices(query); });
}

base::Result<InventoryPage> SourceFacts::inventory(const InventoryQuery& query) {
  return read([&](FactReader& reader) { return reader.inventory(query); });
}

}  // namespace costagent
