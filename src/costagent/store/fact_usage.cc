// FactReader's usage.
#include <array>
#include <unordered_map>

#include "costagent/store/fact_ids.h"
#include "costagent/store/facts.h"

namespace costagent {
namespace {

// In the order of UsageTotal's texts.
constexpr std::array kThing{SliceColumn::provider, SliceColumn::service, SliceColumn::region,  SliceColumn::usage_type,
                            SliceColumn::sku,      SliceColumn::unit,    SliceColumn::currency};

struct Sum {
  base::Decimal cost;
  base::Decimal quantity;
  bool complete = true;
};

}  // namespace

base::Result<std::vector<UsageTotal>> FactReader::usage(const UsageQuery& query) {
  std::vector<UsageTotal> found;
  auto filter = make_filter(source_, query.customer, query.only, {});
  if (!filter) return base::pass_on(filter);
  if (!*filter || query.period.days() <= 0) return found;
  auto rows = MatchingRows::open(source_, std::move(**filter), {kThing.begin(), kThing.end()}, query.period, false);
  if (!rows) return base::pass_on(rows);
  std::unordered_map<Ids, Sum, IdsHash> sums;
  Ids ids(kThing.size());
  for (;;) {
    const auto row = rows->next();
    if (!row) return base::pass_on(row);
    if (!*row) break;
    for (std::size_t i = 0; i < kThing.size(); ++i) ids[i] = rows->column(kThing[i]);
    Sum& sum = sums[ids];
    if (sums.size() > query.most)
      return base::fail(base::ErrorKind::too_large, "the bill has more than {} things that were bought", query.most);
    sum.cost += rows->costs().effective;
    if (rows->quantity()) sum.quantity += *rows->quantity();
    sum.complete = sum.complete && rows->quantity().has_value();
  }
  Ids named;
  for (const auto& [key, sum] : sums) named.insert(named.end(), key.begin(), key.end());
  if (const auto told = source_.expect_texts(named); !told) return base::pass_on(told);
  for (const auto& [key, sum] : sums) {
    UsageTotal& total = found.emplace_back();
    std::string* const texts[] = {&total.provider, &total.service, &total.region,  &total.usage_type,
                                  &total.sku,      &total.unit,    &total.currency};
    for (std::size_t i = 0; i < key.size(); ++i) {
      auto text = source_.text(key[i]);
      if (!text) return base::pass_on(text);
      *texts[i] = std::move(*text);
    }
    total.cost = sum.cost.to_double();
    total.quantity = sum.quantity.to_double();
    total.complete = sum.complete;
  }
  return found;
}

}  // namespace costagent
