#include "loadlab/report/json_probes.h"

#include <boost/json.hpp>

#include "loadlab/report/json_number.h"

namespace loadlab {
namespace {

namespace json = boost::json;

json::array numbers(const std::vector<double>& values) {
  json::array list;
  list.reserve(values.size());
  for (const double value : values) list.push_back(number(value));
  return list;
}

json::object metric_json(const MetricSeries& metric) {
  const MetricSummary& summary = metric.summary;
  return {{"name", metric.name},
          {"unit", metric.unit},
          {"kind", metric.kind == MetricKind::gauge ? "gauge" : "rate"},
          {"samples", summary.samples},
          {"avg", number(summary.average)},
          {"min", number(summary.lowest)},
          {"max", number(summary.highest)},
          {"first", number(summary.first)},
          {"last", number(summary.last)},
          {"increase", number(summary.increase)},
          {"values", numbers(metric.values)}};
}

}  // namespace

json::array probes_json(const std::vector<ProbeSeries>& probes) {
  json::array list;
  for (const ProbeSeries& series : probes) {
    json::array gaps;
    for (const ProbeGap& gap : series.gaps) {
      gaps.push_back(json::object{
          {"from_seconds", number(gap.from_seconds)}, {"to_seconds", number(gap.to_seconds)}, {"reason", gap.reason}});
    }
    json::array metrics;
    for (const MetricSeries& metric : series.metrics) metrics.push_back(metric_json(metric));
    list.push_back(json::object{{"probe", series.probe},
                                {"label", series.label},
                                {"part", series.is_whole() ? json::value(nullptr) : json::value(series.part)},
                                {"interval_seconds", number(series.interval)},
                                {"gaps", std::move(gaps)},
                                {"at_seconds", numbers(series.at)},
                                {"metrics", std::move(metrics)}});
  }
  return list;
}

json::array probe_tables_json(const std::vector<ProbeTable>& tables) {
  json::array list;
  for (const ProbeTable& table : tables) {
    json::array rows;
    for (const ProbeTable::Row& row : table.rows)
      rows.push_back(json::object{{"name", row.name}, {"values", numbers(row.values)}});
    list.push_back(json::object{{"probe", table.probe},
                                {"label", table.label},
                                {"title", table.title},
                                {"columns", json::array(table.columns.begin(), table.columns.end())},
                                {"rows", std::move(rows)}});
  }
  return list;
}

}  // namespace loadlab
