#include "costagent/service/feedback_effects.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "costagent/domain/provider.h"

namespace costagent {
namespace {

using enum Dimension;

// Days around an event that tell what is usual on its days.
constexpr std::chrono::days kAround{28};
constexpr double kWhole = 100;  // percent
// Of a sum, what doubles leave where nothing is left.
constexpr double kNothing = 1e-9;

using Place = std::pair<std::size_t, std::size_t>;  // level, series

double charge_or_zero(double cost) { return std::isnan(cost) ? 0 : cost; }

Period within(Period days, Period window) {
  const Period cut{std::max(days.from, window.from), std::min(days.to, window.to)};
  return {cut.from, std::max(cut.from, cut.to)};
}

bool same_value(Dimension dimension, const std::string& a, const std::string& b) {
  return a == b || (dimension == provider && usual_name(a) == usual_name(b));
}

// Whether the slice has nothing of the part of the bill that is analysed.
bool is_outside(const BillSlice& slice, const SeriesScope& scope) {
  return std::any_of(slice.only.begin(), slice.only.end(), [&](const auto& one) {
    const auto found = scope.only.find(one.first);
    return found != scope.only.end() && !same_value(one.first, found->second, one.second);
  });
}

// Whether all charges of `part` are of `whole`, by what they are told by.
bool holds(const BillSlice& whole, const BillSlice& part) {
  const auto is_told = [](const auto& one, const auto& by, const auto& same) {
    const auto found = by.find(one.first);
    return found != by.end() && same(found->second);
  };
  return std::all_of(whole.only.begin(), whole.only.end(),
                     [&](const auto& one) {
                       return is_told(one, part.only, [&](const std::string& other) {
                         return same_value(one.first, one.second, other);
                       });
                     }) &&
         std::all_of(whole.only_tagged.begin(), whole.only_tagged.end(), [&](const auto& one) {
           return is_told(one, part.only_tagged, [&](const std::string& other) { return other == one.second; });
         });
}

// A piece of feedback with what its slice has of the levels' series.
class Effect {
 public:
  Effect(const Feedback& feedback, Period window)
      : feedback_(&feedback),
        slice_(feedback.slice),
        days_(within(feedback.days, window)),
        whole_window_(days_ == window),
        factor_(feedback.kind == FeedbackKind::planned_event ? 1 + feedback.change_percent / kWhole : 1) {}

  const Feedback& feedback() const { return *feedback_; }
  const BillSlice& slice() const { return slice_; }
  Period days() const { return days_; }
  // Whether its excess goes as far as a percentage was planned, rather than all of it.
  bool has_percentage() const { return factor_ != 1; }
  // Whether it takes out all of its slice on all days.
  bool excludes() const { return whole_window_ && !has_percentage(); }
  // A percentage of all days is what is usual.
  bool changes() const { return !(whole_window_ && has_percentage()); }
  // Of each level.
  const std::vector<std::vector<CostSeries>>& shared() const { return shared_; }
  // They are as large as the levels.
  void forget_shared() { shared_.clear(); }

  // `all`: of the analysis.
  base::Result<> read(FactStore& facts, const SeriesScope& scope, const std::vector<LevelSeries>& levels,
                      const std::vector<Effect>& all) {
    LevelsQuery query{scope.customer,
                      within({days_.from - kAround, days_.to + kAround}, scope.days),
                      CostMetric::effective,
                      {},
                      scope.only,
                      slice_.only_tagged,
                      kMostAnalysedSeries};
    for (const auto& [dimension, value] : slice_.only) query.only[dimension] = value;
    for (const LevelSeries& level : levels) query.levels.push_back(level.level);
    const auto total = std::find(query.levels.begin(), query.levels.end(), SeriesLevel{}) - query.levels.begin();
    auto read = facts.series_by_level(query);
    if (!read && read.error().kind == base::ErrorKind::too_large) {
      query.levels = {SeriesLevel{}};
      read = facts.series_by_level(query);
      if (read) {
        shared_.resize(levels.size());
        shared_[static_cast<std::size_t>(total)] = std::move(read->front());
      }
    } else if (read) {
      shared_ = std::move(*read);
    }
    if (!read) return base::pass_on(read);
    own_ = shared_[static_cast<std::size_t>(total)];
    usual_.clear();
    name_all(levels);
    leave_out(query.period, all);
    for (const CostSeries& own : own_) usual_.push_back(usual_of(own));
    return {};
  }

