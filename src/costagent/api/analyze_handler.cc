#include <algorithm>
#include <cmath>

#include "costagent/api/answers.h"
#include "costagent/api/fields.h"
#include "costagent/api/handlers.h"
#include "costagent/domain/names.h"
#include "costagent/service/analysis.h"

namespace costagent {
namespace {

// Estimates are told to this many places; sums of charges are told whole.
constexpr int kPlaces = 4;
constexpr double kLargestEstimate = 1e15;

base::Result<AnalysisRequest> request_of(const Request& http) {
  const auto body = parse_object(http.body);
  if (!body) return base::pass_on(body);
  Fields fields(*body);
  AnalysisRequest request;
  request.customer = fields.customer();
  request.provider = fields.text("provider", 256);
  request.days = fields.days();
  const auto types = fields.words("analysis_types", 3);
  for (const std::string& type : types) {
    if (type != "anomaly" && type != "trend" && type != "forecast") {
      fields.complain("analysis_types", fmt::format("'{}' is none of anomaly, trend, forecast", type));
    }
  }
  const auto asked = [&](std::string_view type) {
    return types.empty() || std::find(types.begin(), types.end(), type) != types.end();
  };
  request.anomalies = asked("anomaly");
  request.trend = asked("trend");
  request.forecast = asked("forecast");
  const std::string sensitivity = fields.choice("sensitivity", {"medium", "low", "high"});
  request.sensitivity = sensitivity == "low"    ? Sensitivity::low
                        : sensitivity == "high" ? Sensitivity::high
                                                : Sensitivity::medium;
  if (const auto good = fields.finish(); !good) return base::pass_on(good);
  return request;
}

// An amount that was estimated, as exact sums are written: a decimal string.
boost::json::value money(double amount) {
  if (!(std::abs(amount) < kLargestEstimate)) return nullptr;
  return boost::json::string(base::Decimal::from_double(amount, kPlaces).to_string());
}

double rounded(double number) { return std::round(number * 100) / 100; }

boost::json::object slice_json(const std::vector<Dimension>& dimensions, const SliceKey& slice) {
  boost::json::object json;
  for (std::size_t i = 0; i < dimensions.size(); ++i) json[name_of(dimensions[i])] = slice[i];
  return json;
}

boost::json::object summary_json(const AnalysisReport& report) {
  boost::json::array totals;
  for (const CostTotal& total : report.total) {
    const base::Decimal daily = total.effective_cost.times(1.0 / report.period.days(), kPlaces);
    totals.push_back(boost::json::object{{"currency", total.currency},
                                         {"billed_cost", total.billed_cost.to_string()},
                                         {"effective_cost", total.effective_cost.to_string()},
                                         {"daily_average", daily.to_string()}});
  }
  boost::json::array services;
  for (const CostTotal& service : report.top_services) {
    services.push_back(boost::json::object{{"provider", service.key[0]},
                                           {"service", service.key[1]},
                                           {"currency", service.currency},
                                           {"effective_cost", service.effective_cost.to_string()}});
  }
  return {{"days", report.period.days()}, {"total", std::move(totals)}, {"top_services", std::move(services)}};
}

boost::json::array anomalies_json(const AnalysisReport& report) {
  boost::json::array list;
  for (const Anomaly& anomaly : report.anomalies) {
    boost::json::object json{{"kind", name_of(anomaly.kind)}, {"slice", slice_json(anomaly.dimensions, anomaly.slice)}};
    for (const auto& member : period_json({anomaly.start, anomaly.end})) json[member.key()] = member.value();
    json["currency"] = anomaly.currency;
    json["expected_cost"] = money(anomaly.expected_cost);
    json["actual_cost"] = money(anomaly.actual_cost);
    json["impact"] = money(anomaly.impact());
    json["score"] = rounded(anomaly.score);
    list.push_back(std::move(json));
  }
  return list;
}

boost::json::array trends_json(const AnalysisReport& report) {
  boost::json::array list;
  for (const SliceTrend& slice : report.trends) {
    const Trend& trend = slice.trend;
    list.push_back(boost::json::object{{"slice", slice_json(slice.dimensions, slice.slice)},
                                       {"currency", slice.currency},
                                       {"direction", trend.rises()   ? "rising"
                                                     : trend.falls() ? "falling"
                                                                     : "level"},
                                       {"daily_cost_change_per_month", money(trend.daily_cost_change_per_month)},
                                       {"change_low", money(trend.change_low)},
                                       {"change_high", money(trend.change_high)},
                                       {"percent_per_month", rounded(trend.percent_per_month)},
                                       {"days", trend.days}});
  }
  return list;
}

boost::json::array forecasts_json(const AnalysisReport& report) {
  boost::json::array list;
  for (const auto& [currency, forecast] : report.forecasts) {
    boost::json::array days;
    for (const ForecastDay& day : forecast.days) {
      days.push_back(boost::json::object{{"date", base::format_day(day.day)},
                                         {"cost", money(day.cost)},
                                         {"low", money(day.low)},
                                         {"high", money(day.high)}});
    }
    boost::json::object json =
        period_json({forecast.days.front().day, forecast.days.back().day + std::chrono::days(1)});
    json["currency"] = currency;
    json["cost"] = money(forecast.total);
    json["low"] = money(forecast.total_low);
    json["high"] = money(forecast.total_high);
    json["past_forecasts"] = forecast.trials;
    json["days"] = std::move(days);
    list.push_back(std::move(json));
  }
  return list;
}

Response response_of(const AnalysisRequest& request, const AnalysisReport& report) {
  boost::json::object answer{
      {"customer_id", request.customer}, {"period", period_json(report.period)}, {"summary", summary_json(report)}};
  if (request.anomalies) {
    answer["anomalies_found"] = report.anomalies_found;
    answer["anomalies"] = anomalies_json(report);
  }
  if (request.trend) answer["trends"] = trends_json(report);
  if (request.forecast) answer["forecasts"] = forecasts_json(report);
  return json_response(answer);
}

// All that the answer depends on. The customer's id can't hold a separator, and the provider comes last.
std::string cache_key(const AnalysisRequest& request, std::int64_t version) {
  const auto day = [](const std::optional<base::Day>& asked) { return asked ? base::format_day(*asked) : "-"; };
  return fmt::format("analyze|{}|{}|{}|{}|{}{}{}|{}|{}", request.customer, version, day(request.days.start),
                     day(request.days.end), request.anomalies, request.trend, request.forecast,
                     static_cast<int>(request.sensitivity), request.provider);
}

}  // namespace

void add_analyze(Router& router, FactStore& facts, MemoryCache& answers, const base::Clock& clock) {
  router.add({"POST", "/analyze", handler(clock, [&facts, &answers](const Request& http) -> base::Result<Response> {
                const auto request = request_of(http);
                if (!request) return base::pass_on(request);
                // Read before the facts are: an answer may then be newer than its key says, never older.
                const auto version = facts.version(request->customer);
                if (!version) return base::pass_on(version);
                std::string key = cache_key(*request, *version);
                if (const auto known = answers.find(key)) {
                  Response response;
                  response.body = *known;
                  return response;
                }
                const auto report = analyse(facts, *request);
                if (!report) return base::pass_on(report);
                Response response = response_of(*request, *report);
                answers.put(std::move(key), std::make_shared<const std::string>(response.body));
                return response;
              })});
}

}  // namespace costagent
