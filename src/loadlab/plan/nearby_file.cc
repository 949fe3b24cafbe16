#include "loadlab/plan/nearby_file.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <fstream>

namespace loadlab {

using base::ErrorKind;
using base::fail;

base::Result<std::string> find_nearby_file(const std::string& folder, const std::string& name, std::size_t most_bytes) {
  const std::string path = name.starts_with('/') ? name : folder + name;
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0)
    return fail(errno == ENOENT ? ErrorKind::not_found : ErrorKind::io, "{}: {}", path, std::strerror(errno));
  if (!S_ISREG(status.st_mode) || static_cast<std::size_t>(status.st_size) > most_bytes)
    return fail(ErrorKind::invalid, "{}: is not a file of at most {} MB", path, most_bytes / 1'000'000);
  return path;
}

base::Result<std::string> read_nearby_file(const std::string& path, std::size_t most_bytes) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail(ErrorKind::io, "{}: can't be opened: {}", path, std::strerror(errno));
  file.seekg(0, std::ios::end);
  const std::streamoff size = file.tellg();
  if (size < 0 || static_cast<std::size_t>(size) > most_bytes)
    return fail(ErrorKind::invalid, "{}: is not a file of at most {} MB", path, most_bytes / 1'000'000);
  std::string text(static_cast<std::size_t>(size), '\0');
  file.seekg(0);
  file.read(text.data(), size);
  if (file.bad()) return fail(ErrorKind::io, "{}: can't be read: {}", path, std::strerror(errno));
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text;
}

}  // namespace loadlab
