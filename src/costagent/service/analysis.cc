#include "costagent/service/analysis.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>

namespace costagent {
namespace {

// Half a year teaches weekly cycle, month-ends and level; older days say little of today.
constexpr std::chrono::days kHistory{180};
// The store's own bound. Past it services are left out, and totals are asked for by themselves.
constexpr std::size_t kMostServices = 1000;

// A bill's series at all levels. Services are the cut by provider and service.
struct Slices {
  std::vector<CostSeries> totals;  // one for each currency
  std::vector<CostSeries> providers;
  std::vector<CostSeries> services;
};

const std::vector<Dimension> kByNothing;
const std::vector<Dimension> kByProvider{Dimension::provider};
const std::vector<Dimension> kByService{Dimension::provider, Dimension::service};

// Adds day by day; a day has a charge if any of the slices has.
void add_to(CostSeries& sum, const CostSeries& part) {
  for (std::size_t i = 0; i < part.cost.size(); ++i) {
    if (std::isnan(part.cost[i])) continue;
    sum.cost[i] = std::isnan(sum.cost[i]) ? part.cost[i] : sum.cost[i] + part.cost[i];
  }
}

// The services' series summed up by their first `parts` dimensions.
std::vector<CostSeries> summed(const std::vector<CostSeries>& services, std::size_t parts) {
  std::map<std::pair<std::string, SliceKey>, CostSeries> sums;
  for (const CostSeries& service : services) {
    SliceKey key(service.key.begin(), service.key.begin() + static_cast<std::ptrdiff_t>(parts));
    const auto [at, added] = sums.try_emplace({service.currency, key}, service);
    if (added) {
      at->second.key = std::move(key);
    } else {
      add_to(at->second, service);
    }
  }
  std::vector<CostSeries> result;
  result.reserve(sums.size());
  for (auto& [key, series] : sums) result.push_back(std::move(series));
  return result;
}

base::Result<Slices> read_slices(FactStore& facts, const AnalysisRequest& request, Period period) {
  SeriesQuery query;
  query.customer = request.customer;
  query.period = {period.from - kHistory, period.to};
  query.by = kByService;
  query.limit = kMostServices;
  if (!request.provider.empty()) query.only[Dimension::provider] = request.provider;
  auto services = facts.series(query);
  if (!services) return base::pass_on(services);

  Slices slices;
  slices.services = std::move(*services);
  if (slices.services.size() < kMostServices) {
    slices.totals = summed(slices.services, 0);
    slices.providers = summed(slices.services, 1);
    return slices;
  }
  for (const auto& [by, series] :
       {std::pair(&kByNothing, &slices.totals), std::pair(&kByProvider, &slices.providers)}) {
    query.by = *by;
    auto read = facts.series(query);
    if (!read) return base::pass_on(read);
    *series = std::move(*read);
  }
  return slices;
}

const CostSeries* total_of(const Slices& slices, const std::string& currency) {
  const auto found = std::find_if(slices.totals.begin(), slices.totals.end(),
                                  [&](const CostSeries& total) { return total.currency == currency; });
  return found == slices.totals.end() ? nullptr : &*found;
}

// A day that is missing for the whole is not told again for each part.
bool told_already(const Anomaly& anomaly, const std::vector<Anomaly>& found) {
  return anomaly.kind == AnomalyKind::missing_data &&
         std::any_of(found.begin(), found.end(), [&](const Anomaly& other) {
           return other.kind == anomaly.kind && other.currency == anomaly.currency && other.start <= anomaly.start &&
                  other.end >= anomaly.end && other.slice.size() < anomaly.slice.size() &&
                  std::equal(other.slice.begin(), other.slice.end(), anomaly.slice.begin());
         });
}

void find_in(const std::vector<CostSeries>& level, const std::vector<Dimension>& dimensions, Period period,
             const Thresholds& thresholds, Findings& found) {
  for (const CostSeries& series : level) {
    Findings more = look_at(series, dimensions, period, thresholds);
    for (Anomaly& anomaly : more.anomalies) {
      if (!told_already(anomaly, found.anomalies)) found.anomalies.push_back(std::move(anomaly));
    }
    std::move(more.hints.begin(), more.hints.end(), std::back_inserter(found.hints));
  }
}

void add_anomalies(const Slices& slices, Sensitivity sensitivity, AnalysisReport& report) {
  const bool several_providers = slices.providers.size() > slices.totals.size();
  const std::size_t looked_at = regular_slices(slices.totals) + regular_slices(slices.services) +
                                (several_providers ? regular_slices(slices.providers) : 0);
  const Thresholds thresholds = thresholds_of(sensitivity, looked_at);
  Findings findings;
  find_in(slices.totals, kByNothing, report.period, thresholds, findings);
  if (several_providers) find_in(slices.providers, kByProvider, report.period, thresholds, findings);
  find_in(slices.services, kByService, report.period, thresholds, findings);
  std::vector<Anomaly>& found = report.anomalies;
  found = std::move(findings.anomalies);
  for (const CostSeries& service : slices.services) {
    const CostSeries* total = total_of(slices, service.currency);
    if (total == nullptr) continue;
    if (auto added = find_new_service(service, *total, kByService, report.period, thresholds)) {
      found.push_back(std::move(*added));
    }
  }
  report.incidents = incidents_of(found, std::move(findings.hints));
  report.incidents_found = report.incidents.size();
  if (report.incidents.size() > AnalysisReport::kMaxAnomalies) report.incidents.resize(AnalysisReport::kMaxAnomalies);
  std::stable_sort(found.begin(), found.end(),
                   [](const Anomaly& a, const Anomaly& b) { return std::abs(a.impact()) > std::abs(b.impact()); });
  report.anomalies_found = found.size();
  if (found.size() > AnalysisReport::kMaxAnomalies) found.resize(AnalysisReport::kMaxAnomalies);
}

void add_trends(const std::vector<CostSeries>& level, const std::vector<Dimension>& dimensions, std::size_t most,
                AnalysisReport& report) {
  for (std::size_t i = 0; i < std::min(most, level.size()); ++i) {
    CostSeries within = level[i];
    const auto before = std::min<std::ptrdiff_t>((report.period.from - within.first).count(), std::ssize(within.cost));
    within.cost.erase(within.cost.begin(), within.cost.begin() + before);
    within.first = report.period.from;
    if (const auto trend = trend_of(within)) report.trends.push_back({dimensions, within.key, within.currency, *trend});
  }
}

// The day after the last charge.
base::Day end_of(const CostSeries& series) {
  const auto last =
      std::find_if(series.cost.rbegin(), series.cost.rend(), [](double cost) { return !std::isnan(cost); });
  return series.first + std::chrono::days(last.base() - series.cost.begin());
}

// The dearest services of the total's currency, and what they leave of it.
std::vector<CostSeries> parts_of(const CostSeries& total, const std::vector<CostSeries>& services, std::size_t most) {
  std::vector<CostSeries> parts;
  CostSeries rest = total;
  for (const CostSeries& service : services) {
    if (parts.size() == most) break;
    if (service.currency != total.currency) continue;
    for (std::size_t i = 0; i < rest.cost.size(); ++i)
      rest.cost[i] -= std::isnan(service.cost[i]) ? 0 : service.cost[i];
    parts.push_back(service);
  }
  if (!parts.empty()) parts.push_back(std::move(rest));
  return parts;
}

void add_forecasts(const CostSeries& total, const Slices& slices, const AnalysisRequest& request,
                   AnalysisReport& report) {
  const base::Day from = end_of(total);
  // Longer by a day than what is told, so that the month's end is always seen.
  auto whole = forecast_of(total, from, kForecastDays + 1);
  if (!whole) return;
  std::vector<CostSeries> series = parts_of(total, slices.services, request.forecast_services);
  std::vector<Forecast> parts;
  for (const CostSeries& part : series) {
    // A part with a shorter past than is needed counts with what is left of the total.
    auto forecast = forecast_of(part, from, kForecastDays + 1);
    if (!forecast && &part != &series.back()) {
      for (std::size_t i = 0; i < part.cost.size(); ++i) {
        if (!std::isnan(part.cost[i])) series.back().cost[i] += part.cost[i];
      }
    }
    parts.push_back(forecast ? std::move(*forecast) : Forecast{});
  }
  const auto first_told = report.forecasts.size();
  report.forecasts.push_back({kByNothing, {}, total.currency, {}, {}, {}});
  std::vector<Forecast> known;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts[i].days.empty()) continue;
    const bool rest = i + 1 == parts.size();
    report.forecasts.push_back({kByService, rest ? SliceKey{} : series[i].key, total.currency, {}, {}, {}, rest});
    known.push_back(std::move(parts[i]));
  }
  reconcile(*whole, known);
  SliceForecast& told = report.forecasts[first_told];
  told.landing = landing_of(total, *whole);
  if (told.landing && !request.monthly_budget.is_zero())
    told.outlook = outlook_of(total, *whole, *told.landing, request.monthly_budget.to_double());
  told.forecast = std::move(*whole);
  for (std::size_t i = 0; i < known.size(); ++i) report.forecasts[first_told + 1 + i].forecast = std::move(known[i]);
  for (std::size_t i = first_told; i < report.forecasts.size(); ++i)
    shorten(report.forecasts[i].forecast, kForecastDays);
}

