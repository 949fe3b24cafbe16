#include "loadlab/probe/machine_limits.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>

#include "base/clock.h"
#include "loadlab/probe/machine_time.h"

namespace loadlab {
namespace {

namespace fs = std::filesystem;

constexpr int kNiceCapability = 23;  // CAP_SYS_NICE of capabilities(7)

std::vector<std::string> words_of(const std::string& line) {
  std::istringstream input(line);
  return {std::istream_iterator<std::string>(input), std::istream_iterator<std::string>()};
}

template <class Number>
std::optional<Number> to_number(const std::string& text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// The words of the first line that begins so; empty where there is none.
std::vector<std::string> line_of(const fs::path& path, const std::string& beginning = "") {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(beginning)) return words_of(line.substr(beginning.size()));
  }
  return {};
}

template <class Number>
std::optional<Number> number_in(const fs::path& path, const std::string& beginning = "", std::size_t word = 0) {
  const auto words = line_of(path, beginning);
  if (word >= words.size()) return std::nullopt;
  return to_number<Number>(words[word]);
}

// `unlimited` is more than any load needs.
std::optional<std::uint64_t> limit_in(const std::vector<std::string>& words, std::size_t word) {
  if (word >= words.size()) return std::nullopt;
  return words[word] == "unlimited" ? UINT64_MAX : to_number<std::uint64_t>(words[word]);
}

void read_process(const fs::path& proc, MachineLimits& limits) {
  const auto descriptors = line_of(proc / "self/limits", "Max open files");
  limits.descriptors_soft = limit_in(descriptors, 0);
  limits.descriptors_hard = limit_in(descriptors, 1);
  const auto priority = limit_in(line_of(proc / "self/limits", "Max realtime priority"), 0);
  const auto capabilities = line_of(proc / "self/status", "CapEff:");
  const std::uint64_t bits = capabilities.empty() ? 0 : std::strtoull(capabilities[0].c_str(), nullptr, 16);
  if (priority || !capabilities.empty())
    limits.real_time_allowed = priority.value_or(0) > 0 || (bits >> kNiceCapability & 1) != 0;
}

void read_network(const fs::path& proc, MachineLimits& limits) {
  const fs::path ipv4 = proc / "sys/net/ipv4";
  const auto range = line_of(ipv4 / "ip_local_port_range");
  if (range.size() == 2) {
    const auto low = to_number<std::uint64_t>(range[0]);
    const auto high = to_number<std::uint64_t>(range[1]);
    if (low && high && *low <= *high) limits.ports = *high - *low + 1;
  }
  limits.reuse_time_wait = number_in<int>(ipv4 / "tcp_tw_reuse");
  limits.syn_backlog = number_in<std::uint64_t>(ipv4 / "tcp_max_syn_backlog");
  limits.accept_backlog = number_in<std::uint64_t>(proc / "sys/net/core/somaxconn");
  // TCP: inuse 1 orphan 0 tw 8 …
  const auto sockets = line_of(proc / "net/sockstat", "TCP:");
  if (const auto tw = std::find(sockets.begin(), sockets.end(), "tw"); tw != sockets.end() && tw + 1 != sockets.end())
    limits.time_wait = to_number<std::uint64_t>(*(tw + 1));
  limits.connections_tracked = number_in<std::uint64_t>(proc / "sys/net/netfilter/nf_conntrack_count");
  limits.connections_trackable = number_in<std::uint64_t>(proc / "sys/net/netfilter/nf_conntrack_max");
}

// The number of cores in a list such as `0-3,8`.
int cores_in(const std::string& list) {
  int cores = 0;
  std::istringstream input(list);
  for (std::string part; std::getline(input, part, ',');) {
    const auto dash = part.find('-');
    const auto first = to_number<int>(part.substr(0, dash));
    const auto last = dash == std::string::npos ? first : to_number<int>(part.substr(dash + 1));
    if (first && last && *first <= *last) cores += *last - *first + 1;
  }
  return cores;
}

void read_cores(const fs::path& system, MachineLimits& limits) {
  const auto online = line_of(system / "cpu/online");
  limits.cores = std::max(1, online.empty() ? 0 : cores_in(online[0]));
  if (const auto smt = number_in<int>(system / "cpu/smt/active")) limits.hyperthreads = *smt == 1;
  std::set<std::string> governors;
  for (int core = 0; core < limits.cores; ++core) {
    const auto words = line_of(system / ("cpu/cpu" + std::to_string(core)) / "cpufreq/scaling_governor");
    if (!words.empty()) governors.insert(words[0]);
  }
  limits.governors.assign(governors.begin(), governors.end());
  const auto clock = line_of(system / "clocksource/clocksource0/current_clocksource");
  if (!clock.empty()) limits.clock_source = clock[0];
}

}  // namespace

MachineLimits read_machine_limits(const fs::path& root) {
  MachineLimits limits;
  const fs::path proc = root / "proc";
  read_process(proc, limits);
  read_network(proc, limits);
  read_cores(root / "sys/devices/system", limits);
  if (const auto kilobytes = number_in<std::uint64_t>(proc / "meminfo", "MemAvailable:"))
    limits.memory_available = *kilobytes * 1024;
  if (const auto time = read_machine_time(root)) limits.steal_percent = use_between({}, *time).steal_percent;
  limits.load = number_in<double>(proc / "loadavg");
  return limits;
}

double measure_clock_cost() {
  constexpr int kRounds = 10;
  constexpr int kReadings = 2000;
  double least = 1e9;
  for (int round = 0; round < kRounds; ++round) {
    const auto from = base::SystemClock::monotonic_now();
    auto to = from;
    for (int i = 0; i < kReadings; ++i) to = base::SystemClock::monotonic_now();
    least = std::min(least, static_cast<double>((to - from).count()) / kReadings);
  }
  return least;
}

}  // namespace loadlab
