// A request that is sent again, to where the answer to it has led.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "loadlab/protocol/request.h"

namespace loadlab {

class RedirectedRequest {
 public:
  // Remembers the request, which may be given up after the call.
  void begin(const Message& message);

  // With its query, as it was sent last.
  std::string_view path() const { return path_; }

  // The same request to another path, as browsers make it of a redirect with this status (Fetch standard, 4.4): after
  // a 303, and after a 301 or 302 to a POST, it becomes a GET without a body. Good until the next call.
  Message lead_to(std::string_view path, int status);

 private:
  void become_get();
  void write_http1();

  Message message_;
  std::string method_;
  std::string path_;
  std::string body_;
  std::string head_lines_;  // HTTP/1.1: behind the first, with the empty one at the end
  std::string bytes_;
  std::vector<std::string> texts_;  // HTTP/2: name and value, one after the other
  std::vector<HeaderField> fields_;
};

}  // namespace loadlab
