#include "loadlab/plan/arrival_times.h"

#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>
#include <fstream>

#include "loadlab/plan/complaints.h"
#include "loadlab/plan/load_reader.h"
#include "loadlab/plan/nearby_file.h"
#include "loadlab/plan/quantity.h"

namespace loadlab {
namespace {

using base::ErrorKind;
using base::fail;
using base::Nanoseconds;

constexpr std::size_t kMostTimes = 10'000'000;
constexpr std::size_t kMostBytes = 400'000'000;

// Seconds, in plain decimals.
std::optional<double> seconds_of(std::string_view text) {
  double seconds = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), seconds, std::chars_format::fixed);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size() || !std::isfinite(seconds)) return std::nullopt;
  return seconds;
}

}  // namespace

base::Result<std::vector<Nanoseconds>> read_arrival_times(const std::string& folder, const std::string& name) {
  const auto found = find_nearby_file(folder, name, kMostBytes);
  if (!found) return base::pass_on(found);
  const std::string& path = *found;
  std::ifstream file(path);
  if (!file) return fail(ErrorKind::io, "{}: can't be opened: {}", path, std::strerror(errno));
  std::vector<Nanoseconds> times;
  std::string line;
  for (std::size_t number = 1; std::getline(file, line); ++number) {
    const std::string_view text = trimmed(std::string_view(line).substr(0, line.find_first_of(",\r")));
    if (text.empty() || text.starts_with('#')) continue;
    const auto seconds = seconds_of(text);
    if (!seconds && times.empty() && number == 1) continue;
    if (!seconds || *seconds < 0 || *seconds > std::chrono::duration<double>(kLongestTest).count()) {
      return fail(ErrorKind::invalid, "{}:{}: '{}' is not a time in seconds since the start, as in 12.345", path,
                  number, shown(text));
    }
    const Nanoseconds time(std::llround(*seconds * 1e9));
    if (!times.empty() && time < times.back())
      return fail(ErrorKind::invalid, "{}:{}: {} is before the time above it; sort the file", path, number, text);
    if (times.size() == kMostTimes)
      return fail(ErrorKind::invalid, "{}:{}: more than {} times; use fewer", path, number, kMostTimes);
    times.push_back(time);
  }
  if (file.bad()) return fail(ErrorKind::io, "{}: can't be read: {}", path, std::strerror(errno));
  if (times.empty()) return fail(ErrorKind::invalid, "{}: holds no time; write one a line, in seconds", path);
  return times;
}

}  // namespace loadlab
