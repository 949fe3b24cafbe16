#include "costagent/store/facts.h"

#include <algorithm>
#include <tuple>
#include <unordered_map>

#include "costagent/store/fact_ids.h"

namespace costagent {
namespace {

using base::Day;
using base::Decimal;

// Days of all slices of one answer's series: 64 MB of doubles.
constexpr std::size_t kMaxSeriesDays = 8'000'000;

Day bucket_start(Day day, Bucket bucket, Day first) {
  const std::chrono::year_month_day date{day};
  switch (bucket) {
    case Bucket::whole:
      return first;
    case Bucket::day:
      return day;
    case Bucket::week:
      return day - (std::chrono::weekday(day) - std::chrono::Monday);
    case Bucket::month:
      return date.year() / date.month() / 1;
    case Bucket::quarter:
      return date.year() / std::chrono::month((static_cast<unsigned>(date.month()) - 1) / 3 * 3 + 1) / 1;
    case Bucket::year:
      return date.year() / 1 / 1;
  }
  return day;
}

bool needs_days(Bucket bucket) { return bucket == Bucket::day || bucket == Bucket::week; }

std::vector<SliceColumn> columns_of(const std::vector<Dimension>& by) {
  std::vector<SliceColumn> columns;
  columns.reserve(by.size());
  for (const Dimension dimension : by) columns.push_back(column_of(dimension));
  return columns;
}

// Texts that no dictionary has, numbered from -1 downwards for one answer: the values of tags.
class OwnTexts {
 public:
  std::int64_t id(std::string_view text) {
    const auto [at, added] = ids_.try_emplace(std::string(text), 0);
    if (added) {
      texts_.push_back(&at->first);
      at->second = -static_cast<std::int64_t>(texts_.size());
    }
    return at->second;
  }
  const std::string& text(std::int64_t id) const { return *texts_[static_cast<std::size_t>(-id - 1)]; }

 private:
  std::map<std::string, std::int64_t> ids_;
  std::vector<const std::string*> texts_;
};

// A series while it is summed: days come one after the other, so that only the last is a decimal, and each is rounded
// once.
struct Slice {
  std::vector<double> cost;
  double total = 0;
  Decimal day;
  std::size_t at = static_cast<std::size_t>(-1);

