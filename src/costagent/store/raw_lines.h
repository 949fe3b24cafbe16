// Raw lines of a part, gathered and packed into blocks.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "costagent/store/load_sink.h"

struct ZSTD_CCtx_s;

namespace costagent {

// Packs what it is given. Not thread-safe.
class Packer {
 public:
  Packer();
  ~Packer();
  Packer(const Packer&) = delete;
  Packer& operator=(const Packer&) = delete;

  base::Result<std::string> pack(std::string_view bytes);

 private:
  ZSTD_CCtx_s* context_;
  std::string space_;
};

// What `Packer` packed, of `size` bytes unpacked. Fails with `corrupt`.
base::Result<std::string> unpack(std::string_view packed, std::size_t size);

struct RawLines {
  std::string text;
  std::int64_t first = 0;  // the number of its first line
  std::int64_t lines = 0;

  void add(std::string_view line) {
    text.append(line).push_back('\n');
    ++lines;
  }
};

}  // namespace costagent
