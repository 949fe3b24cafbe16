// Where one request ends and the next begins must be read the same way by everybody on a request's path, or one of them
// takes a request for the body of another (request smuggling; RFC 9112, sections 3.2, 6.1, 6.3 and 11.2). Thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace costagent {

// The headers of a request that say where it ends and whom it is for, each as often as it was given.
struct Framing {
  bool http_1_0 = false;
  std::vector<std::string_view> hosts{};
  std::vector<std::string_view> transfer_encodings{};
  std::vector<std::string_view> content_lengths{};
};

// Why a request with these must be refused and its connection closed; nothing if it is sound.
std::optional<std::string> problem_of_framing(const Framing& framing);

}  // namespace costagent
