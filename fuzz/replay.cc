// Feeds a fuzz target its seeds without a fuzzer, so that every build and sanitizer tries them.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int main(int argc, char** argv) {
  int played = 0;
  for (int i = 1; i < argc; ++i) {
    for (const auto& entry : std::filesystem::directory_iterator(argv[i])) {
      std::ifstream file(entry.path(), std::ios::binary);
      const std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
      std::printf("%s\n", entry.path().c_str());
      std::fflush(stdout);  // names the culprit where one crashes
      // Whole, and cut off at every so many bytes.
      for (std::size_t size = bytes.size();; size -= std::min(size, 1 + bytes.size() / 64)) {
        LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), size);
        ++played;
        if (size == 0) break;
      }
    }
  }
  std::printf("%d inputs played\n", played);
  return played > 0 ? 0 : 1;
}
