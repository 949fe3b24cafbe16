#include "costagent/service/feedback_effects.h"

#include <algorithm>
#include <cmath>

namespace costagent {
namespace {

using enum Dimension;

// Days around an event that tell what is usual on its days.
constexpr std::chrono::days kAround{28};
constexpr double kWhole = 100;  // percent

double charge_or_zero(double cost) { return std::isnan(cost) ? 0 : cost; }

Period within(Period days, Period window) {
  const Period cut{std::max(days.from, window.from), std::min(days.to, window.to)};
  return {cut.from, std::max(cut.from, cut.to)};
}

// Whether the slice has nothing of the part of the bill that is analysed.
bool is_outside(const BillSlice& slice, const SeriesScope& scope) {
  return std::any_of(slice.only.begin(), slice.only.end(), [&](const auto& one) {
    const auto found = scope.only.find(one.first);
    return one.first != provider && found != scope.only.end() && found->second != one.second;
  });
}

// A piece of feedback with its slice's own costs.
class Effect {
 public:
  Effect(const Feedback& feedback, Period window)
      : feedback_(feedback),
        slice_(feedback.slice),
        days_(within(feedback.days, window)),
        whole_window_(days_ == window),
        factor_(feedback.kind == FeedbackKind::planned_event ? 1 + feedback.change_percent / kWhole : 1) {}

  bool has_days() const { return days_.days() > 0; }
  // Whether the days are taken out rather than scaled back.
  bool takes_out() const { return factor_ == 1 || factor_ <= 0; }
  bool passes_over() const { return whole_window_ && takes_out(); }
  const BillSlice& slice() const { return slice_; }
  Period days() const { return days_; }

  // Reads the slice's costs around its days, and what else tells the slice: a resource's service and region, say.
  base::Result<> read(FactStore& facts, const SeriesScope& scope) {
    LevelsQuery query{scope.customer,
                      within({days_.from - kAround, days_.to + kAround}, scope.days),
                      CostMetric::effective,
                      {{}, {{provider, account, service, region}, {}}},
                      scope.only,
                      slice_.only_tagged,
                      kMostAnalysedSeries};
    for (const auto& [dimension, value] : slice_.only) query.only[dimension] = value;
    auto levels = facts.series_by_level(query);
    if (!levels && levels.error().kind == base::ErrorKind::too_large) {
      query.levels.pop_back();
      levels = facts.series_by_level(query);
    }
    if (!levels) return base::pass_on(levels);
    own_ = std::move((*levels)[0]);
    if (levels->size() > 1) name_all((*levels)[1]);
    for (const CostSeries& own : own_) usual_.push_back(usual_days(own, days_, taken(own)));
    return {};
  }

  // The days that tell nothing of what is usual.
  std::vector<bool> taken(const CostSeries& series) const {
    std::vector<bool> taken(series.cost.size(), false);
    mark(series, taken);
    return taken;
  }
  void mark(const CostSeries& series, std::vector<bool>& taken) const {
    if (!takes_out()) return;
    for (std::size_t i = 0; i < taken.size(); ++i) {
      const base::Day day = series.first + std::chrono::days(i);
      if (day >= days_.from && day < days_.to) taken[i] = true;
    }
  }

  // What the slice costs more (below 0: less) on a day than without the effect.
  double excess(const std::string& currency, base::Day day) const {
    if (day < days_.from || day >= days_.to) return 0;
    for (std::size_t of = 0; of < own_.size(); ++of) {
      if (own_[of].currency != currency) continue;
      const auto i = static_cast<std::size_t>((day - own_[of].first).count());
      const double cost = charge_or_zero(own_[of].cost[i]);
      if (!takes_out()) return cost - cost / factor_;
      return passes_over() ? cost : cost - charge_or_zero(usual_[of][i]);
    }
    return 0;
  }

  void scale_back(CostSeries& series) const {
    for (std::size_t i = 0; i < series.cost.size(); ++i) {
      const base::Day day = series.first + std::chrono::days(i);
      if (day >= days_.from && day < days_.to) series.cost[i] /= factor_;
    }
  }

