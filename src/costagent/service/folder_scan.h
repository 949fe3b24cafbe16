// What lies in a watched folder, as far as it may be looked at.
//
// Passed over are names that begin with `.` or `~`, or end as those of files that are still being written do (`.tmp`,
// `.part`, `.partial`, `.filepart`, `.crdownload`, `.download`, `.swp`, `~`). Refused are symbolic links, wherever they
// lead, so that nobody who may write into one customer's folder reads another's; and what is no regular file.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "costagent/domain/watch_store.h"

namespace costagent {

struct FoundFile {
  std::string path;  // within the folder that was scanned
  FileStamp stamp;
};

struct FolderContents {
  std::vector<FoundFile> files;   // by path
  std::set<std::string> refused;  // paths, with the reason: `a/link: a symbolic link`
};

// So deep nobody keeps bills, and a loop of mounts has an end.
inline constexpr int kDeepestFolder = 16;
// In a scan of one or more folders: an export of a thousand parts a month for eight years. Stamps of so many are read
// within a second.
inline constexpr std::size_t kMostScannedFiles = 100'000;

bool is_passed_over(std::string_view name);

// All files at any depth down to kDeepestFolder; what is deeper is refused. What goes while it is looked at isn't
// there. Fails with `io` when a folder can't be read, and with `too_large` when it has more than `most` files.
base::Result<FolderContents> scan_folder(const std::string& folder, std::size_t most = kMostScannedFiles);

// The names of the folders directly in it that may be customers' ids, by name; all else is refused.
struct CustomerFolders {
  std::vector<std::string> customers;
  std::set<std::string> refused;
};
base::Result<CustomerFolders> find_customers(const std::string& folder);

}  // namespace costagent
