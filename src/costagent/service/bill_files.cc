#include "costagent/service/bill_files.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <utility>

#include "costagent/ingest/bill_reader.h"
#include "costagent/ingest/manifest.h"
#include "io/parquet_reader.h"

namespace costagent {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostFiles = 100'000;

base::Failure unreadable(const std::string& folder, const std::error_code& error) {
  return base::fail(base::ErrorKind::io, "{}: the folder can't be read: {}", folder, error.message());
}

// All files below, but for those that are hidden or in hidden folders, in the order of their paths.
base::Result<std::vector<std::string>> files_below(const std::string& folder) {
  std::vector<std::string> found;
  std::error_code error;
  for (auto at = fs::recursive_directory_iterator(folder, error); !error && at != fs::end(at); at.increment(error)) {
    const bool hidden = at->path().filename().string().starts_with('.');
    if (hidden && at->is_directory(error)) at.disable_recursion_pending();
    if (hidden || !at->is_regular_file(error)) continue;
    found.push_back(at->path().string());
    if (found.size() > kMostFiles)
      return base::fail(base::ErrorKind::too_large, "{}: it has more than {} files", folder, kMostFiles);
  }
  if (error) return unreadable(folder, error);
  std::sort(found.begin(), found.end());
  return found;
}

fs::file_time_type time_of(const std::string& path) {
  std::error_code error;
  const auto time = fs::last_write_time(path, error);
  return error ? fs::file_time_type::min() : time;
}

class Finder {
 public:
  base::Result<BillFiles> run(std::span<const std::string> paths) {
    found_.by_manifests = true;
    for (const std::string& path : paths) {
      std::error_code error;
      const auto added = fs::is_directory(path, error) ? add_folder(path) : add_file(path);
      if (!added) return base::pass_on(added);
    }
    return std::move(found_);
  }

 private:
  base::Result<> add_file(const std::string& path) {
    const auto manifest = read_manifest(path);
    // What can't be read as one is left to those who read bills, who say what it is.
    if (!manifest && manifest.error().kind == base::ErrorKind::not_found && fs::exists(path))
      return base::pass_on(manifest);
    if (!manifest || !*manifest) {
      found_.files.push_back(path);  // as often as it is named: who names it twice is told that it is a duplicate
      found_.by_manifests = false;
      return {};
    }
    for (const std::string& file : (*manifest)->files) add(file);
    return {};
  }

  base::Result<> add_folder(const std::string& folder) {
    const auto files = files_below(folder);
    if (!files) return base::pass_on(files);
    const ManifestsFound manifests = find_manifests(*files);
    if (!manifests.broken.empty()) return base::Failure(manifests.broken.begin()->second);
    if (manifests.paths.empty()) return add_bills(folder, *files);
    std::set<std::string> listed;
    for (const ManifestsFound::Newest& newest : manifests.newest) {
      for (const std::string& file : newest.files) {
        add(file);
        listed.insert(file);
      }
    }
    const auto passed = std::count_if(files->begin(), files->end(), [&](const std::string& file) {
      return !listed.contains(file) && !manifests.paths.contains(file);
    });
    if (passed > 0)
      found_.notes.push_back(
          fmt::format("{}: {} files were passed over, as no newest manifest lists them", folder, passed));
    return {};
  }

  base::Result<> add_bills(const std::string& folder, const std::vector<std::string>& files) {
    found_.by_manifests = false;
    if (files.empty()) return base::fail(base::ErrorKind::invalid, "{}: there is no file in the folder", folder);
    std::size_t others = 0;
    std::string why;
    for (const std::string& file : files) {
      const auto reader = open_bill(file);
      if (!reader && (reader.error().kind != base::ErrorKind::invalid || io::ParquetReader::is_missing(reader.error())))
        return base::pass_on(reader);
      if (reader) {
        add(file);
      } else {
        if (others++ == 0) why = reader.error().message;
      }
    }
    if (others == files.size())
      return base::fail(base::ErrorKind::invalid, "{}: of {} files none is a bill; the first: {}", folder, others, why);
    if (others > 0) {
      found_.notes.push_back(
          fmt::format("{}: {} files were passed over, as they are no bills; the first: {}", folder, others, why));
    }
    return {};
  }

  // Once, however many manifests or folders have it.
  void add(const std::string& file) {
    if (seen_.insert(file).second) found_.files.push_back(file);
  }

  BillFiles found_;
  std::set<std::string> seen_;
};

}  // namespace

ManifestsFound find_manifests(std::span<const std::string> files) {
  using Month = std::pair<std::string, base::Day>;
  std::map<Month, std::pair<fs::file_time_type, ManifestsFound::Newest>> newest;
  ManifestsFound found;
  for (const std::string& file : files) {
    if (!file.ends_with(".json")) continue;
    const auto manifest = read_manifest(file);
    if (!manifest) found.broken.emplace(file, manifest.error());
    if (!manifest || !*manifest) continue;
    found.paths.insert(file);
    const Month month{(*manifest)->report, (*manifest)->period ? (*manifest)->period->from : base::Day{}};
    const auto time = time_of(file);
    const auto known = newest.find(month);
    if (known == newest.end() || known->second.first < time) newest[month] = {time, {file, (*manifest)->files}};
  }
  for (auto& [month, of_month] : newest) found.newest.push_back(std::move(of_month.second));
  return found;
}

base::Result<BillFiles> find_bill_files(std::span<const std::string> paths) { return Finder().run(paths); }

}  // namespace costagent
