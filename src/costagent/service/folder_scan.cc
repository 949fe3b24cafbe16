#include "costagent/service/folder_scan.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "costagent/domain/customer.h"
#include "costagent/domain/same_word.h"

namespace costagent {
namespace {

namespace fs = std::filesystem;

// What browsers, rsync, WinSCP, editors and careful scripts call a file until it is whole.
constexpr auto kUnfinished = std::to_array<std::string_view>(
    {".tmp", ".temp", ".part", ".partial", ".filepart", ".crdownload", ".download", ".swp", ".lock"});

base::Failure unreadable(const std::string& folder, const char* why) {
  return base::fail(base::ErrorKind::io, "{}: the folder can't be read: {}", folder, why);
}

std::int64_t nanoseconds(const timespec& time) { return time.tv_sec * std::int64_t{1'000'000'000} + time.tv_nsec; }

std::string why_refused(mode_t mode) {
  if (S_ISLNK(mode)) return "a symbolic link";
  return "neither a file nor a folder";
}

class Scan {
 public:
  Scan(std::string folder, std::size_t most) : folder_(std::move(folder)), most_(most) {}

  base::Result<FolderContents> run() {
    if (auto done = enter("", 0); !done) return base::pass_on(done);
    std::sort(found_.files.begin(), found_.files.end(),
              [](const FoundFile& one, const FoundFile& other) { return one.path < other.path; });
    return std::move(found_);
  }

 private:
  base::Result<> enter(const std::string& below, int depth) {
    const std::string folder = below.empty() ? folder_ : folder_ + "/" + below;
    std::error_code error;
    for (auto at = fs::directory_iterator(folder, error); !error && at != fs::end(at); at.increment(error)) {
      const std::string name = at->path().filename().string();
      if (is_passed_over(name)) continue;
      if (auto looked = look_at(below.empty() ? name : below + "/" + name, depth); !looked) return looked;
    }
    const bool went = error == std::errc::no_such_file_or_directory && depth > 0;
    if (error && !went) return unreadable(folder, error.message().c_str());
    return {};
  }

  base::Result<> look_at(const std::string& path, int depth) {
    struct stat status {};
    if (::lstat((folder_ + "/" + path).c_str(), &status) != 0) return {};
    if (S_ISDIR(status.st_mode)) {
      if (depth + 1 < kDeepestFolder) return enter(path, depth + 1);
      found_.refused.insert(fmt::format("{}: deeper than {} folders", path, kDeepestFolder));
      return {};
    }
    if (!S_ISREG(status.st_mode)) {
      found_.refused.insert(path + ": " + why_refused(status.st_mode));
      return {};
    }
    if (found_.files.size() >= most_)
      return base::fail(base::ErrorKind::too_large, "{}: there are more than {} files to watch", folder_, most_);
    found_.files.push_back({path, {status.st_size, nanoseconds(status.st_mtim), nanoseconds(status.st_ctim)}});
    return {};
  }

  const std::string folder_;
  const std::size_t most_;
  FolderContents found_;
};

}  // namespace

bool is_passed_over(std::string_view name) {
  if (name.starts_with('.') || name.starts_with('~') || name.ends_with('~')) return true;
  return std::any_of(kUnfinished.begin(), kUnfinished.end(), [name](std::string_view end) {
    return name.size() > end.size() && same_word(name.substr(name.size() - end.size()), end);
  });
}

base::Result<FolderContents> scan_folder(const std::string& folder, std::size_t most) {
  return Scan(folder, most).run();
}

base::Result<CustomerFolders> find_customers(const std::string& folder) {
  CustomerFolders found;
  std::error_code error;
  for (auto at = fs::directory_iterator(folder, error); !error && at != fs::end(at); at.increment(error)) {
    const std::string name = at->path().filename().string();
    if (is_passed_over(name)) continue;
    struct stat status {};
    if (::lstat(at->path().c_str(), &status) != 0) continue;
    if (!S_ISDIR(status.st_mode)) {
      found.refused.insert(
          name + (S_ISREG(status.st_mode) ? ": it lies in no customer's folder" : ": " + why_refused(status.st_mode)));
    } else if (const auto good = check_customer(name); !good) {
      found.refused.insert(name + ": " + good.error().message);
    } else {
      found.customers.push_back(name);
    }
  }
  if (error) return unreadable(folder, error.message().c_str());
  std::sort(found.customers.begin(), found.customers.end());
  return found;
}

}  // namespace costagent
