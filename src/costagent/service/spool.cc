#include "costagent/service/spool.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <vector>

namespace costagent {
namespace {

namespace fs = std::filesystem;
using base::ErrorKind;

constexpr std::size_t kIdLength = 16;
constexpr std::size_t kLongestName = 128;
// How much is written before it is looked again whether there is room.
constexpr std::uint64_t kLookAgain = std::uint64_t{16} << 20;
// A sweep may take an empty folder, or one whose file isn't locked yet, away under the one who makes it.
constexpr int kTries = 5;

bool is_id(std::string_view name) {
  return name.size() == kIdLength && name.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

base::Failure no_room() {
  return base::fail(ErrorKind::unavailable, "there is no room for what is sent: try again later");
}

// Whoever asks is told no paths of this machine.
base::Failure failed(const char* what) {
  const int error = errno;
  if (error == ENOSPC || error == EDQUOT || error == EFBIG) return no_room();
  return base::fail(ErrorKind::io, "what is sent can't be kept: {}: {}", what, std::strerror(error));
}

// The lock of whoever is writing it; ends with the descriptor.
bool lock(int file, bool wait) {
  while (::flock(file, wait ? LOCK_EX : LOCK_EX | LOCK_NB) != 0) {
    if (errno != EINTR) return false;
  }
  return true;
}

void remove_folder(const std::string& folder) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) ::unlink(entry.path().c_str());
  ::rmdir(folder.c_str());
}

}  // namespace

base::Result<> Spool::check_name(std::string_view name) {
  constexpr std::string_view kGood = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
  if (!name.empty() && name.size() <= kLongestName && name[0] != '.' &&
      name.find_first_not_of(kGood) == std::string_view::npos) {
    return {};
  }
  return base::fail_field("name", "expected 1 to {} letters, digits, '.', '_' or '-', the first one no '.'",
                          kLongestName);
}

std::unique_ptr<SpooledFile> Spool::begin(std::string id, std::string name, std::uint64_t expected) const {
  return std::unique_ptr<SpooledFile>(new SpooledFile(*this, std::move(id), std::move(name), expected));
}

base::Result<> Spool::make_folder() const {
  for (const std::string& folder : {options_.folder, own_}) {
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return failed("its folder can't be made");
    struct stat status {};
    if (::lstat(folder.c_str(), &status) != 0) return failed("its folder can't be read");
    // In a folder for everybody, as /tmp is, somebody else may have been there first.
    if (!S_ISDIR(status.st_mode) || (status.st_uid != ::geteuid() && status.st_uid != 0) ||
        (status.st_mode & S_IWOTH) != 0)
      return base::fail(ErrorKind::io, "what is sent can't be kept: {} is no folder that only this user may write to",
                        folder);
  }
  return {};
}

base::Result<> Spool::check_room(std::uint64_t wanted) const {
  struct statvfs disk {};
  if (::statvfs(own_.c_str(), &disk) != 0) return failed("its folder can't be read");
  const std::uint64_t free = std::uint64_t{disk.f_bavail} * disk.f_frsize;
  if (free < options_.spare || free - options_.spare < wanted) return no_room();
  return {};
}

base::Result<std::string> Spool::find(const std::string& id, const std::string& name, std::uint64_t size) const {
  std::string path = folder_of(id) + "/" + name;
  struct stat status {};
  if (is_id(id) && check_name(name) && ::lstat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
      static_cast<std::uint64_t>(status.st_size) == size) {
    return path;
  }
  return base::fail(ErrorKind::not_found,
                    "what was sent as {} is not here any more, or not on this machine: send it again", name);
}

void Spool::remove(const std::string& id) const {
  if (is_id(id)) remove_folder(folder_of(id));
}

base::Result<> Spool::sweep(const std::function<base::Result<bool>(const std::string& id)>& is_wanted) const {
  std::vector<std::string> ids;
  std::error_code error;
  for (auto at = fs::directory_iterator(own_, error); !error && at != fs::end(at); at.increment(error)) {
    const std::string name = at->path().filename().string();
    if (is_id(name) && at->is_directory(error) && !at->is_symlink(error)) ids.push_back(name);
  }
  // Where nothing was ever sent there is no folder.
  for (const std::string& id : ids) {
    std::vector<base::UniqueFd> locked;
    bool written = false;
    for (const auto& entry : fs::directory_iterator(folder_of(id), error)) {
      base::UniqueFd file(::open(entry.path().c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
      written = written || file.get() < 0 || !lock(file.get(), false);
      locked.push_back(std::move(file));
    }
    if (written) continue;
    const auto wanted = is_wanted(id);
    if (!wanted) return base::pass_on(wanted);
    if (!*wanted) remove_folder(folder_of(id));
  }
  return {};
}

SpooledFile::~SpooledFile() {
  if (!kept_ && file_.get() >= 0) spool_.remove(id_);
}

base::Result<> SpooledFile::make() {
  if (const auto made = spool_.make_folder(); !made) return made;
  if (const auto room = spool_.check_room(expected_); !room) return room;
  const std::string folder = spool_.folder_of(id_);
  const std::string path = folder + "/" + name_;
  for (int i = 0; i < kTries; ++i) {
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return failed("its folder can't be made");
    base::UniqueFd file(::open(path.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (file.get() < 0 && errno == ENOENT) continue;
    if (file.get() < 0) return failed("its file can't be made");
    struct stat status {};
    if (!lock(file.get(), true) || ::fstat(file.get(), &status) != 0) return failed("its file can't be locked");
    if (status.st_nlink == 0) continue;
    file_ = std::move(file);
    return {};
  }
  return base::fail(ErrorKind::io, "what is sent can't be kept: its file is taken away again and again");
}

base::Result<> SpooledFile::write(std::string_view part) {
  if (file_.get() < 0) {
    if (const auto made = make(); !made) return made;
  }
  while (!part.empty()) {
    const auto written = ::write(file_.get(), part.data(), part.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return failed("it can't be written");
    const auto count = static_cast<std::uint64_t>(written);
    const bool look = (size_ + count) / kLookAgain != size_ / kLookAgain;
    size_ += count;
    part.remove_prefix(count);
    if (!look) continue;
    if (const auto room = spool_.check_room(0); !room) return room;
  }
  return {};
}

base::Result<> SpooledFile::sync() {
  if (file_.get() >= 0 && ::fdatasync(file_.get()) != 0) return failed("it can't be written");
  return {};
}

}  // namespace costagent
