#include <algorithm>
#include <unordered_map>

#include "costagent/domain/same_word.h"
#include "costagent/store/fact_ids.h"
#include "costagent/store/facts.h"
#include "costagent/store/rollup_choice.h"

namespace costagent {
namespace {

constexpr std::int64_t kSecondsOfDay = 86'400;

// What an answer has of one key and bucket, with units by their numbers.
struct Sum {
  Coverage coverage;
  std::map<std::int64_t, CoveredQuantity> quantities;

  base::Decimal effective() const {
    return coverage.used.effective + coverage.unused.effective + coverage.on_demand.effective +
           coverage.dynamic.effective;
  }
};

void add(Sum& sum, const CoverageRow& row, bool dynamic, const base::Decimal& quantity, const Costs& costs) {
  CoveredQuantity& quantities = sum.quantities[row.key[7]];
  switch (row.status) {
    case CoverageStatus::used:
      sum.coverage.used += costs;
      quantities.used += quantity;
      return;
    case CoverageStatus::unused:
      sum.coverage.unused += costs;
      quantities.unused += quantity;
      return;
    case CoverageStatus::none:
      (dynamic ? sum.coverage.dynamic : sum.coverage.on_demand) += costs;
      (dynamic ? quantities.dynamic : quantities.on_demand) += quantity;
      return;
  }
}
static_assert(kCoverageKey[7] == SliceColumn::unit && kCoverageKey[5] == SliceColumn::pricing_category);

// Rows of the query's customer and period that count and that its filter keeps.
class CoverageRows {
 public:
  CoverageRows(FactSource& source, const CoverageQuery& query, RowFilter filter)
      : source_(source),
        by_hour_(query.bucket == CoverageBucket::hour),
        filter_(source, std::move(filter)),
        segments_(choose_rollups({}, query.period, by_hour_ || query.bucket == CoverageBucket::day)) {}

  base::Result<> begin() {
    auto hidden = source_.hidden_parts(filter_.filter().customer);
    if (!hidden) return base::pass_on(hidden);
    hidden_ = std::move(*hidden);
    return {};
  }

  base::Result<bool> next(CoverageRow& row) {
    for (;;) {
      if (!cursor_ && segment_ == segments_.size()) return false;
      if (!cursor_) {
        const Segment& segment = segments_[segment_++];
        const auto grain = by_hour_                               ? CoverageGrain::day_with_hours
                           : segment.rollup.grain == Grain::month ? CoverageGrain::month
                                                                  : CoverageGrain::day;
        auto cursor = source_.coverage(grain, filter_.filter().customer, segment.from, segment.to);
        if (!cursor) return base::pass_on(cursor);
        cursor_ = std::move(*cursor);
      }
      const auto more = cursor_->next(row);
      if (!more) return more;
      if (!*more) {
        cursor_.reset();
        continue;
      }
      if (std::binary_search(hidden_.begin(), hidden_.end(), row.part)) continue;
      for (std::size_t i = 0; i < kCoverageKeySize; ++i) columns_[at(kCoverageKey[i])] = row.key[i];
      const auto wanted = filter_.matches(columns_);
      if (!wanted || *wanted) return wanted;
    }
  }

  std::int64_t column(SliceColumn column) const { return columns_[at(column)]; }

  // Whether the row at hand is of spot prices.
  base::Result<bool> is_dynamic() {
    const auto [found, added] = dynamic_.try_emplace(column(SliceColumn::pricing_category), false);
    if (!added) return found->second;
    const auto text = source_.text(found->first);
    if (!text) return base::pass_on(text);
    found->second = same_word(*text, "Dynamic");
    return found->second;
  }

