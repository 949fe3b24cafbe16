#include "loadlab/session/resource_watch.h"

#include <algorithm>

#include "loadlab/probe/listener.h"

namespace loadlab {
namespace {

constexpr double kBytesPerMb = 1e6;

// Shorter intervals say more about the clock's grain than about the process.
constexpr base::Nanoseconds kShortestInterval = std::chrono::milliseconds(100);

base::Result<pid_t> process_of(const Watch& watch) {
  if (watch.kind == Watch::Kind::pid) return watch.number;
  return listening_process(static_cast<std::uint16_t>(watch.number));
}

// Who is watched where the plan names nobody.
base::Result<pid_t> process_of_target(const Test& test) {
  if (!test.target.is_loopback()) {
    return base::fail(base::ErrorKind::not_found,
                      "the target is not on this machine, and no process to watch was named");
  }
  if (!test.target.socket.empty())
    return base::fail(base::ErrorKind::not_found, "the target is a Unix socket, and no process to watch was named");
  return listening_process(test.target.port);
}

}  // namespace

ResourceWatch::ResourceWatch(const Test& test, const base::Clock& clock, int cores) : clock_(clock), cores_(cores) {
  for (const Watch& watch : test.watch) add(process_of(watch));
  if (test.watch.empty()) add(process_of_target(test));
}

void ResourceWatch::add(const base::Result<pid_t>& pid) {
  if (!pid) return note_gap(pid.error());
  const auto same = [&](const ProcessProbe& probe) { return probe.pid() == *pid; };
  if (std::any_of(probes_.begin(), probes_.end(), same)) return;
  auto probe = ProcessProbe::open(*pid);
  if (!probe) return note_gap(probe.error());
  probes_.push_back(std::move(*probe));
}

void ResourceWatch::note_gap(const base::Error& error) {
  if (gap_.empty()) gap_ = error.message;
}

void ResourceWatch::begin() {
  first_ = read();
  last_ = first_;
}

// The sum of all; none where one of them can't be read, as the rest would look like less.
std::optional<ProcessSample> ResourceWatch::read() {
  if (probes_.empty()) return std::nullopt;
  ProcessSample sum;
  for (ProcessProbe& probe : probes_) {
    const auto sample = probe.read(clock_);
    if (!sample) {
      note_gap(sample.error());
      return std::nullopt;
    }
    sum.at = sample->at;
    sum.cpu += sample->cpu;
    sum.memory_bytes += sample->memory_bytes;
    sum.descriptors += sample->descriptors;
    sum.threads += sample->threads;
  }
  ++samples_;
  memory_sum_ += static_cast<double>(sum.memory_bytes);
  peak_memory_ = std::max(peak_memory_, sum.memory_bytes);
  peak_descriptors_ = std::max(peak_descriptors_, sum.descriptors);
  peak_threads_ = std::max(peak_threads_, sum.threads);
  return sum;
}

double ResourceWatch::cpu_percent(const ProcessSample& from, const ProcessSample& to) const {
  const auto busy = static_cast<double>((to.cpu - from.cpu).count());
  return 100 * busy / static_cast<double>((to.at - from.at).count()) / cores_;
}

void ResourceWatch::fill(Second& second) {
  const auto sample = read();
  if (!sample) return;
  second.memory_mb = static_cast<double>(sample->memory_bytes) / kBytesPerMb;
  second.descriptors = sample->descriptors;
  if (last_ && sample->at - last_->at >= kShortestInterval) {
    second.cpu_percent = cpu_percent(*last_, *sample);
    peak_cpu_percent_ = std::max(peak_cpu_percent_, second.cpu_percent);
  }
  last_ = sample;
}

Resources ResourceWatch::sum_up(std::uint64_t requests) {
  Resources resources;
  resources.gap = gap_;
  for (const ProcessProbe& probe : probes_) {
    if (!resources.target.empty()) resources.target += " + ";
    resources.target += fmt::format("{} (pid {})", probe.name(), probe.pid());
  }
  if (samples_ == 0) return resources;
  resources.avg_memory_mb = memory_sum_ / samples_ / kBytesPerMb;
  resources.peak_memory_mb = static_cast<double>(peak_memory_) / kBytesPerMb;
  resources.open_descriptors = peak_descriptors_;
  resources.threads = peak_threads_;
  if (!first_ || !last_ || last_->at - first_->at < kShortestInterval) return resources;
  resources.avg_cpu_percent = cpu_percent(*first_, *last_);
  resources.peak_cpu_percent = std::max(peak_cpu_percent_, *resources.avg_cpu_percent);
  if (requests > 0) {
    resources.cpu_ms_per_request =
        static_cast<double>((last_->cpu - first_->cpu).count()) / 1e6 / static_cast<double>(requests);
  }
  return resources;
}

}  // namespace loadlab
