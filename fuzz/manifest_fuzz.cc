// Any bytes are a manifest, something else, or a complaint: never a crash, and never a file outside of its folder.
#include <stdlib.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>

#include "costagent/ingest/manifest.h"

namespace {

namespace fs = std::filesystem;

void require(bool holds) {
  if (!holds) std::abort();
}

// A folder whose files the seeds name, beside one that nothing may name.
class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "manifest-fuzz-XXXXXX").string();
    require(::mkdtemp(name.data()) != nullptr);
    root_ = name;
    fs::create_directories(root_ / "in" / "a-1");
    std::ofstream(root_ / "secret") << "x";
    for (const char* file : {"x", "a-1/x", "part_0_0001.csv"}) std::ofstream(root_ / "in" / file) << "x";
  }
  ~Folder() { fs::remove_all(root_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string inside() const { return (root_ / "in").string() + "/"; }

 private:
  fs::path root_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Folder folder;
  const std::string path = folder.inside() + "manifest.json";
  std::ofstream(path, std::ios::binary).write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
  const auto manifest = costagent::read_manifest(path);
  if (!manifest) {
    require(!manifest.error().message.empty());
    return 0;
  }
  if (!*manifest) return 0;
  require(!(*manifest)->files.empty());
  for (const std::string& file : (*manifest)->files) {
    require(file.starts_with(folder.inside()) && file.find("/../") == std::string::npos);
  }
  if ((*manifest)->period) require((*manifest)->period->from < (*manifest)->period->to);
  return 0;
}
