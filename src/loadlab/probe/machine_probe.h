// Watches the machine that loadlab runs on: its cores, memory, disks and network, and who waits for them.
#pragma once

#include <array>
#include <filesystem>
#include <map>
#include <string>

#include "loadlab/probe/probe.h"

namespace loadlab {

// What this kernel, or a container's /proc, does not say is left out. Some hundred microseconds a reading. Fails only
// where not even /proc/stat can be read.
class MachineProbe final : public Probe {
 public:
  // `root` is where proc is found; tests give a recorded tree.
  explicit MachineProbe(std::filesystem::path root = "/");

  std::string_view kind() const override { return "machine"; }
  const std::string& label() const override { return label_; }
  base::Result<> read(Reading& into) override;

 private:
  // Of counters that each stand for one of several alike, the one that grew most each time, summed up.
  class Busiest {
   public:
    double advance(const std::map<std::string, double>& counters);

   private:
    std::map<std::string, double> before_;
    double total_ = 0;
  };

  base::Result<> set_cores(Reading& into, std::map<std::string, std::array<double, 2>>& cores);
  void set_memory(Reading& into) const;
  void set_disks(Reading& into);
  void set_network(Reading& into) const;
  void set_pressure(Reading& into) const;
  void set_sockets(Reading& into) const;

  std::filesystem::path root_;
  std::filesystem::path proc_;
  std::string label_ = "this machine";
  double ticks_per_second_;
  Busiest busiest_core_;
  Busiest busiest_disk_;
};

}  // namespace loadlab
