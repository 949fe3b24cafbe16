#include "costagent/store/price_sums.h"

#include <algorithm>

namespace costagent {

void PriceSums::add(std::uint32_t slice, std::uint32_t part, std::int64_t day, const Charge& charge) {
  if (cut_) return;
  const auto prices = unit_prices_of(charge);
  if (!prices) return;
  if (written_ >= FactWriter::kMostPrices) {
    cut_ = true;
    return;
  }
  if (slice >= last_.size()) last_.resize(slice + 1);
  std::uint32_t& last = last_[slice];
  const auto is_it = [&](const Seen& seen) {
    return seen.part == part && seen.list == prices->list && seen.contracted == prices->contracted &&
           seen.unit == prices->unit;
  };
  if (last == 0 || !is_it(seen_[last - 1])) last = find_or_add(slice, part, day, charge, *prices) + 1;
  Seen& seen = seen_[last - 1];
  seen.first_day = std::min(seen.first_day, day);
  seen.last_day = std::max(seen.last_day, day);
}

std::uint32_t PriceSums::find_or_add(std::uint32_t slice, std::uint32_t part, std::int64_t day, const Charge& charge,
                                     const UnitPrices& prices) {
  const auto amount = [](const std::optional<base::Decimal>& of) { return of ? of->to_string() : std::string(); };
  text_ = fmt::format("{},{},{},{}:{}", part, amount(prices.list), amount(prices.contracted), prices.unit.size(),
                      prices.unit);
  for (const std::string* text : {&charge.sku_id, &charge.usage_type, &charge.provider, &charge.service, &charge.region,
                                  &charge.pricing_category, &charge.currency})
    text_ += fmt::format("{}:{}", text->size(), *text);
  const auto [at, added] = numbers_.try_emplace(text_, static_cast<std::uint32_t>(seen_.size()));
  if (added) seen_.push_back({slice, part, std::string(prices.unit), prices.list, prices.contracted, day, day});
  return at->second;
}

base::Result<> PriceSums::flush(LoadSink& sink, const SliceMemo& slices, const std::vector<std::int64_t>& parts) {
  std::vector<std::string_view> units;
  for (const Seen& seen : seen_) units.emplace_back(seen.unit);
  std::sort(units.begin(), units.end());
  units.erase(std::unique(units.begin(), units.end()), units.end());
  std::vector<std::int64_t> ids(units.size());
  if (auto found = sink.text_ids(units, ids); !found) return found;

  std::vector<PriceRow> rows;
  rows.reserve(std::min(seen_.size(), FactWriter::kMostPrices - written_));
  for (const Seen& seen : seen_) {
    cut_ = written_ + rows.size() >= FactWriter::kMostPrices;
    if (cut_) break;
    PriceRow& row = rows.emplace_back();
    const SliceIds& columns = slices.columns(seen.slice);
    for (std::size_t i = 0; i < kPriceKeySize; ++i) row.key[i] = columns[at(kPriceKey[i])];
    row.unit = ids[static_cast<std::size_t>(std::lower_bound(units.begin(), units.end(), seen.unit) - units.begin())];
    row.part = parts[seen.part];
    row.list = seen.list;
    row.contracted = seen.contracted;
    row.first_day = seen.first_day;
    row.last_day = seen.last_day;
  }
  written_ += rows.size();
  seen_.clear();
  numbers_.clear();
  last_.clear();
  return rows.empty() ? base::Result<>() : sink.add(rows);
}

}  // namespace costagent
