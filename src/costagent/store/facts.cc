#include "costagent/store/facts.h"

#include <algorithm>
#include <unordered_map>

#include "costagent/domain/names.h"

namespace costagent {
namespace {

using base::Day;
using base::Decimal;

constexpr const char* kKnownFile =
    "SELECT rows, rejected, billed, effective FROM file WHERE customer = ? AND digest = ?";
// Files are numbered as they come, and the index of (customer, digest) holds their numbers.
constexpr const char* kNewestFile = "SELECT coalesce(max(id), 0) FROM file WHERE customer = ?";
constexpr const char* kFirstDay = "SELECT day FROM daily_service WHERE customer = ? ORDER BY day LIMIT 1";
constexpr const char* kLastDay = "SELECT day FROM daily_service WHERE customer = ? ORDER BY day DESC LIMIT 1";
constexpr const char* kResourceNames = "SELECT name, type FROM resource WHERE customer = ? AND id = ?";
constexpr const char* kUtilisation =
    "SELECT sum(hours), sum(cpu_sum), max(cpu_max), sum(memory_sum), max(memory_max), sum(network_sum), sum(disk_sum) "
    "FROM daily_utilisation WHERE customer = ? AND resource = ? AND day >= ? AND day < ?";
constexpr const char* kResourceCosts =
    "SELECT day, currency, effective, resource, provider, account, service, region FROM daily_resource "
    "WHERE customer = ? AND day >= ? AND day < ?";

std::int64_t number_of(Day day) { return day.time_since_epoch().count(); }

Day day_of(std::int64_t number) { return Day(std::chrono::days(number)); }

// An amount that this program wrote.
base::Result<Decimal> amount(std::string_view text) {
  auto parsed = Decimal::parse(text);
  if (!parsed)
    return base::fail(base::ErrorKind::corrupt, "the database holds an amount that is none: {}",
                      parsed.error().message);
  return parsed;
}

Day bucket_start(Day day, Bucket bucket, Day first) {
  switch (bucket) {
    case Bucket::whole:
      return first;
    case Bucket::day:
      return day;
    case Bucket::week:
      return day - (std::chrono::weekday(day) - std::chrono::Monday);
    case Bucket::month: {
      const std::chrono::year_month_day date{day};
      return date.year() / date.month() / 1;
    }
  }
  return day;
}

struct IdsHash {
  std::size_t operator()(const std::vector<std::int64_t>& ids) const {
    std::uint64_t hash = ids.size();
    for (const std::int64_t id : ids)
      hash = (hash ^ static_cast<std::uint64_t>(id)) * 0xff51afd7ed558ccdULL + (hash >> 29);
    return hash;
  }
};

}  // namespace

base::Result<std::optional<FileTally>> FactReader::known(const SourceFile& file) {
  const auto customer = find_in_dictionary(connection_, file.customer);
  if (!customer) return base::pass_on(customer);
  if (!*customer) return std::optional<FileTally>();
  const auto select = connection_.cached(kKnownFile);
  if (!select) return base::pass_on(select);
  (*select)->bind(1, **customer).bind(2, std::string_view(file.digest));
  const auto row = (*select)->step();
  if (!row) return base::pass_on(row);
  if (!*row) return std::optional<FileTally>();
  FileTally tally;
  tally.rows = (*select)->integer(0);
  tally.rejected = (*select)->integer(1);
  const auto billed = amount((*select)->text(2));
  const auto effective = amount((*select)->text(3));
  (*select)->reset();
  if (!billed) return base::pass_on(billed);
  if (!effective) return base::pass_on(effective);
  tally.billed_cost = *billed;
  tally.effective_cost = *effective;
  return std::optional(tally);
}

base::Result<std::optional<Period>> FactReader::extent(const std::string& customer) {
  const auto id = find_in_dictionary(connection_, customer);
  if (!id) return base::pass_on(id);
  if (!*id) return std::optional<Period>();
  Day ends[2];
  const char* queries[2] = {kFirstDay, kLastDay};
  for (int i = 0; i < 2; ++i) {
    const auto select = connection_.cached(queries[i]);
    if (!select) return base::pass_on(select);
    (*select)->bind(1, **id);
    const auto row = (*select)->step();
    if (!row) return base::pass_on(row);
    if (!*row) return std::optional<Period>();
    ends[i] = day_of((*select)->integer(0));
    (*select)->reset();
  }
  return std::optional(Period{ends[0], ends[1] + std::chrono::days(1)});
}

base::Result<std::int64_t> FactReader::version(const std::string& customer) {
  const auto id = find_in_dictionary(connection_, customer);
  if (!id) return base::pass_on(id);
  if (!*id) return 0;
  const auto select = connection_.cached(kNewestFile);
  if (!select) return base::pass_on(select);
  (*select)->bind(1, **id);
  const auto row = (*select)->step();
  if (!row) return base::pass_on(row);
  const std::int64_t newest = (*select)->integer(0);
  (*select)->reset();
  return newest;
}

base::Result<std::optional<FactReader::Filter>> FactReader::filter_of(const std::string& customer,
                                                                      const std::map<Dimension, std::string>& only) {
  Filter filter;
  const auto id = find_in_dictionary(connection_, customer);
  if (!id) return base::pass_on(id);
  if (!*id) return std::optional<Filter>();
  filter.customer = **id;
  for (const auto& [dimension, text] : only) {
    const auto value = find_in_dictionary(connection_, text);
    if (!value) return base::pass_on(value);
    if (!*value) return std::optional<Filter>();
    filter.only.emplace_back(dimension, **value);
  }
  return std::optional(std::move(filter));
}

// Rows of the coarser rollup, or of the finer one where a resource is asked for: the given columns, then one for each
// dimension.
base::Result<io::Statement*> FactReader::select(const std::string& columns, const Filter& filter,
                                                const std::vector<Dimension>& by, Period period) {
  const auto is_resource = [](Dimension dimension) { return dimension == Dimension::resource; };
  const bool fine =
      std::any_of(by.begin(), by.end(), is_resource) ||
      std::any_of(filter.only.begin(), filter.only.end(), [&](const auto& entry) { return is_resource(entry.first); });
  // The names of dimensions are the names of columns; nothing in the text comes from outside.
  std::string sql = "SELECT " + columns;
  for (const Dimension dimension : by) sql += fmt::format(", {}", name_of(dimension));
  sql += fine ? " FROM daily_resource" : " FROM daily_service";
  sql += " WHERE customer = ? AND day >= ? AND day < ?";
  for (const auto& [dimension, id] : filter.only) sql += fmt::format(" AND {} = ?", name_of(dimension));
  const auto statement = connection_.cached(sql);
  if (!statement) return base::pass_on(statement);
  (*statement)->bind(1, filter.customer).bind(2, number_of(period.from)).bind(3, number_of(period.to));
  int parameter = 4;
  for (const auto& [dimension, id] : filter.only) (*statement)->bind(parameter++, id);
  return statement;
}

base::Result<SliceKey> FactReader::texts_of(const std::vector<std::int64_t>& ids) {
  SliceKey key;
  for (const std::int64_t id : ids) {
    auto text = text_of(id);
    if (!text) return base::pass_on(text);
    key.push_back(std::move(*text));
  }
  return key;
}

base::Result<std::vector<CostSeries>> FactReader::series(const SeriesQuery& query) {
  const auto filter = filter_of(query.customer, query.only);
  if (!filter) return base::pass_on(filter);
  std::vector<CostSeries> found;
  if (!*filter || query.period.days() <= 0) return found;
  const auto rows = select(query.metric == CostMetric::billed ? "day, currency, billed" : "day, currency, effective",
                           **filter, query.by, query.period);
  if (!rows) return base::pass_on(rows);

  // Sums of doubles: statistics need no more, and SQLite reads the text as the nearest one.
  struct Slice {
    std::vector<double> cost;
    double total = 0;
  };
  std::unordered_map<std::vector<std::int64_t>, Slice, IdsHash> slices;  // by currency and dimensions
  std::vector<std::int64_t> ids(1 + query.by.size());
  for (;;) {
    const auto row = (*rows)->step();
    if (!row) return base::pass_on(row);
    if (!*row) break;
    ids[0] = (*rows)->integer(1);
    for (std::size_t i = 0; i < query.by.size(); ++i) ids[i + 1] = (*rows)->integer(3 + static_cast<int>(i));
    Slice& slice = slices[ids];
    if (slice.cost.empty()) slice.cost.assign(static_cast<std::size_t>(query.period.days()), kNoCharge);
    double& day = slice.cost[static_cast<std::size_t>((*rows)->integer(0) - number_of(query.period.from))];
    const double cost = (*rows)->real(2);
    day = day == day ? day + cost : cost;  // a day without a charge so far is not a number
    slice.total += cost;
  }
  std::vector<std::pair<double, const std::vector<std::int64_t>*>> order;
  for (const auto& [key, slice] : slices) order.emplace_back(slice.total, &key);
  std::sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first > b.first : *a.second < *b.second;
  });
  if (order.size() > query.limit) order.resize(query.limit);
  for (const auto& [total, key] : order) {
    auto texts = texts_of(*key);
    if (!texts) return base::pass_on(texts);
    CostSeries series;
    series.currency = texts->front();
    series.key.assign(texts->begin() + 1, texts->end());
    series.first = query.period.from;
    series.cost = std::move(slices[*key].cost);
    found.push_back(std::move(series));
  }
  return found;
}

