// Analyses a customer's costs: what is unusual and why, where it is heading, what it sums up to.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/decimal.h"
#include "costagent/analyze/anomalies.h"
#include "costagent/analyze/feedback.h"
#include "costagent/analyze/forecast.h"
#include "costagent/analyze/incidents.h"
#include "costagent/analyze/trend.h"
#include "costagent/domain/fact_store.h"
#include "costagent/service/expiring.h"
#include "costagent/service/growth_report.h"
#include "costagent/service/period.h"

namespace costagent {

struct AnalysisRequest {
  std::string customer;
  std::map<Dimension, std::string> only{};  // a part of the bill
  AskedDays days{};
  std::vector<SeriesLevel> levels{};  // none: the usual ones (analysis_levels.h)
  bool anomalies = true;
  bool trend = true;
  bool forecast = true;
  bool growth = false;
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

// What a resource, or a usage type, adds to an incident: its daily cost on the incident's first days, less that of the
// same weekdays of the two weeks before.
struct Contribution {
  Dimension dimension = Dimension::resource;
  std::string value;
  double daily_change = 0;
};

// What the days of a planned event cost, in one currency.
struct PlannedCost {
  Feedback event;
  std::string currency;
  double expected_cost = 0;  // what those days usually cost, with what was said to come on top
  double actual_cost = 0;
};

// An incident that was told, and whose days have been restated since.
struct Revision {
  ToldIncident was;
  double actual_cost = 0;  // of the same slice and days now
  bool still_told = false;
};

struct AnalysisReport {
  // The largest impacts; beyond that nobody reads.
  static constexpr std::size_t kMaxAnomalies = 200;
  static constexpr std::size_t kTopServices = 10;
  // Days told of an answer's forecasts are this times 31 at most: some 400 KB, and a fifth of a second to work out.
  static constexpr std::size_t kMaxForecastServices = 100;
  // Each is three readings of a few days of all slices.
  static constexpr std::size_t kMaxExplained = 10;

  Period period;
  std::vector<CostTotal> total;         // exact, one for each currency
  std::vector<CostTotal> top_services;  // exact, by provider and service, dearest first
  std::size_t series = 0;               // that were looked at for anomalies
  std::vector<Anomaly> anomalies;       // largest impact first
  std::size_t anomalies_found = 0;      // listed or not
  std::vector<Incident> incidents;      // the same put together, most surprising first, as many at the most
  std::size_t incidents_found = 0;      // listed or not
  // Of the first incidents, in their order: resources and usage types within the first cause, the largest first.
  std::vector<std::vector<Contribution>> contributions;
  std::size_t answered = 0;          // incidents that are not told, as people said what they are
  std::vector<PlannedCost> planned;  // events within the period
  std::vector<Revision> revised;
  std::vector<ExpiringCommitment> expiring;  // within the period or soon after it
  std::vector<SliceTrend> trends;            // the totals, then the dearest services; those with enough days
  // Each total, followed by its parts, which add up to it; empty where the history is too short.
  std::vector<SliceForecast> forecasts;
  std::vector<std::string> notes;      // why something is not told: see analysis_notes.h
  std::optional<GrowthReport> growth;  // nothing where the bills don't reach back far enough
};

}  // namespace costagent
