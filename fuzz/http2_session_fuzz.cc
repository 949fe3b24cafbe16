// A server's frames, however wrong: never a crash, each exchange ends at most once, and what is kept and what is
// answered stays within its bounds.
//
// The input is a list of frames: type, flags, stream and length, a byte each, and the payload, so that a change of a
// byte is a change of a frame and not of all that follow. Type 255 stands for bytes that are sent as they are.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "loadlab/protocol/http1_parser.h"
#include "loadlab/protocol/http2_session.h"

namespace {

using loadlab::Exchange;
using loadlab::Fault;
using loadlab::HeaderField;
using loadlab::Http2Session;
using loadlab::Message;
using loadlab::Wanted;

constexpr std::uint8_t kRaw = 255;
// What a session may answer to one input of a few kilobytes: settings, window updates, resets and the like.
constexpr std::size_t kMostOutput = 1 << 20;

void require(bool holds) {
  if (!holds) std::abort();
}

class Owner final : public loadlab::SessionOwner {
 public:
  void on_settings() override {}
  void on_going_away() override {}
  void on_exchange_end(Exchange& exchange, Fault fault) override {
    const auto index = static_cast<std::size_t>(&exchange - exchanges.data());
    require(index < exchanges.size() && on_way[index]);
    require(fault != Fault::none || (exchange.status >= 200 && exchange.status <= 999));
    require(exchange.body.size() <= loadlab::Http1Parser::kMaxKeptBody);
    on_way[index] = false;
  }

  void submit(Http2Session& session, std::size_t index) {
    static constexpr std::array<HeaderField, 4> kFields = {
        HeaderField{":method", "POST"}, {":scheme", "http"}, {":authority", "a"}, {":path", "/"}};
    Message message;
    message.fields = kFields;
    message.body = "a body";
    message.lasting = true;
    Wanted wanted;
    wanted.body = true;
    wanted.head = true;
    on_way[index] = session.submit(exchanges[index], message, wanted);
  }

  std::array<Exchange, 3> exchanges;
  std::array<bool, 3> on_way{};
};

std::string frame(std::uint8_t type, std::uint8_t flags, std::uint8_t stream, std::string_view payload) {
  std::string bytes = {0, 0, static_cast<char>(payload.size()), static_cast<char>(type), static_cast<char>(flags), 0,
                       0, 0, static_cast<char>(stream)};
  bytes += payload;
  return bytes;
}

// What stands for the next frame, taken from the input.
std::string next(std::string_view& input) {
  const auto byte = [&input](std::size_t i) { return static_cast<std::uint8_t>(input[i]); };
  if (input.size() < 4) {
    const std::string rest(input);
    input = {};
    return rest;
  }
  const std::string_view payload = input.substr(4, byte(3));
  std::string bytes = byte(0) == kRaw ? std::string(payload) : frame(byte(0), byte(1), byte(2), payload);
  input.remove_prefix(4 + payload.size());
  return bytes;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view input(reinterpret_cast<const char*>(data), size);
  Owner owner;
  Http2Session session(owner);
  for (std::size_t i = 0; i < owner.exchanges.size(); ++i) owner.submit(session, i);
  std::string out;
  auto now = base::Nanoseconds(0);
  Fault fault = session.collect(out, kMostOutput);
  while (!input.empty() && fault == Fault::none && !session.is_over()) {
    now += std::chrono::microseconds(1);
    fault = session.feed(next(input), now);
    if (fault != Fault::none) break;
    fault = session.collect(out, 2 * kMostOutput);
    require(out.size() < kMostOutput);
    // Whoever is done asks again.
    for (std::size_t i = 0; i < owner.exchanges.size(); ++i) {
      if (!owner.on_way[i] && !session.going_away() && !session.is_over()) owner.submit(session, i);
    }
  }
  if (owner.on_way[0] && fault == Fault::none) session.cancel(owner.exchanges[0]);
  return 0;
}
