// Outbound HTTP by libcurl: small requests with bounded answers and times. Not for the load path.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/result.h"

namespace io {

struct HttpLimits {
  base::Nanoseconds timeout = std::chrono::seconds(3);  // from the look-up of the name to the answer's last byte
  std::size_t most_bytes = 8U << 20;                    // of the answer's body, unpacked
};

struct HttpAnswer {
  int status = 0;
  std::string body;
};

// Keeps its connection from one request to the next. Not thread-safe; each thread may have its own. Speaks http and
// https with certificates checked, follows no redirects, and goes through the proxies that the environment names.
class HttpClient {
 public:
  HttpClient();

  // Any status is an answer. Fails with `unavailable` where there is none in time, `too_large` where it has more bytes
  // than are allowed, `invalid` for a URL that is none; messages hold no password.
  base::Result<HttpAnswer> get(const std::string& url, const HttpLimits& limits);

  // The text as it stands in a query: %XX for all but letters, digits and -._~.
  static std::string escaped(const std::string& text);

 private:
  struct Clean {
    void operator()(void* handle) const;
  };
  std::unique_ptr<void, Clean> handle_;
};

}  // namespace io
