#include "loadlab/report/terminal.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "loadlab/report/conclusion.h"
#include "loadlab/report/errand_lines.h"
#include "loadlab/report/margin_text.h"
#include "loadlab/report/samples_text.h"
#include "loadlab/report/text_table.h"
#include "loadlab/report/units.h"

namespace loadlab {
namespace {

enum class Tone { plain, good, bad, warning, faint, strong };

double ms(std::uint64_t nanoseconds) { return static_cast<double>(nanoseconds) / 1e6; }

std::vector<std::string> times_row(const std::string& name, const stats::Histogram& times) {
  std::vector<std::string> row = {name};
  if (times.count() == 0) return row;
  row.push_back(format_ms(times.mean() / 1e6));
  for (const double percent : {50.0, 95.0, 99.0, 99.9}) row.push_back(format_ms(ms(times.percentile(percent))));
  row.push_back(format_ms(ms(times.max())));
  return row;
}

// Narrower, a table has no room for a name and one figure.
constexpr int kNarrowest = 40;

class Writer {
 public:
  explicit Writer(const TerminalStyle& style)
      : colour_(style.colour), width_(static_cast<std::size_t>(std::max(style.width, kNarrowest))) {}

  std::string write(const RunResult& run) {
    for (const TestResult& test : run.tests) write_test(test);
    if (run.tests.size() > 1) write_overview(run);
    if (run.tests.size() == 1) out_ += "\n";
    write_notes(run.notes);
    if (run.interrupted)
      add_wrapped("", "interrupted: the figures are of what was played until then, not of the whole plan");
    write_conclusion(conclude(run));
    out_ += "verdict: " + tinted(std::string(name_of(run.verdict)), tone_of(run.verdict)) + "\n";
    return std::move(out_);
  }

 private:
  void write_conclusion(const Conclusion& conclusion) {
    out_ += wrapped("it comes to: ", conclusion.holds, width_);
    if (!conclusion.margin.empty()) out_ += wrapped("margin: ", conclusion.margin, width_);
    if (!conclusion.gives_first.empty()) out_ += wrapped("what gives first: ", conclusion.gives_first, width_);
    if (!conclusion.change.empty()) out_ += wrapped("what to change: ", conclusion.change, width_);
    if (!conclusion.warnings.empty()) out_ += wrapped("own bars: ", conclusion.warnings, width_);
  }

  void add_wrapped(std::string_view first, std::string_view text, Tone tone = Tone::plain) {
    std::string lines = wrapped(first, text, width_);
    lines.pop_back();
    out_ += tinted(lines, tone) + "\n";
  }

  std::string tinted(const std::string& text, Tone tone) const {
    if (!colour_) return text;
    switch (tone) {
      case Tone::good:
        return "\033[32m" + text + "\033[0m";
      case Tone::bad:
        return "\033[31m" + text + "\033[0m";
      case Tone::warning:
        return "\033[33m" + text + "\033[0m";
      case Tone::faint:
        return "\033[2m" + text + "\033[0m";
      case Tone::strong:
        return "\033[1m" + text + "\033[0m";
      case Tone::plain:
        break;
    }
    return text;
  }

  static Tone tone_of(Verdict verdict) {
    if (verdict == Verdict::pass) return Tone::good;
    return verdict == Verdict::untrusted ? Tone::warning : Tone::bad;
  }

