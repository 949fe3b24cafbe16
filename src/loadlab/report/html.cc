#include "loadlab/report/html.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>
#include <vector>

#include "base/time.h"
#include "loadlab/report/assets.h"
#include "loadlab/report/conclusion.h"
#include "loadlab/report/errand_lines.h"
#include "loadlab/report/html_probes.h"
#include "loadlab/report/html_text.h"
#include "loadlab/report/json.h"
#include "loadlab/report/judgement_html.h"
#include "loadlab/report/margin_text.h"
#include "loadlab/report/samples_html.h"
#include "loadlab/report/times_html.h"
#include "loadlab/report/units.h"

namespace loadlab {
namespace {

namespace json = boost::json;

// A plot is a thousand pixels wide at the most; more points than two for each only make the file large.
constexpr std::size_t kMostPoints = 2000;

double ms(std::uint64_t nanoseconds) { return static_cast<double>(nanoseconds) / 1e6; }

std::string pill(std::string_view name) { return fmt::format(R"(<span class="pill {0}">{0}</span>)", name); }

// How many seconds one point of a long series stands for, and how many points that makes.
std::size_t seconds_a_point(std::size_t seconds) { return (seconds + kMostPoints - 1) / kMostPoints; }
std::size_t thinned_size(std::size_t seconds) {
  return (seconds + seconds_a_point(seconds) - 1) / seconds_a_point(seconds);
}

// A long series in fewer points, each with the largest values of those it stands for, so that no spike is lost.
json::array thinned(const json::array& series) {
  const std::size_t each = seconds_a_point(series.size());
  if (each <= 1) return series;
  json::array kept;
  for (std::size_t begin = 0; begin < series.size(); begin += each) {
    json::object point = series[begin].as_object();
    for (std::size_t i = begin + 1; i < std::min(begin + each, series.size()); ++i) {
      for (const auto& member : series[i].as_object()) {
        json::value& most = point[member.key()];
        const bool larger = !member.value().is_null() &&
                            (most.is_null() || member.value().to_number<double>() > most.to_number<double>());
        if (larger && member.key() != "second") most = member.value();
      }
    }
    kept.push_back(std::move(point));
  }
  return kept;
}

json::array distribution_of(const stats::Histogram& histogram) {
  json::array points;
  if (histogram.count() == 0) return points;
  for (const double percent : {0.0,  5.0,  10.0, 20.0, 30.0, 40.0, 50.0,  60.0, 70.0,  75.0, 80.0,  85.0, 90.0,
                               92.5, 95.0, 96.0, 97.5, 98.0, 99.0, 99.25, 99.5, 99.75, 99.9, 99.95, 99.99}) {
    points.push_back(json::array{percent, ms(histogram.percentile(percent))});
  }
  return points;
}

// What the script draws from: the summary, with thinned series and each test's distribution.
std::string embedded_summary(const RunResult& run) {
  json::value summary = json::parse(json_summary(run));
  json::array& tests = summary.as_object()["tests"].as_array();
  for (std::size_t i = 0; i < tests.size(); ++i) {
    json::object& test = tests[i].as_object();
    test["series"] = thinned(test["series"].as_array());
    test["distribution"] = distribution_of(run.tests[i].total.timings.response);
  }
  std::string text = json::serialize(summary);
  // Within a script element only `<` can do harm: as `</script>` or `<!--`.
  std::string safe;
  for (const char c : text) {
    if (c == '<') {
      safe += "\\u003c";
    } else {
      safe += c;
    }
  }
  return safe;
}

class Page {
 public:
  std::string write(const RunResult& run) {
    const std::string title = run.suite.empty() ? "loadlab report" : run.suite;
    out_ = fmt::format(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{}: "
        "{}</title>\n<style>\n{}</style>\n"
        "</head>\n<body>\n",
        escaped(title), name_of(run.verdict), kReportCss);
    write_top(run, title);
    out_ += "<main>\n";
    for (std::size_t i = 0; i < run.tests.size(); ++i) write_test(run.tests[i], i);
    out_ += "</main>\n";
    write_foot(run);
    out_ += "<script type=\"application/json\" id=\"summary\">" + embedded_summary(run) + "</script>\n<script>\n";
    out_ += kPlotsJs;
    out_ += kMetricsJs;
    out_ += kReportJs;
    out_ += "</script>\n</body>\n</html>\n";
    return std::move(out_);
  }

