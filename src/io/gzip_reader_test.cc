#include "io/gzip_reader.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <zlib.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace io {
namespace {

namespace fs = std::filesystem;

class GzipReaderTest : public testing::Test {
 protected:
  GzipReaderTest() {
    std::string name = (fs::temp_directory_path() / "gzip-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    for (int i = 0; i < 50'000; ++i) text_ += std::to_string(i * 7919 % 10007) + ",";
  }
  ~GzipReaderTest() override { fs::remove_all(folder_); }

  std::string plain(const std::string& text) const {
    std::string path = (folder_ / "plain").string();
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }
  // Each text becomes a gzip member of its own.
  std::string packed(const std::vector<std::string>& texts) const {
    std::string path = (folder_ / "packed").string();
    for (const std::string& text : texts) {
      gzFile file = ::gzopen(path.c_str(), "ab");
      ::gzwrite(file, text.data(), static_cast<unsigned>(text.size()));
      ::gzclose(file);
    }
    return path;
  }
  // How long the text is.
  static base::Result<std::size_t> read_size(const std::string& path) {
    auto reader = GzipReader::open(path);
    if (!reader) return base::pass_on(reader);
    std::vector<char> buffer(1 << 20);
    for (std::size_t whole = 0;;) {
      const auto size = reader->read(buffer.data(), buffer.size());
      if (!size) return base::pass_on(size);
      if (*size == 0) return whole;
      whole += *size;
    }
  }
  static base::Result<std::string> read_all(const std::string& path) {
    auto reader = GzipReader::open(path);
    if (!reader) return base::pass_on(reader);
    std::string text;
    char buffer[1000];
    for (;;) {
      const auto size = reader->read(buffer, sizeof buffer);
      if (!size) return base::pass_on(size);
      if (*size == 0) return text;
      text.append(buffer, *size);
    }
  }

  fs::path folder_;
  std::string text_;
};

TEST_F(GzipReaderTest, plain_and_packed_files_read_the_same) {
  EXPECT_EQ(read_all(plain(text_)).value(), text_);
  EXPECT_EQ(read_all(packed({text_})).value(), text_);
  EXPECT_EQ(read_all(plain("")).value(), "");
  EXPECT_EQ(read_all(plain("x")).value(), "x");
}

TEST_F(GzipReaderTest, several_members_are_one_text) {
  EXPECT_EQ(read_all(packed({text_, "", "tail"})).value(), text_ + "tail");
}

TEST_F(GzipReaderTest, a_file_cut_short_is_an_error_wherever_it_is_cut) {
  const std::string path = packed({text_});
  const auto whole = fs::file_size(path);
  for (const auto size : {whole - 1, whole - 8, whole / 2, std::uintmax_t{12}, std::uintmax_t{2}}) {
    fs::resize_file(path, size);
    EXPECT_EQ(read_all(path).error().kind, base::ErrorKind::invalid) << size;
  }
}

TEST_F(GzipReaderTest, damaged_data_are_an_error) {
  const std::string path = packed({text_});
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(static_cast<std::streamoff>(fs::file_size(path) / 2));
  file << "damage";
  file.close();
  EXPECT_EQ(read_all(path).error().kind, base::ErrorKind::invalid);
}

TEST_F(GzipReaderTest, says_what_cannot_be_read) {
  EXPECT_EQ(read_all((folder_ / "missing").string()).error().kind, base::ErrorKind::not_found);
  EXPECT_NE(read_all(folder_.string()).error().message.find("it is a folder"), std::string::npos);
}

TEST_F(GzipReaderTest, what_unpacks_without_end_is_given_up) {
  const std::string zeros(64 * 1024 * 1024, '0');
  EXPECT_EQ(read_size(packed({zeros, zeros, zeros})), zeros.size() * 3) << "a large text of few words is fine";
  const auto bomb = read_size(packed({zeros, zeros}));
  ASSERT_FALSE(bomb);
  EXPECT_NE(bomb.error().message.find("300 times its size"), std::string::npos) << bomb.error().message;
}

}  // namespace
}  // namespace io
