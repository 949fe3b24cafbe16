#include "io/gzip_reader.h"

#include <sys/stat.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace io {
namespace {

using base::ErrorKind;

constexpr int kWindowBitsOfGzip = 15 + 16;

}  // namespace

GzipReader::GzipReader(std::string path, std::unique_ptr<std::FILE, CloseFile> file)
    : path_(std::move(path)), file_(std::move(file)), block_(std::make_unique<std::array<unsigned char, kBlock>>()) {}

GzipReader::GzipReader(GzipReader&&) noexcept = default;

GzipReader::~GzipReader() {
  if (stream_) ::inflateEnd(stream_.get());
}

base::Result<GzipReader> GzipReader::open(const std::string& path) {
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
  GzipReader reader(path, std::move(file));
  reader.file_size_ = static_cast<std::uint64_t>(status.st_size);
  if (auto started = reader.start(); !started) return base::pass_on(started);
  return reader;
}

base::Result<> GzipReader::fill() {
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

// Looks at the first two bytes: 1f 8b is gzip (RFC 1952).
base::Result<> GzipReader::start() {
  if (auto filled = fill(); !filled) return filled;
  if (end_ < 2 || (*block_)[0] != 0x1f || (*block_)[1] != 0x8b) return {};
  stream_ = std::make_unique<z_stream_s>();
  std::memset(stream_.get(), 0, sizeof *stream_);
  if (::inflateInit2(stream_.get(), kWindowBitsOfGzip) != Z_OK) {
    stream_.reset();
    return base::fail(ErrorKind::internal, "{}: zlib can't be started", path_);
  }
  return {};
}

base::Result<std::size_t> GzipReader::read(char* buffer, std::size_t size) {
  if (stream_) return unpack(buffer, size);
  if (begin_ == end_) {
    if (file_ended_) return std::size_t{0};
    if (auto filled = fill(); !filled) return base::pass_on(filled);
  }
  const std::size_t taken = std::min(size, end_ - begin_);
  std::memcpy(buffer, block_->data() + begin_, taken);
  begin_ += taken;
  return taken;
}

base::Result<std::size_t> GzipReader::unpack(char* buffer, std::size_t size) {
  stream_->next_out = reinterpret_cast<unsigned char*>(buffer);
  stream_->avail_out = static_cast<unsigned>(std::min<std::size_t>(size, 1u << 30));
  const std::size_t room = stream_->avail_out;
  while (stream_->avail_out == room) {
    if (begin_ == end_ && !file_ended_) {
      if (auto filled = fill(); !filled) return base::pass_on(filled);
    }
    if (begin_ == end_) {
      if (member_ended_) return std::size_t{0};
      return base::fail(ErrorKind::invalid, "{}: its gzip data end too soon; was it copied whole?", path_);
    }
    if (member_ended_) {
      ::inflateReset(stream_.get());
      member_ended_ = false;
    }
    stream_->next_in = block_->data() + begin_;
    stream_->avail_in = static_cast<unsigned>(end_ - begin_);
    const int code = ::inflate(stream_.get(), Z_NO_FLUSH);
    begin_ = end_ - stream_->avail_in;
    if (code == Z_STREAM_END) {
      member_ended_ = true;
    } else if (code != Z_OK && code != Z_BUF_ERROR) {
      return base::fail(ErrorKind::invalid, "{}: its gzip data are damaged: {}", path_,
                        stream_->msg != nullptr ? stream_->msg : "unknown");
    }
  }
  const std::size_t size_out = room - stream_->avail_out;
  unpacked_ += size_out;
  if (unpacked_ > kRatioAllowed && unpacked_ / kMostRatio > position_) {
    return base::fail(ErrorKind::invalid, "{}: it unpacks to more than {} times its size, as no bill does", path_,
                      kMostRatio);
  }
  return size_out;
}

}  // namespace io
