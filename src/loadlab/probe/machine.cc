#include "loadlab/probe/machine.h"

#include <sys/utsname.h>
#include <unistd.h>

#include <fstream>

namespace loadlab {
namespace {

// The value of the first line `key : value` of a file in /proc.
std::string first_value(const char* path, const std::string& key) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with(key)) continue;
    const auto at = line.find_first_not_of(" \t", line.find(':') + 1);
    return at == std::string::npos ? "" : line.substr(at);
  }
  return "";
}

}  // namespace

Machine this_machine() {
  Machine machine;
  utsname system{};
  if (::uname(&system) == 0) {
    machine.host = system.nodename;
    machine.kernel = std::string(system.sysname) + " " + system.release;
  }
  machine.cpu = first_value("/proc/cpuinfo", "model name");
  machine.cores = static_cast<int>(::sysconf(_SC_NPROCESSORS_ONLN));
  machine.memory_mb =
      static_cast<double>(::sysconf(_SC_PHYS_PAGES)) * static_cast<double>(::sysconf(_SC_PAGESIZE)) / 1e6;
  return machine;
}

}  // namespace loadlab
