#include "loadlab/report/samples_html.h"

#include <fmt/format.h>

#include "loadlab/report/html_text.h"
#include "loadlab/report/samples_text.h"
#include "loadlab/report/units.h"

namespace loadlab {
namespace {

std::string median_of(const SampledFigure* figure) {
  return figure ? format_value(figure->median(), figure->unit) : "—";
}

// The least and the most of several runs, as a cell's tooltip.
std::string cell(const SampledFigure* figure) {
  if (!figure || figure->values.size() < 2) return fmt::format("<td>{}</td>", median_of(figure));
  return fmt::format("<td title=\"{} to {}\">{}</td>", format_value(figure->minimum(), figure->unit),
                     format_value(figure->maximum(), figure->unit), median_of(figure));
}

std::string benchmarks_html(const std::vector<BenchmarkResult>& benchmarks) {
  std::string text =
      "<h3>Benchmarks</h3>\n<p class=\"soft small\">Medians over the repetitions.</p>\n<div class=\"scroll\"><table>\n"
      "<thead><tr><th scope=\"col\">Benchmark</th><th scope=\"col\">CPU</th><th scope=\"col\">Real</th><th "
      "scope=\"col\">Least</th><th scope=\"col\">Most</th><th scope=\"col\">Variation</th><th scope=\"col\" "
      "class=\"text\">Counters</th></tr></thead>\n<tbody>\n";
  for (const BenchmarkResult& one : benchmarks) {
    const SampledFigure* cpu = one.find("cpu_time");
    text += fmt::format(
        "<tr><td><code>{}</code></td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td "
        "class=\"text\">{}</td></tr>\n",
        escaped(one.name), median_of(cpu), median_of(one.find("real_time")), cpu ? format_ms(cpu->minimum()) : "—",
        cpu ? format_ms(cpu->maximum()) : "—", cpu ? format_percent(cpu->variation_percent()) : "—",
        escaped(counters_of(one)));
  }
  return text + "</tbody></table></div>\n";
}

std::string sweep_html(const SweepResult& sweep, std::size_t index) {
  std::string text = fmt::format(
      "<h3>By {}</h3>\n<p class=\"soft small\">Medians over the runs of each point.</p>\n<div "
      "class=\"scroll\"><table>\n<thead><tr><th scope=\"col\">Point</th><th scope=\"col\">Runs</th>",
      escaped(fmt::format("{}", fmt::join(sweep.parameters, ", "))));
  for (const SweepColumn& column : kSweepColumns) text += fmt::format("<th scope=\"col\">{}</th>", column.heading);
  text += "</tr></thead>\n<tbody>\n";
  for (const SweepPointResult& point : sweep.points) {
    text += fmt::format("<tr><td>{}</td><td>{}</td>", escaped(point.name), point.runs);
    for (const SweepColumn& column : kSweepColumns) text += cell(point.find(column.figure));
    text += "</tr>\n";
  }
  text += "</tbody></table></div>\n";
  if (sweep.scaling) text += fmt::format("<p>Scaling: {}</p>\n", escaped(scaling_sentence(*sweep.scaling)));
  if (sweep.points.size() > 1) {
    text += fmt::format(
        "<div class=\"plots\" id=\"sweep-{}\"></div>\n<noscript><p class=\"soft\">The plots need "
        "JavaScript.</p></noscript>\n",
        index);
  }
  return text;
}

}  // namespace

std::string samples_html(const TestResult& test, std::size_t index) {
  if (test.sweep) return sweep_html(*test.sweep, index);
  return test.benchmarks.empty() ? "" : benchmarks_html(test.benchmarks);
}

}  // namespace loadlab
