#include "loadlab/report/html_probes.h"

#include <fmt/format.h>

#include <cmath>

#include "loadlab/report/html_text.h"
#include "loadlab/report/units.h"

namespace loadlab {

namespace {

std::string value_text(double value, const std::string& unit) {
  return std::isnan(value) ? "—" : format_value(value, unit);
}

std::string series_html(const ProbeSeries& series) {
  std::string out = fmt::format(
      "<details><summary>{}: {}</summary>\n<div class=\"scroll\"><table>\n<thead><tr><th scope=\"col\">Metric</th><th "
      "scope=\"col\">Average</th><th scope=\"col\">Least</th><th scope=\"col\">Most</th><th "
      "scope=\"col\">Last</th></tr></thead>\n<tbody>\n",
      escaped(series.probe), escaped(series.label));
  for (const MetricSeries& metric : series.metrics) {
    const MetricSummary& summary = metric.summary;
    out += fmt::format("<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n", escaped(metric.name),
                       value_text(summary.average, metric.unit), value_text(summary.lowest, metric.unit),
                       value_text(summary.highest, metric.unit), value_text(summary.last, metric.unit));
  }
  out += "</tbody></table></div>\n</details>\n";
  for (const ProbeGap& gap : series.gaps) {
    out += fmt::format("<p class=\"soft\">{}: nothing from second {:.0f} to {:.0f}: {}.</p>\n", escaped(series.label),
                       gap.from_seconds, gap.to_seconds, escaped(gap.reason));
  }
  return out;
}

std::string table_html(const ProbeTable& table) {
  std::string out = fmt::format(
      "<details><summary>{}: {}</summary>\n<div class=\"scroll\"><table>\n<thead><tr><th scope=\"col\">{}</th>",
      escaped(table.label), escaped(table.title), escaped(table.title));
  for (const std::string& column : table.columns) out += fmt::format("<th scope=\"col\">{}</th>", escaped(column));
  out += "</tr></thead>\n<tbody>\n";
  for (const ProbeTable::Row& row : table.rows) {
    out += fmt::format("<tr><td>{}</td>", escaped(row.name));
    for (const double value : row.values) out += fmt::format("<td>{}</td>", value_text(value, ""));
    out += "</tr>\n";
  }
  return out + "</tbody></table></div>\n</details>\n";
}

}  // namespace

std::string probes_html(const std::vector<ProbeSeries>& probes, const std::vector<ProbeTable>& tables) {
  std::string out;
  for (const ProbeSeries& series : probes) {
    if (series.is_whole()) out += series_html(series);
  }
  for (const ProbeTable& table : tables) out += table_html(table);
  return out;
}

}  // namespace loadlab
