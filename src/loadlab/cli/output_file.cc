#include "loadlab/cli/output_file.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

namespace loadlab {
namespace {

constexpr mode_t kReadableByAll = 0644;

constexpr const char* kUnique = ".XXXXXX";

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash + 1);
}

base::Result<> write_all(int fd, std::string_view text, const std::string& path) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return base::fail(base::ErrorKind::io, "{} can't be written: {}", path, std::strerror(errno));
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

}  // namespace

base::Result<OutputFile> OutputFile::open(const std::string& path) {
  if (path == "-") return OutputFile(path, "", STDOUT_FILENO);
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode)) {
    return base::fail(base::ErrorKind::io, "{} can't be written: it is a folder", path);
  }
  // A device or a pipe has no place beside it, and is not to be replaced.
  if (::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode)) {
    const int fd = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (fd < 0) return base::fail(base::ErrorKind::io, "{} can't be written: {}", path, std::strerror(errno));
    return OutputFile(path, "", fd);
  }
  // A file without a name vanishes with the process, however that ends; not every file system has such.
  std::string temporary;
  int fd = ::open(folder_of(path).c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, kReadableByAll);
  if (fd < 0) {
    temporary = path + kUnique;
    fd = ::mkostemp(temporary.data(), O_CLOEXEC);
  }
  if (fd < 0) return base::fail(base::ErrorKind::io, "{} can't be written: {}", path, std::strerror(errno));
  const mode_t mask = ::umask(0);
  ::umask(mask);
  ::fchmod(fd, kReadableByAll & ~mask);
  OutputFile file(path, temporary, fd);
  file.nameless_ = temporary.empty();
  return file;
}

OutputFile::OutputFile(std::string path, std::string temporary, int fd)
    : path_(std::move(path)), temporary_(std::move(temporary)), fd_(fd) {}

OutputFile::OutputFile(OutputFile&& other) noexcept
    : path_(std::move(other.path_)),
      temporary_(std::exchange(other.temporary_, std::string())),
      nameless_(other.nameless_),
      fd_(std::exchange(other.fd_, -1)) {}

OutputFile::~OutputFile() {
  if (fd_ > STDERR_FILENO) ::close(fd_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

base::Result<> OutputFile::write(std::string_view text) {
  if (auto written = write_all(fd_, text, path_); !written) return written;
  if (nameless_) {
    // Linking never replaces a file, renaming does.
    std::string name = path_ + kUnique;
    const int reserved = ::mkostemp(name.data(), O_CLOEXEC);
    if (reserved >= 0) ::close(reserved);
    ::unlink(name.c_str());
    const std::string self = fmt::format("/proc/self/fd/{}", fd_);
    if (::linkat(AT_FDCWD, self.c_str(), AT_FDCWD, name.c_str(), AT_SYMLINK_FOLLOW) != 0)
      return base::fail(base::ErrorKind::io, "{} can't be written: {}", path_, std::strerror(errno));
    nameless_ = false;
    temporary_ = name;
  }
  if (temporary_.empty()) return {};
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) {
    return base::fail(base::ErrorKind::io, "{} can't be written: {}", path_, std::strerror(errno));
  }
  temporary_.clear();
  return {};
}

}  // namespace loadlab
