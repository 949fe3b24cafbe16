// Watches a control group of version 2: what a container, or a service of systemd, uses of what it may use.
#pragma once

#include <filesystem>
#include <string>

#include "loadlab/probe/probe.h"

namespace loadlab {

// Files of controllers that the group doesn't have are left out. The kernel's documentation is
// admin-guide/cgroup-v2.rst. Fails where the folder is no control group, or is gone.
class CgroupProbe final : public Probe {
 public:
  // The group's folder, as in /sys/fs/cgroup/system.slice/shop.service. `cores` is the machine's.
  CgroupProbe(std::filesystem::path folder, int cores);

  std::string_view kind() const override { return "cgroup"; }
  const std::string& label() const override { return label_; }
  base::Result<> read(Reading& into) override;

 private:
  void set_cpu(std::string_view statistics, Reading& into) const;
  void set_memory(Reading& into) const;
  void set_disk(Reading& into) const;

  std::filesystem::path folder_;
  std::string label_;
  double cores_;
};

}  // namespace loadlab
