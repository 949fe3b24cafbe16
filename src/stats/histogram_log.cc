#include "stats/histogram_log.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstdint>
#include <optional>

#include "base/time.h"

namespace stats {
namespace {

// The format's own marks; the low digit tells V2 from what came before it.
constexpr std::uint32_t kEncodedCookie = 0x1c849313;
constexpr std::uint32_t kCompressedCookie = 0x1c849314;

constexpr double kNanosecondsPerMillisecond = 1e6;

template <class Number>
void put_big_endian(std::string& out, Number value) {
  for (int shift = 8 * (static_cast<int>(sizeof value) - 1); shift >= 0; shift -= 8)
    out += static_cast<char>(static_cast<std::uint64_t>(value) >> shift);
}

// Seven bits a byte, the lowest first, and the sign in the lowest of all. A ninth byte has all eight bits of its own,
// so that 64 bits take no tenth.
void put_zigzag(std::string& out, std::int64_t value) {
  auto bits = (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
  for (int byte = 0; byte < 8 && bits >= 0x80; ++byte, bits >>= 7) out += static_cast<char>((bits & 0x7F) | 0x80);
  out += static_cast<char>(bits);
}

// Takes bytes from the front.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}
  bool ended() const { return rest_.empty(); }
  std::size_t left() const { return rest_.size(); }

  template <class Number>
  bool big_endian(Number& value) {
    if (rest_.size() < sizeof value) return false;
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < sizeof value; ++i) bits = bits << 8 | static_cast<unsigned char>(rest_[i]);
    rest_.remove_prefix(sizeof value);
    value = static_cast<Number>(bits);
    return true;
  }

  bool zigzag(std::int64_t& value) {
    std::uint64_t bits = 0;
    for (unsigned byte = 0; byte < 9; ++byte) {
      if (rest_.empty()) return false;
      const auto next = static_cast<unsigned char>(rest_.front());
      rest_.remove_prefix(1);
      const bool last = byte == 8 || next < 0x80;
      bits |= static_cast<std::uint64_t>(byte == 8 ? next : next & 0x7F) << (7 * byte);
      if (!last) continue;
      value = static_cast<std::int64_t>(bits >> 1) ^ -static_cast<std::int64_t>(bits & 1);
      return true;
    }
    return false;
  }

 private:
  std::string_view rest_;
};

// Calls `take(bucket, count)` for each bucket that has counts, in ascending order, as long as it says true. False:
// these are no counts.
bool read_counts(Reader reader, std::size_t most_buckets, const auto& take) {
  std::size_t bucket = 0;
  while (!reader.ended()) {
    std::int64_t value = 0;
    if (!reader.zigzag(value)) return false;
    if (value <= 0) {
      const std::uint64_t zeros = value == 0 ? 1 : 0 - static_cast<std::uint64_t>(value);
      if (zeros > most_buckets - bucket) return false;
      bucket += zeros;
      continue;
    }
    if (bucket >= most_buckets) return false;
    if (!take(bucket++, static_cast<std::uint64_t>(value))) return true;
  }
  return true;
}

// Takes what stands before the counts. The digits of the histogram; nothing where it is none of ours.
std::optional<int> read_head(Reader& reader) {
  std::uint32_t cookie = 0;
  std::uint32_t length = 0;
  std::uint32_t rotation = 0;
  std::uint32_t digits = 0;
  std::uint64_t lowest = 0;
  std::uint64_t highest = 0;
  std::uint64_t ratio = 0;
  const bool head = reader.big_endian(cookie) && reader.big_endian(length) && reader.big_endian(rotation) &&
                    reader.big_endian(digits) && reader.big_endian(lowest) && reader.big_endian(highest) &&
                    reader.big_endian(ratio);
  const bool ours = head && cookie == kEncodedCookie && length == reader.left() && rotation == 0 && digits >= 1 &&
                    digits <= 4 && lowest == 1 && highest == Histogram::kMaxTrackable &&
                    ratio == std::bit_cast<std::uint64_t>(1.0);
  if (!ours) return std::nullopt;
  return static_cast<int>(digits);
}

base::Failure no_histogram() { return base::fail(base::ErrorKind::corrupt, "this is no histogram of ours"); }
base::Failure cut() { return base::fail(base::ErrorKind::corrupt, "the histogram's counts are cut"); }

std::string encode_counts(std::span<const std::uint64_t> counts) {
  std::string out;
  std::int64_t zeros = 0;
  for (const std::uint64_t count : counts) {
    if (count == 0) {
      ++zeros;
      continue;
    }
    if (zeros > 0) put_zigzag(out, zeros == 1 ? 0 : -zeros);
    zeros = 0;
    put_zigzag(out, static_cast<std::int64_t>(count));
  }
  return out;
}

std::string compressed(const std::string& bytes) {
  uLongf size = ::compressBound(bytes.size());
  std::string out(size, '\0');
  // It fails only without memory, or with less room than it asked for.
  [[maybe_unused]] const int good =
      ::compress2(reinterpret_cast<Bytef*>(out.data()), &size, reinterpret_cast<const Bytef*>(bytes.data()),
                  bytes.size(), Z_DEFAULT_COMPRESSION);
  assert(good == Z_OK);
  out.resize(size);
  return out;
}

std::string base64(std::string_view bytes) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t there = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (std::size_t j = 0; j < 3; ++j)
      group = group << 8 | (j < there ? static_cast<unsigned char>(bytes[i + j]) : 0u);
    for (std::size_t j = 0; j < 4; ++j) out += j <= there ? kDigits[(group >> (18 - 6 * j)) & 63] : '=';
  }
  return out;
}

