// What all TLS connections of a test have in common: OpenSSL's settings, made once before the load.
//
// Immutable once made, so that all workers' threads may share it.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>

namespace loadlab {

class TlsContext {
 public:
  // `settings` says what is trusted, offered and asked for. `server_name`: which of its certificates the peer should
  // show; empty: its usual one. `agrees_on_http2`: a peer that doesn't choose `h2` is none of ours. `resumption`: a
  // connection's session is taken up again by the next one of the same stream.
  TlsContext(std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> settings, std::string server_name, bool agrees_on_http2,
             bool resumption);

  SSL_CTX* settings() const { return settings_.get(); }
  BIO_METHOD* wire() const { return wire_.get(); }
  const std::string& server_name() const { return server_name_; }
  bool agrees_on_http2() const { return agrees_on_http2_; }

 private:
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> settings_;
  std::unique_ptr<BIO_METHOD, decltype(&BIO_meth_free)> wire_;  // to and from a Tls
  std::string server_name_;
  bool agrees_on_http2_;
};

}  // namespace loadlab
