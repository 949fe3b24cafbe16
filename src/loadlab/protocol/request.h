// A step's request, rendered ahead as far as its variables allow.
//
// Immutable once made, so that all workers' threads may share it.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace loadlab {

struct HeaderField {
  std::string_view name;
  std::string_view value;
};

// What a client sends: whatever its protocol needs of these. Views into the request, or into the scratch it was
// rendered in.
struct Message {
  std::string_view bytes;  // HTTP/1.1: the whole message
  std::size_t size = 0;    // bytes that it takes on the wire, before TLS; with HTTP/2, at most
  bool head_request = false;
  std::span<const HeaderField> fields{};  // HTTP/2: the pseudo-header fields first, names in lower case
  std::string_view body{};                // HTTP/2
  bool lasting = false;                   // the views are good for as long as the request, not only until the next one
  bool last = false;                      // HTTP/1.1: the connection ends with this exchange
  std::size_t held_back = 0;  // HTTP/1.1: so many bytes at the end wait until the server says that it wants them
  int redirects = 0;          // so many are followed
};

// Where requests with variables are put together; one a worker, used by one request at a time.
struct Scratch {
  std::string bytes{};
  std::string body{};
  std::vector<HeaderField> fields{};
};

class Request {
 public:
  virtual ~Request() = default;

  // The message is good until the scratch is used again. A value never breaks the message it becomes part of.
  virtual Message render(const std::vector<std::string>& variables, Scratch& scratch) const = 0;
};

}  // namespace loadlab