 private:
  template <class... Args>
  void add(fmt::format_string<Args...> format, Args&&... args) {
    out_ += fmt::format(format, std::forward<Args>(args)...);
  }

  void write_top(const RunResult& run, const std::string& title) {
    add("<header class=\"top\">\n<h1>{}</h1>\n<p class=\"soft\">{} · {} · {} · loadlab {}</p>\n", escaped(title),
        base::format_time(std::chrono::floor<std::chrono::seconds>(run.started)),
        escaped(run.machine.cpu.empty() ? "unknown processor" : run.machine.cpu),
        format_counted(static_cast<std::uint64_t>(std::max(0, run.machine.cores)), "core"), escaped(run.version));
    const Conclusion conclusion = conclude(run);
    add("<div class=\"answer\">{}<strong>{}</strong></div>\n", pill(name_of(run.verdict)), escaped(conclusion.holds));
    for (const std::string& note : run.notes) add("<p class=\"soft\">Note: {}</p>\n", escaped(note));
    if (run.interrupted) out_ += "<p>The run was interrupted; the figures are of what was played until then.</p>\n";
    write_conclusion(conclusion);
    write_overview(run);
    out_ += "</header>\n";
  }

  void write_conclusion(const Conclusion& conclusion) {
    const auto row = [this](const char* question, const std::string& answer) {
      if (!answer.empty()) add("<dt>{}</dt><dd>{}</dd>\n", question, escaped(answer));
    };
    out_ += "<dl class=\"conclusion\">\n";
    row("By what margin", conclusion.margin);
    row("What gives first", conclusion.gives_first);
    row("What to change", conclusion.change);
    row("Own bars", conclusion.warnings);
    out_ += "</dl>\n";
  }

  void write_overview(const RunResult& run) {
    out_ +=
        "<div class=\"card scroll\"><table>\n<thead><tr><th scope=\"col\">Test</th><th scope=\"col\">Verdict</th><th "
        "scope=\"col\">"
        "Requests</th><th scope=\"col\">Rate</th><th scope=\"col\">p50</th><th scope=\"col\">p95</th><th "
        "scope=\"col\">p99</th>"
        "<th scope=\"col\">Errors</th><th scope=\"col\">CPU</th><th scope=\"col\">Memory</th><th "
        "scope=\"col\">Tightest margin</th>"
        "</tr></thead>\n<tbody>\n";
    std::string family;
    for (std::size_t i = 0; i < run.tests.size(); ++i) {
      const TestResult& test = run.tests[i];
      if (test.family != family && !test.family.empty())
        add("<tr class=\"family\"><th colspan=\"11\" scope=\"rowgroup\">{}</th></tr>\n", escaped(test.family));
      family = test.family;
      const auto& response = test.total.timings.response;
      const auto percentile = [&](double percent) {
        return response.count() > 0 ? format_ms(ms(response.percentile(percent))) : std::string("—");
      };
      const ThresholdOutcome* least = tightest(test);
      add("<tr><td><a "
          "href=\"#test-{}\">{}</a></td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td>"
          "<td>{}</td><td>{}</td><td>{}</td></tr>\n",
          i, escaped(test.name), pill(name_of(test.verdict)),
          test.kind == TestKind::load ? format_count(test.total.requests) : "—",
          test.kind == TestKind::load ? format_rate(test.requests_per_second()) : "—", percentile(50), percentile(95),
          percentile(99), test.kind == TestKind::load ? format_percent(test.total.error_percent()) : "—",
          optional(test.resources.avg_cpu_percent, "%"), optional(test.resources.peak_memory_mb, "MB"),
          least == nullptr ? "—"
          : least->margin  ? margin_text(*least)
                           : "broken");
    }
    out_ += "</tbody></table></div>\n";
  }

  static std::string optional(const std::optional<double>& value, std::string_view unit) {
    return value ? format_value(*value, unit) : "—";
  }
  static std::string counted(const std::optional<double>& count, std::string_view noun) {
    return count ? format_counted(static_cast<std::uint64_t>(std::llround(*count)), noun) : fmt::format("— {}s", noun);
  }

