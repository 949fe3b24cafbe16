#include "loadlab/probe/process_stat.h"

#include <dirent.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <memory>

#include "loadlab/probe/proc_text.h"

namespace loadlab {
namespace {

using base::ErrorKind;
using Folder = std::unique_ptr<DIR, int (*)(DIR*)>;

// The manual's numbers of the fields behind the name; the state is number 3.
enum Field : std::size_t {
  parent_field = 4,
  minor_field = 10,
  inherited_minor_field = 11,
  major_field = 12,
  inherited_major_field = 13,
  user_field = 14,
  system_field = 15,
  inherited_user_field = 16,
  inherited_system_field = 17,
  threads_field = 20,
  started_field = 22,
  resident_field = 24
};

std::string in_proc(pid_t pid, const char* name) { return fmt::format("/proc/{}/{}", pid, name); }

template <class Take>
void each_thread(pid_t pid, Take take) {
  const std::string tasks = in_proc(pid, "task");
  const Folder folder(::opendir(tasks.c_str()), ::closedir);
  while (const dirent* entry = folder ? ::readdir(folder.get()) : nullptr) {
    if (entry->d_name[0] != '.') take(tasks + "/" + entry->d_name);
  }
}

std::uint64_t field_of(const std::vector<std::string_view>& words, std::size_t field) {
  constexpr std::size_t kFirst = 3;
  return field - kFirst < words.size() ? whole_number(words[field - kFirst]).value_or(0) : 0;
}

}  // namespace

base::Result<ProcessStat> read_process_stat_or_remains(pid_t pid) {
  const auto text = read_proc(in_proc(pid, "stat"));
  if (!text || text->empty()) return base::fail(ErrorKind::not_found, "there is no process {}", pid);
  // The name stands in brackets and may itself hold any character.
  const auto open = text->find('(');
  const auto close = text->rfind(')');
  if (open == std::string::npos || close == std::string::npos || close < open)
    return base::fail(ErrorKind::internal, "/proc/{}/stat has another form than proc(5) says", pid);
  std::string_view rest = std::string_view(*text).substr(close + 1);
  rest = rest.substr(0, rest.find('\n'));
  std::vector<std::string_view> words;
  while (const auto word = next_word(rest)) words.push_back(*word);
  ProcessStat stat;
  stat.name = text->substr(open + 1, close - open - 1);
  if (!words.empty()) stat.state = words[0].front();
  stat.parent = static_cast<pid_t>(field_of(words, parent_field));
  stat.started = field_of(words, started_field);
  stat.user = field_of(words, user_field);
  stat.system = field_of(words, system_field);
  stat.inherited_user = field_of(words, inherited_user_field);
  stat.inherited_system = field_of(words, inherited_system_field);
  stat.minor_faults = field_of(words, minor_field);
  stat.inherited_minor_faults = field_of(words, inherited_minor_field);
  stat.major_faults = field_of(words, major_field);
  stat.inherited_major_faults = field_of(words, inherited_major_field);
  stat.threads = field_of(words, threads_field);
  stat.resident_bytes = field_of(words, resident_field) * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  return stat;
}

base::Result<ProcessStat> read_process_stat(pid_t pid) {
  auto stat = read_process_stat_or_remains(pid);
  if (stat && stat->has_ended()) return base::fail(ErrorKind::not_found, "process {} has ended", pid);
  return stat;
}

std::optional<base::Nanoseconds> process_cpu(pid_t pid) {
  clockid_t cpu_clock{};
  timespec used{};
  if (::clock_getcpuclockid(pid, &cpu_clock) != 0 || ::clock_gettime(cpu_clock, &used) != 0) return std::nullopt;
  return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

std::optional<std::uint64_t> open_descriptors(pid_t pid) {
  const std::string path = in_proc(pid, "fd");
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0 && status.st_size > 0) return static_cast<std::uint64_t>(status.st_size);
  const Folder folder(::opendir(path.c_str()), ::closedir);
  if (!folder) return std::nullopt;
  std::uint64_t entries = 0;
  while (const dirent* entry = ::readdir(folder.get())) entries += entry->d_name[0] != '.' ? 1 : 0;
  return entries;
}

std::optional<DiskUse> disk_use(pid_t pid) {
  const auto text = read_proc(in_proc(pid, "io"));
  if (!text) return std::nullopt;
  const auto read = number_of_key(*text, "read_bytes:");
  const auto written = number_of_key(*text, "write_bytes:");
  if (!read || !written) return std::nullopt;
  return DiskUse{*read, *written};
}

ThreadUse thread_use(pid_t pid) {
  ThreadUse use;
  each_thread(pid, [&](const std::string& thread) {
    if (const auto status = read_proc(thread + "/status")) {
      use.voluntary_switches += number_of_key(*status, "voluntary_ctxt_switches:").value_or(0);
      use.involuntary_switches += number_of_key(*status, "nonvoluntary_ctxt_switches:").value_or(0);
    }
    // Nanoseconds at work, nanoseconds ready without a core, slices.
    const auto schedule = read_proc(thread + "/schedstat");
    if (!schedule) return;
    std::string_view words = *schedule;
    const auto number = [&words] {
      const auto word = next_word(words);
      return word ? whole_number(*word).value_or(0) : 0;
    };
    const std::uint64_t work = number();
    const std::uint64_t wait = number();
    use.run_queue_wait_ns += wait;
    use.busy_ns[thread] = work + wait;
  });
  return use;
}

MemoryDetail memory_detail(pid_t pid) {
  constexpr std::uint64_t kKilobyte = 1024;
  MemoryDetail detail;
  if (const auto text = read_proc(in_proc(pid, "smaps_rollup"))) {
    if (const auto pss = number_of_key(*text, "Pss:")) detail.pss = *pss * kKilobyte;
  }
  if (const auto text = read_proc(in_proc(pid, "status"))) {
    if (const auto peak = number_of_key(*text, "VmHWM:")) detail.peak = *peak * kKilobyte;
  }
  return detail;
}

std::vector<pid_t> children_of(pid_t pid) {
  std::vector<pid_t> children;
  each_thread(pid, [&](const std::string& thread) {
    const auto text = read_proc(thread + "/children");
    std::string_view words = text ? std::string_view(*text) : std::string_view();
    while (const auto word = next_word(words)) {
      if (const auto child = whole_number(*word)) children.push_back(static_cast<pid_t>(*child));
    }
  });
  return children;
}

}  // namespace loadlab