  void write_test(const TestResult& test) {
    const std::string verdict(name_of(test.verdict));
    out_ += fmt::format("\n{}  {}\n", tinted(shorten_middle(test.name, width_ - 2 - verdict.size()), Tone::strong),
                        tinted(verdict, tone_of(test.verdict)));
    out_ += "  " + tinted(shorten(fmt::format("{} on {}", test.load, test.target), width_ - 2), Tone::faint) + "\n";
    if (!test.failure.empty()) {
      write_lines("  ", test.failure);
      if (test.total.requests == 0 && test.kind == TestKind::load) return write_notes(test.notes);
    }
    if (test.kind != TestKind::load) return write_samples(test);
    if (!test.stopped.empty()) out_ += wrapped("  stopped: ", test.stopped, width_);
    const Tally& total = test.total;
    add_wrapped("  ", fmt::format("{} in {}, {}, {} ({})", format_counted(total.requests, "request"),
                                  format_ms(1000 * test.measured_seconds()), format_rate(test.requests_per_second()),
                                  format_counted(total.failed, "error"), format_percent(total.error_percent())));
    if (test.dropped_iterations > 0) {
      // Where data was used up, a note says how much of it was that.
      const bool only_users = test.notes.empty();
      add_wrapped("  ", fmt::format("{} dropped{}", format_counted(test.dropped_iterations, "arrival"),
                                    only_users ? ": the limit of users was reached" : ""));
    }
    for (const auto& [fault, count] : total.faults)
      add_wrapped("    ", fmt::format("{} × {}", format_count(count), test.name_of(fault)), Tone::bad);
    if (test.warm_up_seconds > 0) {
      add_wrapped(
          "  ",
          fmt::format("before that {} to warm up: {}, {}, counted apart", format_ms(1000 * test.warm_up_seconds),
                      format_counted(test.warm_up.requests, "request"), format_counted(test.warm_up.failed, "error")));
    }
    for (const std::string& line : errand_lines(test)) add_wrapped("  ", line);
    write_times(total);
    write_steps(test);
    write_groups(test);
    write_stages(test);
    write_resources(test.resources);
    write_probe_gaps(test.probes);
    write_judgement(test);
    write_events(test.events);
    write_thresholds(test.thresholds);
    write_verifications(test.verifications);
    write_trust(test.trust);
  }

  void write_samples(const TestResult& test) {
    if (!test.stopped.empty()) out_ += wrapped("  stopped: ", test.stopped, width_);
    out_ += samples_text(test, width_);
    write_judgement(test);
    write_thresholds(test.thresholds);
    write_verifications(test.verifications);
    write_trust(test.trust);
    write_notes(test.notes);
  }

  // A text of several lines.
  void write_lines(std::string_view first, std::string_view text) {
    for (std::size_t begin = 0; begin < text.size();) {
      const std::size_t end = std::min(text.find('\n', begin), text.size());
      out_ += wrapped(begin == 0 ? first : "    ", text.substr(begin, end - begin), width_);
      begin = end + 1;
    }
  }

  void write_notes(const std::vector<std::string>& notes) {
    for (const std::string& note : notes) write_lines("  note: ", note);
  }

  void write_events(const std::vector<Event>& events) {
    if (!events.empty()) out_ += "\n";
    for (const Event& event : events) {
      add_wrapped(fmt::format("  at {}: ", format_ms(1000 * event.seconds)),
                  fmt::format("{} ({} after {})", event.name, event.ending, format_ms(1000 * event.took_seconds)),
                  event.failed ? Tone::bad : Tone::plain);
    }
  }

  void write_reason(bool passed, const std::string& reason) {
    if (!passed && !reason.empty()) add_wrapped("      reason: ", reason, Tone::faint);
  }

  void write_verifications(const std::vector<VerificationOutcome>& outcomes) {
    for (const VerificationOutcome& outcome : outcomes) {
      const char* mark = outcome.passed ? "✓" : outcome.warn_only ? "!" : "✗";
      const Tone tone = outcome.passed ? Tone::good : outcome.warn_only ? Tone::warning : Tone::bad;
      out_ +=
          "  " + tinted(mark, tone) + " " +
          wrapped("    ", outcome.name + (outcome.observed.empty() ? "" : ": " + outcome.observed), width_).substr(4);
      write_reason(outcome.passed, outcome.reason);
    }
  }

  void write_times(const Tally& total) {
    TextTable table(width_, {"p99.9", "p50", "avg", "max"});
    table.add({"", "avg", "p50", "p95", "p99", "p99.9", "max"});
    table.add(times_row("response time", total.timings.response));
    table.add(times_row("service time", total.timings.service));
    table.add(times_row("connection wait", total.timings.connection_wait));
    table.add(times_row("send lag", total.timings.send_lag));
    table.add(times_row("first byte", total.timings.first_byte));
    out_ += "\n" + table.text("  ");
  }

  void write_steps(const TestResult& test) {
    if (test.steps.size() < 2) return;
    TextTable table(width_, {"avg", "max", "p99", "requests"});
    table.add({"step", "requests", "errors", "avg", "p95", "p99", "max"});
    for (const StepTally& step : test.steps) {
      const auto& response = step.tally.timings.response;
      table.add({step.name, format_count(step.tally.requests), format_count(step.tally.failed),
                 format_ms(response.mean() / 1e6), format_ms(ms(response.percentile(95))),
                 format_ms(ms(response.percentile(99))), format_ms(ms(response.max()))});
    }
    out_ += "\n" + table.text("  ");
  }

