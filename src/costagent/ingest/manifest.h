// A provider's manifest: the small JSON file that names the files of one delivery of a bill, which together are all
// that a month has so far.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "costagent/domain/cost_series.h"

namespace costagent {

struct Manifest {
  std::string id;      // of this delivery: AWS's assembly or execution, Azure's run
  std::string report;  // what is delivered again and again: the report's or the export's name; empty if not said
  std::string format;  // for people, and no more than a hint: "AWS CUR", "AWS Data Exports", "Azure ActualCost"
  std::optional<Period> period;    // what of the bill it restates, where the manifest says so
  std::vector<std::string> files;  // paths of files that exist, in the manifest's order; at least one
};

// Reads a manifest of AWS (the legacy reports' and that of Data Exports, which CUR 2.0 and FOCUS come by) or of Azure's
// exports, known by what it holds. None when the file is something else. Its files are looked for beside it, by the
// longest part of the end of their key that is there; those of Data Exports also where AWS puts them, `data` beside the
// `metadata` that the manifest is in. Fails with `not_found` or `io` when the manifest can't be read, `not_found` (it
// names the key) when a file of it is not there, and `invalid` when it is damaged or names no files.
base::Result<std::optional<Manifest>> read_manifest(const std::string& path);

}  // namespace costagent
