// A file that appears whole or not at all.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace loadlab {

class OutputFile {
 public:
  // Makes sure before the run that there will be a place for its result: opens a file without a name beside `path`. The
  // folder must exist. `-` is standard output. Fails (io) with the reason.
  static base::Result<OutputFile> open(const std::string& path);

  OutputFile(OutputFile&& other) noexcept;
  OutputFile& operator=(OutputFile&&) = delete;
  ~OutputFile();

  // Writes all of it and gives the file its name, replacing what was there.
  base::Result<> write(std::string_view text);

  const std::string& path() const { return path_; }

 private:
  OutputFile(std::string path, std::string temporary, int fd);

  std::string path_;
  std::string temporary_;
  bool nameless_ = false;
  int fd_;
};

}  // namespace loadlab
