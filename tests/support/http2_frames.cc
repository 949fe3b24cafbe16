#include "support/http2_frames.h"

#include "support/scripted_server.h"

namespace testing_support::http2 {
namespace {

std::uint64_t number_of(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<unsigned char>(byte);
  return value;
}

Frame frame_of(std::string_view head) {
  Frame frame;
  frame.type = static_cast<std::uint8_t>(head[3]);
  frame.flags = static_cast<std::uint8_t>(head[4]);
  frame.stream = static_cast<std::uint32_t>(number_of(head.substr(5, 4)));
  return frame;
}

}  // namespace

std::string number(std::uint64_t value, int bytes) {
  std::string text;
  for (int byte = bytes; byte-- > 0;) text += static_cast<char>(value >> (8 * byte) & 0xff);
  return text;
}

std::string frame(std::uint8_t type, std::uint8_t flags, std::uint32_t stream, std::string_view payload) {
  return number(payload.size(), 3) + number(type, 1) + number(flags, 1) + number(stream, 4) + std::string(payload);
}

std::string settings(const std::vector<std::pair<int, std::uint32_t>>& entries) {
  std::string payload;
  for (const auto& [key, value] : entries) payload += number(static_cast<std::uint64_t>(key), 2) + number(value, 4);
  return frame(kSettings, 0, 0, payload);
}

std::string settings_ack() { return frame(kSettings, kAck, 0); }

std::string rst_stream(std::uint32_t stream, std::uint32_t error_code) {
  return frame(kRstStream, 0, stream, number(error_code, 4));
}

std::string goaway(std::uint32_t last_stream, std::uint32_t error_code) {
  return frame(kGoaway, 0, 0, number(last_stream, 4) + number(error_code, 4));
}

std::string literal(std::string_view name, std::string_view value) {
  return number(0, 1) + number(name.size(), 1) + std::string(name) + number(value.size(), 1) + std::string(value);
}

std::string answer(std::uint32_t stream, std::string_view body) {
  return frame(kHeaders, kEndHeaders, stream, kStatus200) + frame(kData, kEndStream, stream, body);
}

bool take(std::string& bytes, Frame& frame) {
  if (bytes.size() < kFrameHead) return false;
  const std::size_t size = number_of(std::string_view(bytes).substr(0, 3));
  if (bytes.size() < kFrameHead + size) return false;
  frame = frame_of(bytes);
  frame.payload = bytes.substr(kFrameHead, size);
  bytes.erase(0, kFrameHead + size);
  return true;
}

void read_preface(int fd) { read_exactly(fd, kPreface.size()); }

Frame read_frame(int fd, std::uint8_t type) {
  for (;;) {
    const std::string head = read_exactly(fd, kFrameHead);
    if (head.size() < kFrameHead) return {255, 0, 0, ""};
    Frame frame = frame_of(head);
    frame.payload = read_exactly(fd, number_of(std::string_view(head).substr(0, 3)));
    if (frame.type == type) return frame;
  }
}

}  // namespace testing_support::http2