  // What the charges usually cost on the effect's days; NaN on others, and where they usually have none. A part that
  // has no charge while the slice has costs nothing on that day.
  std::vector<double> usual_of(const CostSeries& part) const {
    const CostSeries* own = own_of(part.currency);
    CostSeries filled = part;
    for (std::size_t i = 0; i < filled.cost.size(); ++i) {
      if (own != nullptr && !std::isnan(own->cost[i])) filled.cost[i] = charge_or_zero(filled.cost[i]);
    }
    return usual_days(filled, days_, left_out_);
  }

  // What is taken out of a series that has these charges on day i of the reading.
  double taken_out(const CostSeries& part, const std::vector<double>& usual, std::size_t i) const {
    const double excess = charge_or_zero(part.cost[i]) - charge_or_zero(usual[i]);
    if (!has_percentage()) return excess;
    return excess * (factor_ - 1) > 0 ? excess * forgiven(part.currency, i) : 0;
  }

  void tell(std::vector<PlannedCost>& planned) const {
    if (feedback_->kind != FeedbackKind::planned_event) return;
    for (std::size_t of = 0; of < own_.size(); ++of) {
      PlannedCost cost{*feedback_, own_[of].currency, 0, 0};
      for (base::Day day = days_.from; day < days_.to; day += std::chrono::days(1)) {
        const auto i = static_cast<std::size_t>((day - own_[of].first).count());
        cost.expected_cost += charge_or_zero(usual_[of][i]) * std::max(0.0, factor_);
        cost.actual_cost += charge_or_zero(own_[of].cost[i]);
      }
      planned.push_back(std::move(cost));
    }
  }

 private:
  const CostSeries* own_of(const std::string& currency) const {
    const auto found =
        std::find_if(own_.begin(), own_.end(), [&](const CostSeries& own) { return own.currency == currency; });
    return found == own_.end() ? nullptr : &*found;
  }

  // The share of the excess that was planned.
  double forgiven(const std::string& currency, std::size_t i) const {
    const CostSeries* own = own_of(currency);
    if (own == nullptr) return 1;
    const double usual = charge_or_zero(usual_[static_cast<std::size_t>(own - own_.data())][i]);
    const double allowed = std::abs(usual) * (factor_ - 1);
    const double excess = charge_or_zero(own->cost[i]) - usual;
    return allowed * excess > 0 ? std::min(1.0, allowed / excess) : 1;
  }

  // Whatever is the same of all its charges tells the slice: a resource's service and region, say.
  void name_all(const std::vector<LevelSeries>& levels) {
    // All of the bill isn't told by the only provider that it has.
    if (slice_.only.empty() && slice_.only_tagged.empty()) return;
    for (std::size_t at = 0; at < levels.size(); ++at) {
      const auto& parts = shared_[at];
      for (std::size_t k = 0; k < levels[at].level.by.size(); ++k) {
        const bool one = !parts.empty() && std::all_of(parts.begin(), parts.end(), [&](const CostSeries& part) {
          return part.key[k] == parts.front().key[k];
        });
        if (one) slice_.only.try_emplace(levels[at].level.by[k], parts.front().key[k]);
      }
    }
  }

  // The days of a reading that tell nothing of what is usual.
  void leave_out(Period reading, const std::vector<Effect>& all) {
    left_out_.assign(static_cast<std::size_t>(reading.days()), false);
    for (const Effect& other : all) {
      if (&other != this && (other.has_percentage() || !holds(other.feedback_->slice, slice_))) continue;
      const Period days = within(other.days_, reading);
      const auto first = left_out_.begin() + (days.from - reading.from).count();
      if (days.days() > 0) std::fill(first, first + days.days(), true);
    }
  }

