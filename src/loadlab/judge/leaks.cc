#include "loadlab/judge/leaks.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "loadlab/judge/figures.h"
#include "loadlab/judge/steady_part.h"

namespace loadlab {
namespace {

// What is judged: the sum of some metrics of one watched thing.
struct Suspect {
  std::string resource;
  const ProbeSeries* series = nullptr;
  std::vector<const MetricSeries*> metrics;  // at least one
  double grain = kCountGrain;
  double slope = kCountSlope;
  bool stated = false;
  std::string name{};  // for people: whose it is, too, where there are several of a kind
};

struct Form {
  std::string_view resource;
  std::string_view probe;
  std::vector<std::string_view> metrics;
};

// Rows are what a load writes on purpose, as often as not: they are judged only where the plan names them.
const std::vector<Form>& forms() {
  static const std::vector<Form> kForms = {
      {"memory", "process", {"memory"}},
      {"descriptors", "process", {"descriptors"}},
      {"threads", "process", {"threads"}},
      {"connections", "process", {"sockets_established", "sockets_close_wait", "sockets_other"}},
      {"connections", "postgresql", {"sessions"}},
      {"connections", "redis", {"clients"}},
      {"rows", "postgresql", {"live_rows"}},
  };
  return kForms;
}

void add_resources(const Test& plan, const TestResult& test, std::vector<Suspect>& subjects) {
  for (const Form& form : forms()) {
    const auto stated = plan.leaks.slopes.find(std::string(form.resource));
    if (form.resource == "rows" && stated == plan.leaks.slopes.end()) continue;
    for (const ProbeSeries* series : wholes_of(test.probes, form.probe)) {
      Suspect subject{std::string(form.resource), series, {}};
      for (const std::string_view name : form.metrics) {
        if (const MetricSeries* metric = series->find(name)) subject.metrics.push_back(metric);
      }
      if (subject.metrics.empty()) continue;
      if (form.resource == "memory") {
        subject.grain = kMemoryGrainMb;
        subject.slope = kMemorySlopeMb;
      }
      if (stated != plan.leaks.slopes.end()) {
        subject.slope = stated->second;
        subject.stated = true;
      }
      subjects.push_back(std::move(subject));
    }
  }
}

void add_metrics(const Test& plan, const TestResult& test, std::vector<Suspect>& subjects) {
  for (const auto& [name, slope] : plan.leaks.metrics) {
    for (const ProbeSeries& series : test.probes) {
      if (!series.is_whole()) continue;
      if (const MetricSeries* metric = series.find(name)) subjects.push_back({name, &series, {metric}, 0, slope, true});
    }
  }
}

// Whose they are, where several watched things hold such.
void name_all(std::vector<Suspect>& subjects) {
  for (Suspect& subject : subjects) {
    const auto alike = std::count_if(subjects.begin(), subjects.end(),
                                     [&](const Suspect& other) { return other.resource == subject.resource; });
    subject.name = alike > 1 ? fmt::format("{} of {}", subject.resource, subject.series->label) : subject.resource;
  }
}

LeakFinding undecided(const Test& plan, const std::string& resource, const std::string& label, std::string sentence) {
  LeakFinding finding;
  finding.resource = resource;
  finding.label = label;
  finding.warn_only = plan.leaks.severity == Severity::warn;
  finding.sentence = std::move(sentence);
  return finding;
}

// Of the metrics that the plan names those that no probe reads: a name may be mistyped.
std::vector<LeakFinding> unread_metrics(const Test& plan, const TestResult& test) {
  std::vector<LeakFinding> unread;
  for (const auto& [name, slope] : plan.leaks.metrics) {
    const bool read = std::any_of(test.probes.begin(), test.probes.end(), [&name = name](const ProbeSeries& series) {
      return series.is_whole() && series.find(name) != nullptr;
    });
    if (read) continue;
    unread.push_back(
        undecided(plan, name, "",
                  fmt::format("{} is undecided: the plan names it, but no probe read a metric of this name.", name)));
  }
  return unread;
}

// The sum of the subject's metrics within the steady part; a gap where one of them has one.
std::vector<double> levels_of(const Suspect& subject, const SteadyPart& part) {
  std::vector<double> levels;
  for (std::size_t i = 0; i < subject.series->at.size(); ++i) {
    const double at = subject.series->at[i];
    if (at < part.from || at > part.to) continue;
    double sum = 0;
    for (const MetricSeries* metric : subject.metrics) sum += metric->values[i];
    levels.push_back(sum);
  }
  return levels;
}

double rate_within(const TestResult& test, const SteadyPart& part) {
  double requests = 0;
  double seconds = 0;
  for (const Second& second : test.series) {
    if (second.index < part.from || second.index + 1 > part.to) continue;
    requests += static_cast<double>(second.requests);
    ++seconds;
  }
  return seconds > 0 ? requests / seconds : 0;
}

std::string slope_text(const LeakFinding& finding) {
  std::string text =
      fmt::format("{} an hour ({} to {})", amount(finding.slope_per_hour, finding.unit),
                  amount(finding.slope_low_per_hour, finding.unit), amount(finding.slope_high_per_hour, finding.unit));
  if (finding.per_thousand_requests)
    text += fmt::format(", {} per 1,000 requests", amount(*finding.per_thousand_requests, finding.unit));
  return text;
}

// "memory" and what a plan names are one thing, "descriptors" are many.
bool is_singular(const std::string& resource) {
  const auto& all = forms();
  return resource == "memory" ||
         std::none_of(all.begin(), all.end(), [&](const Form& form) { return form.resource == resource; });
}

std::string sentence_of(const std::string& name, const LeakFinding& finding, const std::string& reason) {
  const bool one = is_singular(finding.resource);
  std::string text;
  switch (finding.verdict) {
    case LeakVerdict::leak:
      return fmt::format("{} {}: {}; {}.", name, one ? "leaks" : "leak", slope_text(finding), reason);
    case LeakVerdict::none:
      return fmt::format("{} {} not leak: {}. A rise of {} an hour would have been seen.", name, one ? "does" : "do",
                         reason, amount(finding.smallest_per_hour, finding.unit));
    case LeakVerdict::undecided:
      text = fmt::format("{} {} undecided: {}, {}.", name, one ? "is" : "are", reason, slope_text(finding));
      if (finding.seconds_to_decide)
        text += fmt::format(" A steady load of {} would decide it.", span_of(*finding.seconds_to_decide));
      return text;
  }
  return text;
}

LeakFinding judge_subject(const Test& plan, const Suspect& subject, const std::vector<double>& levels,
                          const SteadyPart& part, double rate, double chance) {
  auto [finding, reason] =
      judge_leak({levels, subject.series->interval, subject.grain, subject.slope, subject.stated, chance});
  finding.resource = subject.resource;
  finding.label = subject.series->label;
  finding.unit = subject.metrics.front()->unit;
  finding.warn_only = plan.leaks.severity == Severity::warn;
  finding.false_alarm_percent = 100 * chance;
  finding.from_seconds = part.from;
  finding.to_seconds = part.to;
  if (rate > 0) finding.per_thousand_requests = finding.slope_per_hour / (3600 * rate) * 1000;
  finding.sentence = sentence_of(subject.name, finding, reason);
  return finding;
}

}  // namespace

Leaks judge_leaks(const Test& plan, const TestResult& test) {
  Leaks leaks;
  const SteadyPart part = steady_part(plan, test);
  std::vector<std::pair<Suspect, std::vector<double>>> judged;
  if (!plan.leaks.judged) {
    leaks.not_judged = "the plan says not to look for leaks";
    return leaks;
  }
  std::vector<Suspect> subjects;
  add_resources(plan, test, subjects);
  add_metrics(plan, test, subjects);
  if (subjects.empty()) {
    leaks.not_judged = "nothing was watched that could leak";
    for (const auto& [name, slope] : plan.leaks.metrics)
      leaks.not_judged += fmt::format(", and no probe read the plan's '{}'", name);
    return leaks;
  }
  if (part.seconds() < kShortestSteadySeconds) {
    leaks.not_judged = fmt::format("the load was steady for {:.1f} s after it had settled, and leaks need {:.0f} s",
                                   part.seconds(), kShortestSteadySeconds);
    return leaks;
  }
  name_all(subjects);
  std::vector<LeakFinding> too_few;
  for (Suspect& subject : subjects) {
    auto levels = levels_of(subject, part);
    const auto finite = std::count_if(levels.begin(), levels.end(), [](double level) { return std::isfinite(level); });
    if (static_cast<std::size_t>(finite) >= kFewestLeakSamples) {
      judged.emplace_back(std::move(subject), std::move(levels));
    } else if (subject.stated) {
      too_few.push_back(undecided(
          plan, subject.resource, subject.series->label,
          fmt::format("{} {} undecided: {} values were read while the load was steady, and {} are needed.",
                      subject.name, is_singular(subject.resource) ? "is" : "are", finite, kFewestLeakSamples)));
    }
  }
  if (judged.empty() && too_few.empty()) {
    leaks.not_judged = fmt::format("probes read fewer than {} values while the load was steady", kFewestLeakSamples);
    return leaks;
  }
  const double chance = plan.leaks.false_alarms / static_cast<double>(std::max<std::size_t>(1, judged.size()));
  const double rate = rate_within(test, part);
  for (const auto& [subject, levels] : judged)
    leaks.findings.push_back(judge_subject(plan, subject, levels, part, rate, chance));
  std::move(too_few.begin(), too_few.end(), std::back_inserter(leaks.findings));
  for (LeakFinding& finding : unread_metrics(plan, test)) leaks.findings.push_back(std::move(finding));
  return leaks;
}

}  // namespace loadlab
