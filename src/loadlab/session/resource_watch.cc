#include "loadlab/session/resource_watch.h"

#include <algorithm>

#include "loadlab/probe/listener.h"

namespace loadlab {
namespace {

constexpr double kBytesPerMb = 1e6;

// Shorter intervals say more about the clock's grain than about the process.
constexpr base::Nanoseconds kShortestInterval = std::chrono::milliseconds(100);

base::Result<pid_t> watched_process(const Test& test) {
  if (!test.watch.empty()) {
    const Watch& watch = test.watch.front();
    if (watch.kind == Watch::Kind::pid) return watch.number;
    return listening_process(static_cast<std::uint16_t>(watch.number));
  }
  if (!test.target.is_loopback()) {
    return base::fail(base::ErrorKind::not_found,
                      "the target is not on this machine, and no process to watch was named");
  }
  return listening_process(test.target.port);
}

}  // namespace

ResourceWatch::ResourceWatch(const Test& test, const base::Clock& clock, int cores) : clock_(clock), cores_(cores) {
  const auto pid = watched_process(test);
  if (!pid) {
    gap_ = pid.error().message;
    return;
  }
  auto probe = ProcessProbe::open(*pid);
  if (probe) {
    probe_ = std::move(*probe);
  } else {
    gap_ = probe.error().message;
  }
}

void ResourceWatch::begin() {
  first_ = read();
  last_ = first_;
}

std::optional<ProcessSample> ResourceWatch::read() {
  if (!probe_) return std::nullopt;
  const auto sample = probe_->read(clock_);
  if (!sample) {
    if (gap_.empty()) gap_ = sample.error().message;
    return std::nullopt;
  }
  ++samples_;
  memory_sum_ += static_cast<double>(sample->memory_bytes);
  peak_memory_ = std::max(peak_memory_, sample->memory_bytes);
  peak_descriptors_ = std::max(peak_descriptors_, sample->descriptors);
  peak_threads_ = std::max(peak_threads_, sample->threads);
  return *sample;
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
  if (!probe_) return resources;
  resources.target = fmt::format("{} (pid {})", probe_->name(), probe_->pid());
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
