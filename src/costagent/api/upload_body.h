// A request's body on its way to somewhere else than memory. For http_server.cc alone, as it brings Beast's templates.
#pragma once

#include <vector>

#include "costagent/api/read_request.h"
#include "costagent/api/turns.h"

namespace costagent {

using UploadParser = http::request_parser<http::buffer_body>;

// How a body ended: all of it is kept; or the connection or its client failed, or what was to keep it did.
struct Uploaded {
  beast::error_code error;
  base::Result<> kept;
};

// A client has this much time for each part, and may be as slow as that.
inline constexpr std::size_t kUploadPart = std::size_t{64} * 1024;

inline asio::awaitable<Uploaded> read_upload(Session& session, beast::flat_buffer& buffer, UploadParser& parser,
                                             Incoming& incoming, Turns& turns, std::chrono::milliseconds part_timeout,
                                             const base::Clock& clock) {
  Uploaded uploaded;
  std::vector<char> part(kUploadPart);
  while (!parser.is_done()) {
    auto& body = parser.get().body();
    body.data = part.data();
    body.size = part.size();
    session.allow(part_timeout, clock.monotonic());
    const auto [error, read] = co_await http::async_read(session.socket, buffer, parser, kAwait);
    if (error && error != http::error::need_buffer) {
      uploaded.error = error;
      break;
    }
    // Nothing is read meanwhile: what comes too fast waits in the client.
    session.allow(std::chrono::milliseconds(0), clock.monotonic());
    const std::string_view got(part.data(), part.size() - body.size);
    const auto write = [&] { uploaded.kept = incoming.write(got); };
    co_await turns.aside(write);
    if (!uploaded.kept) break;
  }
  co_return uploaded;
}

}  // namespace costagent
