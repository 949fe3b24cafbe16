#include "costagent/service/analysis_model.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "base/deadline.h"
#include "costagent/analyze/parts.h"
#include "costagent/service/analysis_notes.h"
#include "costagent/service/explain.h"

namespace costagent {
namespace {

// Nobody works longer on a model; who waits for one has a deadline besides.
constexpr std::chrono::minutes kPatience{1};
// Series between two looks at the clock: some milliseconds.
constexpr std::size_t kBetweenLooks = 16;
// Periods, ends of forecasts and incidents of which something is kept; a dashboard asks about a few.
constexpr std::size_t kMostKept = 32;
constexpr std::size_t kMostExplanations = 1000;
// Bills that differ by less were rounded otherwise.
constexpr double kRevisedShare = 0.005;
constexpr double kLeastRevision = 0.01;

base::Failure too_late() {
  return base::fail(base::ErrorKind::timeout,
                    "the time for this request was over before the analysis was done; what "
                    "was worked out is kept: ask again");
}

template <class Map>
auto& kept_under(Map& map, const typename Map::key_type& key, std::size_t most) {
  if (map.size() >= most && !map.contains(key)) map.clear();
  return map[key];
}

// A day that has nothing at all is not told again for each part; where the whole has something, a part may be what
// lacks.
void leave_out_repeated(std::vector<Anomaly>& found) {
  std::vector<Anomaly> missing;
  std::copy_if(found.begin(), found.end(), std::back_inserter(missing),
               [](const Anomaly& anomaly) { return anomaly.kind == AnomalyKind::missing_data; });
  std::erase_if(found, [&](const Anomaly& anomaly) {
    return anomaly.kind == AnomalyKind::missing_data &&
           std::any_of(missing.begin(), missing.end(), [&](const Anomaly& other) {
             return other.actual_cost == 0 && other.currency == anomaly.currency && other.start <= anomaly.start &&
                    other.end >= anomaly.end && other.slice.size() < anomaly.slice.size() && holds(other, anomaly);
           });
  });
}

// The days of a series that are within a period; they begin with it.
CostSeries within(const CostSeries& series, Period period) {
  CostSeries cut = series;
  const auto size = std::ssize(cut.cost);
  const auto before = std::clamp<std::ptrdiff_t>((period.from - cut.first).count(), 0, size);
  const auto after = std::clamp<std::ptrdiff_t>((period.to - cut.first).count(), before, size);
  cut.cost.erase(cut.cost.begin() + after, cut.cost.end());
  cut.cost.erase(cut.cost.begin(), cut.cost.begin() + before);
  cut.first += std::chrono::days(before);
  return cut;
}

}  // namespace

base::Result<AnalysisReport> AnalysisModel::analyse(const ModelSources& sources, const AnalysisRequest& request,
                                                    Period period) {
  const std::unique_lock lock(mutex_, base::time_left(kPatience));
  if (!lock.owns_lock()) return too_late();
  AnalysisReport report;
  report.period = period;
  if (const auto added = add_summary(sources.facts, report); !added) return base::pass_on(added);
  // Growth is read by itself, however many series there are.
  if (request.anomalies || request.trend || request.forecast) {
    if (const auto done = read(sources.facts); !done) return base::pass_on(done);
  }
  if (request.anomalies) {
    if (const auto added = add_anomalies(sources, request.sensitivity, report); !added) return base::pass_on(added);
  }
  if (request.trend) add_trends(report);
  if (request.forecast) add_forecasts(request, report);
  measure();
  auto notes = notes_of(sources.facts, request, report, {scope_, feedback_, effects_, levels_, seldom_});
  if (!notes) return base::pass_on(notes);
  report.notes = std::move(*notes);
  return report;
}

base::Result<> AnalysisModel::read(FactStore& facts) {
  if (!levels_.empty()) return {};
  auto read = read_levels(facts, scope_);
  if (!read) return base::pass_on(read);
  auto effects = apply(facts, scope_, feedback_, *read);
  if (!effects) return base::pass_on(effects);
  effects_ = std::move(*effects);
  levels_ = std::move(*read);
  looked_at_ = seldom_ = 0;
  for (const LevelSeries& level : levels_) {
    for (std::size_t i = 0; i < level.series.size(); ++i) {
      if (level.passed_over[i]) continue;
      const bool regular = is_regular(level.series[i]);
      looked_at_ += regular;
      seldom_ += !regular && is_charged_seldom(level.series[i]);
    }
  }
  measure();
  return {};
}

const LevelSeries& AnalysisModel::level(const SeriesLevel& of) const {
  return *std::find_if(levels_.begin(), levels_.end(), [&](const LevelSeries& level) { return level.level == of; });
}

const CostSeries* AnalysisModel::total_of(const std::string& currency) const {
  const auto& totals = level({}).series;
  const auto found =
      std::find_if(totals.begin(), totals.end(), [&](const CostSeries& total) { return total.currency == currency; });
  return found == totals.end() ? nullptr : &*found;
}

base::Result<> AnalysisModel::add_summary(FactStore& facts, AnalysisReport& report) {
  Summary& summary = kept_under(summaries_, {report.period.from, report.period.to}, kMostKept);
  if (summary.total.empty()) {
    TotalsQuery query;
    query.customer = scope_.customer;
    query.period = report.period;
    query.by = kByService;
    query.only = scope_.only;
    query.limit = AnalysisReport::kTopServices;
    auto page = facts.totals(query);
    if (!page) return base::pass_on(page);
    summary = {std::move(page->sum), std::move(page->totals)};
  }
  report.total = summary.total;
  report.top_services = summary.top_services;
  return {};
}

void AnalysisModel::look_at(const LevelSeries& level, const CostSeries& series, const Thresholds& thresholds,
                            Found& found) const {
  const auto take = [&](Anomaly& anomaly, std::vector<Anomaly>& list) {
    anomaly.tag = level.level.tag;
    list.push_back(std::move(anomaly));
  };
  Findings findings = costagent::look_at(series, level.level.by, scope_.days, thresholds);
  for (Anomaly& anomaly : findings.anomalies) take(anomaly, found.anomalies);
  for (Anomaly& hint : findings.hints) take(hint, found.hints);
  // Of what is new the services, accounts and regions are told; their parts, and what is as small as a resource, are
  // always new.
  if (level.level.by.size() != 2) return;
  const CostSeries* total = total_of(series.currency);
  if (total == nullptr) return;
  if (auto added = find_new_service(series, *total, level.level.by, scope_.days, thresholds))
    take(*added, found.anomalies);
}

base::Result<> AnalysisModel::find(Sensitivity sensitivity) {
  Found& found = found_[static_cast<std::size_t>(sensitivity)];
  const Thresholds thresholds = thresholds_of(sensitivity, looked_at_);
  std::size_t looks = 0;
  for (; found.level < levels_.size(); ++found.level, found.series = 0) {
    const LevelSeries& level = levels_[found.level];
    for (; found.series < level.series.size(); ++found.series) {
      if (level.passed_over[found.series]) continue;
      if (++looks % kBetweenLooks == 0 && base::deadline_passed()) return too_late();
      look_at(level, level.series[found.series], thresholds, found);
    }
  }
  return {};
}

base::Result<> AnalysisModel::add_anomalies(const ModelSources& sources, Sensitivity sensitivity,
                                            AnalysisReport& report) {
  if (const auto done = find(sensitivity); !done) return done;
  report.series = looked_at_;
  std::vector<Anomaly>& found = report.anomalies;
  const Found& all = found_[static_cast<std::size_t>(sensitivity)];
  const auto begins_within = [&](const Anomaly& anomaly) {
    return anomaly.start >= report.period.from && anomaly.start < report.period.to;
  };
  std::copy_if(all.anomalies.begin(), all.anomalies.end(), std::back_inserter(found), begins_within);
  leave_out_repeated(found);
  std::vector<Anomaly> hints;
  std::copy_if(all.hints.begin(), all.hints.end(), std::back_inserter(hints), begins_within);
  report.incidents = incidents_of(found, std::move(hints));
  leave_out_answered(report);
  report.incidents_found = report.incidents.size();
  if (report.incidents.size() > AnalysisReport::kMaxAnomalies) report.incidents.resize(AnalysisReport::kMaxAnomalies);
  std::stable_sort(found.begin(), found.end(),
                   [](const Anomaly& a, const Anomaly& b) { return std::abs(a.impact()) > std::abs(b.impact()); });
  report.anomalies_found = found.size();
  if (found.size() > AnalysisReport::kMaxAnomalies) found.resize(AnalysisReport::kMaxAnomalies);
  std::copy_if(effects_.planned.begin(), effects_.planned.end(), std::back_inserter(report.planned),
               [&](const PlannedCost& planned) {
                 return planned.event.days.from < report.period.to && planned.event.days.to > report.period.from;
               });
  if (scope_.only.empty()) {
    if (const auto added = add_revisions(sources, report); !added) return added;
    if (const auto done = remember(sources, report); !done) return done;
  }
  auto expiring = expiring_commitments(sources.facts, scope_.customer, report.period, scope_.days);
  if (!expiring) return base::pass_on(expiring);
  report.expiring = std::move(*expiring);
  return explain(sources.facts, report);
}

// With an incident go the anomalies that it is made of.
void AnalysisModel::leave_out_answered(AnalysisReport& report) const {
  std::set<std::string> gone;
  const auto answered = [&](const Incident& incident) {
    const bool is = std::any_of(feedback_.begin(), feedback_.end(),
                                [&](const Feedback& one) { return is_answered(one, incident.cause()); });
    if (is) {
      for (const Anomaly& cause : incident.causes) gone.insert(id_of(scope_.customer, cause));
    }
    return is;
  };
  report.answered = std::erase_if(report.incidents, answered);
  std::erase_if(report.anomalies,
                [&](const Anomaly& anomaly) { return gone.contains(id_of(scope_.customer, anomaly)); });
}

// What the anomaly's slice cost on its days, as the bills say it now; none where the slice isn't at any level here.
std::optional<double> AnalysisModel::actual_cost(const Anomaly& anomaly) const {
  for (std::size_t at = 0; at < levels_.size(); ++at) {
    const LevelSeries& level = levels_[at];
    if (level.level != SeriesLevel{anomaly.dimensions, anomaly.tag}) continue;
    const auto found = std::find_if(level.series.begin(), level.series.end(), [&](const CostSeries& series) {
      return series.key == anomaly.slice && series.currency == anomaly.currency;
    });
    if (found == level.series.end()) return 0;
    const auto before = effects_.before.find({at, static_cast<std::size_t>(found - level.series.begin())});
    const std::vector<double>& cost = before == effects_.before.end() ? found->cost : before->second;
    double sum = 0;
    for (base::Day day = anomaly.start; day < anomaly.end; day += std::chrono::days(1)) {
      const auto i = (day - found->first).count();
      if (i >= 0 && i < std::ssize(cost) && !std::isnan(cost[static_cast<std::size_t>(i)]))
        sum += cost[static_cast<std::size_t>(i)];
    }
    return sum;
  }
  return std::nullopt;
}

base::Result<> AnalysisModel::add_revisions(const ModelSources& sources, AnalysisReport& report) {
  const Period begun{std::max(report.period.from, scope_.days.from), std::min(report.period.to, scope_.days.to)};
  const auto told = sources.feedback.told(scope_.customer, begun);
  if (!told) return base::pass_on(told);
  std::set<std::string> now;
  for (const Anomaly& anomaly : report.anomalies) now.insert(id_of(scope_.customer, anomaly));
  std::map<std::string, Revision> changed;
  std::vector<Anomaly> anomalies;
  for (const ToldIncident& was : *told) {
    remembered_.insert(was.id);
    if (was.version >= version_) continue;
    const auto cost = actual_cost(was.anomaly);
    if (!cost) continue;
    const double least = std::max(kLeastRevision, kRevisedShare * std::abs(was.anomaly.actual_cost));
    if (std::abs(*cost - was.anomaly.actual_cost) <= least) continue;
    changed[was.id] = {was, *cost, now.contains(was.id)};
    anomalies.push_back(was.anomaly);
  }
  // What was one story is one again.
  for (const Incident& incident : incidents_of(std::move(anomalies))) {
    const auto found = changed.find(id_of(scope_.customer, incident.cause()));
    if (found != changed.end()) report.revised.push_back(found->second);
  }
  return {};
}

// All that can be named by its id in an answer.
base::Result<> AnalysisModel::remember(const ModelSources& sources, const AnalysisReport& report) {
  std::map<std::string, ToldIncident> fresh;
  const auto add = [&](const Anomaly& anomaly) {
    ToldIncident told{id_of(scope_.customer, anomaly), anomaly, version_, sources.now};
    if (remembered_.contains(told.id)) return;
    // What was told without an event's cost is compared with bills that have it.
    told.anomaly.actual_cost = actual_cost(anomaly).value_or(anomaly.actual_cost);
    fresh.emplace(told.id, std::move(told));
  };
  for (const Incident& incident : report.incidents) add(incident.cause());
  for (const Anomaly& anomaly : report.anomalies) add(anomaly);
  if (fresh.empty()) return {};
  std::vector<ToldIncident> all;
  for (auto& [id, told] : fresh) {
    remembered_.insert(id);
    all.push_back(std::move(told));
  }
  return sources.feedback.remember(scope_.customer, all);
}

base::Result<> AnalysisModel::explain(FactStore& facts, AnalysisReport& report) {
  for (const Incident& incident : report.incidents) {
    if (report.contributions.size() == AnalysisReport::kMaxExplained) break;
    const std::string key = explanation_key(incident.cause());
    if (!contributions_.contains(key)) {
      auto contributions = contributions_to(facts, scope_, incident.cause());
      if (!contributions) return base::pass_on(contributions);
      kept_under(contributions_, key, kMostExplanations) = std::move(*contributions);
    }
    report.contributions.push_back(contributions_[key]);
  }
  return {};
}

void AnalysisModel::add_trends(AnalysisReport& report) {
  auto& trends = kept_under(trends_, {report.period.from, report.period.to}, kMostKept);
  if (trends.empty()) {
    const auto add = [&](const LevelSeries& level, std::size_t most) {
      for (std::size_t i = 0; i < std::min(most, level.series.size()); ++i) {
        const CostSeries& series = level.series[i];
        if (const auto trend = trend_of(within(series, report.period)))
          trends.push_back({level.level.by, series.key, series.currency, *trend});
      }
    };
    add(level({}), level({}).series.size());
    add(level({kByService, {}}), AnalysisReport::kTopServices);
  }
  report.trends = trends;
}

void AnalysisModel::add_forecasts(const AnalysisRequest& request, AnalysisReport& report) {
  const base::Day end = std::min(report.period.to, scope_.days.to);
  if (end <= scope_.days.from) return;
  auto& forecasts = kept_under(forecasts_, {end, request.forecast_services}, kMostKept);
  if (forecasts.empty()) {
    const auto& services = level({kByService, {}}).series;
    for (const CostSeries& total : level({}).series) {
      CostSeries known = within(total, {scope_.days.from, end});
      if (std::all_of(known.cost.begin(), known.cost.end(), [](double cost) { return std::isnan(cost); })) continue;
      forecasts.push_back(forecast_total(std::move(known), end, services, request.forecast_services));
    }
  }
  for (const TotalForecast& forecast : forecasts) {
    auto slices = told(forecast, request.monthly_budget);
    std::move(slices.begin(), slices.end(), std::back_inserter(report.forecasts));
  }
}

// What is large: series, what was found, and forecasts of many slices.
void AnalysisModel::measure() {
  constexpr std::size_t kSeriesBytes = 300;
  constexpr std::size_t kAnomalyBytes = 400;
  std::size_t bytes = 10'000;
  for (const LevelSeries& level : levels_) {
    for (const CostSeries& series : level.series) bytes += kSeriesBytes + series.cost.size() * sizeof(double);
  }
  for (const Found& found : found_) bytes += (found.anomalies.size() + found.hints.size()) * kAnomalyBytes;
  bytes += contributions_.size() * kAnomalyBytes;
  for (const auto& [key, forecasts] : forecasts_) {
    for (const TotalForecast& forecast : forecasts) {
      bytes += forecast.total.cost.size() * sizeof(double) + 40'000;
      bytes += forecast.slices.size() * (kSeriesBytes + kForecastDays * sizeof(ForecastDay));
    }
  }
  bytes_ = bytes;
}

}  // namespace costagent