  // Without time to think where there is any: what the target did is seen there.
  void write_groups(const TestResult& test) {
    if (test.groups.empty()) return;
    TextTable table(width_, {"avg", "max", "p99", "passes"});
    table.add({"group", "passes", "failed", "avg", "p95", "p99", "max"});
    std::uint64_t cut_off = 0;
    const auto add = [&](const std::string& name, const GroupTally& tally, const stats::Histogram& times) {
      table.add({name, format_count(tally.passes), format_count(tally.failed), format_ms(times.mean() / 1e6),
                 format_ms(ms(times.percentile(95))), format_ms(ms(times.percentile(99))), format_ms(ms(times.max()))});
    };
    for (const NamedGroup& group : test.groups) {
      cut_off += group.tally.cut_off();
      add(group.name, group.tally, group.tally.durations);
      if (group.tally.responses.mean() < group.tally.durations.mean())
        add("  without think", group.tally, group.tally.responses);
    }
    out_ += "\n" + table.text("  ");
    if (cut_off > 0) {
      add_wrapped("  ", fmt::format("{} pass{} of groups {} cut off by the end", format_count(cut_off),
                                    cut_off == 1 ? "" : "es", cut_off == 1 ? "was" : "were"));
    }
  }

  void write_stages(const TestResult& test) {
    if (test.stages.empty()) return;
    TextTable table(width_, {"from", "p50", "p99", "requests", "rate"});
    table.add({"stage", "from", "requests", "rate", "errors", "p50", "p95", "p99"});
    for (const StageResult& stage : test.stages) {
      const auto& response = stage.tally.timings.response;
      const double seconds = stage.end_seconds - std::max(stage.begin_seconds, test.warm_up_seconds);
      table.add({stage.name, format_ms(1000 * stage.begin_seconds), format_count(stage.tally.requests),
                 seconds > 0 ? format_rate(static_cast<double>(stage.tally.requests) / seconds) : "—",
                 format_count(stage.tally.failed), format_ms(ms(response.percentile(50))),
                 format_ms(ms(response.percentile(95))), format_ms(ms(response.percentile(99)))});
    }
    out_ += "\n" + table.text("  ");
  }

  static std::string counted(const std::optional<double>& count, std::string_view noun) {
    return format_counted(static_cast<std::uint64_t>(std::llround(count.value_or(0))), noun);
  }

  void write_resources(const Resources& resources) {
    if (resources.target.empty()) {
      if (!resources.gap.empty()) out_ += "\n" + wrapped("  target: not watched: ", resources.gap, width_);
      return;
    }
    std::string text = resources.target;
    if (resources.avg_cpu_percent) {
      text += fmt::format(", CPU {} on average, {} at peak", format_percent(*resources.avg_cpu_percent),
                          format_percent(*resources.peak_cpu_percent));
    }
    if (resources.cpu_ms_per_request) text += fmt::format(", {} a request", format_ms(*resources.cpu_ms_per_request));
    if (resources.peak_memory_mb) {
      text += fmt::format(", memory {} at peak, {}, {}", format_value(*resources.peak_memory_mb, "MB"),
                          counted(resources.open_descriptors, "descriptor"), counted(resources.threads, "thread"));
    }
    out_ += "\n" + wrapped("  target: ", text, width_);
    if (!resources.gap.empty()) out_ += wrapped("  gap: ", resources.gap, width_);
  }

  // Of the processes' gap the line of the target tells.
  void write_probe_gaps(const std::vector<ProbeSeries>& probes) {
    for (const ProbeSeries& series : probes) {
      if (series.gaps.empty() || series.probe == "process") continue;
      out_ += wrapped(fmt::format("  {}: gap: ", series.label), series.gaps.front().reason, width_);
    }
  }

  void write_judgement(const TestResult& test) {
    std::string text;
    for (const LeakFinding& leak : test.leaks.findings) {
      if (leak.verdict != LeakVerdict::none) text += wrapped("  leaks: ", leak.sentence, width_);
    }
    if (text.empty() && !test.leaks.findings.empty()) {
      std::string names;
      for (const LeakFinding& leak : test.leaks.findings) names += (names.empty() ? "" : ", ") + leak.resource;
      text += wrapped("  leaks: ", "none of " + names, width_);
    }
    if (!test.leaks.not_judged.empty()) text += wrapped("  leaks: not judged: ", test.leaks.not_judged, width_);
    if (!test.bottleneck.sentence.empty()) text += wrapped("  bottleneck: ", test.bottleneck.sentence, width_);
    for (const Candidate& candidate : test.bottleneck.candidates) {
      text += wrapped("    ",
                      fmt::format("{}{}: {}: {}", candidate.cause, candidate.exact ? " (by its own metrics)" : "",
                                  candidate.evidence, candidate.advice),
                      width_);
    }
    if (test.recovery) text += wrapped("  recovery: ", test.recovery->sentence, width_);
    if (!text.empty()) out_ += "\n" + text;
  }

