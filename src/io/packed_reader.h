// Reads a file from front to end in blocks, unpacking it if it is gzip or zstd, whatever its name.
#pragma once

#include <array>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>

#include "base/result.h"
#include "io/unpacker.h"

namespace io {

// Not thread-safe. Memory: one block of 64 KiB and what unpacking needs (gzip 40 KiB, zstd up to 9 MiB), whatever the
// file's size.
class PackedReader {
 public:
  // Fails with `not_found` when there is no such file, `invalid` when it is no plain file but a folder, a pipe or a
  // device, and `io` when it can't be read.
  static base::Result<PackedReader> open(const std::string& path);

  PackedReader(PackedReader&&) noexcept = default;

  // Puts up to `size` bytes into the buffer; 0 is the end. Fails with `invalid` when the packed data are damaged, end
  // too soon or unpack to more than a text can, and with `io` when reading fails.
  base::Result<std::size_t> read(char* buffer, std::size_t size);

  // How far into the file, packed as it is, reading has come: for progress.
  std::uint64_t position() const { return position_; }
  std::uint64_t file_size() const { return file_size_; }

 private:
  struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  // Bills pack to a twentieth, the dullest to a hundredth. What unpacks to more than this many times its size, and to
  // more than 256 MB, was made to fill disks.
  static constexpr std::uint64_t kMostRatio = 300;
  static constexpr std::uint64_t kRatioAllowed = std::uint64_t{256} * 1024 * 1024;
  static constexpr std::size_t kBlock = std::size_t{64} * 1024;

  explicit PackedReader(std::string path, std::unique_ptr<std::FILE, CloseFile> file);
  base::Result<> fill();
  base::Result<> start();
  base::Result<std::size_t> unpack(char* buffer, std::size_t size);

  std::string path_;
  std::unique_ptr<std::FILE, CloseFile> file_;
  std::unique_ptr<std::array<unsigned char, kBlock>> block_;
  std::size_t begin_ = 0;  // of what is still to be used in the block
  std::size_t end_ = 0;
  bool file_ended_ = false;
  bool may_end_ = false;                // the packed data are whole so far
  std::unique_ptr<Unpacker> unpacker_;  // none for a plain file
  std::uint64_t position_ = 0;
  std::uint64_t file_size_ = 0;
  std::uint64_t unpacked_ = 0;
};

}  // namespace io
