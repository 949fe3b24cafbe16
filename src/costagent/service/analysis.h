// Analyses a customer's costs: what is unusual, where it is heading, what it sums up to.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/decimal.h"
#include "costagent/analyze/anomalies.h"
#include "costagent/analyze/forecast.h"
#include "costagent/analyze/incidents.h"
#include "costagent/analyze/trend.h"
#include "costagent/domain/fact_store.h"
#include "costagent/service/period.h"

namespace costagent {

struct AnalysisRequest {
  std::string customer;
  std::string provider{};  // empty: of all
  AskedDays days{};
  bool anomalies = true;
  bool trend = true;
  bool forecast = true;
  Sensitivity sensitivity = Sensitivity::medium;
  std::size_t forecast_services = 0;  // the dearest, beside the total; at most kMaxForecastServices
  base::Decimal monthly_budget{};     // of a total; 0: there is none
};

// A slice of the bill with what was found of it; an empty key is the total.
struct SliceTrend {
  std::vector<Dimension> dimensions;
  SliceKey slice;
  std::string currency;
  Trend trend;
};

// Of a total, with where its month lands, or of a part of it.
struct SliceForecast {
  std::vector<Dimension> dimensions;
  SliceKey slice;
  std::string currency;
  Forecast forecast;
  std::optional<Landing> landing;        // of a total
  std::optional<BudgetOutlook> outlook;  // of a total, where a budget was named
  bool everything_else = false;          // what the other parts leave of the total
};

struct AnalysisReport {
  // The largest impacts; beyond that nobody reads.
  static constexpr std::size_t kMaxAnomalies = 200;
  static constexpr std::size_t kTopServices = 10;
  // Days told of an answer's forecasts are this times 31 at most: some 400 KB, and a fifth of a second to work out.
  static constexpr std::size_t kMaxForecastServices = 100;

  Period period;
  std::vector<CostTotal> total;         // exact, one for each currency
  std::vector<CostTotal> top_services;  // exact, by provider and service, dearest first
  std::vector<Anomaly> anomalies;       // largest impact first
  std::size_t anomalies_found = 0;      // listed or not
  std::vector<Incident> incidents;      // the same put together, most surprising first, as many at the most
  std::size_t incidents_found = 0;      // listed or not
  std::vector<SliceTrend> trends;       // the totals, then the dearest services; those with enough days
  // Each total, followed by its parts, which add up to it; empty where the history is too short.
  std::vector<SliceForecast> forecasts;
};

// The total, every provider (if there are several) and every service are analysed. Up to 180 days before the period are
// read as well, so that the detector knows what is usual; trends are of the period alone. Blocks; thread-safe. Fails as
// `resolve_period` and the store do.
base::Result<AnalysisReport> analyse(FactStore& facts, const AnalysisRequest& request);

}  // namespace costagent