base::Result<TotalsPage> FactReader::totals(const TotalsQuery& query) {
  const auto filter = filter_of(query.customer, query.only);
  if (!filter) return base::pass_on(filter);
  TotalsPage page;
  if (!*filter || query.period.days() <= 0) return page;
  const auto rows = select("day, currency, billed, effective", **filter, query.by, query.period);
  if (!rows) return base::pass_on(rows);

  struct Sum {
    Decimal billed;
    Decimal effective;
  };
  // By bucket, currency and dimensions.
  std::unordered_map<std::vector<std::int64_t>, Sum, IdsHash> sums;
  std::map<std::int64_t, Sum> of_currency;
  std::vector<std::int64_t> ids(2 + query.by.size());
  for (;;) {
    const auto row = (*rows)->step();
    if (!row) return base::pass_on(row);
    if (!*row) break;
    ids[0] = number_of(bucket_start(day_of((*rows)->integer(0)), query.bucket, query.period.from));
    ids[1] = (*rows)->integer(1);
    for (std::size_t i = 0; i < query.by.size(); ++i) ids[i + 2] = (*rows)->integer(4 + static_cast<int>(i));
    const auto billed = amount((*rows)->text(2));
    const auto effective = amount((*rows)->text(3));
    if (!billed || !effective) {
      (*rows)->reset();
      return base::pass_on(!billed ? billed : effective);
    }
    for (Sum* sum : {&sums[ids], &of_currency[ids[1]]}) {
      sum->billed += *billed;
      sum->effective += *effective;
    }
  }
  std::vector<std::pair<std::vector<std::int64_t>, Sum>> order(sums.begin(), sums.end());
  std::sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
    if (a.first[0] != b.first[0]) return a.first[0] < b.first[0];
    if (a.second.effective != b.second.effective) return a.second.effective > b.second.effective;
    return a.first < b.first;
  });
  page.more = order.size() > query.offset && order.size() - query.offset > query.limit;
  for (std::size_t i = query.offset; i < order.size() && i - query.offset < query.limit; ++i) {
    const auto& [key, sum] = order[i];
    auto texts = texts_of({key.begin() + 1, key.end()});
    if (!texts) return base::pass_on(texts);
    page.totals.push_back(
        {{texts->begin() + 1, texts->end()}, texts->front(), day_of(key[0]), sum.billed, sum.effective});
  }
  for (const auto& [currency, sum] : of_currency) {
    auto text = text_of(currency);
    if (!text) return base::pass_on(text);
    page.sum.push_back({{}, *text, query.period.from, sum.billed, sum.effective});
  }
  return page;
}