  void tell(std::vector<PlannedCost>& planned) const {
    if (feedback_.kind != FeedbackKind::planned_event) return;
    for (std::size_t of = 0; of < own_.size(); ++of) {
      PlannedCost cost{feedback_, own_[of].currency, 0, 0};
      const std::vector<bool> days = [&] {
        std::vector<bool> all(own_[of].cost.size(), false);
        for (std::size_t i = 0; i < all.size(); ++i) {
          const base::Day day = own_[of].first + std::chrono::days(i);
          all[i] = day >= days_.from && day < days_.to;
        }
        return all;
      }();
      const auto usual = usual_days(own_[of], days_, days);
      for (std::size_t i = 0; i < days.size(); ++i) {
        if (!days[i]) continue;
        cost.expected_cost += charge_or_zero(usual[i]) * std::max(0.0, factor_);
        cost.actual_cost += charge_or_zero(own_[of].cost[i]);
      }
      planned.push_back(std::move(cost));
    }
  }

 private:
  void name_all(const std::vector<CostSeries>& parts) {
    const Dimension dimensions[] = {provider, account, service, region};
    for (std::size_t at = 0; at < std::size(dimensions); ++at) {
      const bool one = !parts.empty() && std::all_of(parts.begin(), parts.end(), [&](const CostSeries& part) {
        return part.key[at] == parts.front().key[at];
      });
      // All of the bill isn't told by the only provider that it has.
      if (one && !(slice_.only.empty() && slice_.only_tagged.empty()))
        slice_.only.try_emplace(dimensions[at], parts.front().key[at]);
    }
  }

  const Feedback& feedback_;
  BillSlice slice_;
  Period days_;
  bool whole_window_;
  double factor_;
  std::vector<CostSeries> own_;  // one a currency
  std::vector<std::vector<double>> usual_;
};

// How a slice's own name and its full one lie to a series: the full one tells more wholes, the own one more parts.
Relation relation_to(const Feedback& feedback, const Effect& effect, const LevelSeries& level,
                     const CostSeries& series) {
  const Relation own = relation_of(feedback.slice, level.level.by, level.level.tag, series.key);
  if (own == Relation::same || own == Relation::whole) return own;
  return relation_of(effect.slice(), level.level.by, level.level.tag, series.key);
}

class Application {
 public:
  Application(std::vector<LevelSeries>& levels, FeedbackEffects& effects) : levels_(levels), effects_(effects) {}

  void add(const Feedback& feedback, const Effect& effect) {
    for (std::size_t at = 0; at < levels_.size(); ++at) {
      for (std::size_t i = 0; i < levels_[at].series.size(); ++i) {
        const Relation relation = relation_to(feedback, effect, levels_[at], levels_[at].series[i]);
        if (relation != Relation::apart) change(at, i, relation, effect);
      }
    }
  }

  // Once all effects are known, so that what one takes out teaches nothing for another.
  void put_usual() {
    for (const auto& [place, taken] : taken_) {
      CostSeries& series = levels_[place.first].series[place.second];
      const auto usual =
          usual_days(series, {series.first, series.first + std::chrono::days(series.cost.size())}, taken);
      for (std::size_t i = 0; i < taken.size(); ++i) {
        if (taken[i]) series.cost[i] = usual[i];
      }
    }
  }

 private:
  void change(std::size_t at, std::size_t i, Relation relation, const Effect& effect) {
    CostSeries& series = levels_[at].series[i];
    effects_.before.try_emplace({at, i}, series.cost);
    if (relation == Relation::part) {
      for (std::size_t day = 0; day < series.cost.size(); ++day)
        series.cost[day] -= effect.excess(series.currency, series.first + std::chrono::days(day));
      return;
    }
    if (effect.passes_over()) levels_[at].passed_over[i] = true;
    if (!effect.takes_out()) return effect.scale_back(series);
    auto& taken = taken_.try_emplace({at, i}, std::vector<bool>(series.cost.size(), false)).first->second;
    effect.mark(series, taken);
  }

  std::vector<LevelSeries>& levels_;
  FeedbackEffects& effects_;
  std::map<std::pair<std::size_t, std::size_t>, std::vector<bool>> taken_;
};

}  // namespace

base::Result<FeedbackEffects> apply(FactStore& facts, const SeriesScope& scope, std::span<const Feedback> feedback,
                                    std::vector<LevelSeries>& levels) {
  FeedbackEffects effects;
  Application application(levels, effects);
  std::size_t count = 0;
  for (auto one = feedback.rbegin(); one != feedback.rend() && count < kMostEffects; ++one) {
    if (one->kind != FeedbackKind::exclude && one->kind != FeedbackKind::planned_event) continue;
    Effect effect(*one, scope.days);
    if (!effect.has_days() || is_outside(one->slice, scope)) continue;
    if (const auto read = effect.read(facts, scope); !read) return base::pass_on(read);
    application.add(*one, effect);
    effect.tell(effects.planned);
    ++count;
  }
  application.put_usual();
  return effects;
}

}  // namespace costagent
