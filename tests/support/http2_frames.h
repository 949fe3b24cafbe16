// HTTP/2 frames by hand (RFC 9113, section 4.1), so that tests can send what no proper server would.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace testing_support::http2 {

enum Type : std::uint8_t {
  kData = 0,
  kHeaders = 1,
  kPriority = 2,
  kRstStream = 3,
  kSettings = 4,
  kPushPromise = 5,
  kPing = 6,
  kGoaway = 7,
  kWindowUpdate = 8,
  kContinuation = 9,
};

inline constexpr std::uint8_t kEndStream = 1;
inline constexpr std::uint8_t kAck = 1;
inline constexpr std::uint8_t kEndHeaders = 4;

inline constexpr std::size_t kFrameHead = 9;
inline constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

// HPACK: `:status: 200` of the static table (RFC 7541, appendix A).
inline constexpr std::string_view kStatus200 = "\x88";

struct Frame {
  std::uint8_t type = 0;
  std::uint8_t flags = 0;
  std::uint32_t stream = 0;
  std::string payload;
};

std::string number(std::uint64_t value, int bytes);
std::string frame(std::uint8_t type, std::uint8_t flags, std::uint32_t stream, std::string_view payload = {});

std::string settings(const std::vector<std::pair<int, std::uint32_t>>& entries = {});
std::string settings_ack();
std::string rst_stream(std::uint32_t stream, std::uint32_t error_code);
std::string goaway(std::uint32_t last_stream, std::uint32_t error_code = 0);

// HPACK: a literal field without indexing; name and value are shorter than 127 bytes.
std::string literal(std::string_view name, std::string_view value);

// A whole answer: 200 with this body, which fits one frame.
std::string answer(std::uint32_t stream, std::string_view body);

// Takes the first whole frame from `bytes`; false if there is none.
bool take(std::string& bytes, Frame& frame);

// Reads the client's preface, then frames up to the next of this type. An empty type 255 says that the client closed.
void read_preface(int fd);
Frame read_frame(int fd, std::uint8_t type);

}  // namespace testing_support::http2