base::Result<std::vector<ResourceUsage>> FactReader::resources(const std::string& customer, const std::string& provider,
                                                               Period period, std::size_t limit) {
  std::map<Dimension, std::string> only;
  if (!provider.empty()) only[Dimension::provider] = provider;
  const auto filter = filter_of(customer, only);
  if (!filter) return base::pass_on(filter);
  std::vector<ResourceUsage> found;
  if (!*filter || period.days() <= 0) return found;
  const auto rows = connection_.cached(kResourceCosts);
  if (!rows) return base::pass_on(rows);
  (*rows)->bind(1, (*filter)->customer).bind(2, number_of(period.from)).bind(3, number_of(period.to));

  struct Sum {
    ResourceUsage usage;
    std::int64_t last_day = -1;
    std::int64_t ids[5] = {};  // currency, provider, account, service, region
  };
  std::unordered_map<std::int64_t, Sum> sums;
  for (;;) {
    const auto row = (*rows)->step();
    if (!row) return base::pass_on(row);
    if (!*row) break;
    if (!only.empty() && (*rows)->integer(4) != (*filter)->only.front().second) continue;
    const auto effective = amount((*rows)->text(2));
    if (!effective) {
      (*rows)->reset();
      return base::pass_on(effective);
    }
    Sum& sum = sums[(*rows)->integer(3)];
    const std::int64_t day = (*rows)->integer(0);
    sum.usage.effective_cost += *effective;
    if (day != sum.last_day) ++sum.usage.days_billed;  // rows come in the order of days
    sum.last_day = day;
    sum.ids[0] = (*rows)->integer(1);
    for (int i = 1; i < 5; ++i) sum.ids[i] = (*rows)->integer(3 + i);
  }
  std::vector<std::pair<std::int64_t, ResourceUsage>> order;
  for (auto& [resource, sum] : sums) {
    std::string* texts[] = {&sum.usage.currency, &sum.usage.provider, &sum.usage.account, &sum.usage.service,
                            &sum.usage.region};
    auto id = text_of(resource);
    if (!id) return base::pass_on(id);
    if (id->empty()) continue;  // charges without a resource
    sum.usage.resource_id = std::move(*id);
    for (int i = 0; i < 5; ++i) {
      auto text = text_of(sum.ids[i]);
      if (!text) return base::pass_on(text);
      *texts[i] = std::move(*text);
    }
    sum.usage.last_billed = day_of(sum.last_day);
    order.emplace_back(resource, std::move(sum.usage));
  }
  std::sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
    if (a.second.effective_cost != b.second.effective_cost) return a.second.effective_cost > b.second.effective_cost;
    return a.second.resource_id < b.second.resource_id;
  });
  if (order.size() > limit) order.resize(limit);
  if (auto added = add_utilisation((*filter)->customer, period, order); !added) return base::pass_on(added);
  for (auto& [resource, usage] : order) found.push_back(std::move(usage));
  return found;
}

