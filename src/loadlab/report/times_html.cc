#include "loadlab/report/times_html.h"

#include <fmt/format.h>

#include "loadlab/report/html_text.h"
#include "loadlab/report/units.h"

namespace loadlab {
namespace {

double ms(std::uint64_t nanoseconds) { return static_cast<double>(nanoseconds) / 1e6; }

std::string time_cells(const stats::Histogram& histogram) {
  if (histogram.count() == 0) return "<td>—</td><td>—</td><td>—</td><td>—</td><td>—</td><td>—</td><td>—</td>";
  std::string cells = fmt::format("<td>{}</td>", format_ms(histogram.mean() / 1e6));
  for (const double percent : {50.0, 90.0, 95.0, 99.0, 99.9})
    cells += fmt::format("<td>{}</td>", format_ms(ms(histogram.percentile(percent))));
  return cells + fmt::format("<td>{}</td>", format_ms(ms(histogram.max())));
}

constexpr const char* kTimeHeads =
    "<th scope=\"col\">avg</th><th scope=\"col\">p50</th><th scope=\"col\">p90</th><th scope=\"col\">p95</th><th "
    "scope=\"col\">p99"
    "</th><th scope=\"col\">p99.9</th><th scope=\"col\">max</th>";

std::string times_table(const TestResult& test) {
  const Tally& total = test.total;
  std::string text = fmt::format(
      "<h3>Times</h3>\n<div class=\"scroll\"><table>\n<thead><tr><th scope=\"col\"></th>{}</tr></thead>\n<tbody>\n",
      kTimeHeads);
  text += fmt::format(
      "<tr><td>response time</td>{}</tr>\n<tr><td>service time</td>{}</tr>\n<tr><td>connection "
      "wait</td>{}</tr>\n<tr><td>send lag</td>{}</tr>\n",
      time_cells(total.timings.response), time_cells(total.timings.service), time_cells(total.timings.connection_wait),
      time_cells(total.timings.send_lag));
  text += fmt::format("<tr><td>first byte</td>{}</tr>\n<tr><td>transfer</td>{}</tr>\n",
                      time_cells(total.timings.first_byte), time_cells(total.timings.transfer));
  text += fmt::format("<tr><td>{} connects</td>{}</tr>\n", format_count(test.openings.connect.count()),
                      time_cells(test.openings.connect));
  if (test.openings.tls.count() > 0) {
    text += fmt::format("<tr><td>{} TLS handshakes</td>{}</tr>\n", format_count(test.openings.tls.count()),
                        time_cells(test.openings.tls));
  }
  text += "</tbody></table></div>\n";
  if (test.resolving) {
    text += fmt::format("<p class=\"soft\">The target's name took {} to resolve, once before the load{}.</p>\n",
                        format_ms(std::chrono::duration<double, std::milli>(*test.resolving).count()),
                        test.addresses.size() < 2
                            ? ""
                            : fmt::format("; connections were spread over {}",
                                          escaped(fmt::format("{}", fmt::join(test.addresses, ", ")))));
  }
  return text;
}

std::string steps_table(const TestResult& test) {
  if (test.steps.size() < 2) return "";
  std::string text = fmt::format(
      "<h3>Response time by step</h3>\n<div class=\"scroll\"><table>\n<thead><tr><th scope=\"col\">Step</th><th "
      "scope=\"col\">Requests</th>"
      "<th scope=\"col\">Errors</th>{}</tr></thead>\n<tbody>\n",
      kTimeHeads);
  for (const StepTally& step : test.steps) {
    text += fmt::format("<tr><td>{}</td><td>{}</td><td>{}</td>{}</tr>\n", escaped(step.name),
                        format_count(step.tally.requests), format_count(step.tally.failed),
                        time_cells(step.tally.timings.response));
  }
  text += "</tbody></table></div>\n";
  return text;
}

std::string groups_table(const TestResult& test) {
  if (test.groups.empty()) return "";
  std::string text = fmt::format(
      "<h3>Groups of steps</h3>\n<div class=\"scroll\"><table>\n<thead><tr><th scope=\"col\">Group</th><th "
      "scope=\"col\">Passes</th><th scope=\"col\">Failed</th><th scope=\"col\">Cut off</th><th "
      "scope=\"col\"></th>{}</tr></thead>\n<tbody>\n",
      kTimeHeads);
  for (const NamedGroup& group : test.groups) {
    const GroupTally& tally = group.tally;
    text += fmt::format("<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>duration</td>{}</tr>\n",
                        escaped(group.name), format_count(tally.passes), format_count(tally.failed),
                        format_count(tally.cut_off()), time_cells(tally.durations));
    text += fmt::format("<tr><td></td><td></td><td></td><td></td><td>without think time</td>{}</tr>\n",
                        time_cells(tally.responses));
  }
  text += "</tbody></table></div>\n";
  return text;
}

std::string stages_table(const TestResult& test) {
  if (test.stages.empty()) return "";
  std::string text = fmt::format(
      "<h3>Response time by stage</h3>\n<div class=\"scroll\"><table>\n<thead><tr><th scope=\"col\">Stage</th><th "
      "scope=\"col\">From</th><th scope=\"col\">Requests</th><th scope=\"col\">Errors</th>{}</tr></thead>\n<tbody>\n",
      kTimeHeads);
  for (const StageResult& stage : test.stages) {
    text += fmt::format("<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td>{}</tr>\n", escaped(stage.name),
                        format_ms(1000 * stage.begin_seconds), format_count(stage.tally.requests),
                        format_count(stage.tally.failed), time_cells(stage.tally.timings.response));
  }
  text += "</tbody></table></div>\n";
  return text;
}

}  // namespace

std::string times_html(const TestResult& test) {
  return times_table(test) + steps_table(test) + groups_table(test) + stages_table(test);
}

}  // namespace loadlab
