#include "loadlab/probe/listener.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace loadlab {
namespace {

namespace fs = std::filesystem;

constexpr const char* kListenState = "0A";

// The inodes of the sockets that listen on the port, as /proc/net/tcp lists them (proc_net_tcp in the kernel's
// documentation).
std::set<std::string> listening_inodes(const char* table, std::uint16_t port) {
  std::set<std::string> inodes;
  std::ifstream file(table);
  const std::string suffix = fmt::format(":{:04X}", port);
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) {
    std::istringstream fields(line);
    std::string slot;
    std::string local;
    std::string remote;
    std::string state;
    std::string inode;
    fields >> slot >> local >> remote >> state;
    for (int skipped = 0; skipped < 5; ++skipped) fields >> inode;
    fields >> inode;
    if (state == kListenState && local.ends_with(suffix)) inodes.insert("socket:[" + inode + "]");
  }
  return inodes;
}

bool holds_any(const fs::path& descriptors, const std::set<std::string>& sockets) {
  std::error_code error;
  for (fs::directory_iterator entry(descriptors, error), end; !error && entry != end; entry.increment(error)) {
    std::error_code unreadable;
    if (sockets.contains(fs::read_symlink(entry->path(), unreadable).string())) return true;
  }
  return false;
}

std::vector<pid_t> all_processes() {
  std::vector<pid_t> pids;
  std::error_code error;
  for (fs::directory_iterator entry("/proc", error), end; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (name.find_first_not_of("0123456789") == std::string::npos) pids.push_back(std::stoi(name));
  }
  std::sort(pids.begin(), pids.end());
  return pids;
}

}  // namespace

base::Result<pid_t> listening_process(std::uint16_t port) {
  std::set<std::string> sockets = listening_inodes("/proc/net/tcp", port);
  sockets.merge(listening_inodes("/proc/net/tcp6", port));
  if (sockets.empty())
    return base::fail(base::ErrorKind::not_found, "no process listens on port {} of this machine", port);
  for (const pid_t pid : all_processes()) {
    if (holds_any(fmt::format("/proc/{}/fd", pid), sockets)) return pid;
  }
  return base::fail(
      base::ErrorKind::not_found,
      "the process that listens on port {} belongs to somebody else: run as its user or as root to watch it", port);
}

}  // namespace loadlab
