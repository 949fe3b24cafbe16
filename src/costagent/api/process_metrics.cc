#include "costagent/api/process_metrics.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>

#include "costagent/api/metrics.h"

namespace costagent {
namespace {

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

std::string content_of(const char* path) {
  std::ostringstream content;
  content << std::ifstream(path).rdbuf();
  return content.str();
}

// The machine's boot in seconds since 1970 and the process' start since then, of proc(5).
std::optional<double> start_time() {
  const std::string machine = content_of("/proc/stat");
  const std::string process = content_of("/proc/self/stat");
  const auto boot = machine.find("\nbtime ");
  const auto name_end = process.rfind(')');
  if (boot == std::string::npos || name_end == std::string::npos) return std::nullopt;
  std::istringstream fields(process.substr(name_end + 1));
  std::string skipped;
  for (int field = 3; field < 22; ++field) fields >> skipped;
  double ticks = 0;
  double since = 0;
  if (!(fields >> ticks) || !(std::istringstream(machine.substr(boot + 7)) >> since)) return std::nullopt;
  return since + ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

std::optional<double> open_descriptors() {
  std::error_code error;
  double count = 0;
  for (std::filesystem::directory_iterator at("/proc/self/fd", error), end; !error && at != end; at.increment(error))
    ++count;
  if (error || count == 0) return std::nullopt;
  return count - 1;  // without the one that it was read with
}

}  // namespace

void add_process_metrics(const std::vector<prometheus::ClientMetric::Label>& labels,
                         std::vector<prometheus::MetricFamily>& families) {
  using enum prometheus::MetricType;
  const auto add = [&](const char* name, const char* help, prometheus::MetricType type, std::optional<double> value) {
    if (value) families.push_back(metric_family(name, help, type, *value, labels));
  };
  rusage usage{};
  if (::getrusage(RUSAGE_SELF, &usage) == 0) {
    add("process_cpu_seconds_total", "Processor time used, of user and system.", Counter,
        seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime));
  }
  double total = 0;
  double resident = 0;
  if (std::istringstream(content_of("/proc/self/statm")) >> total >> resident) {
    const auto page = static_cast<double>(::sysconf(_SC_PAGESIZE));
    add("process_resident_memory_bytes", "Memory in use.", Gauge, resident * page);
    add("process_virtual_memory_bytes", "Addresses in use.", Gauge, total * page);
  }
  add("process_open_fds", "Open descriptors.", Gauge, open_descriptors());
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    add("process_max_fds", "How many descriptors may be open.", Gauge, static_cast<double>(limit.rlim_cur));
  }
  static const auto start = start_time();
  add("process_start_time_seconds", "When it was started, in seconds since 1970.", Gauge, start);
}

}  // namespace costagent