  void write_test(const TestResult& test, std::size_t index) {
    if (test.family != family_ && !test.family.empty()) add("<p class=\"family\">{}</p>\n", escaped(test.family));
    family_ = test.family;
    add("<section id=\"test-{}\">\n<div class=\"heading\"><h2>{}</h2>{}</div>\n", index, escaped(test.name),
        pill(name_of(test.verdict)));
    add("<p class=\"soft\">{} on <code>{}</code></p>\n", escaped(test.load), escaped(test.target));
    if (!test.failure.empty()) {
      add("<p>It could not be carried out{}:</p>\n<pre class=\"failure\">{}</pre>\n",
          has_figures(test) ? " as planned" : "", escaped(test.failure));
      if (!has_figures(test)) {
        for (const std::string& note : test.notes) add("<p class=\"soft\">Note: {}</p>\n", escaped(note));
        out_ += "</section>\n";
        return;
      }
    }
    if (!test.stopped.empty()) add("<p>It was stopped: {}</p>\n", escaped(test.stopped));
    if (test.kind != TestKind::load) {
      out_ += samples_html(test, index);
      write_trust(test.trust);
      for (const std::string& note : test.notes) add("<p class=\"soft\">Note: {}</p>\n", escaped(note));
      write_thresholds(test.thresholds);
      write_verifications(test.verifications);
      out_ += judgement_html(test);
      out_ += "</section>\n";
      return;
    }
    add("<p>{} in {}: {}, {} ({}){}.</p>\n", format_counted(test.total.requests, "request"),
        format_ms(1000 * test.measured_seconds()), format_rate(test.requests_per_second()),
        format_counted(test.total.failed, "error"), format_percent(test.total.error_percent()),
        test.dropped_iterations > 0
            ? fmt::format("; {} dropped at the limit of users", format_counted(test.dropped_iterations, "arrival"))
            : "");
    if (test.warm_up_seconds > 0) {
      add("<p class=\"soft\">Before that {} to warm up, counted apart: {}, {}.</p>\n",
          format_ms(1000 * test.warm_up_seconds), format_counted(test.warm_up.requests, "request"),
          format_counted(test.warm_up.failed, "error"));
    }
    for (const std::string& line : errand_lines(test)) add("<p class=\"soft\">{}.</p>\n", escaped(line));
    write_trust(test.trust);
    write_thresholds(test.thresholds);
    write_verifications(test.verifications);
    write_events(test.events);
    if (test.series.size() > 1) {
      out_ += "<h3>Over time</h3>\n";
      if (test.series.size() > kMostPoints) {
        add("<p class=\"soft small\">{} seconds are drawn as {} points, each the largest of those it stands for.</p>\n",
            format_count(test.series.size()), format_count(thinned_size(test.series.size())));
      }
      add("<div class=\"plots\" id=\"plots-{}\"></div>\n<noscript><p class=\"soft\">The plots need "
          "JavaScript.</p></noscript>\n",
          index);
    }
    out_ += times_html(test);
    write_errors(test);
    out_ += judgement_html(test);
    write_resources(test);
    out_ += "</section>\n";
  }

  static bool has_figures(const TestResult& test) {
    return test.total.requests > 0 || !test.benchmarks.empty() || test.sweep;
  }

  void write_trust(const Trust& trust) {
    if (trust.trusted && trust.notes.empty()) return;
    out_ += "<ul class=\"plain\">\n";
    for (const std::string& reason : trust.reasons)
      add("<li><span class=\"pill untrusted\">untrusted</span> {}</li>\n", escaped(reason));
    for (const std::string& note : trust.notes) add("<li class=\"soft\">Note: {}</li>\n", escaped(note));
    out_ += "</ul>\n";
  }

  void write_thresholds(const std::vector<ThresholdOutcome>& outcomes) {
    if (outcomes.empty()) return;
    out_ +=
        "<h3>Thresholds</h3>\n<div class=\"scroll\"><table>\n<thead><tr><th scope=\"col\">What must hold</th><th "
        "scope=\"col\">"
        "Observed</th><th scope=\"col\">Margin</th><th scope=\"col\"></th></tr></thead>\n<tbody>\n";
    for (const ThresholdOutcome& outcome : outcomes) {
      const char* result = outcome.passed ? "pass" : outcome.warn_only ? "warn" : "fail";
      add("<tr><td><code>{}</code>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n", escaped(outcome.expression),
          reason_of(outcome.passed, outcome.reason),
          outcome.observed ? format_value(*outcome.observed, outcome.unit) : "nothing to measure",
          outcome.margin            ? margin_text(outcome)
          : outcome.missing.empty() ? "—"
                                    : escaped(outcome.missing),
          pill(result));
    }
    out_ += "</tbody></table></div>\n";
  }

