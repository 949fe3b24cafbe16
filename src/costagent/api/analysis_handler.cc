// POST /analyze.
#include <algorithm>

#include "costagent/api/api.h"
#include "costagent/api/estimates.h"
#include "costagent/api/growth_answer.h"
#include "costagent/api/kept_answer.h"
#include "costagent/api/requests.h"
#include "costagent/domain/names.h"
#include "costagent/service/analysis_levels.h"
#include "costagent/service/analysis_models.h"

namespace costagent {
namespace {

// Whoever looks for a cause looks at the first few.
constexpr std::size_t kMostCauses = 10;

enum class AnalysisType { anomaly, trend, forecast, growth };

// Of a trend, the latest: nobody remembers more levels of a year.
constexpr std::size_t kMostChanges = 12;

// What of a bill can be analysed by itself.
constexpr Dimension kParts[] = {Dimension::provider, Dimension::account, Dimension::service, Dimension::region};

void read_levels(Parameters& body, AnalysisRequest& request) {
  for (const std::string& name : body.texts("levels")) {
    auto level = level_of(name);
    if (!level) return body.refuse("levels", level.error().message);
    if (std::find(request.levels.begin(), request.levels.end(), *level) == request.levels.end())
      request.levels.push_back(std::move(*level));
  }
  if (request.levels.size() > kMostLevels)
    body.refuse("levels", fmt::format("at most {} levels are analysed at once", kMostLevels));
}

base::Result<AnalysisRequest> read_request(std::string_view text) {
  auto body = Parameters::from_body(text);
  if (!body) return base::pass_on(body);
  AnalysisRequest request;
  request.customer = body->text("customer_id");
  request.only = asked_only(*body, kParts);
  read_levels(*body, request);
  request.days = asked_days(*body);
  const auto types = body->choices<AnalysisType>("analysis_types", {{"anomaly", AnalysisType::anomaly},
                                                                    {"trend", AnalysisType::trend},
                                                                    {"forecast", AnalysisType::forecast},
                                                                    {"growth", AnalysisType::growth}});
  const auto asked = [&](AnalysisType type) {
    return types.empty() || std::find(types.begin(), types.end(), type) != types.end();
  };
  request.anomalies = asked(AnalysisType::anomaly);
  request.trend = asked(AnalysisType::trend);
  request.forecast = asked(AnalysisType::forecast);
  request.growth = std::find(types.begin(), types.end(), AnalysisType::growth) != types.end();
  request.sensitivity = body->choice_or<Sensitivity>(
      "sensitivity", Sensitivity::medium,
      {{"low", Sensitivity::low}, {"medium", Sensitivity::medium}, {"high", Sensitivity::high}});
  const std::int64_t services = body->integer_or("forecast_services", 0, 0, 1'000'000);
  request.forecast_services = static_cast<std::size_t>(services);
  if (request.forecast_services > AnalysisReport::kMaxForecastServices) {
    body->refuse("forecast_services",
                 fmt::format("{} services are more than {}: ask for fewer, or for one `provider` at a time", services,
                             AnalysisReport::kMaxForecastServices));
  }
  request.monthly_budget = body->amount_above_zero("monthly_budget");
  if (const auto good = body->finish(); !good) return base::pass_on(good);
  return request;
}

void write_slice(JsonWriter& json, const std::vector<Dimension>& dimensions, const SliceKey& slice,
                 const std::string& tag = {}) {
  json.key("slice").begin_object();
  for (std::size_t i = 0; i < dimensions.size(); ++i) json.field(name_of(dimensions[i]), slice[i]);
  if (!tag.empty()) json.field("tag:" + tag, slice.back());
  json.end_object();
}

void write_summary(JsonWriter& json, const AnalysisReport& report) {
  json.key("summary").begin_object().field("days", report.period.days()).key("total").begin_array();
  for (const CostTotal& total : report.total) {
    json.begin_object()
        .field("currency", total.currency)
        .field("billed_cost", total.costs.billed)
        .field("effective_cost", total.costs.effective)
        .field("daily_average", total.costs.effective.scaled(1, report.period.days(), kPlaces))
        .end_object();
  }
  json.end_array().key("top_services").begin_array();
  for (const CostTotal& service : report.top_services) {
    json.begin_object()
        .field("provider", service.key[0])
        .field("service", service.key[1])
        .field("currency", service.currency)
        .field("effective_cost", service.costs.effective)
        .end_object();
  }
  json.end_array().end_object();
}

void write_anomaly(JsonWriter& json, const std::string& customer, const Anomaly& anomaly, double score) {
  json.field("anomaly_id", id_of(customer, anomaly));
  json.field("kind", name_of(anomaly.kind));
  write_slice(json, anomaly.dimensions, anomaly.slice, anomaly.tag);
  write_period(json, {anomaly.start, anomaly.end});
  json.field("currency", anomaly.currency);
  write_money(json, "expected_cost", anomaly.expected_cost);
  write_money(json, "actual_cost", anomaly.actual_cost);
  write_money(json, "impact", anomaly.impact());
  json.field("score", rounded(score, 1e4)).field("deviations", rounded(anomaly.deviations, 100));
}

void write_anomalies(JsonWriter& json, const std::string& customer, const AnalysisReport& report) {
  json.field("series", report.series).field("anomalies_found", report.anomalies_found).key("anomalies").begin_array();
  for (const Anomaly& anomaly : report.anomalies) {
    json.begin_object();
    write_anomaly(json, customer, anomaly, anomaly.score);
    json.end_object();
  }
  json.end_array();
}

void write_contributions(JsonWriter& json, const std::vector<Contribution>& contributions) {
  json.key("within").begin_array();
  for (const Contribution& one : contributions) {
    json.begin_object().field(name_of(one.dimension), one.value);
    write_money(json, "daily_change", one.daily_change);
    json.end_object();
  }
  json.end_array();
}

// An incident is its first cause, with the other slices that it is seen in.
void write_incidents(JsonWriter& json, const std::string& customer, const AnalysisReport& report) {
  json.field("incidents_found", report.incidents_found)
      .field("incidents_answered", report.answered)
      .key("incidents")
      .begin_array();
  for (std::size_t of = 0; of < report.incidents.size(); ++of) {
    const Incident& incident = report.incidents[of];
    json.begin_object();
    write_anomaly(json, customer, incident.cause(), incident.score);
    json.key("causes").begin_array();
    for (std::size_t i = 0; i < std::min(kMostCauses, incident.causes.size()); ++i) {
      json.begin_object();
      write_slice(json, incident.causes[i].dimensions, incident.causes[i].slice, incident.causes[i].tag);
      json.field("kind", name_of(incident.causes[i].kind));
      write_money(json, "impact", incident.causes[i].impact());
      json.field("score", rounded(incident.causes[i].score, 1e4)).end_object();
    }
    json.end_array();
    if (of < report.contributions.size()) write_contributions(json, report.contributions[of]);
    json.end_object();
  }
  json.end_array();
}

void write_planned(JsonWriter& json, const AnalysisReport& report) {
  json.key("planned_events").begin_array();
  for (const PlannedCost& planned : report.planned) {
    json.begin_object().field("feedback_id", planned.event.id).field("note", planned.event.note);
    write_period(json, planned.event.days);
    json.field("currency", planned.currency);
    write_money(json, "expected_cost", planned.expected_cost);
    write_money(json, "actual_cost", planned.actual_cost);
    write_money(json, "impact", planned.actual_cost - planned.expected_cost);
    json.end_object();
  }
  json.end_array();
}

// What was told of days that have been restated since.
void write_revised(JsonWriter& json, const AnalysisReport& report) {
  json.key("revised").begin_array();
  for (const Revision& revision : report.revised) {
    const Anomaly& was = revision.was.anomaly;
    json.begin_object().field("anomaly_id", revision.was.id).field("kind", name_of(was.kind));
    write_slice(json, was.dimensions, was.slice, was.tag);
    write_period(json, {was.start, was.end});
    json.field("currency", was.currency).field("told", revision.was.told);
    write_money(json, "expected_cost", was.expected_cost);
    write_money(json, "actual_cost_was", was.actual_cost);
    write_money(json, "actual_cost", revision.actual_cost);
    json.field("still_told", revision.still_told).end_object();
  }
  json.end_array();
}

void write_expiring(JsonWriter& json, const AnalysisReport& report) {
  json.key("expiring_commitments").begin_array();
  for (const ExpiringCommitment& expiring : report.expiring) {
    const Commitment& commitment = expiring.commitment;
    json.begin_object().field("commitment_id", commitment.id).field("type", commitment.type);
    json.field("ends", commitment.end).field("cost", commitment.cost).field("currency", commitment.currency);
    if (expiring.saved) {
      json.key("last_30_days").begin_object().field("currency", expiring.currency);
      json.field("covered_list_cost", *expiring.covered_list_cost).field("saved", *expiring.saved).end_object();
    }
    json.end_object();
  }
  json.end_array();
}

void write_changes(JsonWriter& json, const Trend& trend) {
  json.key("changes").begin_array();
  const std::size_t first = trend.changes.size() - std::min(trend.changes.size(), kMostChanges);
  for (std::size_t i = first; i < trend.changes.size(); ++i) {
    json.begin_object().field("date", trend.changes[i].day);
    write_money(json, "before", trend.changes[i].before);
    write_money(json, "after", trend.changes[i].after);
    json.end_object();
  }
  json.end_array();
}

void write_trends(JsonWriter& json, const AnalysisReport& report) {
  json.key("trends").begin_array();
  for (const SliceTrend& slice : report.trends) {
    const Trend& trend = slice.trend;
    json.begin_object();
    write_slice(json, slice.dimensions, slice.slice);
    json.field("currency", slice.currency)
        .field("direction", trend.rises()   ? "rising"
                            : trend.falls() ? "falling"
                                            : "level");
    write_money(json, "daily_cost_change_per_month", trend.daily_cost_change_per_month);
    write_money(json, "change_low", trend.change_low);
    write_money(json, "change_high", trend.change_high);
    json.field("percent_per_month", rounded(trend.percent_per_month, 100)).field("days", trend.days);
    write_changes(json, trend);
    json.end_object();
  }
  json.end_array();
}

void write_bounds(JsonWriter& json, const Bounds& bounds) {
  write_money(json, "low", bounds.low_80);
  write_money(json, "high", bounds.high_80);
  write_money(json, "low_95", bounds.low_95);
  write_money(json, "high_95", bounds.high_95);
}

void write_landing(JsonWriter& json, const SliceForecast& of) {
  if (!of.landing) return;
  const Landing& landing = *of.landing;
  json.key("month_end").begin_object();
  write_period(json, landing.month);
  write_money(json, "so_far", landing.so_far);
  write_money(json, "cost", landing.expected);
  write_bounds(json, landing.bounds);
  if (of.outlook) {
    json.field("chance_over_budget", rounded(of.outlook->chance, 1000)).key("budget_passed");
    if (of.outlook->passed) {
      json.value(*of.outlook->passed);
    } else {
      json.null();
    }
  }
  json.end_object();
}

void write_forecasts(JsonWriter& json, const AnalysisReport& report) {
  json.key("forecasts").begin_array();
  for (const SliceForecast& of : report.forecasts) {
    const Forecast& forecast = of.forecast;
    json.begin_object();
    if (of.everything_else) {
      json.key("slice").begin_object().field("everything_else", true).end_object();
    } else {
      write_slice(json, of.dimensions, of.slice);
    }
    json.field("currency", of.currency);
    write_period(json, {forecast.days.front().day, forecast.days.back().day + std::chrono::days(1)});
    write_money(json, "cost", forecast.total);
    write_bounds(json, forecast.total_bounds);
    json.field("past_forecasts", forecast.trials);
    write_landing(json, of);
    json.key("days").begin_array();
    for (const ForecastDay& day : forecast.days) {
      json.begin_object().field("date", day.day);
      write_money(json, "cost", day.cost);
      write_bounds(json, day.bounds);
      json.end_object();
    }
    json.end_array().end_object();
  }
  json.end_array();
}

void write_notes(JsonWriter& json, const AnalysisReport& report) {
  json.key("notes").begin_array();
  for (const std::string& note : report.notes) json.value(note);
  json.end_array();
}

Response answer(const AnalysisRequest& request, const AnalysisReport& report) {
  JsonWriter json;
  json.begin_object().field("customer_id", request.customer);
  write_period(json, report.period);
  write_summary(json, report);
  write_notes(json, report);
  if (request.anomalies) {
    write_anomalies(json, request.customer, report);
    write_incidents(json, request.customer, report);
    write_planned(json, report);
    write_revised(json, report);
    write_expiring(json, report);
  }
  if (request.trend) write_trends(json, report);
  if (request.forecast) write_forecasts(json, report);
  if (request.growth) write_growth(json, report.growth);
  json.end_object();
  return json_response(json);
}

// `decisions` is the number of what was decided so far: feedback is among it.
QuestionText question_of(const AnalysisRequest& request, std::int64_t decisions) {
  QuestionText text("analyze");
  text.add(decisions);
  text.add(request.only).add(request.levels.size());
  for (const SeriesLevel& level : request.levels) text.add(level.by).add(level.tag);
  return text.add(request.days.start)
      .add(request.days.end)
      .add(request.anomalies)
      .add(request.trend)
      .add(request.forecast)
      .add(request.growth)
      .add(request.sensitivity)
      .add(request.forecast_services)
      .add(request.monthly_budget.to_string());
}

}  // namespace

void add_analysis_routes(Router& router, const Services& services) {
  const auto handle = [&services](const Request& http) -> base::Result<Response> {
    const auto request = read_request(http.body);
    if (!request) return base::pass_on(request);
    // Read before what was said is, as the facts' version is.
    const auto decisions = services.state.decisions_version(request->customer);
    if (!decisions) return base::pass_on(decisions);
    return kept_answer(services, request->customer, question_of(*request, *decisions), [&]() -> base::Result<Response> {
      const auto report = services.models.analyse(*request);
      if (!report) return base::pass_on(report);
      return answer(*request, *report);
    });
  };
  router.add(Method::post, "/analyze", handle, Turn::heavy);
}

}  // namespace costagent