  const Feedback* feedback_;
  BillSlice slice_;
  Period days_;
  bool whole_window_;
  double factor_;
  std::vector<std::vector<CostSeries>> shared_;
  std::vector<CostSeries> own_;  // one a currency
  std::vector<std::vector<double>> usual_;
  std::vector<bool> left_out_;
};

// What effects take out of a day of a series.
struct TakenOut {
  double sum = 0;
  double largest = 0;
  std::size_t effects = 0;

  void add(double amount) {
    sum += amount;
    if (std::abs(amount) > std::abs(largest)) largest = amount;
    ++effects;
  }
};

class Application {
 public:
  Application(std::vector<LevelSeries>& levels, FeedbackEffects& effects)
      : levels_(levels), effects_(effects), places_(levels.size()) {
    for (std::size_t at = 0; at < levels.size(); ++at) {
      for (std::size_t i = 0; i < levels[at].series.size(); ++i)
        places_[at].emplace(std::pair(levels[at].series[i].currency, levels[at].series[i].key), i);
    }
  }

  void add(const Effect& effect) {
    std::size_t wholes = 0;
    bool has_charges = false;
    for (std::size_t at = 0; at < levels_.size(); ++at) {
      for (const CostSeries& part : effect.shared()[at]) {
        const auto found = places_[at].find({part.currency, part.key});
        if (found == places_[at].end()) continue;
        has_charges = true;
        const bool whole = change({at, found->second}, part, effect);
        wholes += whole && levels_[at].level == SeriesLevel{};
      }
    }
    if (effect.feedback().kind != FeedbackKind::exclude || !has_charges) return;
    effects_.left_out.push_back({effect.feedback().id, effect.days(), wholes > 0 && wholes == totals()});
  }

  // Once all effects are known, so that what one takes out teaches nothing for another.
  void finish() {
    for (const auto& [place, days] : out_) take_out(place, days);
    for (const auto& [place, taken] : taken_) {
      CostSeries& series = series_at(place);
      const auto usual = usual_days(series, all_days(series), taken);
      for (std::size_t i = 0; i < taken.size(); ++i) {
        if (taken[i]) series.cost[i] = usual[i];
      }
    }
  }

 private:
  CostSeries& series_at(const Place& place) { return levels_[place.first].series[place.second]; }
  static Period all_days(const CostSeries& series) {
    return {series.first, series.first + std::chrono::days(series.cost.size())};
  }
  std::size_t totals() const {
    const auto found = std::find_if(levels_.begin(), levels_.end(),
                                    [](const LevelSeries& level) { return level.level == SeriesLevel{}; });
    return found == levels_.end() ? 0 : found->series.size();
  }

  // True where the series has no other charges on the days that were read.
  bool change(const Place& place, const CostSeries& part, const Effect& effect) {
    CostSeries& series = series_at(place);
    const std::vector<double>& was = effects_.before.try_emplace(place, series.cost).first->second;
    const auto offset = (part.first - series.first).count();
    const bool whole = std::equal(part.cost.begin(), part.cost.end(), was.begin() + offset,
                                  [](double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); });
    const auto first = (effect.days().from - series.first).count();
    if (whole && !effect.has_percentage()) {
      if (effect.excludes()) levels_[place.first].passed_over[place.second] = true;
      auto& taken = taken_.try_emplace(place, std::vector<bool>(series.cost.size(), false)).first->second;
      std::fill(taken.begin() + first, taken.begin() + first + effect.days().days(), true);
    } else if (effect.excludes()) {
      exclude(series, part, was);
      reduced_.insert(place);
    } else {
      auto& out = out_.try_emplace(place, std::vector<TakenOut>(series.cost.size())).first->second;
      const auto usual = effect.usual_of(part);
      for (auto i = first; i < first + effect.days().days(); ++i)
        out[static_cast<std::size_t>(i)].add(effect.taken_out(part, usual, static_cast<std::size_t>(i - offset)));
    }
    return whole;
  }

