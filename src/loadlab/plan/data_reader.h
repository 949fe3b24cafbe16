// Reads a plan's `data`: files whose rows its users take turns at.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "loadlab/plan/complaints.h"
#include "loadlab/plan/data.h"
#include "loadlab/plan/yaml_tree.h"

namespace loadlab {

// The files of one plan. Each is read once, however many tests name it, and all together are bounded as one is.
class DataFiles {
 public:
  // `folder`: the plan's, empty or with a slash at its end.
  explicit DataFiles(std::string folder) : folder_(std::move(folder)) {}

  // Fails with the file's name, and line and column where there are such.
  base::Result<std::shared_ptr<const Table>> open(const std::string& name);

 private:
  base::Result<std::shared_ptr<const Table>> read(const std::string& name);

  std::string folder_;
  std::map<std::string, base::Result<std::shared_ptr<const Table>>> files_;
  std::size_t bytes_ = 0;
};

// The sources that a text may name.
struct DataScope {
  DataFiles* files = nullptr;                  // the plan's
  std::vector<DataSource>* sources = nullptr;  // the test's, which new ones are added to
  std::map<std::string, std::size_t, std::less<>> by_name{};
};

// A map of names to files, or to maps with `file`, `order` and `used_up`. What it names replaces what the scope has of
// that name.
void read_data(const YamlEntry& entry, DataScope& into, Complaints& complaints);

}  // namespace loadlab
