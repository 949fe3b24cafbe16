#include "loadlab/probe/process_probe.h"

#include <dirent.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <charconv>
#include <fstream>
#include <memory>
#include <sstream>
#include <vector>

namespace loadlab {
namespace {

using base::ErrorKind;

// What /proc/PID/stat says (proc(5)): the fields behind the name, which stands in brackets and may itself hold any
// character.
struct Stat {
  std::string name;
  std::vector<std::string> fields;  // fields[0] is the state, the manual's field 3

  std::uint64_t number(std::size_t manual_index) const {
    std::uint64_t value = 0;
    const std::size_t index = manual_index - 3;
    if (index < fields.size())
      std::from_chars(fields[index].data(), fields[index].data() + fields[index].size(), value);
    return value;
  }
};

constexpr std::size_t kThreadsField = 20;
constexpr std::size_t kStartTimeField = 22;
constexpr std::size_t kResidentPagesField = 24;

base::Result<Stat> read_stat(pid_t pid) {
  std::ifstream file(fmt::format("/proc/{}/stat", pid));
  std::string line;
  if (!std::getline(file, line)) return base::fail(ErrorKind::not_found, "there is no process {}", pid);
  const auto open = line.find('(');
  const auto close = line.rfind(')');
  if (open == std::string::npos || close == std::string::npos || close < open) {
    return base::fail(ErrorKind::internal, "/proc/{}/stat has another form than proc(5) says", pid);
  }
  Stat stat;
  stat.name = line.substr(open + 1, close - open - 1);
  std::istringstream rest(line.substr(close + 1));
  for (std::string field; rest >> field;) stat.fields.push_back(field);
  if (!stat.fields.empty() && (stat.fields[0] == "Z" || stat.fields[0] == "X")) {
    return base::fail(ErrorKind::not_found, "process {} has ended", pid);
  }
  return stat;
}

// Linux 6.2 and later give the number as the folder's size; before, the entries are counted.
int count_descriptors(pid_t pid) {
  const std::string path = fmt::format("/proc/{}/fd", pid);
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0 && status.st_size > 0) return static_cast<int>(status.st_size);
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir(path.c_str()), ::closedir);
  if (!folder) return 0;
  int entries = -2;  // . and ..
  while (::readdir(folder.get()) != nullptr) ++entries;
  return std::max(entries, 0);
}

}  // namespace

base::Result<ProcessProbe> ProcessProbe::open(pid_t pid) {
  const auto stat = read_stat(pid);
  if (!stat) return base::pass_on(stat);
  return ProcessProbe(pid, stat->name, stat->number(kStartTimeField));
}

base::Result<ProcessSample> ProcessProbe::read(const base::Clock& clock) const {
  const auto stat = read_stat(pid_);
  if (!stat) return base::pass_on(stat);
  if (stat->number(kStartTimeField) != started_) return base::fail(ErrorKind::not_found, "process {} has ended", pid_);
  // The process's own CPU clock counts nanoseconds, where /proc counts ticks of 10 ms.
  clockid_t cpu_clock{};
  timespec used{};
  if (::clock_getcpuclockid(pid_, &cpu_clock) != 0 || ::clock_gettime(cpu_clock, &used) != 0) {
    return base::fail(ErrorKind::not_found, "process {} has ended", pid_);
  }
  ProcessSample sample;
  sample.at = clock.monotonic();
  sample.cpu = std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
  sample.memory_bytes = stat->number(kResidentPagesField) * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  sample.threads = static_cast<int>(stat->number(kThreadsField));
  sample.descriptors = count_descriptors(pid_);
  return sample;
}

}  // namespace loadlab
