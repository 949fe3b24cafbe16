// Whatever a server writes into Location, and wherever it stood: what comes of it is one request to the target, or
// none. The input is two lines: the path that was asked for, and the header's value.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "loadlab/plan/http_text.h"
#include "loadlab/protocol/location.h"
#include "loadlab/protocol/redirected_request.h"

namespace {

using loadlab::Fault;
using loadlab::Message;
using loadlab::Redirection;

void require(bool holds) {
  if (!holds) std::abort();
}

std::size_t count(std::string_view text, std::string_view what) {
  std::size_t found = 0;
  for (auto at = text.find(what); at != std::string_view::npos; at = text.find(what, at + 1)) ++found;
  return found;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto line_end = input.find('\n');
  if (line_end == std::string_view::npos) return 0;
  const std::string_view from = input.substr(0, line_end);
  if (loadlab::problem_of_path(from)) return 0;
  loadlab::Url target;
  target.text = "http://shop.test:8080";
  target.host = "shop.test";
  target.port = 8080;
  const Redirection redirection = loadlab::redirection_of(input.substr(line_end + 1), from, target);
  if (redirection.fault != Fault::none) {
    require(redirection.fault == Fault::redirected_elsewhere || redirection.fault == Fault::bad_redirect);
    return 0;
  }
  require(!loadlab::problem_of_path(redirection.path));
  const std::string bytes =
      "POST " + std::string(from) + " HTTP/1.1\r\nHost: shop.test:8080\r\nContent-Length: 1\r\n\r\nx";
  Message message;
  message.bytes = bytes;
  for (const int status : {303, 307}) {
    loadlab::RedirectedRequest request;
    request.begin(message);
    require(request.path() == from);
    const std::string_view next = request.lead_to(redirection.path, status).bytes;
    require(count(next, "\r\n") == (status == 303 ? 3u : 4u));
    require(next.find(" " + redirection.path + " HTTP/1.1\r\nHost: shop.test:8080\r\n") != std::string_view::npos);
  }
  return 0;
}
