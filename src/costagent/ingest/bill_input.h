// A bill's bytes, unpacked, from front to end, with what identifies them.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "io/digest.h"
#include "io/packed_reader.h"

namespace costagent {

// Not thread-safe. Memory: 64 KiB and the reader's.
class BillInput {
 public:
  // How much is looked at before anything else is decided, and what `beginning_digest` is of.
  static constexpr std::size_t kBeginning = std::size_t{64} * 1024;

  // Fails as PackedReader does.
  static base::Result<std::unique_ptr<BillInput>> open(const std::string& path);

  const std::string& path() const { return path_; }
  std::string_view beginning() const { return beginning_; }
  const std::string& beginning_digest() const { return beginning_digest_; }

  // From the first byte on: up to `size` of them, 0 at the end. Fails as PackedReader does.
  base::Result<std::size_t> read(char* buffer, std::size_t size);

  // How much of the file, packed as it is, has been read, 0 to 1.
  double progress() const;

  // Of everything that `read` gave away. Called once, after the end.
  std::string digest() { return digest_.hex(); }

 private:
  BillInput(std::string path, io::PackedReader reader) : path_(std::move(path)), reader_(std::move(reader)) {}

  std::string path_;
  io::PackedReader reader_;
  std::string beginning_;
  std::size_t given_ = 0;  // of the beginning
  std::string beginning_digest_;
  io::Sha256 digest_;
};

}  // namespace costagent
