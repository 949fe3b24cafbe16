// Which files are meant by what somebody names: files, manifests, and folders of both.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/result.h"

namespace costagent {

struct BillFiles {
  std::vector<std::string> files;
  bool by_manifests = false;       // all of them: each manifest says what its month is now
  std::vector<std::string> notes;  // sentences: what of a folder was passed over
};

// A file stands for itself and a manifest for the files that it lists. Of a folder its manifests are read first, at any
// depth: of each report and billing period the newest one counts, and what none of those lists is passed over. A
// folder without manifests stands for all files in it, in the order of their names, except hidden ones and those that
// are no bill. Fails as `read_manifest` and `open_bill` do, and with `too_large` for more than 100,000 files.
base::Result<BillFiles> find_bill_files(std::span<const std::string> paths);

}  // namespace costagent