  void add(std::size_t to, const Decimal& costs) {
    if (to != at) end_day();
    at = to;
    day += costs;
  }
  void end_day() {
    if (at >= cost.size()) return;
    cost[at] = day.to_double();
    total += cost[at];
    day = {};
  }
};

}  // namespace

base::Result<bool> FactReader::has_beginning(const std::string& customer, const std::string& beginning) {
  const auto id = source_.find_text(customer);
  if (!id) return base::pass_on(id);
  if (!*id) return false;
  return source_.has_beginning(**id, beginning);
}

base::Result<std::optional<FileTally>> FactReader::known(const std::string& customer, const std::string& digest) {
  const auto id = source_.find_text(customer);
  if (!id) return base::pass_on(id);
  if (!*id) return std::optional<FileTally>();
  return source_.known(**id, digest);
}

base::Result<std::optional<Period>> FactReader::extent(const std::string& customer) {
  const auto id = source_.find_text(customer);
  if (!id) return base::pass_on(id);
  if (!*id) return std::optional<Period>();
  return source_.extent(**id);
}

base::Result<std::int64_t> FactReader::version(const std::string& customer) {
  const auto id = source_.find_text(customer);
  if (!id) return base::pass_on(id);
  if (!*id) return 0;
  return source_.version(**id);
}

base::Result<std::vector<Commitment>> FactReader::commitments(const std::string& customer, Period period,
                                                              std::size_t limit) {
  const auto id = source_.find_text(customer);
  if (!id) return base::pass_on(id);
  if (!*id) return std::vector<Commitment>();
  return source_.commitments(**id, period, limit);
}

base::Result<std::vector<Bill>> FactReader::bills(const std::string& customer, std::size_t limit) {
  const auto id = source_.find_text(customer);
  if (!id) return base::pass_on(id);
  std::vector<Bill> found;
  if (!*id) return found;
  const auto parts = source_.bill_parts(**id);
  if (!parts) return base::pass_on(parts);
  const BillPart* last = nullptr;
  for (const BillPart& part : *parts) {
    const auto key = [](const BillPart& of) {
      return std::tie(of.billing_period, of.provider, of.billing_account, of.currency);
    };
    const Period days{day_of(part.first_day), day_of(part.last_day + 1)};
    if (last == nullptr || key(*last) != key(part)) {
      if (found.size() == limit) break;
      auto texts = texts_of({part.provider, part.billing_account, part.currency});
      if (!texts) return base::pass_on(texts);
      found.push_back({(*texts)[0], (*texts)[1], day_of(part.billing_period), (*texts)[2], {}, 0, days});
    }
    Bill& bill = found.back();
    bill.costs += part.costs;
    bill.rows += part.rows;
    bill.days = {std::min(bill.days.from, days.from), std::max(bill.days.to, days.to)};
    last = &part;
  }
  return found;
}

base::Result<SliceKey> FactReader::texts_of(const Ids& ids) {
  SliceKey key;
  for (const std::int64_t id : ids) {
    auto text = source_.text(id);
    if (!text) return base::pass_on(text);
    key.push_back(std::move(*text));
  }
  return key;
}

base::Result<std::vector<CostSeries>> FactReader::series(const SeriesQuery& query) {
  auto filter = make_filter(source_, query.customer, query.only, {});
  if (!filter) return base::pass_on(filter);
  std::vector<CostSeries> found;
  if (!*filter || query.period.days() <= 0) return found;
  const auto columns = columns_of(query.by);
  auto rows = MatchingRows::open(source_, std::move(**filter), columns, query.period, true);
  if (!rows) return base::pass_on(rows);

  std::unordered_map<Ids, Slice, IdsHash> slices;  // by currency and dimensions
  const auto days = static_cast<std::size_t>(query.period.days());
  const std::int64_t first = number_of(query.period.from);
  Ids ids(1 + columns.size());
  for (;;) {
    const auto row = rows->next();
    if (!row) return base::pass_on(row);
    if (!*row) break;
    ids[0] = rows->column(SliceColumn::currency);
    for (std::size_t i = 0; i < columns.size(); ++i) ids[i + 1] = rows->column(columns[i]);
    Slice& slice = slices[ids];
    if (slice.cost.empty()) {
      if (slices.size() * days > kMaxSeriesDays) return too_many_slices();
      slice.cost.assign(days, kNoCharge);
    }
    const Costs& costs = rows->costs();
    slice.add(static_cast<std::size_t>(rows->time() - first),
              query.metric == CostMetric::billed ? costs.billed : costs.effective);
  }
  std::vector<std::pair<const Ids, Slice>*> order;
  order.reserve(slices.size());
  for (auto& entry : slices) {
    entry.second.end_day();
    order.push_back(&entry);
  }
  std::sort(order.begin(), order.end(), [](const auto* a, const auto* b) {
    return a->second.total != b->second.total ? a->second.total > b->second.total : a->first < b->first;
  });
  if (order.size() > query.limit) order.resize(query.limit);
  Ids named;
  for (const auto* entry : order) named.insert(named.end(), entry->first.begin(), entry->first.end());
  if (const auto told = source_.expect_texts(named); !told) return base::pass_on(told);
  for (auto* entry : order) {
    auto texts = texts_of(entry->first);
    if (!texts) return base::pass_on(texts);
    CostSeries series;
    series.currency = texts->front();
    series.key.assign(texts->begin() + 1, texts->end());
    series.first = query.period.from;
    series.cost = std::move(entry->second.cost);
    found.push_back(std::move(series));
  }
  return found;
}

base::Result<TotalsPage> FactReader::totals(const TotalsQuery& query) {
  auto filter = make_filter(source_, query.customer, query.only, query.only_tagged);
  if (!filter) return base::pass_on(filter);
  TotalsPage page;
  if (!*filter || query.period.days() <= 0) return page;
  if (query.billing_period) {
    const auto parts = source_.bill_parts((*filter)->customer);
    if (!parts) return base::pass_on(parts);
    (*filter)->parts.emplace();
    for (const BillPart& part : *parts) {
      if (part.billing_period == number_of(*query.billing_period)) (*filter)->parts->push_back(part.part);
    }
    std::sort((*filter)->parts->begin(), (*filter)->parts->end());
  }
  auto columns = columns_of(query.by);
  const std::size_t dimensions = columns.size();
  if (!query.by_tags.empty()) columns.push_back(SliceColumn::tags);
  auto rows = MatchingRows::open(source_, std::move(**filter), columns, query.period, needs_days(query.bucket));
  if (!rows) return base::pass_on(rows);

  std::unordered_map<Ids, Costs, IdsHash> sums;  // by bucket, currency, dimensions and values of tags
  std::map<std::int64_t, Costs> of_currency;
  OwnTexts values;
  Ids ids(2 + dimensions + query.by_tags.size());
  for (;;) {
    const auto row = rows->next();
    if (!row) return base::pass_on(row);
    if (!*row) break;
    ids[0] = number_of(bucket_start(day_of(rows->time()), query.bucket, query.period.from));
    ids[1] = rows->column(SliceColumn::currency);
    for (std::size_t i = 0; i < dimensions; ++i) ids[i + 2] = rows->column(columns[i]);
    for (std::size_t i = 0; i < query.by_tags.size(); ++i) {
      const auto value = rows->tag(query.by_tags[i]);
      if (!value) return base::pass_on(value);
      ids[2 + dimensions + i] = values.id(*value);
    }
    sums[ids] += rows->costs();
    of_currency[ids[1]] += rows->costs();
    if (sums.size() > kMaxSlices) return too_many_slices();
  }
  std::vector<const std::pair<const Ids, Costs>*> order;
  order.reserve(sums.size());
  for (const auto& entry : sums) order.push_back(&entry);
  std::sort(order.begin(), order.end(), [](const auto* a, const auto* b) {
    if (a->first[0] != b->first[0]) return a->first[0] < b->first[0];
    if (a->second.effective != b->second.effective) return a->second.effective > b->second.effective;
    return a->first < b->first;
  });
  page.more = order.size() > query.offset && order.size() - query.offset > query.limit;
  order.erase(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(std::min(query.offset, order.size())));
  if (order.size() > query.limit) order.resize(query.limit);
  const auto tags_of = [&](const Ids& key) { return key.begin() + 2 + static_cast<std::ptrdiff_t>(dimensions); };
  Ids named;
  for (const auto* entry : order) named.insert(named.end(), entry->first.begin() + 1, tags_of(entry->first));
  if (const auto told = source_.expect_texts(named); !told) return base::pass_on(told);
  for (const auto* entry : order) {
    const auto& [key, costs] = *entry;
    const auto tags = tags_of(key);
    auto texts = texts_of({key.begin() + 1, tags});
    if (!texts) return base::pass_on(texts);
    CostTotal total{{texts->begin() + 1, texts->end()}, texts->front(), day_of(key[0]), costs};
    for (auto tag = tags; tag != key.end(); ++tag) total.key.push_back(values.text(*tag));
    page.totals.push_back(std::move(total));
  }
  for (const auto& [currency, costs] : of_currency) {
    auto text = source_.text(currency);
    if (!text) return base::pass_on(text);
    page.sum.push_back({{}, *text, query.period.from, costs});
  }
  return page;
}

}  // namespace costagent