  // A day that has nothing else has no charge.
  static void exclude(CostSeries& series, const CostSeries& part, const std::vector<double>& was) {
    for (std::size_t i = 0; i < part.cost.size(); ++i) {
      if (std::isnan(part.cost[i]) || part.cost[i] == 0) continue;
      series.cost[i] -= part.cost[i];
      if (std::abs(series.cost[i]) <= kNothing * std::abs(was[i])) series.cost[i] = kNoCharge;
    }
  }

  void take_out(const Place& place, const std::vector<TakenOut>& days) {
    CostSeries& series = series_at(place);
    const bool reduced = reduced_.contains(place);
    std::vector<bool> told_twice(days.size(), false);
    std::vector<bool> taken(days.size(), false);
    if (const auto found = taken_.find(place); found != taken_.end()) taken = found->second;
    for (std::size_t i = 0; i < days.size(); ++i) {
      told_twice[i] = days[i].effects > (reduced ? 0 : 1);
      taken[i] = taken[i] || days[i].effects > 0;
    }
    const auto usual = std::find(told_twice.begin(), told_twice.end(), true) == told_twice.end()
                           ? std::vector<double>(days.size(), kNoCharge)
                           : usual_days(series, all_days(series), taken);
    for (std::size_t i = 0; i < days.size(); ++i) {
      double amount = days[i].sum;
      if (told_twice[i]) {
        // Of what was reduced before, an exclusion may have had all of it.
        const double least = reduced ? 0 : days[i].largest;
        const double excess = std::isnan(usual[i]) ? least : series.cost[i] - usual[i];
        amount = std::clamp(excess, std::min(least, amount), std::max(least, amount));
      }
      series.cost[i] -= amount;
    }
  }

  std::vector<LevelSeries>& levels_;
  FeedbackEffects& effects_;
  std::vector<std::map<std::pair<std::string, SliceKey>, std::size_t>> places_;
  std::set<Place> reduced_;
  std::map<Place, std::vector<TakenOut>> out_;
  std::map<Place, std::vector<bool>> taken_;
};

// Whether another effect excludes all that this one has; of two that exclude the same the first does.
bool is_left_out(const Effect& effect, std::span<const Effect> excluding) {
  return std::any_of(excluding.begin(), excluding.end(), [&](const Effect& other) {
    if (&other == &effect || !holds(other.feedback().slice, effect.slice())) return false;
    const bool same = effect.excludes() && holds(effect.feedback().slice, other.slice());
    return !same || &other < &effect;
  });
}

}  // namespace

base::Result<FeedbackEffects> apply(FactStore& facts, const SeriesScope& scope, std::span<const Feedback> feedback,
                                    std::vector<LevelSeries>& levels) {
  FeedbackEffects effects;
  std::vector<Effect> all;
  for (auto one = feedback.rbegin(); one != feedback.rend() && all.size() < kMostEffects; ++one) {
    if (one->kind != FeedbackKind::exclude && one->kind != FeedbackKind::planned_event) continue;
    const Effect effect(*one, scope.days);
    if (effect.days().days() > 0 && !is_outside(one->slice, scope)) all.push_back(effect);
  }
  if (all.empty()) return effects;
  // What is left out for good comes first: nothing that is said of a part of it matters.
  const auto others =
      std::stable_partition(all.begin(), all.end(), [](const Effect& effect) { return effect.excludes(); });
  const std::span excluding(all.begin(), others);
  // Their full names tell which of them are parts of others; all together they may be too much to keep.
  for (Effect& effect : excluding.size() > 1 ? excluding : std::span<Effect>()) {
    if (const auto read = effect.read(facts, scope, levels, all); !read) return base::pass_on(read);
    effect.forget_shared();
  }
  Application application(levels, effects);
  for (Effect& effect : all) {
    if (const auto read = effect.read(facts, scope, levels, all); !read) return base::pass_on(read);
    effect.tell(effects.planned);
    if (effect.changes() && !is_left_out(effect, excluding)) application.add(effect);
    effect.forget_shared();
  }
  application.finish();
  return effects;
}

}  // namespace costagent
