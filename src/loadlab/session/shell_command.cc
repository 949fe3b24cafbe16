#include "loadlab/session/shell_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <thread>

#include "base/printable.h"

namespace loadlab {
namespace {

using base::Nanoseconds;
using base::SystemClock;

constexpr auto kBetweenLooks = std::chrono::milliseconds(10);
constexpr std::streamoff kMostShown = 4000;  // a screen
constexpr std::size_t kMostLines = 10;

double seconds_of(Nanoseconds time) { return std::chrono::duration<double>(time).count(); }

}  // namespace

std::string CommandOutcome::last_line() const {
  return last_lines.substr(last_lines.rfind('\n') + 1);  // from the beginning where there is one line only
}

std::string CommandOutcome::sentence(const std::string& what, const std::string& shown) const {
  return fmt::format(
      "{}: the command '{}' {}{}", what, shown, ending,
      last_lines.empty() ? " and printed nothing" : fmt::format(". The last it printed:\n{}", last_lines));
}

std::string last_lines_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) return "";
  const std::streamoff size = file.tellg();
  const std::streamoff tail = std::max<std::streamoff>(0, size - kMostShown);
  file.seekg(tail);
  std::string text(static_cast<std::size_t>(size - tail), '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(std::max<std::streamsize>(0, file.gcount())));
  text.erase(text.find_last_not_of(" \t\r\n") + 1);
  std::size_t from = text.size();
  for (std::size_t lines = 0; lines < kMostLines && from != std::string::npos && from > 0; ++lines)
    from = text.rfind('\n', from - 1);
  if (from != std::string::npos && from > 0) text.erase(0, from + 1);
  // Line by line, so that nothing in it moves a terminal's cursor.
  std::string shown;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    if (!shown.empty()) shown += '\n';
    shown += base::printable(std::string_view(text).substr(begin, end - begin));
    begin = end + 1;
  }
  return shown;
}

ShellCommand::ShellCommand(const Command& command, std::string log, StartedCommand processes)
    : within_(command.within),
      log_(std::move(log)),
      begun_(SystemClock::monotonic_now()),
      processes_(std::move(processes)) {}

base::Result<ShellCommand> ShellCommand::start(const Command& command, const CommandPlace& place) {
  auto processes = StartedCommand::start(command.text, place);
  if (!processes) return base::fail(base::ErrorKind::unavailable, "the command '{}' can't be started", command.shown);
  return ShellCommand(command, place.log, std::move(*processes));
}

std::optional<CommandOutcome> ShellCommand::poll(const std::atomic<bool>& stop) {
  CommandOutcome outcome;
  const Nanoseconds taken = SystemClock::monotonic_now() - begun_;
  outcome.seconds = seconds_of(taken);
  if (processes_.has_ended()) {
    outcome.exit_code = processes_.exit_code();
    outcome.ending = processes_.ending();
  } else if (stop) {
    outcome.ending = "was interrupted";
    processes_.stop();
  } else if (taken >= within_) {
    outcome.ending = fmt::format("was still running after {:g} s", seconds_of(within_));
    processes_.stop();
  } else {
    return std::nullopt;
  }
  outcome.last_lines = last_lines_of(log_);
  return outcome;
}

CommandOutcome run_to_end(const Command& command, const CommandPlace& place, const std::atomic<bool>& stop,
                          std::vector<StartedCommand>& left) {
  auto started = ShellCommand::start(command, place);
  if (!started) {
    CommandOutcome outcome;
    outcome.ending = "can't be started";
    return outcome;
  }
  auto outcome = started->poll(stop);
  for (; !outcome; outcome = started->poll(stop)) std::this_thread::sleep_for(kBetweenLooks);
  if (started->processes().pid() != 0 && started->processes().is_group_left())
    left.push_back(std::move(started->processes()));
  return *outcome;
}

}  // namespace loadlab