  static std::string reason_of(bool passed, const std::string& reason) {
    return passed || reason.empty() ? "" : fmt::format("<br><span class=\"soft small\">{}</span>", escaped(reason));
  }

  void write_verifications(const std::vector<VerificationOutcome>& outcomes) {
    if (outcomes.empty()) return;
    out_ +=
        "<h3>Verified after the load</h3>\n<div class=\"scroll\"><table>\n<thead><tr><th scope=\"col\">What must "
        "hold</th><th scope=\"col\">Observed</th><th scope=\"col\"></th></tr></thead>\n<tbody>\n";
    for (const VerificationOutcome& outcome : outcomes) {
      add("<tr><td>{}{}</td><td>{}</td><td>{}</td></tr>\n", escaped(outcome.name),
          reason_of(outcome.passed, outcome.reason), outcome.observed.empty() ? "—" : escaped(outcome.observed),
          pill(outcome.passed      ? "pass"
               : outcome.warn_only ? "warn"
                                   : "fail"));
    }
    out_ += "</tbody></table></div>\n";
  }

  void write_events(const std::vector<Event>& events) {
    if (events.empty()) return;
    out_ += "<h3>Done to it within the load</h3>\n<ul class=\"plain\">\n";
    for (const Event& event : events) {
      add("<li>At {}: {} <span class=\"soft\">({} after {})</span></li>\n", format_ms(1000 * event.seconds),
          escaped(event.name), escaped(event.ending), format_ms(1000 * event.took_seconds));
    }
    out_ += "</ul>\n";
  }

  void write_errors(const TestResult& test) {
    const Tally& total = test.total;
    if (total.faults.empty()) return;
    out_ +=
        "<h3>Errors</h3>\n<div class=\"scroll\"><table>\n<thead><tr><th scope=\"col\">Kind</th><th "
        "scope=\"col\">Count</th><th scope=\"col\">Of all requests</th></tr></thead>\n<tbody>\n";
    for (const auto& [fault, count] : total.faults) {
      add("<tr><td>{}</td><td>{}</td><td>{}</td></tr>\n", escaped(test.name_of(fault)), format_count(count),
          format_percent(100 * static_cast<double>(count) / static_cast<double>(total.requests)));
    }
    out_ += "</tbody></table></div>\n";
  }

  void write_resources(const TestResult& test) {
    const Resources& resources = test.resources;
    out_ += "<h3>Target and generator</h3>\n";
    if (!resources.target.empty()) {
      add("<p>{}: CPU {} on average and {} at peak, {} a request; memory {} on average and {} at peak; {}, "
          "{}.</p>\n",
          escaped(resources.target), optional(resources.avg_cpu_percent, "%"),
          optional(resources.peak_cpu_percent, "%"), optional(resources.cpu_ms_per_request, "ms"),
          optional(resources.avg_memory_mb, "MB"), optional(resources.peak_memory_mb, "MB"),
          counted(resources.open_descriptors, "descriptor"), counted(resources.threads, "thread"));
    }
    if (!resources.gap.empty()) add("<p class=\"soft\">Not watched throughout: {}.</p>\n", escaped(resources.gap));
    add("<p class=\"soft\">Generator: {}, the busiest at {} of a core; send lag p99 {}{}.</p>\n",
        format_counted(static_cast<std::uint64_t>(std::max(0, test.workers)), "worker"),
        format_percent(test.generator.busiest_worker_percent()), format_ms(test.trust.send_lag_p99_ms),
        error_sentence(test.trust));
    out_ += probes_html(test.probes, test.probe_tables);
  }

  static std::string error_sentence(const Trust& trust) {
    if (!trust.error_p99_ms) return "";
    return fmt::format("; its lateness makes the p99 of response time at most {} ({}) too high, the average {}",
                       format_ms(*trust.error_p99_ms), format_percent(*trust.error_p99_percent),
                       format_ms(*trust.error_mean_ms));
  }

  void write_foot(const RunResult& run) {
    add("<footer><p>Response time counts from when the request was planned; it holds the time spent waiting for a "
        "connection and "
        "the generator's own lateness. CPU is of the whole machine. Machine: {}, {}, {} of memory.</p></footer>\n",
        escaped(run.machine.host), escaped(run.machine.kernel), format_value(run.machine.memory_mb, "MB"));
  }

  std::string out_;
  std::string family_;  // of the test that was written last
};

}  // namespace

std::string html_report(const RunResult& run) { return Page().write(run); }

}  // namespace loadlab