 private:
  FactSource& source_;
  const bool by_hour_;
  ColumnFilter filter_;
  std::vector<std::int64_t> hidden_;
  std::vector<Segment> segments_;
  std::size_t segment_ = 0;  // the next
  std::unique_ptr<FactCursor<CoverageRow>> cursor_;
  SliceIds columns_{};
  std::unordered_map<std::int64_t, bool> dynamic_;  // by the number of the pricing category
};

std::int64_t bucket_of(const CoverageQuery& query, std::int64_t day) {
  switch (query.bucket) {
    case CoverageBucket::whole:
      return number_of(query.period.from) * kSecondsOfDay;
    case CoverageBucket::month:
      return month_of(day) * kSecondsOfDay;
    case CoverageBucket::hour:
    case CoverageBucket::day:
      return day * kSecondsOfDay;
  }
  return day * kSecondsOfDay;
}

using Sums = std::unordered_map<Ids, Sum, IdsHash>;  // by bucket, currency and dimensions

base::Result<> sum_up(CoverageRows& rows, const CoverageQuery& query, Sums& sums,
                      std::map<std::int64_t, Sum>& of_currency) {
  CoverageRow row;
  Ids ids(2 + query.by.size());
  for (;;) {
    const auto more = rows.next(row);
    if (!more) return base::pass_on(more);
    if (!*more) return {};
    const auto dynamic = rows.is_dynamic();
    if (!dynamic) return base::pass_on(dynamic);
    ids[1] = rows.column(SliceColumn::currency);
    for (std::size_t i = 0; i < query.by.size(); ++i) ids[i + 2] = rows.column(column_of(query.by[i]));
    add(of_currency[ids[1]], row, *dynamic, row.quantity, row.costs);
    ids[0] = bucket_of(query, row.time);
    if (query.bucket != CoverageBucket::hour) {
      add(sums[ids], row, *dynamic, row.quantity, row.costs);
    } else {
      const auto hours = unpack_hours(row.hours);
      if (!hours) return base::pass_on(hours);
      const std::int64_t midnight = ids[0];
      for (const CoverageHour& hour : *hours) {
        ids[0] = midnight + std::int64_t{3600} * hour.hour;
        add(sums[ids], row, *dynamic, hour.quantity, hour.costs);
      }
    }
    if (sums.size() > kMaxSlices) return too_many_slices();
  }
}

}  // namespace

base::Result<Coverage> FactReader::coverage_of_units(Coverage coverage,
                                                     const std::map<std::int64_t, CoveredQuantity>& quantities) {
  for (const auto& [unit, quantity] : quantities) {
    auto text = source_.text(unit);
    if (!text) return base::pass_on(text);
    coverage.quantities[std::move(*text)] = quantity;
  }
  return coverage;
}

base::Result<CoveragePage> FactReader::coverage(const CoverageQuery& query) {
  CoveragePage page;
  if (query.bucket == CoverageBucket::hour && query.period.days() > kMaxDaysByHour) return too_many_slices();
  auto filter = make_filter(source_, query.customer, query.only, {});
  if (!filter) return base::pass_on(filter);
  if (!*filter || query.period.days() <= 0) return page;
  CoverageRows rows(source_, query, std::move(**filter));
  if (const auto begun = rows.begin(); !begun) return base::pass_on(begun);
  Sums sums;
  std::map<std::int64_t, Sum> of_currency;
  if (const auto done = sum_up(rows, query, sums, of_currency); !done) return base::pass_on(done);

  std::vector<std::pair<base::Decimal, const Sums::value_type*>> order;
  order.reserve(sums.size());
  for (const auto& entry : sums) order.emplace_back(entry.second.effective(), &entry);
  std::sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
    const Ids& left = a.second->first;
    const Ids& right = b.second->first;
    if (left[0] != right[0]) return left[0] < right[0];
    return a.first != b.first ? a.first > b.first : left < right;
  });
  page.more = order.size() > query.offset && order.size() - query.offset > query.limit;
  order.erase(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(std::min(query.offset, order.size())));
  if (order.size() > query.limit) order.resize(query.limit);
  Ids named;
  for (const auto& [effective, entry] : order) named.insert(named.end(), entry->first.begin() + 1, entry->first.end());
  if (const auto told = source_.expect_texts(named); !told) return base::pass_on(told);
  const auto describe = [&](const Ids& ids, const Sum& sum, std::vector<CoverageTotal>& to) -> base::Result<> {
    auto texts = texts_of({ids.begin() + 1, ids.end()});
    if (!texts) return base::pass_on(texts);
    auto coverage = coverage_of_units(sum.coverage, sum.quantities);
    if (!coverage) return base::pass_on(coverage);
    to.push_back({{texts->begin() + 1, texts->end()},
                  texts->front(),
                  base::Seconds(std::chrono::seconds(ids[0])),
                  std::move(*coverage)});
    return {};
  };
  for (const auto& [effective, entry] : order) {
    if (const auto done = describe(entry->first, entry->second, page.totals); !done) return base::pass_on(done);
  }
  for (const auto& [currency, sum] : of_currency) {
    const Ids ids{number_of(query.period.from) * kSecondsOfDay, currency};
    if (const auto done = describe(ids, sum, page.sum); !done) return base::pass_on(done);
  }
  return page;
}

}  // namespace costagent