base::Result<> FactReader::add_utilisation(std::int64_t customer, Period period,
                                           std::vector<std::pair<std::int64_t, ResourceUsage>>& usage) {
  const auto select = connection_.cached(kUtilisation);
  if (!select) return base::pass_on(select);
  for (auto& [resource, of] : usage) {
    if (auto named = add_names(customer, resource, of); !named) return named;
    (*select)->bind(1, customer).bind(2, resource).bind(3, number_of(period.from)).bind(4, number_of(period.to));
    const auto row = (*select)->step();
    if (!row) return base::pass_on(row);
    of.hours_observed = static_cast<int>((*select)->integer(0));
    if (of.hours_observed > 0) {
      const double hours = of.hours_observed;
      of.cpu_percent_average = (*select)->real(1) / hours;
      of.cpu_percent_max = (*select)->real(2);
      of.memory_percent_average = (*select)->real(3) / hours;
      of.memory_percent_max = (*select)->real(4);
      of.network_bytes_per_hour = (*select)->real(5) / hours;
      of.disk_bytes_per_hour = (*select)->real(6) / hours;
    }
    (*select)->reset();
  }
  return {};
}

base::Result<> FactReader::add_names(std::int64_t customer, std::int64_t resource, ResourceUsage& usage) {
  const auto select = connection_.cached(kResourceNames);
  if (!select) return base::pass_on(select);
  (*select)->bind(1, customer).bind(2, resource);
  const auto row = (*select)->step();
  if (!row) return base::pass_on(row);
  if (!*row) return {};
  const std::int64_t name = (*select)->integer(0);
  const std::int64_t type = (*select)->integer(1);
  (*select)->reset();
  auto name_text = text_of(name);
  if (!name_text) return base::pass_on(name_text);
  auto type_text = text_of(type);
  if (!type_text) return base::pass_on(type_text);
  usage.resource_name = std::move(*name_text);
  usage.resource_type = std::move(*type_text);
  return {};
}

}  // namespace costagent
