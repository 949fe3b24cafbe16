#include "io/packed_reader.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace io {

using base::ErrorKind;

PackedReader::PackedReader(std::string path, std::unique_ptr<std::FILE, CloseFile> file)
    : path_(std::move(path)), file_(std::move(file)), block_(std::make_unique<std::array<unsigned char, kBlock>>()) {}

base::Result<PackedReader> PackedReader::open(const std::string& path) {
  const auto unreadable = [&path](int error) {
    return base::fail(error == ENOENT ? ErrorKind::not_found : ErrorKind::io, "{} can't be read: {}", path,
                      std::strerror(error));
  };
  // Looked at before it is opened, as opening a pipe waits for somebody to write into it.
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return unreadable(errno);
  if (!S_ISREG(status.st_mode)) {
    return base::fail(ErrorKind::invalid, "{} can't be read: it is {}", path,
                      S_ISDIR(status.st_mode) ? "a folder" : "not a plain file");
  }
  std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.c_str(), "rbe"));
  if (!file) return unreadable(errno);
  PackedReader reader(path, std::move(file));
  reader.file_size_ = static_cast<std::uint64_t>(status.st_size);
  if (auto started = reader.start(); !started) return base::pass_on(started);
  return reader;
}

base::Result<> PackedReader::fill() {
  begin_ = 0;
  end_ = std::fread(block_->data(), 1, kBlock, file_.get());
  position_ += end_;
  if (end_ < kBlock) {
    if (std::ferror(file_.get()) != 0)
      return base::fail(ErrorKind::io, "{} can't be read: {}", path_, std::strerror(errno));
    file_ended_ = true;
  }
  return {};
}

base::Result<> PackedReader::start() {
  if (auto filled = fill(); !filled) return filled;
  auto unpacker = make_unpacker({block_->data(), end_});
  if (!unpacker) return base::fail(unpacker.error().kind, "{}: {}", path_, unpacker.error().message);
  unpacker_ = std::move(*unpacker);
  return {};
}

base::Result<std::size_t> PackedReader::read(char* buffer, std::size_t size) {
  if (unpacker_) return unpack(buffer, size);
  if (begin_ == end_) {
    if (file_ended_) return std::size_t{0};
    if (auto filled = fill(); !filled) return base::pass_on(filled);
  }
  const std::size_t taken = std::min(size, end_ - begin_);
  std::memcpy(buffer, block_->data() + begin_, taken);
  begin_ += taken;
  return taken;
}

base::Result<std::size_t> PackedReader::unpack(char* buffer, std::size_t size) {
  std::size_t written = 0;
  while (written == 0) {
    if (begin_ == end_ && !file_ended_) {
      if (auto filled = fill(); !filled) return base::pass_on(filled);
    }
    if (begin_ == end_ && may_end_) return std::size_t{0};
    // Called without packed data, too: it may hold back some that the buffer had no room for.
    const auto step = unpacker_->unpack({block_->data() + begin_, end_ - begin_}, {buffer, size});
    if (!step) return base::fail(step.error().kind, "{}: {}", path_, step.error().message);
    begin_ += step->read;
    written = step->written;
    may_end_ = step->may_end;
    if (begin_ == end_ && file_ended_ && written == 0 && !may_end_)
      return base::fail(ErrorKind::invalid, "{}: its packed data end too soon; was it copied whole?", path_);
  }
  unpacked_ += written;
  if (unpacked_ > kRatioAllowed && unpacked_ / kMostRatio > position_) {
    return base::fail(ErrorKind::invalid, "{}: it unpacks to more than {} times its size, as no bill does", path_,
                      kMostRatio);
  }
  return written;
}

}  // namespace io
