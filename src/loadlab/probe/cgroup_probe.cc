#include "loadlab/probe/cgroup_probe.h"

#include <optional>

#include "loadlab/probe/proc_text.h"

namespace loadlab {
namespace {

constexpr double kBytesPerMb = 1e6;
constexpr double kMicroseconds = 1e6;  // in a second

std::optional<double> number_in(const std::filesystem::path& file) {
  const auto text = read_proc(file);
  std::string_view words = text ? std::string_view(*text) : std::string_view();
  words = words.substr(0, words.find('\n'));
  const auto word = next_word(words);
  return word ? real_number(*word) : std::nullopt;  // none also for `max`
}

}  // namespace

CgroupProbe::CgroupProbe(std::filesystem::path folder, int cores)
    : folder_(std::move(folder)), label_(folder_.string()), cores_(cores) {}

base::Result<> CgroupProbe::read(Reading& into) {
  const auto statistics = read_proc(folder_ / "cpu.stat");
  if (!statistics) {
    return base::fail(base::ErrorKind::not_found,
                      "{} is no control group of version 2, or is gone: it has no cpu.stat that can be read", label_);
  }
  set_cpu(*statistics, into);
  set_memory(into);
  set_disk(into);
  for (const char* resource : {"cpu", "memory", "io"}) {
    const auto text = read_proc(folder_ / (std::string(resource) + ".pressure"));
    const auto waited = text ? pressure_total(*text, "some") : std::nullopt;
    if (waited) into.set(std::string("pressure_") + resource, 100 * static_cast<double>(*waited) / kMicroseconds);
  }
  if (const auto tasks = number_in(folder_ / "pids.current")) into.set("processes", *tasks);
  return {};
}

void CgroupProbe::set_cpu(std::string_view statistics, Reading& into) const {
  const auto set_time = [&](const char* metric, const char* key) {
    if (const auto time = number_of_key(statistics, key))
      into.set(metric, 100 * static_cast<double>(*time) / kMicroseconds / cores_);
  };
  set_time("cpu", "usage_usec");
  set_time("cpu_user", "user_usec");
  set_time("cpu_system", "system_usec");
  set_time("throttled", "throttled_usec");
  if (const auto periods = number_of_key(statistics, "nr_throttled"))
    into.set("throttled_periods", static_cast<double>(*periods));
  // `max 100000` or `50000 100000`: microseconds of CPU in a period of so many.
  const auto text = read_proc(folder_ / "cpu.max");
  std::string_view words = text ? std::string_view(*text) : std::string_view();
  words = words.substr(0, words.find('\n'));
  const auto quota = next_word(words);
  const auto period = next_word(words);
  const auto allowed = quota ? real_number(*quota) : std::nullopt;
  const auto of = period ? real_number(*period) : std::nullopt;
  if (allowed && of && *of > 0) into.set("cpu_limit", 100 * *allowed / *of / cores_);
}

void CgroupProbe::set_memory(Reading& into) const {
  if (const auto bytes = number_in(folder_ / "memory.current")) into.set("memory", *bytes / kBytesPerMb);
  if (const auto bytes = number_in(folder_ / "memory.max")) into.set("memory_limit", *bytes / kBytesPerMb);
  if (const auto text = read_proc(folder_ / "memory.stat")) {
    if (const auto bytes = number_of_key(*text, "anon"))
      into.set("memory_anonymous", static_cast<double>(*bytes) / kBytesPerMb);
  }
  if (const auto text = read_proc(folder_ / "memory.events")) {
    if (const auto events = number_of_key(*text, "high")) into.set("memory_high_events", static_cast<double>(*events));
    if (const auto kills = number_of_key(*text, "oom_kill"))
      into.set("out_of_memory_kills", static_cast<double>(*kills));
  }
}

void CgroupProbe::set_disk(Reading& into) const {
  // 254:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=5 dios=6
  const auto text = read_proc(folder_ / "io.stat");
  if (!text) return;
  std::string_view lines = *text;
  double read = 0;
  double written = 0;
  while (auto words = next_line(lines)) {
    while (const auto word = next_word(*words)) {
      if (word->starts_with("rbytes=")) read += static_cast<double>(whole_number(word->substr(7)).value_or(0));
      if (word->starts_with("wbytes=")) written += static_cast<double>(whole_number(word->substr(7)).value_or(0));
    }
  }
  into.set("disk_read", read / kBytesPerMb);
  into.set("disk_written", written / kBytesPerMb);
}

}  // namespace loadlab
