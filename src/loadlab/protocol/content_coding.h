// Undoes what a server did to a body on its way (RFC 9110, 8.4), where somebody looks at the body.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "loadlab/result/tally.h"

struct z_stream_s;  // zlib's

namespace loadlab {

enum class Coding : std::uint8_t { identity, gzip, deflate, brotli, other };

// What a Content-Encoding header names. Several codings, one over the other, are `other`: nobody asks for those.
Coding coding_of(std::string_view value);

// Keeps its memory from one body to the next. Not thread-safe; one a worker.
class BodyDecoder {
 public:
  BodyDecoder();
  BodyDecoder(const BodyDecoder&) = delete;
  BodyDecoder& operator=(const BodyDecoder&) = delete;
  ~BodyDecoder();

  // The body as it was before, until the next call; at most Http1Parser::kMaxKeptBody of it, with `was_cut` set where
  // there is more: a few kilobytes can unpack to gigabytes. `was_cut` as it comes in says that the end of what is given
  // is missing. Sets `fault` where it can't be undone.
  std::string_view decode(Coding coding, std::string_view body, bool& was_cut, Fault& fault);

 private:
  enum class End { whole, cut, missing, broken };

  End inflate(std::string_view body, int window_bits);
  End unbrotli(std::string_view body);
  bool grow(std::size_t used);

  std::unique_ptr<z_stream_s> zlib_;
  std::string out_;
};

}  // namespace loadlab
