// Unpacks a stream of packed bytes piece by piece: what gzip and zstd have in common.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "base/result.h"

namespace io {

// What one call has used and made.
struct Unpacked {
  std::size_t read = 0;
  std::size_t written = 0;
  bool may_end = false;  // the packed data are whole so far: the file may end here, or another member may follow
};

// Not thread-safe.
class Unpacker {
 public:
  virtual ~Unpacker() = default;

  // Unpacks from the front of `packed` into `room`, until one of them is used up or a member ends. Neither read nor
  // written means that it needs more of `packed`. Fails (invalid, a clause without a subject) when the data are
  // damaged.
  virtual base::Result<Unpacked> unpack(std::span<const unsigned char> packed, std::span<char> room) = 0;
};

// For data that begin with these bytes, or none when they aren't packed in a way that is known. Fails (internal) when
// the library can't be started. A zstd window is at most 8 MiB, which RFC 8878 asks every decoder for: memory is
// bounded by it, whatever the file says.
base::Result<std::unique_ptr<Unpacker>> make_unpacker(std::span<const unsigned char> beginning);

}  // namespace io
