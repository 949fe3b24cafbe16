#include "loadlab/report/samples_json.h"

#include <boost/json.hpp>

#include "loadlab/report/json_number.h"

namespace loadlab {
namespace {

namespace json = boost::json;

json::array figures_json(const std::vector<SampledFigure>& figures) {
  json::array list;
  for (const SampledFigure& figure : figures) {
    json::array values;
    for (const double value : figure.values) values.push_back(number(value));
    list.push_back(json::object{{"name", figure.name},
                                {"unit", figure.unit},
                                {"median", number(figure.median())},
                                {"min", number(figure.minimum())},
                                {"max", number(figure.maximum())},
                                {"avg", number(figure.average())},
                                {"variation_percent", number(figure.variation_percent())},
                                {"values", std::move(values)}});
  }
  return list;
}

json::array benchmarks_json(const std::vector<BenchmarkResult>& benchmarks) {
  json::array list;
  for (const BenchmarkResult& one : benchmarks) {
    list.push_back(json::object{{"name", one.name},
                                {"error", one.error.empty() ? json::value(nullptr) : json::value(one.error)},
                                {"skipped", one.skipped.empty() ? json::value(nullptr) : json::value(one.skipped)},
                                {"figures", figures_json(one.figures)}});
  }
  return list;
}

json::value sweep_json(const std::optional<SweepResult>& sweep) {
  if (!sweep) return nullptr;
  json::array points;
  for (const SweepPointResult& point : sweep->points) {
    json::object parameters;
    for (const auto& [name, value] : point.parameters) parameters[name] = value;
    points.push_back(json::object{{"name", point.name},
                                  {"parameters", std::move(parameters)},
                                  {"runs", point.runs},
                                  {"figures", figures_json(point.figures)}});
  }
  json::value scaling;
  if (sweep->scaling) {
    const ScalingFit& fit = *sweep->scaling;
    scaling = json::object{{"rate_of_one", number(fit.rate_of_one)},
                           {"sigma", number(fit.sigma)},
                           {"kappa", number(fit.kappa)},
                           {"best_at", number(fit.best_at)},
                           {"worst_error_percent", number(fit.worst_error_percent)}};
  }
  return json::object{{"parameters", json::array(sweep->parameters.begin(), sweep->parameters.end())},
                      {"points", std::move(points)},
                      {"scaling", std::move(scaling)}};
}

}  // namespace

void add_samples(json::object& to, const TestResult& test) {
  to["benchmarks"] = benchmarks_json(test.benchmarks);
  to["sweep"] = sweep_json(test.sweep);
}

}  // namespace loadlab