double seconds(base::Nanoseconds time) { return std::chrono::duration<double>(time).count(); }

}  // namespace

std::string encode_histogram(const Histogram& histogram) {
  const std::string counts = encode_counts(histogram.counts());
  std::string out;
  put_big_endian(out, kEncodedCookie);
  put_big_endian(out, static_cast<std::uint32_t>(counts.size()));
  put_big_endian(out, std::uint32_t{0});  // the counts are not rotated
  put_big_endian(out, static_cast<std::uint32_t>(histogram.digits()));
  put_big_endian(out, std::uint64_t{1});
  put_big_endian(out, Histogram::kMaxTrackable);
  put_big_endian(out, std::bit_cast<std::uint64_t>(1.0));  // values stand for themselves
  return out + counts;
}

base::Result<Histogram> decode_histogram(std::string_view bytes) {
  Reader reader(bytes);
  const auto digits = read_head(reader);
  if (!digits) return no_histogram();
  Histogram histogram(*digits);
  const bool whole = read_counts(reader, histogram.most_buckets(), [&](std::size_t bucket, std::uint64_t count) {
    histogram.record_bucket(bucket, count);
    return true;
  });
  if (!whole) return cut();
  return histogram;
}

base::Result<std::vector<std::uint64_t>> percentiles_of_encoded(std::string_view bytes,
                                                                std::span<const double> percents) {
  Reader reader(bytes);
  const auto digits = read_head(reader);
  if (!digits) return no_histogram();
  const Histogram buckets(*digits);  // for what a bucket stands for
  std::uint64_t total = 0;
  const bool whole = read_counts(reader, buckets.most_buckets(), [&](std::size_t, std::uint64_t count) {
    total += count;
    return true;
  });
  if (!whole) return cut();
  std::vector<std::uint64_t> found;
  if (total == 0) return found;
  std::uint64_t seen = 0;
  read_counts(reader, buckets.most_buckets(), [&](std::size_t bucket, std::uint64_t count) {
    seen += count;
    while (found.size() < percents.size() && seen >= Histogram::rank_of(percents[found.size()], total))
      found.push_back(std::min(buckets.highest_of(bucket), Histogram::kMaxTrackable));
    return found.size() < percents.size();
  });
  return found;
}

std::string log_header(std::string_view writer, base::UtcTime start) {
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(start.time_since_epoch()).count();
  const std::string epoch = fmt::format("{}.{:03}", milliseconds / 1000, milliseconds % 1000);
  return fmt::format(
      "#[Logged with {}]\n"
      "#[Histogram log format version 1.3]\n"
      "#[StartTime: {} (seconds since epoch), {}]\n"
      "#[BaseTime: {} (seconds since epoch)]\n"
      "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\"\n",
      writer, epoch, base::format_time_ms(start), epoch);
}

std::string log_line(std::string_view tag, base::Nanoseconds start, base::Nanoseconds length,
                     const Histogram& histogram) {
  const std::string encoded = compressed(encode_histogram(histogram));
  std::string framed;
  put_big_endian(framed, kCompressedCookie);
  put_big_endian(framed, static_cast<std::uint32_t>(encoded.size()));
  return fmt::format("Tag={},{:.3f},{:.3f},{:.3f},{}\n", tag, seconds(start), seconds(length),
                     static_cast<double>(histogram.max()) / kNanosecondsPerMillisecond, base64(framed + encoded));
}

std::string log_tag(std::string_view name) {
  std::string tag(name);
  for (char& letter : tag) {
    if (letter == ',' || static_cast<unsigned char>(letter) <= ' ' || letter == 0x7F) letter = '_';
  }
  return tag;
}

}  // namespace stats
