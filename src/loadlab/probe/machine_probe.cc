#include "loadlab/probe/machine_probe.h"

#include <unistd.h>

#include <algorithm>

#include "loadlab/probe/proc_text.h"

namespace loadlab {
namespace {

constexpr double kBytesPerMb = 1e6;

// The columns of /proc/stat's lines (proc(5)); guests' time, which follows, is in that of user and nice already.
enum Column : std::size_t { user, nice, system, idle, iowait, irq, softirq, steal, columns };

struct CoreTime {
  std::array<double, columns> seconds{};

  double busy() const { return seconds[user] + seconds[nice] + seconds[system] + seconds[irq] + seconds[softirq]; }
};

std::optional<CoreTime> core_time(std::string_view words, double ticks_per_second) {
  CoreTime time;
  for (double& column : time.seconds) {
    const auto word = next_word(words);
    const auto ticks = word ? whole_number(*word) : std::nullopt;
    if (!ticks) return std::nullopt;
    column = static_cast<double>(*ticks) / ticks_per_second;
  }
  return time;
}

// The value under a heading of /proc/net/netstat and snmp, where a line of names is followed by one of numbers.
std::optional<std::uint64_t> value_under(std::string_view text, std::string_view table, std::string_view name) {
  while (const auto names = next_line(text)) {
    const auto values = next_line(text);
    if (!values) return std::nullopt;
    std::string_view left = *names;
    std::string_view right = *values;
    if (next_word(left) != table || next_word(right) != table) continue;
    while (const auto heading = next_word(left)) {
      const auto value = next_word(right);
      if (*heading == name) return value ? whole_number(*value) : std::nullopt;
    }
  }
  return std::nullopt;
}

// The number behind `name` on the line that begins with `line`, as in `TCP: inuse 6 orphan 0 tw 247`.
std::optional<std::uint64_t> value_in_line(std::string_view text, std::string_view line, std::string_view name) {
  while (auto words = next_line(text)) {
    if (next_word(*words) != line) continue;
    while (const auto word = next_word(*words)) {
      if (*word != name) continue;
      const auto value = next_word(*words);
      return value ? whole_number(*value) : std::nullopt;
    }
  }
  return std::nullopt;
}

// Disks that stand for themselves: not loops, memory, or what is put together of others that are counted too.
bool is_disk(const std::filesystem::path& root, const std::string& name) {
  for (const char* made_of_others : {"loop", "ram", "zram", "dm-", "md"}) {
    if (name.starts_with(made_of_others)) return false;
  }
  std::error_code error;
  return std::filesystem::exists(root / "sys/block" / name, error);
}

}  // namespace

double MachineProbe::Busiest::advance(const std::map<std::string, double>& counters) {
  double most = 0;
  for (const auto& [name, counter] : counters) {
    const auto known = before_.find(name);
    if (known != before_.end()) most = std::max(most, counter - known->second);
  }
  before_ = counters;
  total_ += most;
  return total_;
}

MachineProbe::MachineProbe(std::filesystem::path root)
    : root_(std::move(root)), proc_(root_ / "proc"), ticks_per_second_(static_cast<double>(::sysconf(_SC_CLK_TCK))) {}

base::Result<> MachineProbe::read(Reading& into) {
  std::map<std::string, std::array<double, 2>> cores;
  if (const auto set = set_cores(into, cores); !set) return set;
  set_memory(into);
  set_disks(into);
  set_network(into);
  set_pressure(into);
  set_sockets(into);
  for (const auto& [name, busy_and_stolen] : cores) {
    into.begin_part(name);
    into.set("cpu", 100 * busy_and_stolen[0]);
    into.set("cpu_steal", 100 * busy_and_stolen[1]);
  }
  return {};
}

base::Result<> MachineProbe::set_cores(Reading& into, std::map<std::string, std::array<double, 2>>& cores) {
  const auto text = read_proc(proc_ / "stat");
  std::string_view lines = text ? std::string_view(*text) : std::string_view();
  std::optional<CoreTime> all;
  std::map<std::string, double> busy;
  while (const auto line = next_line(lines)) {
    std::string_view words = *line;
    const auto name = next_word(words);
    if (!name || !name->starts_with("cpu")) break;
    const auto time = core_time(words, ticks_per_second_);
    if (!time) break;
    if (*name == "cpu") {
      all = time;
      continue;
    }
    const std::string core = "core " + std::string(name->substr(3));
    cores[core] = {time->busy(), time->seconds[steal]};
    busy[core] = 100 * time->busy();
  }
  if (!all || cores.empty())
    return base::fail(base::ErrorKind::io, "{} can't be read, or has another form than proc(5) says",
                      (proc_ / "stat").string());
  const double percent = 100 / static_cast<double>(cores.size());
  into.set("cpu", percent * all->busy());
  into.set("cpu_user", percent * (all->seconds[user] + all->seconds[nice]));
  into.set("cpu_system", percent * (all->seconds[system] + all->seconds[irq] + all->seconds[softirq]));
  into.set("cpu_wait", percent * all->seconds[iowait]);
  into.set("cpu_steal", percent * all->seconds[steal]);
  into.set("busiest_core", busiest_core_.advance(busy));
  return {};
}

void MachineProbe::set_memory(Reading& into) const {
  constexpr double kMbPerKilobyte = 1024 / kBytesPerMb;
  if (const auto text = read_proc(proc_ / "meminfo")) {
    const auto total = number_of_key(*text, "MemTotal:");
    const auto available = number_of_key(*text, "MemAvailable:");
    if (total && available) {
      into.set("memory_available", static_cast<double>(*available) * kMbPerKilobyte);
      into.set("memory_used", static_cast<double>(*total - std::min(*total, *available)) * kMbPerKilobyte);
    }
    const auto swap = number_of_key(*text, "SwapTotal:");
    const auto free = number_of_key(*text, "SwapFree:");
    if (swap && free) into.set("swap_used", static_cast<double>(*swap - std::min(*swap, *free)) * kMbPerKilobyte);
  }
  if (const auto text = read_proc(proc_ / "loadavg")) {
    std::string_view words = *text;
    const auto first = next_word(words);
    if (const auto load = first ? real_number(*first) : std::nullopt) into.set("load", *load);
  }
}

void MachineProbe::set_disks(Reading& into) {
  // Linux, Documentation/admin-guide/iostats.rst: sectors are of 512 bytes whatever the disk's own are.
  constexpr double kMbPerSector = 512 / kBytesPerMb;
  enum Field : std::size_t { sectors_read = 2, sectors_written = 6, busy_ms = 9, fields };
  const auto text = read_proc(proc_ / "diskstats");
  if (!text) return;
  std::string_view lines = *text;
  double read = 0;
  double written = 0;
  std::map<std::string, double> busy;
  while (auto words = next_line(lines)) {
    next_word(*words);  // major and minor number
    next_word(*words);
    const auto name = next_word(*words);
    if (!name || !is_disk(root_, std::string(*name))) continue;
    std::array<double, fields> numbers{};
    for (double& number : numbers) {
      const auto word = next_word(*words);
      number = static_cast<double>(word ? whole_number(*word).value_or(0) : 0);
    }
    read += numbers[sectors_read] * kMbPerSector;
    written += numbers[sectors_written] * kMbPerSector;
    busy[std::string(*name)] = 100 * numbers[busy_ms] / 1000;
  }
  if (busy.empty()) return;
  into.set("disk_read", read);
  into.set("disk_written", written);
  into.set("disk_busy", busiest_disk_.advance(busy));
}

void MachineProbe::set_network(Reading& into) const {
  constexpr std::size_t kColumnsBetween = 7;  // of what was received, behind its bytes
  const auto text = read_proc(proc_ / "net/dev");
  if (!text) return;
  std::string_view lines = *text;
  double received = 0;
  double sent = 0;
  while (const auto line = next_line(lines)) {
    const auto colon = line->find(':');
    if (colon == std::string_view::npos) continue;
    std::string_view name = line->substr(0, colon);
    std::string_view words = line->substr(colon + 1);
    if (next_word(name) == "lo") continue;
    const auto in = next_word(words);
    for (std::size_t i = 0; i < kColumnsBetween; ++i) next_word(words);
    const auto out = next_word(words);
    received += static_cast<double>(in ? whole_number(*in).value_or(0) : 0);
    sent += static_cast<double>(out ? whole_number(*out).value_or(0) : 0);
  }
  into.set("network_received", received / kBytesPerMb);
  into.set("network_sent", sent / kBytesPerMb);
}

void MachineProbe::set_pressure(Reading& into) const {
  for (const char* resource : {"cpu", "memory", "io"}) {
    const auto text = read_proc(proc_ / "pressure" / resource);
    const auto waited_us = text ? pressure_total(*text, "some") : std::nullopt;
    if (waited_us) into.set(std::string("pressure_") + resource, 100 * static_cast<double>(*waited_us) / 1e6);
  }
}

void MachineProbe::set_sockets(Reading& into) const {
  const auto set = [&](const char* metric, const std::optional<std::uint64_t>& value) {
    if (value) into.set(metric, static_cast<double>(*value));
  };
  if (const auto text = read_proc(proc_ / "net/snmp")) {
    set("retransmits", value_under(*text, "Tcp:", "RetransSegs"));
    set("sockets_established", value_under(*text, "Tcp:", "CurrEstab"));
  }
  if (const auto text = read_proc(proc_ / "net/netstat")) {
    set("listen_overflows", value_under(*text, "TcpExt:", "ListenOverflows"));
    set("listen_drops", value_under(*text, "TcpExt:", "ListenDrops"));
  }
  const auto sockets = read_proc(proc_ / "net/sockstat");
  if (!sockets) return;
  const auto waiting = value_in_line(*sockets, "TCP:", "tw");
  const auto used = value_in_line(*sockets, "TCP:", "inuse");
  set("sockets_time_wait", waiting);
  const auto range = read_proc(proc_ / "sys/net/ipv4/ip_local_port_range");
  if (!range || !used || !waiting) return;
  std::string_view words = *range;
  words = words.substr(0, words.find('\n'));
  const auto low = next_word(words);
  const auto high = next_word(words);
  const double from = low ? real_number(*low).value_or(0) : 0;
  const double to = high ? real_number(*high).value_or(0) : 0;
  if (to > 0 && to >= from) into.set("ports_used", 100 * static_cast<double>(*used + *waiting) / (to - from + 1));
}

}  // namespace loadlab
