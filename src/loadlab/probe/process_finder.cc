#include "loadlab/probe/process_finder.h"

#include <dirent.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string_view>

#include "loadlab/probe/proc_text.h"
#include "loadlab/probe/process_stat.h"
#include "loadlab/probe/socket_table.h"

namespace loadlab {
namespace {

using base::ErrorKind;

// Far more than a machine runs: pids end at 4,194,304.
constexpr std::size_t kMostDescriptors = 1'000'000;
// The kernel's TASK_COMM_LEN, without the end.
constexpr std::size_t kLongestName = 15;

using Folder = std::unique_ptr<DIR, int (*)(DIR*)>;

std::vector<pid_t> all_processes() {
  std::vector<pid_t> pids;
  const Folder folder(::opendir("/proc"), ::closedir);
  while (const dirent* entry = folder ? ::readdir(folder.get()) : nullptr) {
    if (const auto number = whole_number(entry->d_name)) pids.push_back(static_cast<pid_t>(*number));
  }
  std::sort(pids.begin(), pids.end());
  return pids;
}

bool holds_any(pid_t pid, const std::set<std::uint64_t>& sockets) {
  const auto own = socket_inodes_of(pid, kMostDescriptors);
  return std::any_of(sockets.begin(), sockets.end(), [&](std::uint64_t inode) { return own.contains(inode); });
}

std::string program_of(pid_t pid) {
  std::array<char, 4096> path;
  const ssize_t length = ::readlink(fmt::format("/proc/{}/exe", pid).c_str(), path.data(), path.size());
  if (length <= 0) return "";
  const std::string_view whole(path.data(), static_cast<std::size_t>(length));
  return std::string(whole.substr(whole.rfind('/') + 1));
}

// A forked worker shares its parent's socket and name; it is found through the parent.
std::vector<pid_t> without_children(const std::vector<pid_t>& pids) {
  std::vector<pid_t> roots;
  for (const pid_t pid : pids) {
    const auto stat = read_process_stat(pid);
    if (stat && std::find(pids.begin(), pids.end(), stat->parent) == pids.end()) roots.push_back(pid);
  }
  return roots;
}

base::Result<std::vector<pid_t>> find_listening(std::uint16_t port) {
  auto table = SocketTable::open();
  if (!table) return base::pass_on(table);
  const auto listeners = table->listeners();
  if (!listeners) return base::pass_on(listeners);
  std::set<std::uint64_t> sockets;
  for (const ListeningSocket& one : *listeners) {
    if (one.port == port) sockets.insert(one.inode);
  }
  if (sockets.empty()) return base::fail(ErrorKind::not_found, "no process listens on port {} of this machine", port);
  std::vector<pid_t> found;
  for (const pid_t pid : all_processes()) {
    if (holds_any(pid, sockets)) found.push_back(pid);
  }
  found = without_children(found);
  if (!found.empty()) return found;
  return base::fail(
      ErrorKind::not_found,
      "the process that listens on port {} belongs to somebody else: run as its user or as root to watch it", port);
}

base::Result<std::vector<pid_t>> find_named(const std::string& name) {
  std::vector<pid_t> found;
  for (const pid_t pid : all_processes()) {
    if (pid == ::getpid()) continue;
    const auto stat = read_process_stat(pid);
    if (!stat) continue;
    if (stat->name == name.substr(0, kLongestName) || program_of(pid) == name) found.push_back(pid);
  }
  found = without_children(found);
  if (found.empty()) return base::fail(ErrorKind::not_found, "no process of this machine is named '{}'", name);
  return found;
}

}  // namespace

ProcessFinder process_with_number(pid_t pid) {
  return [pid]() -> base::Result<std::vector<pid_t>> {
    const auto stat = read_process_stat(pid);
    if (!stat) return base::pass_on(stat);
    return std::vector<pid_t>{pid};
  };
}

ProcessFinder processes_listening_on(std::uint16_t port) {
  return [port] { return find_listening(port); };
}

ProcessFinder processes_named(const std::string& name) {
  return [name] { return find_named(name); };
}

std::set<std::uint64_t> socket_inodes_of(pid_t pid, std::size_t most) {
  constexpr std::string_view kBefore = "socket:[";
  std::set<std::uint64_t> inodes;
  const Folder folder(::opendir(fmt::format("/proc/{}/fd", pid).c_str()), ::closedir);
  if (!folder) return inodes;
  const int at = ::dirfd(folder.get());
  std::array<char, 64> target;
  while (const dirent* entry = ::readdir(folder.get())) {
    if (most-- == 0) break;
    const ssize_t length = ::readlinkat(at, entry->d_name, target.data(), target.size());
    if (length <= 0) continue;
    std::string_view text(target.data(), static_cast<std::size_t>(length));
    if (!text.starts_with(kBefore)) continue;
    text.remove_prefix(kBefore.size());
    text.remove_suffix(1);
    if (const auto inode = whole_number(text)) inodes.insert(*inode);
  }
  return inodes;
}

}  // namespace loadlab
