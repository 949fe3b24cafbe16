#include "io/http_client.h"

#include <curl/curl.h>

#include "base/without_password.h"

namespace io {
namespace {

using base::ErrorKind;

// Once for the process; libcurl wants it before any thread uses it.
bool library_is_ready() {
  static const bool kReady = ::curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  return kReady;
}

struct Body {
  std::string text;
  std::size_t most = 0;
  bool too_large = false;
};

std::size_t append(char* data, std::size_t size, std::size_t count, void* to) {
  auto* body = static_cast<Body*>(to);
  const std::size_t bytes = size * count;
  body->too_large = body->text.size() + bytes > body->most;
  if (body->too_large) return 0;  // which ends the transfer
  body->text.append(data, bytes);
  return bytes;
}

}  // namespace

HttpClient::HttpClient() : handle_(library_is_ready() ? ::curl_easy_init() : nullptr) {}

void HttpClient::Clean::operator()(void* handle) const { ::curl_easy_cleanup(handle); }

base::Result<HttpAnswer> HttpClient::get(const std::string& url, const HttpLimits& limits) {
  CURL* curl = handle_.get();
  if (curl == nullptr) return base::fail(ErrorKind::internal, "libcurl can't be used on this machine");
  ::curl_easy_reset(curl);  // options only; the connection is kept
  Body body;
  body.most = limits.most_bytes;
  const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(limits.timeout).count();
  ::curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  ::curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  ::curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(milliseconds));
  ::curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  ::curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "");
  ::curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, append);
  ::curl_easy_setopt(curl, CURLOPT_WRITEDATA, &body);
  const CURLcode done = ::curl_easy_perform(curl);
  const std::string shown = base::without_password(url);
  const std::string where = shown.substr(0, shown.find('?'));
  if (body.too_large)
    return base::fail(ErrorKind::too_large, "{} answered with more than {} bytes", where, limits.most_bytes);
  if (done == CURLE_URL_MALFORMAT || done == CURLE_UNSUPPORTED_PROTOCOL)
    return base::fail(ErrorKind::invalid, "'{}' is no URL of HTTP", where);
  if (done != CURLE_OK) return base::fail(ErrorKind::unavailable, "{}: {}", where, ::curl_easy_strerror(done));
  long status = 0;
  ::curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  return HttpAnswer{static_cast<int>(status), std::move(body.text)};
}

std::string HttpClient::escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                       c == '.' || c == '_' || c == '~';
    if (plain) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

}  // namespace io
