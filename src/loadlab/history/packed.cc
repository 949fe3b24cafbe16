#include "loadlab/history/packed.h"

#include <zlib.h>

#include <array>
#include <cassert>

namespace loadlab {

std::string pack(std::string_view text) {
  if (text.empty()) return {};
  uLongf size = ::compressBound(text.size());
  std::string packed(size, '\0');
  // It fails only without memory, or with less room than it asked for.
  [[maybe_unused]] const int good =
      ::compress2(reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<const Bytef*>(text.data()),
                  text.size(), Z_DEFAULT_COMPRESSION);
  assert(good == Z_OK);
  packed.resize(size);
  return packed;
}

base::Result<std::string> unpack(std::string_view bytes) {
  if (bytes.empty() || bytes.front() == '{') return std::string(bytes);
  z_stream stream{};
  if (::inflateInit(&stream) != Z_OK) return base::fail(base::ErrorKind::internal, "no memory to unpack it");
  // zlib takes what it only reads as something to be written.
  stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::string text;
  std::array<char, 64 * 1024> part;
  int state = Z_OK;
  while (state == Z_OK) {
    stream.next_out = reinterpret_cast<Bytef*>(part.data());
    stream.avail_out = part.size();
    state = ::inflate(&stream, Z_NO_FLUSH);
    text.append(part.data(), part.size() - stream.avail_out);
  }
  ::inflateEnd(&stream);
  if (state != Z_STREAM_END)
    return base::fail(base::ErrorKind::corrupt, "what was packed is cut, or is something else");
  return text;
}

}  // namespace loadlab
