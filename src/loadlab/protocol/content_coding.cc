#include "loadlab/protocol/content_coding.h"

#include <brotli/decode.h>
#include <zlib.h>

#include <algorithm>
#include <new>

#include "loadlab/plan/http_text.h"
#include "loadlab/plan/quantity.h"
#include "loadlab/protocol/http1_parser.h"

namespace loadlab {
namespace {

constexpr int kLargestWindow = 15;
constexpr int kGzipOrZlib = kLargestWindow + 32;
constexpr int kRaw = -kLargestWindow;

// Room is made in steps, so that a small body costs little.
constexpr std::size_t kFirstRoom = 64 * 1024;
constexpr std::size_t kMostRoom = Http1Parser::kMaxKeptBody;

}  // namespace

Coding coding_of(std::string_view value) {
  const std::string_view name = trimmed(value);
  // Names of codings are compared as names of headers are.
  if (name.empty() || same_header_name(name, "identity")) return Coding::identity;
  if (same_header_name(name, "gzip") || same_header_name(name, "x-gzip")) return Coding::gzip;
  if (same_header_name(name, "deflate")) return Coding::deflate;
  if (same_header_name(name, "br")) return Coding::brotli;
  return Coding::other;
}

BodyDecoder::BodyDecoder() = default;

BodyDecoder::~BodyDecoder() {
  if (zlib_) ::inflateEnd(zlib_.get());
}

std::string_view BodyDecoder::decode(Coding coding, std::string_view body, bool& was_cut, Fault& fault) {
  // Answers without content (HEAD, 204, 304 …) may name a coding all the same.
  if (coding == Coding::identity || body.empty()) return body;
  out_.clear();
  End end = End::broken;
  if (coding == Coding::brotli) end = unbrotli(body);
  if (coding == Coding::gzip || coding == Coding::deflate) end = inflate(body, kGzipOrZlib);
  // Some servers send the bare stream that deflate is made of.
  if (coding == Coding::deflate && end == End::broken) end = inflate(body, kRaw);
  if (end == End::broken || (end == End::missing && !was_cut)) {
    fault = Fault::undecodable;
    return {};
  }
  was_cut = was_cut || end == End::cut;
  return out_;
}

// Makes room behind what is used; false at the bound.
bool BodyDecoder::grow(std::size_t used) {
  if (used == kMostRoom) return false;
  if (used == out_.size()) out_.resize(std::clamp(2 * used, kFirstRoom, kMostRoom));
  return true;
}

BodyDecoder::End BodyDecoder::inflate(std::string_view body, int window_bits) {
  if (!zlib_) {
    auto made = std::make_unique<z_stream>();
    if (::inflateInit2(made.get(), window_bits) != Z_OK) throw std::bad_alloc();
    zlib_ = std::move(made);
  } else if (::inflateReset2(zlib_.get(), window_bits) != Z_OK) {
    return End::broken;
  }
  z_stream& zlib = *zlib_;
  zlib.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(body.data()));  // zlib takes no pointer to const
  zlib.avail_in = static_cast<uInt>(body.size());
  std::size_t used = 0;
  for (;;) {
    if (!grow(used)) return End::cut;
    zlib.next_out = reinterpret_cast<Bytef*>(out_.data() + used);
    zlib.avail_out = static_cast<uInt>(out_.size() - used);
    const int state = ::inflate(&zlib, Z_NO_FLUSH);
    used = out_.size() - zlib.avail_out;
    if (state == Z_STREAM_END) {
      if (zlib.avail_in == 0) break;
      // gzip may be several files, one behind the other (RFC 1952, 2.2).
      if (::inflateReset(&zlib) != Z_OK) return End::broken;
    } else if (state == Z_BUF_ERROR || (state == Z_OK && zlib.avail_in == 0 && zlib.avail_out > 0)) {
      out_.resize(used);
      return End::missing;
    } else if (state != Z_OK) {
      return End::broken;
    }
  }
  out_.resize(used);
  return End::whole;
}

BodyDecoder::End BodyDecoder::unbrotli(std::string_view body) {
  const std::unique_ptr<BrotliDecoderState, decltype(&::BrotliDecoderDestroyInstance)> state(
      ::BrotliDecoderCreateInstance(nullptr, nullptr, nullptr), &::BrotliDecoderDestroyInstance);
  if (!state) throw std::bad_alloc();
  auto* in = reinterpret_cast<const std::uint8_t*>(body.data());
  std::size_t left = body.size();
  std::size_t used = 0;
  for (;;) {
    if (!grow(used)) return End::cut;
    auto* out = reinterpret_cast<std::uint8_t*>(out_.data() + used);
    std::size_t room = out_.size() - used;
    const BrotliDecoderResult result = ::BrotliDecoderDecompressStream(state.get(), &left, &in, &room, &out, nullptr);
    used = out_.size() - room;
    if (result == BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT) continue;
    out_.resize(used);
    if (result == BROTLI_DECODER_RESULT_NEEDS_MORE_INPUT) return End::missing;
    return result == BROTLI_DECODER_RESULT_SUCCESS && left == 0 ? End::whole : End::broken;
  }
}

}  // namespace loadlab