base::Result<> add_summary(FactStore& facts, const AnalysisRequest& request, AnalysisReport& report) {
  TotalsQuery query;
  query.customer = request.customer;
  query.period = report.period;
  query.by = kByService;
  if (!request.provider.empty()) query.only[Dimension::provider] = request.provider;
  query.limit = AnalysisReport::kTopServices;
  auto page = facts.totals(query);
  if (!page) return base::pass_on(page);
  report.total = std::move(page->sum);
  report.top_services = std::move(page->totals);
  return {};
}

}  // namespace

base::Result<AnalysisReport> analyse(FactStore& facts, const AnalysisRequest& request) {
  const auto period = resolve_period(facts, request.customer, request.days);
  if (!period) return base::pass_on(period);
  AnalysisReport report;
  report.period = *period;
  if (const auto added = add_summary(facts, request, report); !added) return base::pass_on(added);
  const auto slices = read_slices(facts, request, *period);
  if (!slices) return base::pass_on(slices);

  if (request.anomalies) add_anomalies(*slices, request.sensitivity, report);
  if (request.trend) {
    add_trends(slices->totals, kByNothing, slices->totals.size(), report);
    add_trends(slices->services, kByService, AnalysisReport::kTopServices, report);
  }
  if (request.forecast) {
    for (const CostSeries& total : slices->totals) add_forecasts(total, *slices, request, report);
  }
  return report;
}

}  // namespace costagent
