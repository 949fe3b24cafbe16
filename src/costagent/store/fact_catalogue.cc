#include <algorithm>
#include <optional>
#include <tuple>

#include "costagent/store/fact_ids.h"
#include "costagent/store/facts.h"

namespace costagent {
namespace {

bool is_hidden(const std::vector<std::int64_t>& hidden, std::int64_t part) {
  return std::binary_search(hidden.begin(), hidden.end(), part);
}

bool lies_in(Period period, std::int64_t first_day, std::int64_t last_day) {
  return first_day < number_of(period.to) && last_day >= number_of(period.from);
}

// The one number that a column must have, if the filter says so.
std::optional<std::int64_t> only_number(const RowFilter& filter, SliceColumn column) {
  for (const auto& [of, values] : filter.only) {
    if (of == column && values.size() == 1) return values.front();
  }
  return std::nullopt;
}

// Rows of one thing, one after the other, become the prices that it had: what several parts have seen is one.
void merge(std::vector<PriceRow>& rows) {
  std::sort(rows.begin(), rows.end(), [](const PriceRow& a, const PriceRow& b) {
    return std::tie(a.list, a.contracted, a.first_day) < std::tie(b.list, b.contracted, b.first_day);
  });
  std::size_t kept = 0;
  for (const PriceRow& row : rows) {
    PriceRow* last = kept > 0 ? &rows[kept - 1] : nullptr;
    if (last != nullptr && last->list == row.list && last->contracted == row.contracted) {
      last->last_day = std::max(last->last_day, row.last_day);
    } else {
      rows[kept++] = row;
    }
  }
  rows.resize(kept);
  std::sort(rows.begin(), rows.end(), [](const PriceRow& a, const PriceRow& b) {
    return std::tie(a.first_day, a.list, a.contracted) < std::tie(b.first_day, b.list, b.contracted);
  });
}

// Takes the prices of a page out of those that come, in their order.
class PriceSelection {
 public:
  PriceSelection(const PriceQuery& query) : query_(query), skip_(query.offset) {}

  void take(std::vector<PriceRow>& rows) {
    merge(rows);
    for (const PriceRow& row : rows) {
      if (!lies_in(query_.period, row.first_day, row.last_day)) continue;
      if (skip_ > 0) {
        --skip_;
      } else if (taken_.size() <= query_.limit) {
        taken_.push_back(row);
      }
    }
    rows.clear();
  }

  // One more than the page holds tells that there is another.
  bool complete() const { return taken_.size() > query_.limit; }
  std::vector<PriceRow>& taken() { return taken_; }

