// A request and its answer, as handlers see them: no sockets and no library types.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace costagent {

struct Request {
  std::string method;
  std::string path;                          // decoded, without the query and without /api/v1
  std::map<std::string, std::string> query;  // decoded; of a name given twice the last
  std::string body;
  std::string request_id;                           // the client's, or one that was made
  std::map<std::string, std::string> parameters{};  // of the route: {id} …
};

struct Response {
  int status = 200;
  std::string body;
  std::string content_type = "application/json";
  std::vector<std::pair<std::string, std::string>> headers{};
};

// Called on a worker thread, several at once.
using Handler = std::function<Response(const Request& request)>;

// The words of a status: "Not Found".
std::string_view reason_of(int status);

// `%20` and, in queries, `+`. False on a broken escape or a NUL.
bool decode_url(std::string_view text, bool plus_is_space, std::string& decoded);

}  // namespace costagent
