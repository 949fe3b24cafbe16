// Which files are meant by what somebody names: files, manifests, and folders of both.
#pragma once

#include <map>
#include <set>
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
// are no bill. Fails as `read_manifest` and `open_bill` do, with `invalid` for a folder without any bill, and with
// `too_large` for more than 100,000 files.
base::Result<BillFiles> find_bill_files(std::span<const std::string> paths);

// What manifests there are among files, and which of them count.
struct ManifestsFound {
  struct Newest {
    std::string path;
    std::vector<std::string> files;  // that it lists
  };
  std::vector<Newest> newest;   // one of each report and billing period: the one that was written last
  std::set<std::string> paths;  // of all manifests, outdated ones included
  // Those that could not be read, and why: a file of theirs isn't there, or they are damaged.
  std::map<std::string, base::Error> broken;
};

ManifestsFound find_manifests(std::span<const std::string> files);

}  // namespace costagent
