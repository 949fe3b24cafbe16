// A request and its answer, as handlers see them: without sockets and without the HTTP library.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/deadline.h"
#include "base/result.h"
#include "costagent/api/server_load.h"

namespace costagent {

enum class Method { get, post, put, patch, remove, head, options, other };
inline constexpr std::size_t kMethods = 8;

// As HTTP writes it; `other` for what has no name here.
std::string_view name_of(Method method);

// Where a request's body goes that is too long for memory. Goes after the answer, or with the connection: what it has
// of a body that nobody has taken over by then goes with it.
class Incoming {
 public:
  virtual ~Incoming() = default;
  // The next part. May block: it is called on a thread for that, one part after the other.
  virtual base::Result<> write(std::string_view part) = 0;
};

// The views are valid while the request is handled.
struct Request {
  Method method = Method::get;
  std::string_view path;   // without query, percent-encoded
  std::string_view query;  // without `?`, percent-encoded
  std::string_view body;
  std::string_view request_id;                   // the client's, or one that was made for it
  std::array<std::string_view, 2> parameters{};  // the values of the route's `{…}`, in order
  std::string_view content_type{};
  std::optional<std::uint64_t> content_length{};  // of the body that is still to come, if it was said
  Incoming* incoming = nullptr;                   // has all of the body, which is then empty here
  std::optional<ServerLoad> load{};               // the server's, for routes of Turn::probe
};

struct Response {
  int status = 200;
  std::string body;
  std::string_view content_type = "application/json";          // a literal
  std::vector<std::pair<std::string, std::string>> headers{};  // besides those that every answer has

  // Set where the answer isn't known yet: whoever sends it asks again, soon and then ever more seldom, without keeping
  // a thread meanwhile, until an answer comes without it. `last` says that there is no more time. The rest is what is
  // known so far, and is sent where there is no asking again.
  std::function<Response(bool last)> ask_again{};
  base::Nanoseconds ask_until = base::kNoDeadline;  // of the monotonic clock: not later than then, once more
  // What the answer waits for, by a name of the route's choice: HttpServer::wake has it asked for at once.
  std::string awaited{};
};

}  // namespace costagent
