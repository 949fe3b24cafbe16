// Which files of a customer's watched folder are one bill, so that they are delivered together, and a month of theirs
// is replaced by all of them and never by a part.
//
// 1. A manifest and the files that it lists. Of each report and billing period the newest one counts; files beside it,
//    in the same folder of the customer's folder at whatever depth, that none lists are passed over.
// 2. Files in a folder below the customer's, but for those whose names bear other dates: `2025-01.csv` and
// `2025-02.csv`,
//    or `costs-20250115.csv` and `costs-20250116.csv`, are bills of their own there, `ec2.csv` and `s3.csv` one.
// 3. In the customer's folder itself every file, but for those whose names differ in the number of the part alone:
//    `costs-0001.csv` and `costs-0002.csv`. A date is no number of a part, and neither is a version (`v2`) or a copy's
//    (`(2)`).
//
// The third rule takes a file of another name for another state of the bill, which takes the place of the earlier one
// where it covers its days, the second for more of it.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace costagent {

struct WatchedBill {
  std::string manifest;            // which speaks for the files; empty: they do themselves
  std::vector<std::string> files;  // within the customer's folder, by path; the manifest is one
};

struct WatchedBills {
  std::vector<WatchedBill> bills;
  std::vector<std::string> passed;            // files that no newest manifest lists
  std::map<std::string, base::Error> broken;  // manifests that could not be read
};

// What the names alone say: files of the same key are one bill by the second and third rule. `path` is within the
// customer's folder.
std::string bill_key(std::string_view path);

// `files` are all files of the customer's folder, by path; those that may be manifests are read.
WatchedBills bills_of(const std::string& folder, std::span<const std::string> files);

}  // namespace costagent
