#include "costagent/store/facts.h"

#include <algorithm>
#include <tuple>
#include <unordered_map>

#include "costagent/store/fact_ids.h"

namespace costagent {
namespace {

using base::Day;

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

}  // namespace

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
