// FactReader's daily series.
#include <algorithm>
#include <limits>
#include <unordered_map>

#include "costagent/store/fact_ids.h"
#include "costagent/store/facts.h"

namespace costagent {
namespace {

using base::Decimal;

// Days of all slices of one answer's series: 64 MB of doubles.
constexpr std::size_t kMaxSeriesDays = 8'000'000;

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

using Slices = std::unordered_map<Ids, Slice, IdsHash>;  // by currency, dimensions and the value of a tag

// A level with its slices.
struct Cut {
  std::vector<SliceColumn> columns;
  std::string tag;
  Slices slices;
};

std::vector<const Slices::value_type*> dearest_first(Slices& slices) {
  std::vector<const Slices::value_type*> order;
  order.reserve(slices.size());
  for (auto& entry : slices) {
    entry.second.end_day();
    order.push_back(&entry);
  }
  std::sort(order.begin(), order.end(), [](const auto* a, const auto* b) {
    return a->second.total != b->second.total ? a->second.total > b->second.total : a->first < b->first;
  });
  return order;
}

// Sums rows up for several cuts at once. A row's slices are looked for once for each combination of the columns that
// any cut needs, and, as the rows of every day come in the same order, mostly found behind those of the row before.
class LevelSums {
 public:
  LevelSums(const std::vector<SeriesLevel>& levels, Period period, std::size_t most)
      : first_(number_of(period.from)), days_(static_cast<std::size_t>(period.days())), most_(most) {
    for (const SeriesLevel& level : levels) {
      Cut& cut = cuts_.emplace_back();
      cut.columns = columns_of(level.by);
      cut.tag = level.tag;
      for (const SliceColumn column : cut.columns) need(column);
      if (!level.tag.empty()) need(SliceColumn::tags);
    }
    key_.resize(1 + needed_.size());
  }

  const std::vector<SliceColumn>& needed() const { return needed_; }
  std::vector<Cut>& cuts() { return cuts_; }
  const OwnTexts& values() const { return values_; }

  base::Result<> add(MatchingRows& rows, CostMetric metric) {
    key_[0] = rows.column(SliceColumn::currency);
    for (std::size_t i = 0; i < needed_.size(); ++i) key_[i + 1] = rows.column(needed_[i]);
    Leaf* leaf = last_ != nullptr ? last_->next : nullptr;
    if (leaf == nullptr || *leaf->key != key_) {
      const auto [found, added] = leaves_.try_emplace(key_);
      leaf = &found->second;
      if (added) {
        leaf->key = &found->first;
        if (const auto made = find_slices(rows, *leaf); !made) return made;
      }
      if (last_ != nullptr) last_->next = leaf;
    }
    last_ = leaf;
    const auto day = static_cast<std::size_t>(rows.time() - first_);
    const Decimal& cost = metric == CostMetric::billed ? rows.costs().billed : rows.costs().effective;
    for (Slice* slice : leaf->slices) slice->add(day, cost);
    return {};
  }

 private:
  struct Leaf {
    const Ids* key = nullptr;
    std::vector<Slice*> slices;  // one of each cut
    Leaf* next = nullptr;        // what came after it last time
  };

  void need(SliceColumn column) {
    if (std::find(needed_.begin(), needed_.end(), column) == needed_.end()) needed_.push_back(column);
  }

  base::Result<> find_slices(MatchingRows& rows, Leaf& leaf) {
    if (leaves_.size() > kMaxSlices) return too_many_slices();
    for (Cut& cut : cuts_) {
      Ids ids{key_[0]};
      for (const SliceColumn column : cut.columns) ids.push_back(rows.column(column));
      if (!cut.tag.empty()) {
        const auto value = rows.tag(cut.tag);
        if (!value) return base::pass_on(value);
        ids.push_back(values_.id(*value));
      }
      Slice& slice = cut.slices[ids];
      if (slice.cost.empty()) {
        if (++series_ > most_) return too_many_series();
        if (series_ * days_ > kMaxSeriesDays) return too_many_slices();
        slice.cost.assign(days_, kNoCharge);
      }
      leaf.slices.push_back(&slice);
    }
    return {};
  }

  base::Failure too_many_series() const {
    return base::fail(base::ErrorKind::too_large, "the bill has more than {} series at these levels", most_);
  }

  std::int64_t first_;
  std::size_t days_;
  std::size_t most_;
  std::vector<Cut> cuts_;
  std::vector<SliceColumn> needed_;
  OwnTexts values_;
  std::size_t series_ = 0;
  Ids key_;
  std::unordered_map<Ids, Leaf, IdsHash> leaves_;
  Leaf* last_ = nullptr;
};

}  // namespace

base::Result<std::vector<CostSeries>> FactReader::series(const SeriesQuery& query) {
  LevelsQuery levels{query.customer, query.period, query.metric, {{query.by, {}}}, query.only, {}, kMaxSlices};
  auto found = summed_levels(levels, query.limit);
  if (!found) return base::pass_on(found);
  return std::move(found->front());
}

base::Result<std::vector<std::vector<CostSeries>>> FactReader::series_by_level(const LevelsQuery& query) {
  return summed_levels(query, std::numeric_limits<std::size_t>::max());
}

base::Result<std::vector<std::vector<CostSeries>>> FactReader::summed_levels(const LevelsQuery& query,
                                                                             std::size_t limit) {
  std::vector<std::vector<CostSeries>> found(query.levels.size());
  auto filter = make_filter(source_, query.customer, query.only, query.only_tagged);
  if (!filter) return base::pass_on(filter);
  if (!*filter || query.period.days() <= 0) return found;
  LevelSums sums(query.levels, query.period, query.most_series);
  auto rows = MatchingRows::open(source_, std::move(**filter), sums.needed(), query.period, true);
  if (!rows) return base::pass_on(rows);
  for (;;) {
    const auto row = rows->next();
    if (!row) return base::pass_on(row);
    if (!*row) break;
    if (const auto added = sums.add(*rows, query.metric); !added) return base::pass_on(added);
  }
  for (std::size_t level = 0; level < found.size(); ++level) {
    Cut& cut = sums.cuts()[level];
    auto order = dearest_first(cut.slices);
    if (order.size() > limit) order.resize(limit);
    const auto texts_end = 1 + static_cast<std::ptrdiff_t>(cut.columns.size());
    Ids named;
    for (const auto* entry : order) named.insert(named.end(), entry->first.begin(), entry->first.begin() + texts_end);
    if (const auto told = source_.expect_texts(named); !told) return base::pass_on(told);
    for (const auto* entry : order) {
      auto texts = texts_of({entry->first.begin(), entry->first.begin() + texts_end});
      if (!texts) return base::pass_on(texts);
      CostSeries series;
      series.currency = std::move(texts->front());
      series.key.assign(std::make_move_iterator(texts->begin() + 1), std::make_move_iterator(texts->end()));
      if (!cut.tag.empty()) series.key.push_back(sums.values().text(entry->first.back()));
      series.first = query.period.from;
      series.cost = entry->second.cost;
      found[level].push_back(std::move(series));
    }
  }
  return found;
}

}  // namespace costagent
