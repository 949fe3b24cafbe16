#include "loadlab/plan/load_plan.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "loadlab/plan/overrides.h"
#include "loadlab/plan/suite_reader.h"
#include "loadlab/plan/yaml_tree.h"

namespace loadlab {

using base::ErrorKind;
using base::fail;

base::Result<Plan> load_plan_text(std::string_view yaml, const std::string& name, const Overrides& overrides) {
  if (const auto checked = check_overrides(overrides); !checked) return base::pass_on(checked);
  Complaints complaints;
  const YamlPointer root = parse_yaml(yaml, complaints);
  if (!root) return base::Failure(complaints.error(name));
  OutsideVariables outside(overrides);
  Plan plan = read_suite(*root, name, overrides, outside, complaints);
  if (!complaints.empty()) return base::Failure(complaints.error(name));
  if (const auto known = outside.check_known(); !known) return base::pass_on(known);
  if (const auto applied = apply_overrides(overrides, plan); !applied) return base::pass_on(applied);
  plan.secrets = outside.secrets();
  return plan;
}

base::Result<Plan> load_plan_file(const std::string& what, const Overrides& overrides) {
  std::string path = what;
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    return fail(errno == ENOENT ? ErrorKind::not_found : ErrorKind::io, "{}: {}", path, std::strerror(errno));
  }
  if (S_ISDIR(status.st_mode)) {
    path += path.ends_with('/') ? "suite.yaml" : "/suite.yaml";
    if (::stat(path.c_str(), &status) != 0)
      return fail(ErrorKind::invalid, "{}: is a folder without a suite.yaml; name a plan, a YAML file", what);
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail(ErrorKind::io, "{}: can't be opened: {}", path, std::strerror(errno));
  // One byte more than is allowed, so that what is too large is seen without being read.
  std::string text(kMaxPlanBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) return fail(ErrorKind::io, "{}: can't be read: {}", path, std::strerror(errno));
  text.resize(static_cast<std::size_t>(file.gcount()));
  return load_plan_text(text, path, overrides);
}

}  // namespace loadlab
