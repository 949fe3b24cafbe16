#include "loadlab/cli/progress.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>

#include "loadlab/report/live_line.h"

namespace loadlab {
namespace {

// Where there is no line to redraw, in a log, one every so many seconds tells enough.
constexpr int kSecondsBetweenLines = 10;

constexpr int kUsualWidth = 80;

}  // namespace

Progress::Progress(bool quiet) : quiet_(quiet), terminal_(::isatty(STDERR_FILENO) != 0) {}

void Progress::test_begins(const Test& test, std::size_t index, std::size_t count) {
  print(fmt::format("test {} of {}: {}", index + 1, count, test.name));
}

void Progress::part_begins(const Test&, const std::string& name, std::size_t index, std::size_t count) {
  if (quiet_) return;
  const std::string line = fmt::format("  {} ({} of {})", name, index + 1, count);
  terminal_ ? redraw(line) : print(line);
}

void Progress::second_passed(const Test& test, const TestResult& so_far, const Timings&) {
  const auto seconds = static_cast<int>(so_far.series.size());
  if (quiet_ || (!terminal_ && seconds % kSecondsBetweenLines != 0)) return;
  Live live;
  live.test = test.name;
  live.elapsed_seconds = seconds;
  live.planned_seconds = so_far.planned_seconds;
  live.last = &so_far.series.back();
  live.requests = so_far.total.requests;
  live.errors = so_far.total.failed;
  const std::string line = live_line(live, terminal_width(STDERR_FILENO));
  terminal_ ? redraw(line) : print(line);
}

void Progress::test_ended(const TestResult& result) { print(test_headline(result)); }

void Progress::redraw(const std::string& line) {
  std::fprintf(stderr, "\r%s\033[K", line.c_str());
  std::fflush(stderr);
  drawn_ = true;
}

void Progress::print(const std::string& line) {
  if (quiet_) return;
  std::fprintf(stderr, "%s%s\n", drawn_ ? "\r\033[K" : "", line.c_str());
  drawn_ = false;
}

int terminal_width(int descriptor) {
  winsize size{};
  return ::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : kUsualWidth;
}

}  // namespace loadlab