  void write_thresholds(const std::vector<ThresholdOutcome>& outcomes) {
    if (outcomes.empty()) {
      out_ += "\n";
      return add_wrapped("  ", "no thresholds: nothing was asked of the target");
    }
    out_ += "\n";
    std::size_t longest = 0;
    std::vector<std::string> expressions;
    for (const ThresholdOutcome& outcome : outcomes) {
      expressions.push_back(outcome.expression);
      longest = std::max(longest, display_width(outcome.expression));
    }
    // What stands behind the expression takes so much. In a narrow terminal it goes onto a line of its own.
    constexpr std::size_t kOutcome = 40;
    constexpr std::size_t kNarrow = 80;
    const bool stacked = width_ < kNarrow && longest + kOutcome > width_;
    if (!stacked) expressions = shortened_apart(expressions, longest = std::min(longest, width_ - kOutcome));
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      const ThresholdOutcome& outcome = outcomes[i];
      const char* mark = outcome.passed ? "✓" : outcome.warn_only ? "!" : "✗";
      const Tone tone = outcome.passed ? Tone::good : outcome.warn_only ? Tone::warning : Tone::bad;
      const std::string observed =
          outcome.observed ? format_value(*outcome.observed, outcome.unit) : "nothing to measure";
      const std::string margin = outcome.margin ? margin_text(outcome) : outcome.missing;
      if (stacked) {
        out_ += "  " + tinted(mark, tone) + " " + wrapped("    ", expressions[i], width_).substr(4);
        add_wrapped("    ", observed + (margin.empty() ? "" : ", " + margin));
        write_reason(outcome.passed, outcome.reason);
        continue;
      }
      std::string line = fmt::format("  {} {}  {}  {}", tinted(mark, tone), pad_right(expressions[i], longest),
                                     pad_left(observed, 9), margin);
      line.erase(line.find_last_not_of(' ') + 1);
      out_ += line + "\n";
      write_reason(outcome.passed, outcome.reason);
    }
  }

  void write_trust(const Trust& trust) {
    if (!trust.error_p99_ms && trust.reasons.empty() && trust.notes.empty()) return;
    out_ += "\n";
    if (trust.error_p99_ms) {
      out_ += wrapped("  trust: ",
                      fmt::format("the generator's own lateness makes p99 at most {} ({}) too high, the average {}",
                                  format_ms(*trust.error_p99_ms), format_percent(*trust.error_p99_percent),
                                  format_ms(*trust.error_mean_ms)),
                      width_);
    }
    for (const std::string& reason : trust.reasons) out_ += wrapped("  untrusted: ", reason, width_);
    write_notes(trust.notes);
  }

  void write_overview(const RunResult& run) {
    TextTable table(width_, {"p99", "requests", "rate", "p95"});
    table.add({"test", "verdict", "requests", "rate", "p95", "p99", "errors"});
    std::string family;
    for (const TestResult& test : run.tests) {
      if (test.family != family && !test.family.empty()) table.add({test.family});
      family = test.family;
      const std::string name = (family.empty() ? "" : "  ") + test.name;
      if (test.kind != TestKind::load) {
        table.add({name, std::string(name_of(test.verdict))});
        continue;
      }
      const auto& response = test.total.timings.response;
      const bool any = response.count() > 0;
      table.add({name, std::string(name_of(test.verdict)), format_count(test.total.requests),
                 format_rate(test.requests_per_second()), any ? format_ms(ms(response.percentile(95))) : "—",
                 any ? format_ms(ms(response.percentile(99))) : "—", format_percent(test.total.error_percent())});
    }
    out_ += "\n" + table.text("") + "\n";
  }

  bool colour_;
  std::size_t width_;
  std::string out_;
};

}  // namespace

std::string terminal_report(const RunResult& run, const TerminalStyle& style) { return Writer(style).write(run); }

}  // namespace loadlab
