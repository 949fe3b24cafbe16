#include "io/unpacker.h"

#define ZLIB_CONST  // so that it takes input as const
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <cstring>

namespace io {
namespace {

using base::ErrorKind;

constexpr int kWindowBitsOfGzip = 15 + 16;
constexpr int kWindowBitsOfZstd = 23;
constexpr std::size_t kMostAtOnce = std::size_t{1} << 30;  // zlib counts in unsigned int

class GzipUnpacker final : public Unpacker {
 public:
  GzipUnpacker() { std::memset(&stream_, 0, sizeof stream_); }
  ~GzipUnpacker() override {
    if (started_) ::inflateEnd(&stream_);
  }
  GzipUnpacker(const GzipUnpacker&) = delete;
  GzipUnpacker& operator=(const GzipUnpacker&) = delete;

  bool start() {
    started_ = ::inflateInit2(&stream_, kWindowBitsOfGzip) == Z_OK;
    return started_;
  }

  base::Result<Unpacked> unpack(std::span<const unsigned char> packed, std::span<char> room) override {
    if (member_ended_ && !packed.empty()) {
      ::inflateReset(&stream_);
      member_ended_ = false;
    }
    const auto in = static_cast<unsigned>(std::min(packed.size(), kMostAtOnce));
    const auto out = static_cast<unsigned>(std::min(room.size(), kMostAtOnce));
    stream_.next_in = packed.data();
    stream_.avail_in = in;
    stream_.next_out = reinterpret_cast<unsigned char*>(room.data());
    stream_.avail_out = out;
    const int code = member_ended_ ? Z_BUF_ERROR : ::inflate(&stream_, Z_NO_FLUSH);
    if (code == Z_STREAM_END) {
      member_ended_ = true;
    } else if (code != Z_OK && code != Z_BUF_ERROR) {
      return base::fail(ErrorKind::invalid, "its gzip data are damaged: {}",
                        stream_.msg != nullptr ? stream_.msg : "unknown");
    }
    return Unpacked{in - stream_.avail_in, out - stream_.avail_out, member_ended_};
  }

 private:
  z_stream stream_;
  bool started_ = false;
  bool member_ended_ = false;  // a gzip file may hold several members, one after the other
};

class ZstdUnpacker final : public Unpacker {
 public:
  ZstdUnpacker() : stream_(::ZSTD_createDStream()) {}
  ~ZstdUnpacker() override { ::ZSTD_freeDStream(stream_); }
  ZstdUnpacker(const ZstdUnpacker&) = delete;
  ZstdUnpacker& operator=(const ZstdUnpacker&) = delete;

  bool start() {
    return stream_ != nullptr &&
           ::ZSTD_isError(::ZSTD_DCtx_setParameter(stream_, ZSTD_d_windowLogMax, kWindowBitsOfZstd)) == 0;
  }

  base::Result<Unpacked> unpack(std::span<const unsigned char> packed, std::span<char> room) override {
    if (whole_ && packed.empty()) return Unpacked{0, 0, true};  // zstd would begin another frame
    ZSTD_inBuffer in{packed.data(), packed.size(), 0};
    ZSTD_outBuffer out{room.data(), room.size(), 0};
    const std::size_t code = ::ZSTD_decompressStream(stream_, &out, &in);
    if (::ZSTD_isError(code) != 0) {
      if (::ZSTD_getErrorCode(code) == ZSTD_error_frameParameter_windowTooLarge) {
        return base::fail(ErrorKind::invalid,
                          "its zstd window is above 8 MiB; pack it without --long and below level 20");
      }
      return base::fail(ErrorKind::invalid, "its zstd data are damaged: {}", ::ZSTD_getErrorName(code));
    }
    whole_ = code == 0;
    return Unpacked{in.pos, out.pos, whole_};
  }

 private:
  ZSTD_DStream* stream_;
  bool whole_ = false;  // the last frame ended, and everything of it was given out
};

bool begins_with(std::span<const unsigned char> bytes, std::initializer_list<unsigned char> magic) {
  return bytes.size() >= magic.size() && std::equal(magic.begin(), magic.end(), bytes.begin());
}

template <class Kind>
base::Result<std::unique_ptr<Unpacker>> started(const char* library) {
  auto unpacker = std::make_unique<Kind>();
  if (!unpacker->start()) return base::fail(ErrorKind::internal, "{} can't be started", library);
  return std::unique_ptr<Unpacker>(std::move(unpacker));
}

}  // namespace

base::Result<std::unique_ptr<Unpacker>> make_unpacker(std::span<const unsigned char> beginning) {
  if (begins_with(beginning, {0x1f, 0x8b})) return started<GzipUnpacker>("zlib");  // RFC 1952
  // RFC 8878. Tools that pack in parallel put a frame in front that is to be skipped.
  if (begins_with(beginning, {0x28, 0xb5, 0x2f, 0xfd})) return started<ZstdUnpacker>("zstd");
  if (beginning.size() >= 4 && (beginning[0] & 0xf0) == 0x50 && begins_with(beginning.subspan(1), {0x2a, 0x4d, 0x18}))
    return started<ZstdUnpacker>("zstd");
  return std::unique_ptr<Unpacker>();
}

}  // namespace io
