#include "loadlab/session/resource_watch.h"

#include <algorithm>
#include <cmath>

#include "loadlab/probe/process_probe.h"
#include "loadlab/session/make_probe.h"

namespace loadlab {
namespace {

constexpr double kBytesPerMb = 1e6;

std::optional<double> known(double value) { return std::isnan(value) ? std::nullopt : std::optional(value); }

const MetricSummary& summary_of(const ProbeSeries& series, std::string_view metric) {
  static const MetricSummary kNothing;
  const MetricSeries* found = series.find(metric);
  return found ? found->summary : kNothing;
}

// The value at the sample that is nearest to the second's end, if one is within half an interval of it.
double value_near(const ProbeSeries& series, const MetricSeries* metric, double seconds) {
  if (!metric || series.at.empty()) return kGap;
  const double reach = 0.51 * std::max(1.0, series.interval);
  const auto after = std::lower_bound(series.at.begin(), series.at.end(), seconds);
  auto nearest = after == series.at.end() ? std::prev(after) : after;
  if (after != series.at.begin() && after != series.at.end() && seconds - *std::prev(after) < *after - seconds)
    nearest = std::prev(after);
  if (std::abs(*nearest - seconds) > reach) return kGap;
  return metric->values[static_cast<std::size_t>(nearest - series.at.begin())];
}

// On a port of this machine, by which its process can be found.
bool listens_here(const Url& target) { return target.is_loopback() && target.socket.empty(); }

}  // namespace

ResourceWatch::ResourceWatch(const Test& test, int cores, const std::vector<pid_t>& started)
    : test_(test), cores_(cores) {
  add_processes(started);
  for (const Watch& watch : test.watch) {
    if (!watch.is_process()) add(make_probe(watch, test, cores));
  }
}

void ResourceWatch::add_processes(const std::vector<pid_t>& started) {
  std::vector<ProcessFinder> finders;
  for (const pid_t pid : started) finders.push_back(process_with_number(pid));
  for (const Watch& watch : test_.watch) {
    if (watch.kind == Watch::Kind::command) {
      auto command = StartedCommand::start(
          watch.text, listens_here(test_.target) ? std::optional(test_.target.port) : std::nullopt);
      if (!command) {
        command_failure_ = command.error().message;
        note_gap(command_failure_);
        continue;
      }
      finders.push_back(process_with_number(command->pid()));
      commands_.push_back(std::move(*command));
    } else if (watch.is_process()) {
      finders.push_back(finder_of(watch));
    }
  }
  const bool named = !started.empty() || std::any_of(test_.watch.begin(), test_.watch.end(),
                                                     [](const Watch& one) { return one.is_process(); });
  if (!named && listens_here(test_.target)) finders.push_back(processes_listening_on(test_.target.port));
  if (test_.watch.empty() && !named && !listens_here(test_.target)) {
    note_gap(fmt::format("the target is {}, and nothing to watch was named",
                         test_.target.socket.empty() ? "not on this machine" : "a Unix socket"));
  }
  if (finders.empty()) return;
  auto probe = std::make_unique<ProcessProbe>(finders, cores_);
  note_gap(probe->missing());
  if (probe->label().empty()) return;
  processes_ = probers_.size();
  add(std::move(probe));
}

void ResourceWatch::add(std::unique_ptr<Probe> probe) { probers_.emplace_back(std::move(probe), test_.watch_interval); }

void ResourceWatch::note_gap(const std::string& reason) {
  if (reason.empty()) return;
  if (!gap_.empty()) gap_ += "; ";
  gap_ += reason;
}

void ResourceWatch::begin() {
  for (Prober& prober : probers_) prober.start();
  const auto until = base::SystemClock::monotonic_now() + Prober::kPatience;
  for (const Prober& prober : probers_) prober.await_first(until);
}

void ResourceWatch::tell_start(const TestResult& test) {
  if (start_told_) return;
  start_told_ = true;
  for (Prober& prober : probers_) prober.begin_test(test.started_monotonic, test_.warm_up);
}

void ResourceWatch::update(TestResult& so_far) {
  tell_start(so_far);
  if (processes_ && !so_far.series.empty()) {
    const Prober& processes = probers_[*processes_];
    Second& second = so_far.series.back();
    second.cpu_percent = processes.latest("cpu");
    second.memory_mb = processes.latest("memory");
    second.descriptors = processes.latest("descriptors");
  }
  so_far.probes.clear();
  for (const Prober& prober : probers_) {
    auto summaries = prober.summaries();
    std::move(summaries.begin(), summaries.end(), std::back_inserter(so_far.probes));
  }
  so_far.resources = sum_up(so_far);
}

void ResourceWatch::end(TestResult& result) {
  tell_start(result);
  for (Prober& prober : probers_) prober.stop();
  const auto until = base::SystemClock::monotonic_now() + Prober::kPatience;
  for (Prober& prober : probers_) prober.await_end(until);
  result.probes.clear();
  result.probe_tables.clear();
  for (Prober& prober : probers_) {
    auto series = prober.series();
    auto tables = prober.tables();
    std::move(series.begin(), series.end(), std::back_inserter(result.probes));
    std::move(tables.begin(), tables.end(), std::back_inserter(result.probe_tables));
  }
  result.resources = sum_up(result);
  fill_seconds(result);
}

// Once more, now that all samples are there: which of them belongs to a second was not certain while it passed.
void ResourceWatch::fill_seconds(TestResult& result) const {
  const auto processes = wholes_of(result.probes, "process");
  if (processes.empty()) return;
  const ProbeSeries& series = *processes.front();
  for (Second& second : result.series) {
    const double end = second.index + 1;
    second.cpu_percent = value_near(series, series.find("cpu"), end);
    second.memory_mb = value_near(series, series.find("memory"), end);
    second.descriptors = value_near(series, series.find("descriptors"), end);
  }
}

Resources ResourceWatch::sum_up(const TestResult& test) const {
  Resources resources;
  resources.gap = gap_;
  const auto requests = static_cast<double>(test.total.requests);
  const auto per_request = [&](double amount) { return requests > 0 ? known(amount / requests) : std::nullopt; };
  resources.bytes_per_request = per_request(static_cast<double>(test.total.bytes_sent + test.total.bytes_received));
  for (const ProbeSeries* series : wholes_of(test.probes, "process")) {
    resources.target = series->label;
    if (resources.gap.empty() && !series->gaps.empty()) resources.gap = series->gaps.front().reason;
    const MetricSummary& cpu = summary_of(*series, "cpu");
    resources.avg_cpu_percent = known(cpu.average);
    resources.peak_cpu_percent = known(std::isnan(cpu.highest) ? cpu.average : std::max(cpu.highest, cpu.average));
    resources.cpu_ms_per_request = per_request(cpu.increase / 100 * cores_ * 1000);
    const MetricSummary& memory = summary_of(*series, "memory");
    resources.avg_memory_mb = known(memory.average);
    resources.peak_memory_mb = known(memory.highest);
    resources.memory_bytes_per_request = per_request(memory.increase * kBytesPerMb);
    resources.open_descriptors = known(summary_of(*series, "descriptors").highest);
    resources.threads = known(summary_of(*series, "threads").highest);
  }
  for (const ProbeSeries* series : wholes_of(test.probes, "postgresql")) {
    const MetricSummary& sessions = summary_of(*series, "sessions");
    resources.db_connections = known(sessions.highest);
    resources.avg_db_connections = known(sessions.average);
    resources.queries_per_request = per_request(summary_of(*series, "queries").increase);
  }
  return resources;
}

}  // namespace loadlab