 private:
  const PriceQuery& query_;
  std::size_t skip_;
  std::vector<PriceRow> taken_;
};

// What the parts have of one resource.
void merge(InventoryRow& found, const InventoryRow& row) {
  if (std::tie(row.last_day, row.part) > std::tie(found.last_day, found.part)) {
    found.slice = row.slice;
    found.part = row.part;
  }
  found.first_day = std::min(found.first_day, row.first_day);
  found.last_day = std::max(found.last_day, row.last_day);
}

}  // namespace

base::Result<PricePage> FactReader::prices(const PriceQuery& query) {
  PricePage page;
  const auto filter = make_filter(source_, query.customer, query.only, {});
  if (!filter) return base::pass_on(filter);
  if (!*filter || query.period.days() <= 0) return page;
  ColumnFilter wanted(source_, **filter);
  const std::int64_t customer = wanted.filter().customer;
  const auto hidden = source_.hidden_parts(customer);
  if (!hidden) return base::pass_on(hidden);
  const auto cursor = source_.prices(customer, only_number(wanted.filter(), SliceColumn::sku));
  if (!cursor) return base::pass_on(cursor);

  PriceSelection selection(query);
  std::vector<PriceRow> same;  // of one key and unit
  SliceIds columns{};
  PriceRow row;
  while (!selection.complete()) {
    const auto more = (*cursor)->next(row);
    if (!more) return base::pass_on(more);
    if (!same.empty() && (!*more || same.front().key != row.key || same.front().unit != row.unit)) selection.take(same);
    if (!*more) break;
    if (is_hidden(*hidden, row.part)) continue;
    for (std::size_t i = 0; i < kPriceKeySize; ++i) columns[at(kPriceKey[i])] = row.key[i];
    const auto matches = wanted.matches(columns);
    if (!matches) return base::pass_on(matches);
    if (*matches) same.push_back(row);
    if (same.size() > kMaxSlices) return too_many_slices();
  }
  page.more = selection.complete();
  if (page.more) selection.taken().resize(query.limit);
  return describe(selection.taken(), std::move(page));
}

base::Result<PricePage> FactReader::describe(const std::vector<PriceRow>& rows, PricePage page) {
  Ids named;
  for (const PriceRow& row : rows) {
    named.insert(named.end(), row.key.begin(), row.key.end());
    named.push_back(row.unit);
  }
  if (const auto told = source_.expect_texts(named); !told) return base::pass_on(told);
  for (const PriceRow& row : rows) {
    Ids ids(row.key.begin(), row.key.end());
    ids.push_back(row.unit);
    auto texts = texts_of(ids);
    if (!texts) return base::pass_on(texts);
    Price& price = page.prices.emplace_back();
    std::size_t next = 0;
    for (std::string* text : {&price.sku, &price.usage_type, &price.provider, &price.service, &price.region,
                              &price.pricing_category, &price.currency, &price.unit})
      *text = std::move((*texts)[next++]);
    price.list = row.list;
    price.contracted = row.contracted;
    price.first_seen = day_of(row.first_day);
    price.last_seen = day_of(row.last_day);
  }
  return page;
}

base::Result<InventoryPage> FactReader::inventory(const InventoryQuery& query) {
  InventoryPage page;
  const auto filter = make_filter(source_, query.customer, query.only, query.only_tagged);
  if (!filter) return base::pass_on(filter);
  if (!*filter || query.period.days() <= 0) return page;
  ColumnFilter wanted(source_, **filter);
  const std::int64_t customer = wanted.filter().customer;
  const auto hidden = source_.hidden_parts(customer);
  if (!hidden) return base::pass_on(hidden);
  const auto nothing = source_.find_text("");
  if (!nothing) return base::pass_on(nothing);
  const auto one = only_number(wanted.filter(), SliceColumn::resource);
  const auto cursor = source_.inventory(customer, one ? std::max(query.after, *one - 1) : query.after);
  if (!cursor) return base::pass_on(cursor);

  std::vector<InventoryRow> rows;
  std::optional<InventoryRow> found;  // the resource at hand
  const auto take = [&]() -> base::Result<> {
    const InventoryRow item = *found;
    found.reset();
    if (!lies_in(query.period, item.first_day, item.last_day)) return {};
    const auto columns = source_.slice(item.slice);
    if (!columns) return base::pass_on(columns);
    const auto matches = wanted.matches(*columns);
    if (!matches) return base::pass_on(matches);
    if (*matches) rows.push_back(item);
    return {};
  };
  InventoryRow row;
  while (rows.size() <= query.limit) {
    const auto more = (*cursor)->next(row);
    if (!more) return base::pass_on(more);
    if (found && (!*more || found->resource != row.resource)) {
      if (const auto taken = take(); !taken) return base::pass_on(taken);
    }
    if (!*more || (one && row.resource > *one)) break;
    if (row.resource == *nothing || is_hidden(*hidden, row.part)) continue;
    found ? merge(*found, row) : static_cast<void>(found = row);
  }
  if (rows.size() > query.limit) {
    rows.resize(query.limit);
    page.next = rows.back().resource;
  }
  return describe(customer, query.period, rows, wanted, std::move(page));
}

base::Result<InventoryPage> FactReader::describe(std::int64_t customer, Period period,
                                                 const std::vector<InventoryRow>& rows, ColumnFilter& tags,
                                                 InventoryPage page) {
  Ids resources;
  for (const InventoryRow& row : rows) resources.push_back(row.resource);
  if (const auto told = source_.expect_resources(customer, resources, period); !told) return base::pass_on(told);
  for (const InventoryRow& row : rows) {
    const auto columns = source_.slice(row.slice);
    if (!columns) return base::pass_on(columns);
    InventoryItem& item = page.items.emplace_back();
    const std::pair<SliceColumn, std::string*> texts[] = {{SliceColumn::resource, &item.resource_id},
                                                          {SliceColumn::provider, &item.provider},
                                                          {SliceColumn::account, &item.account},
                                                          {SliceColumn::service, &item.service},
                                                          {SliceColumn::region, &item.region}};
    for (const auto& [column, to] : texts) {
      auto text = source_.text((*columns)[at(column)]);
      if (!text) return base::pass_on(text);
      *to = std::move(*text);
    }
    const auto tagged = tags.tags_of((*columns)[at(SliceColumn::tags)]);
    if (!tagged) return base::pass_on(tagged);
    item.tags = {(*tagged)->begin(), (*tagged)->end()};
    item.first_billed = day_of(row.first_day);
    item.last_billed = day_of(row.last_day);
    ResourceUsage named;
    if (const auto added = add_names(customer, row.resource, named); !added) return base::pass_on(added);
    item.resource_name = std::move(named.resource_name);
    item.resource_type = std::move(named.resource_type);
  }
  return page;
}

}  // namespace costagent
