#include "costagent/store/raw_lines.h"

#include <zstd.h>

#include <new>

namespace costagent {
namespace {

// zstd's quickest level proper packs bills 15:1 already, at several hundred megabytes a second.
constexpr int kLevel = 1;

}  // namespace

Packer::Packer() : context_(::ZSTD_createCCtx()) {
  if (context_ == nullptr) throw std::bad_alloc();
}
Packer::~Packer() { ::ZSTD_freeCCtx(context_); }

base::Result<std::string> Packer::pack(std::string_view bytes) {
  space_.resize(::ZSTD_compressBound(bytes.size()));
  const std::size_t size =
      ::ZSTD_compressCCtx(context_, space_.data(), space_.size(), bytes.data(), bytes.size(), kLevel);
  if (::ZSTD_isError(size) != 0)
    return base::fail(base::ErrorKind::internal, "zstd can't pack {} bytes: {}", bytes.size(),
                      ::ZSTD_getErrorName(size));
  return std::string(space_, 0, size);
}

base::Result<std::string> unpack(std::string_view packed, std::size_t size) {
  std::string bytes(size, '\0');
  const std::size_t unpacked = ::ZSTD_decompress(bytes.data(), bytes.size(), packed.data(), packed.size());
  if (::ZSTD_isError(unpacked) != 0 || unpacked != size)
    return base::fail(base::ErrorKind::corrupt, "the database's raw lines can't be unpacked");
  return bytes;
}

}  // namespace costagent
