#include "costagent/store/facts.h"

#include <algorithm>
#include <array>
#include <tuple>
#include <unordered_map>

#include "costagent/domain/provider.h"
#include "costagent/store/queries.h"
#include "costagent/store/rollups.h"

namespace costagent {
namespace {

using base::Day;
using base::Decimal;

// Slices that an answer may hold in memory while it is summed: some hundred bytes each.
constexpr std::size_t kMaxSlices = 200'000;
// Days of all slices of one answer's series: 64 MB of doubles.
constexpr std::size_t kMaxSeriesDays = 8'000'000;

base::Failure too_many_slices() {
  return base::fail(base::ErrorKind::too_large,
                    "the answer would be too large: ask for fewer days, fewer dimensions or a part of the bill");
}

std::int64_t number_of(Day day) { return day.time_since_epoch().count(); }

Day day_of(std::int64_t number) { return Day(std::chrono::days(number)); }

// An amount that this program wrote.
base::Result<Decimal> amount(std::string_view text) {
  auto parsed = Decimal::parse_sum(text);
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
  if (!*row) return 0;
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
    std::vector<std::int64_t> values;
    const auto texts =
        dimension == Dimension::provider ? provider_spellings(text) : std::vector<std::string_view>{text};
    for (const std::string_view spelling : texts) {
      const auto value = find_in_dictionary(connection_, spelling);
      if (!value) return base::pass_on(value);
      if (*value) values.push_back(**value);
    }
    if (values.empty()) return std::optional<Filter>();
    filter.only.emplace_back(dimension, std::move(values));
  }
  return std::optional(std::move(filter));
}

base::Result<DailyCosts> FactReader::daily_costs(const Filter& filter, const std::vector<Dimension>& by,
                                                 Period period) {
  const auto is_resource = [](Dimension dimension) { return dimension == Dimension::resource; };
  const bool fine =
      std::any_of(by.begin(), by.end(), is_resource) ||
      std::any_of(filter.only.begin(), filter.only.end(), [&](const auto& entry) { return is_resource(entry.first); });
  const auto statement = connection_.cached(fine ? kDailyResourceCosts : kDailyServiceCosts);
  if (!statement) return base::pass_on(statement);
  (*statement)->bind(1, filter.customer).bind(2, number_of(period.from)).bind(3, number_of(period.to));
  return DailyCosts(**statement, filter.only);
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
  auto rows = daily_costs(**filter, query.by, query.period);
  if (!rows) return base::pass_on(rows);

  // Sums of doubles: statistics need no more, and SQLite reads the text as the nearest one.
  struct Slice {
    std::vector<double> cost;
    double total = 0;
  };
  std::unordered_map<std::vector<std::int64_t>, Slice, IdsHash> slices;  // by currency and dimensions
  const auto days = static_cast<std::size_t>(query.period.days());
  std::vector<std::int64_t> ids(1 + query.by.size());
  for (;;) {
    const auto row = rows->next();
    if (!row) return base::pass_on(row);
    if (!*row) break;
    ids[0] = rows->currency();
    for (std::size_t i = 0; i < query.by.size(); ++i) ids[i + 1] = rows->id(query.by[i]);
    Slice& slice = slices[ids];
    if (slice.cost.empty()) {
      if (slices.size() * days > kMaxSeriesDays) return too_many_slices();
      slice.cost.assign(days, kNoCharge);
    }
    double& day = slice.cost[static_cast<std::size_t>(rows->day() - number_of(query.period.from))];
    const double cost = rows->cost(query.metric);
    day = day == day ? day + cost : cost;  // a day without a charge so far is not a number
    slice.total += cost;
  }
  std::vector<std::pair<double, const std::vector<std::int64_t>*>> order;
  order.reserve(slices.size());
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
  auto rows = daily_costs(**filter, query.by, query.period);
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
    const auto row = rows->next();
    if (!row) return base::pass_on(row);
    if (!*row) break;
    ids[0] = number_of(bucket_start(day_of(rows->day()), query.bucket, query.period.from));
    ids[1] = rows->currency();
    for (std::size_t i = 0; i < query.by.size(); ++i) ids[i + 2] = rows->id(query.by[i]);
    const auto billed = amount(rows->billed());
    const auto effective = amount(rows->effective());
    if (!billed || !effective) return base::pass_on(!billed ? billed : effective);
    for (Sum* sum : {&sums[ids], &of_currency[ids[1]]}) {
      sum->billed += *billed;
      sum->effective += *effective;
    }
    if (sums.size() > kMaxSlices) return too_many_slices();
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

base::Result<std::vector<FactReader::ResourceCost>> FactReader::resource_costs(const Filter& filter, Period period) {
  auto rows = daily_costs(filter, {Dimension::resource}, period);
  if (!rows) return base::pass_on(rows);
  std::unordered_map<std::array<std::int64_t, 3>, ResourceCost, KeyHash> costs;
  for (;;) {
    const auto row = rows->next();
    if (!row) return base::pass_on(row);
    if (!*row) break;
    const auto effective = amount(rows->effective());
    if (!effective) return base::pass_on(effective);
    const std::int64_t resource = rows->id(Dimension::resource);
    const std::int64_t currency = rows->currency();
    const std::int64_t provider = rows->id(Dimension::provider);
    ResourceCost& cost = costs[{resource, currency, provider}];
    if (costs.size() > kMaxSlices) return too_many_slices();
    cost.resource = resource;
    cost.currency = currency;
    cost.provider = provider;
    cost.account = rows->id(Dimension::account);
    cost.service = rows->id(Dimension::service);
    cost.region = rows->id(Dimension::region);
    cost.effective += *effective;
    const std::int64_t day = rows->day();
    if (day != cost.last_day) ++cost.days;  // rows come in the order of days
    cost.last_day = day;
  }
  std::vector<ResourceCost> found;
  found.reserve(costs.size());
  for (auto& [key, cost] : costs) found.push_back(cost);
  return found;
}

base::Result<std::vector<ResourceUsage>> FactReader::resources(const std::string& customer, const std::string& provider,
                                                               Period period, std::size_t limit) {
  std::map<Dimension, std::string> only;
  if (!provider.empty()) only[Dimension::provider] = provider;
  const auto filter = filter_of(customer, only);
  if (!filter) return base::pass_on(filter);
  std::vector<ResourceUsage> found;
  if (!*filter || period.days() <= 0) return found;
  auto costs = resource_costs(**filter, period);
  if (!costs) return base::pass_on(costs);
  const auto nothing = find_in_dictionary(connection_, "");
  if (!nothing) return base::pass_on(nothing);
  std::erase_if(*costs, [&](const ResourceCost& cost) { return cost.resource == *nothing; });
  std::sort(costs->begin(), costs->end(), [](const ResourceCost& a, const ResourceCost& b) {
    if (a.effective != b.effective) return a.effective > b.effective;
    return std::tie(a.resource, a.currency, a.provider) < std::tie(b.resource, b.currency, b.provider);
  });
  if (costs->size() > limit) costs->resize(limit);
  for (const ResourceCost& cost : *costs) {
    auto usage = describe((*filter)->customer, period, cost);
    if (!usage) return base::pass_on(usage);
    found.push_back(std::move(*usage));
  }
  return found;
}

base::Result<ResourceUsage> FactReader::describe(std::int64_t customer, Period period, const ResourceCost& cost) {
  ResourceUsage usage;
  const std::pair<std::int64_t, std::string*> texts[] = {
      {cost.resource, &usage.resource_id}, {cost.currency, &usage.currency}, {cost.provider, &usage.provider},
      {cost.account, &usage.account},      {cost.service, &usage.service},   {cost.region, &usage.region}};
  for (const auto& [id, to] : texts) {
    auto text = text_of(id);
    if (!text) return base::pass_on(text);
    *to = std::move(*text);
  }
  usage.effective_cost = cost.effective;
  usage.days_billed = cost.days;
  usage.last_billed = day_of(cost.last_day);
  if (const auto named = add_names(customer, cost.resource, usage); !named) return base::pass_on(named);
  if (const auto added = add_utilisation(customer, cost.resource, period, usage); !added) return base::pass_on(added);
  return usage;
}

base::Result<> FactReader::add_utilisation(std::int64_t customer, std::int64_t resource, Period period,
                                           ResourceUsage& usage) {
  const auto select = connection_.cached(kUtilisation);
  if (!select) return base::pass_on(select);
  (*select)->bind(1, customer).bind(2, resource).bind(3, number_of(period.from)).bind(4, number_of(period.to));
  const auto row = (*select)->step();
  if (!row) return base::pass_on(row);
  usage.hours_observed = static_cast<int>((*select)->integer(0));
  if (usage.hours_observed > 0) {
    const double hours = usage.hours_observed;
    usage.cpu_percent_average = (*select)->real(1) / hours;
    usage.cpu_percent_max = (*select)->real(2);
    usage.memory_percent_average = (*select)->real(3) / hours;
    usage.memory_percent_max = (*select)->real(4);
    usage.network_bytes_per_hour = (*select)->real(5) / hours;
    usage.disk_bytes_per_hour = (*select)->real(6) / hours;
  }
  (*select)->reset();
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
