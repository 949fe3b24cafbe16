#include "loadlab/protocol/content_coding.h"

#include <brotli/encode.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "loadlab/protocol/http1_parser.h"

namespace loadlab {
namespace {

constexpr int kGzip = 15 + 16;
constexpr int kZlib = 15;
constexpr int kRaw = -15;

std::string deflated(std::string_view text, int window_bits) {
  z_stream zlib{};
  EXPECT_EQ(::deflateInit2(&zlib, 9, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(::deflateBound(&zlib, text.size()), '\0');
  zlib.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  zlib.avail_in = static_cast<uInt>(text.size());
  zlib.next_out = reinterpret_cast<Bytef*>(out.data());
  zlib.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(::deflate(&zlib, Z_FINISH), Z_STREAM_END);
  out.resize(zlib.total_out);
  ::deflateEnd(&zlib);
  return out;
}

std::string brotli(std::string_view text) {
  std::size_t size = ::BrotliEncoderMaxCompressedSize(text.size());
  std::string out(size, '\0');
  EXPECT_NE(::BrotliEncoderCompress(5, 22, BROTLI_MODE_GENERIC, text.size(),
                                    reinterpret_cast<const std::uint8_t*>(text.data()), &size,
                                    reinterpret_cast<std::uint8_t*>(out.data())),
            0);
  out.resize(size);
  return out;
}

struct Decoded {
  std::string text;
  bool was_cut = false;
  Fault fault = Fault::none;
};

Decoded decode(BodyDecoder& decoder, Coding coding, std::string_view body, bool was_cut = false) {
  Decoded decoded;
  decoded.was_cut = was_cut;
  decoded.text = decoder.decode(coding, body, decoded.was_cut, decoded.fault);
  return decoded;
}

TEST(ContentCoding, names_are_known_in_any_case) {
  EXPECT_EQ(coding_of(" GZip "), Coding::gzip);
  EXPECT_EQ(coding_of("x-gzip"), Coding::gzip);
  EXPECT_EQ(coding_of("deflate"), Coding::deflate);
  EXPECT_EQ(coding_of("br"), Coding::brotli);
  EXPECT_EQ(coding_of("identity"), Coding::identity);
  EXPECT_EQ(coding_of("zstd"), Coding::other);
  EXPECT_EQ(coding_of("gzip, br"), Coding::other);
}

TEST(ContentCoding, each_coding_is_undone_and_one_decoder_takes_them_all) {
  BodyDecoder decoder;
  const std::string text = R"({"id": 42})" + std::string(300'000, 'x');
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(decode(decoder, Coding::identity, text).text, text);
    EXPECT_EQ(decode(decoder, Coding::gzip, deflated(text, kGzip)).text, text);
    EXPECT_EQ(decode(decoder, Coding::deflate, deflated(text, kZlib)).text, text);
    EXPECT_EQ(decode(decoder, Coding::deflate, deflated(text, kRaw)).text, text) << "as some servers have it";
    EXPECT_EQ(decode(decoder, Coding::brotli, brotli(text)).text, text);
    EXPECT_EQ(decode(decoder, Coding::gzip, deflated("one", kGzip) + deflated("two", kGzip)).text, "onetwo");
    EXPECT_EQ(decode(decoder, Coding::gzip, "").fault, Fault::none) << "there is nothing to undo";
  }
}

TEST(ContentCoding, what_cannot_be_undone_is_a_fault) {
  BodyDecoder decoder;
  const std::string good = deflated("some text", kGzip);
  for (const auto& [coding, body] : {std::pair{Coding::gzip, std::string("no gzip")},
                                     {Coding::gzip, good.substr(0, good.size() / 2)},
                                     {Coding::gzip, good + "rest"},
                                     {Coding::deflate, std::string("\xff\xff\xff")},
                                     {Coding::brotli, std::string("\xff\xff no brotli")},
                                     {Coding::brotli, brotli("some text") + "rest"},
                                     {Coding::other, good}}) {
    EXPECT_EQ(decode(decoder, coding, body).fault, Fault::undecodable);
  }
  EXPECT_EQ(decode(decoder, Coding::gzip, good).text, "some text") << "the next one is none the worse for it";
}

TEST(ContentCoding, a_body_whose_end_was_not_kept_is_undone_as_far_as_it_goes) {
  BodyDecoder decoder;
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += std::to_string(i * 7919);
  for (const auto& [coding, whole] : {std::pair{Coding::gzip, deflated(text, kGzip)}, {Coding::brotli, brotli(text)}}) {
    const Decoded part = decode(decoder, coding, std::string_view(whole).substr(0, whole.size() / 2), true);
    EXPECT_EQ(part.fault, Fault::none);
    EXPECT_TRUE(part.was_cut);
    EXPECT_GT(part.text.size(), text.size() / 4);
    EXPECT_TRUE(text.starts_with(part.text));
  }
}

TEST(ContentCoding, a_bomb_is_cut_at_the_bound) {
  BodyDecoder decoder;
  const std::string zeros(4 * Http1Parser::kMaxKeptBody, '\0');
  for (const auto& [coding, bomb] :
       {std::pair{Coding::gzip, deflated(zeros, kGzip)}, {Coding::brotli, brotli(zeros)}}) {
    const Decoded decoded = decode(decoder, coding, bomb);
    EXPECT_EQ(decoded.fault, Fault::none);
    EXPECT_TRUE(decoded.was_cut);
    EXPECT_EQ(decoded.text.size(), Http1Parser::kMaxKeptBody);
  }
}

}  // namespace
}  // namespace loadlab
