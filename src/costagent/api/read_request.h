// What Beast has read of a request, in this program's words. For http_server.cc alone, as it brings Beast's templates.
#pragma once

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <optional>
#include <string_view>
#include <vector>

#include "costagent/api/errors.h"
#include "costagent/api/framing.h"
#include "costagent/api/http_server.h"
#include "costagent/api/http_text.h"
#include "costagent/api/loop.h"

namespace costagent {

namespace http = boost::beast::http;

using Parser = http::request_parser<http::string_body>;
using Head = http::request_header<>;  // a request's first line and headers

inline std::string_view view(boost::core::string_view text) { return {text.data(), text.size()}; }

// A request that has been read, wherever its body is.
struct ReadRequest {
  const Head& head;
  bool keep_alive = false;
  std::string_view body{};
  Incoming* incoming = nullptr;
};

inline Request request_of(const ReadRequest& read, std::string_view request_id) {
  const auto [path, query] = split_target(view(read.head.target()));
  Request request{method_of(view(read.head.method_string())), path, query, read.body, request_id};
  request.content_type = view(read.head[http::field::content_type]);
  request.incoming = read.incoming;
  return request;
}

// Some clients end a body with a line that is not part of it (RFC 9112, section 2.2).
inline void skip_empty_lines(beast::flat_buffer& buffer) {
  while (view({static_cast<const char*>(buffer.data().data()), buffer.size()}).starts_with("\r\n")) buffer.consume(2);
}

inline Framing framing_of(const Parser& parser) {
  const auto all = [&parser](http::field name) {
    std::vector<std::string_view> values;
    const auto [first, last] = parser.get().equal_range(name);
    for (auto field = first; field != last; ++field) values.push_back(view(field->value()));
    return values;
  };
  return {parser.get().version() < 11, all(http::field::host), all(http::field::transfer_encoding),
          all(http::field::content_length)};
}

// What to tell a client whose request could not be read; nothing if it is gone.
inline std::optional<Problem> problem_of(const ServerOptions& options, const Session& session,
                                         const beast::error_code& error, bool header_done, std::uint64_t max_body) {
  if (error == http::error::body_limit) {
    return Problem{413, "too_large", fmt::format("a body may hold {} bytes", max_body)};
  }
  if (error == http::error::header_limit || (error == http::error::buffer_overflow && !header_done)) {
    return Problem{431, "headers_too_large", fmt::format("the headers may hold {} bytes", options.max_header)};
  }
  if (session.timed_out) {
    return Problem{408, "timeout", "the request did not arrive in time"};
  }
  if (error == http::error::end_of_stream || error == asio::error::operation_aborted ||
      error.category() == asio::error::get_system_category()) {
    return std::nullopt;
  }
  return Problem{400, "invalid_request", "the request is not HTTP/1.1: " + error.message()};
}

}  // namespace costagent
