#include "loadlab/report/markdown.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/printable.h"
#include "base/time.h"
#include "loadlab/report/conclusion.h"
#include "loadlab/report/margin_text.h"
#include "loadlab/report/samples_text.h"
#include "loadlab/report/units.h"

namespace loadlab {
namespace {

// Fit for a table's cell, and no mark-up. Control characters are written out: the file is read in terminals too.
std::string cell(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
  std::string out;
  for (const char c : base::printable(text)) {
    if (c == '|' || c == '<' || c == '*' || c == '_' || c == '`' || c == '\\' || c == '[' || c == ']') out += '\\';
    out += c;
  }
  return out.empty() ? "—" : out;
}

std::string optional(const std::optional<double>& value, std::string_view unit) {
  return value ? format_value(*value, unit) : "—";
}

std::string percentile(const TestResult& test, double percent) {
  const auto& times = test.total.timings.response;
  return times.count() == 0 ? "—" : format_ms(static_cast<double>(times.percentile(percent)) / 1e6);
}

class Writer {
 public:
  std::string write(const RunResult& run, const std::string& commit) {
    add("# Performance of {}\n\n", cell(run.suite));
    add("Written by `loadlab run --markdown`; not edited by hand.\n\n");
    add("- {}: **{}**\n", base::format_time(std::chrono::floor<std::chrono::seconds>(run.started)),
        name_of(run.verdict));
    add("- Machine: {}, {}, {}, {}\n", cell(run.machine.cpu.empty() ? "unknown processor" : run.machine.cpu),
        format_counted(static_cast<std::uint64_t>(std::max(0, run.machine.cores)), "core"),
        format_value(run.machine.memory_mb, "MB"), cell(run.machine.kernel));
    add("- Commit: {}; loadlab {}\n", commit.empty() ? "not said" : cell(commit), run.version);
    const Conclusion conclusion = conclude(run);
    add_line("It comes to", conclusion.holds);
    add_line("Margin", conclusion.margin);
    add_line("What gives first", conclusion.gives_first);
    add_line("What to change", conclusion.change);
    add_line("Own bars", conclusion.warnings);
    if (run.interrupted) add("- The run was interrupted; the figures are of what was played until then.\n");
    for (std::size_t begin = 0; begin < run.tests.size();) {
      std::size_t end = begin + 1;
      while (end < run.tests.size() && run.tests[end].family == run.tests[begin].family) ++end;
      write_family(run, begin, end);
      begin = end;
    }
    return std::move(out_);
  }

 private:
  template <class... Args>
  void add(fmt::format_string<Args...> format, Args&&... args) {
    out_ += fmt::format(format, std::forward<Args>(args)...);
  }

  void add_line(const char* what, const std::string& text) {
    if (!text.empty()) add("- {}: {}\n", what, cell(text));
  }

  void write_family(const RunResult& run, std::size_t begin, std::size_t end) {
    const std::vector<TestResult> tests(run.tests.begin() + static_cast<std::ptrdiff_t>(begin),
                                        run.tests.begin() + static_cast<std::ptrdiff_t>(end));
    const std::string& family = run.tests[begin].family;
    add("\n## {}\n", family.empty() ? "Tests" : cell(family));
    write_loads(tests);
    for (const TestResult& test : tests) {
      if (test.sweep) write_sweep(test);
      if (!test.benchmarks.empty()) write_benchmarks(test);
    }
    write_outcomes(tests);
    for (const TestResult& test : tests) {
      if (!test.failure.empty()) add("\n{} could not be carried out: {}\n", cell(test.name), cell(test.failure));
    }
  }

  void write_loads(const std::vector<TestResult>& tests) {
    if (std::none_of(tests.begin(), tests.end(), [](const auto& test) { return test.kind == TestKind::load; })) return;
    add("\n| Test | Verdict | Requests | Rate | p50 | p95 | p99 | Errors | CPU | Memory |\n"
        "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n");
    for (const TestResult& test : tests) {
      if (test.kind != TestKind::load) continue;
      add("| {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |\n", cell(test.name), name_of(test.verdict),
          format_count(test.total.requests), format_rate(test.requests_per_second()), percentile(test, 50),
          percentile(test, 95), percentile(test, 99), format_percent(test.total.error_percent()),
          optional(test.resources.avg_cpu_percent, "%"), optional(test.resources.peak_memory_mb, "MB"));
    }
  }

  void write_sweep(const TestResult& test) {
    add("\n{}, {}: medians over the runs\n\n| Point | Runs |", cell(test.name), name_of(test.verdict));
    for (const SweepColumn& column : kSweepColumns) add(" {} |", column.heading);
    add("\n| --- | ---: |");
    for (std::size_t i = 0; i < std::size(kSweepColumns); ++i) add(" ---: |");
    add("\n");
    for (const SweepPointResult& point : test.sweep->points) {
      add("| {} | {} |", cell(point.name), point.runs);
      for (const SweepColumn& column : kSweepColumns) {
        const SampledFigure* figure = point.find(column.figure);
        add(" {} |", figure ? format_value(figure->median(), figure->unit) : "—");
      }
      add("\n");
    }
    if (test.sweep->scaling) add("\nScaling: {}\n", cell(scaling_sentence(*test.sweep->scaling)));
  }

  void write_benchmarks(const TestResult& test) {
    add("\n{}, {}: medians over the repetitions\n\n| Benchmark | CPU | Real | Variation | Counters |\n"
        "| --- | ---: | ---: | ---: | --- |\n",
        cell(test.name), name_of(test.verdict));
    for (const BenchmarkResult& one : test.benchmarks) {
      const SampledFigure* cpu = one.find("cpu_time");
      const SampledFigure* real = one.find("real_time");
      add("| {} | {} | {} | {} | {} |\n", cell(one.name), cpu ? format_ms(cpu->median()) : "—",
          real ? format_ms(real->median()) : "—", cpu ? format_percent(cpu->variation_percent()) : "—",
          cell(counters_of(one)));
    }
  }

  void write_outcomes(const std::vector<TestResult>& tests) {
    if (std::all_of(tests.begin(), tests.end(),
                    [](const auto& test) { return test.thresholds.empty() && test.verifications.empty(); }))
      return;
    add("\n| Test | What must hold | Observed | Bound | Margin | |\n| --- | --- | ---: | ---: | ---: | --- |\n");
    for (const TestResult& test : tests) {
      for (const ThresholdOutcome& one : test.thresholds) {
        add("| {} | {} | {} | {} | {} | {} |\n", cell(test.name), cell(one.expression),
            one.observed ? format_value(*one.observed, one.unit) : "nothing to measure",
            format_value(one.bound, one.unit), one.margin ? margin_text(one) : "—",
            outcome(one.passed, one.warn_only, one.reason));
      }
      for (const VerificationOutcome& one : test.verifications) {
        add("| {} | {} | {} | | | {} |\n", cell(test.name), cell(one.name), cell(one.observed),
            outcome(one.passed, one.warn_only, one.reason));
      }
    }
  }

  static std::string outcome(bool passed, bool warn_only, const std::string& reason) {
    if (passed) return "pass";
    return (warn_only ? "warn" : "**fail**") + (reason.empty() ? "" : ": " + cell(reason));
  }

  std::string out_;
};

}  // namespace

std::string markdown_report(const RunResult& run, const std::string& commit) { return Writer().write(run, commit); }

}  // namespace loadlab
