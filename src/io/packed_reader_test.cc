#include "io/packed_reader.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace io {
namespace {

namespace fs = std::filesystem;

std::string gzipped(const std::string& text) {
  z_stream stream{};
  ::deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string packed(::deflateBound(&stream, text.size()), '\0');
  std::string copy = text;  // zlib wants what it doesn't change to be changeable
  stream.next_in = reinterpret_cast<unsigned char*>(copy.data());
  stream.avail_in = static_cast<unsigned>(copy.size());
  stream.next_out = reinterpret_cast<unsigned char*>(packed.data());
  stream.avail_out = static_cast<unsigned>(packed.size());
  ::deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  ::deflateEnd(&stream);
  return packed;
}

std::string zstd_packed(const std::string& text, int window_bits = 0) {
  ZSTD_CCtx* context = ::ZSTD_createCCtx();
  if (window_bits != 0) ::ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, window_bits);
  // In pieces, as a stream of unknown length keeps its whole window in the frame's head.
  std::string packed;
  std::string room(::ZSTD_CStreamOutSize(), '\0');
  ZSTD_inBuffer in{text.data(), text.size(), 0};
  for (bool done = false; !done;) {
    ZSTD_outBuffer out{room.data(), room.size(), 0};
    const ZSTD_EndDirective directive = in.pos < in.size ? ZSTD_e_continue : ZSTD_e_end;
    const std::size_t left = ::ZSTD_compressStream2(context, &out, &in, directive);
    packed.append(room, 0, out.pos);
    done = directive == ZSTD_e_end && left == 0;
  }
  ::ZSTD_freeCCtx(context);
  return packed;
}

class PackedFileTest : public testing::Test {
 protected:
  PackedFileTest() {
    std::string name = (fs::temp_directory_path() / "packed-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    for (int i = 0; i < 50'000; ++i) text_ += std::to_string(i * 7919 % 10007) + ",";
  }
  ~PackedFileTest() override { fs::remove_all(folder_); }

  std::string file(const std::string& bytes) const {
    std::string path = (folder_ / "file").string();
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }
  // How long the text is.
  static base::Result<std::size_t> read_size(const std::string& path) {
    auto reader = PackedReader::open(path);
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
    auto reader = PackedReader::open(path);
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

// Each packing must behave the same; the parameter packs one text.
class PackedReaderTest : public PackedFileTest,
                         public testing::WithParamInterface<std::string (*)(const std::string&)> {};

INSTANTIATE_TEST_SUITE_P(packings, PackedReaderTest,
                         testing::Values(gzipped, [](const std::string& text) { return zstd_packed(text); }),
                         [](const auto& packing) { return packing.index == 0 ? "gzip" : "zstd"; });

TEST_P(PackedReaderTest, plain_and_packed_files_read_the_same) {
  EXPECT_EQ(read_all(file(text_)).value(), text_);
  EXPECT_EQ(read_all(file(GetParam()(text_))).value(), text_);
  EXPECT_EQ(read_all(file(GetParam()(""))).value(), "");
  EXPECT_EQ(read_all(file("")).value(), "");
  EXPECT_EQ(read_all(file("x")).value(), "x");
}

TEST_P(PackedReaderTest, several_members_are_one_text) {
  EXPECT_EQ(read_all(file(GetParam()(text_) + GetParam()("") + GetParam()("tail"))).value(), text_ + "tail");
}

TEST_P(PackedReaderTest, a_file_cut_short_is_an_error_wherever_it_is_cut) {
  const std::string whole = GetParam()(text_);
  for (const std::size_t size : {whole.size() - 1, whole.size() - 8, whole.size() / 2, std::size_t{12}, std::size_t{5}})
    EXPECT_EQ(read_all(file(whole.substr(0, size))).error().kind, base::ErrorKind::invalid) << size;
  const std::string two = whole + whole;
  EXPECT_FALSE(read_all(file(two.substr(0, whole.size() + 7)))) << "in the second member's head";
}

TEST_P(PackedReaderTest, damaged_data_are_an_error) {
  std::string packed = GetParam()(text_);
  packed.replace(packed.size() / 2, 6, "damage");
  const auto read = read_all(file(packed));
  // A damaged symbol may be another good one: zstd without a checksum can only say so where the length differs.
  if (read) {
    EXPECT_NE(*read, text_);
  } else {
    EXPECT_EQ(read.error().kind, base::ErrorKind::invalid);
  }
  EXPECT_FALSE(read_all(file(GetParam()(text_) + "and more")));
}

TEST_P(PackedReaderTest, what_unpacks_without_end_is_given_up) {
  const std::size_t length = std::size_t{64} * 1024 * 1024;
  const std::string zeros = GetParam()(std::string(length, '0'));
  EXPECT_EQ(read_size(file(zeros + zeros + zeros)), length * 3) << "a large text of few words is fine";
  const auto bomb = read_size(file(zeros + zeros + zeros + zeros + zeros));
  ASSERT_FALSE(bomb);
  EXPECT_NE(bomb.error().message.find("300 times its size"), std::string::npos) << bomb.error().message;
}

TEST_F(PackedFileTest, says_what_cannot_be_read) {
  EXPECT_EQ(read_all((folder_ / "missing").string()).error().kind, base::ErrorKind::not_found);
  EXPECT_NE(read_all(folder_.string()).error().message.find("it is a folder"), std::string::npos);
}

TEST_F(PackedFileTest, a_zstd_window_is_bounded) {
  EXPECT_EQ(read_all(file(zstd_packed(text_, 23))).value(), text_);
  const auto wide = read_all(file(zstd_packed(text_, 25)));
  ASSERT_FALSE(wide);
  EXPECT_NE(wide.error().message.find("above 8 MiB"), std::string::npos) << wide.error().message;
}

TEST_F(PackedFileTest, a_zstd_frame_that_is_to_be_skipped_is_skipped) {
  const std::string skipped("\x50\x2a\x4d\x18\x04\x00\x00\x00wxyz", 12);
  EXPECT_EQ(read_all(file(skipped + zstd_packed(text_))).value(), text_);
}

}  // namespace
}  // namespace io
